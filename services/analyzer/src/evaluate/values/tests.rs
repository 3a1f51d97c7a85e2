use super::*;

fn usd() -> Currency {
    "USD".parse().unwrap()
}
fn dollars(text: &str) -> Value {
    value(&Cell::Decimal(text.parse().unwrap()), Unit::Money, usd()).unwrap()
}

#[test]
fn money_is_rounded_half_away_from_zero_at_the_end() {
    assert_eq!(
        dollars("88.045"),
        Value::Money {
            minor: 8805,
            currency: "USD".into()
        }
    );
    assert_eq!(
        dollars("-0.005"),
        Value::Money {
            minor: -1,
            currency: "USD".into()
        }
    );
    assert_eq!(value(&Cell::Null, Unit::Money, usd()), Ok(Value::Null));
    assert!(value(&Cell::Text("12".into()), Unit::Money, usd()).is_err());
}

#[test]
fn differences_never_mix_currencies_or_kinds() {
    assert_eq!(difference(&dollars("3"), &dollars("1")), Some(dollars("2")));
    assert_eq!(
        difference(&Value::Number(0.3), &Value::Number(0.1)),
        Some(Value::Number(0.2))
    );
    let yen = Value::Money {
        minor: 1,
        currency: "JPY".into(),
    };
    assert_eq!(difference(&dollars("3"), &yen), None);
    assert_eq!(difference(&Value::Null, &Value::Int(1)), None);
}

#[test]
fn a_fifth_off_target_is_watched_and_more_is_bad() {
    let at = |v: i64, better| against(&Value::Int(v), &Value::Int(100), better);
    assert_eq!(
        [at(100, Better::Up), at(80, Better::Up), at(79, Better::Up)],
        [Status::Good, Status::Watch, Status::Bad]
    );
    assert_eq!(
        [at(100, Better::Down), at(121, Better::Down)],
        [Status::Good, Status::Bad]
    );
    assert_eq!(against(&Value::Null, &Value::Int(1), Better::Up), Status::Unknown);
}
