use super::*;

fn usd(text: &str) -> Money {
    Money::from_decimal(text.parse().unwrap(), "USD".parse().unwrap()).unwrap()
}

#[test]
fn rounding_is_half_to_even_at_the_cent() {
    assert_eq!(usd("0.125").minor, 12);
    assert_eq!(usd("0.135").minor, 14);
    assert_eq!(usd("-2.005").minor, -200);
}

#[test]
fn currencies_never_mix() {
    let yen = Money {
        minor: 1,
        currency: "JPY".parse().unwrap(),
    };
    assert!(matches!(usd("1").checked_add(yen), Err(MoneyError::Mixed(..))));
    assert_eq!(yen.to_decimal(), Decimal::ONE);
}
