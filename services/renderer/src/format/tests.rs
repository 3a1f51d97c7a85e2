use super::*;

fn usd(minor: i64) -> Value {
    Value::Money {
        minor,
        currency: "USD".into(),
    }
}
fn show(value: &Value, unit: Unit) -> String {
    Style::default().value(value, unit).replace(NBSP, " ")
}

#[test]
fn money_has_no_cents_from_ten_thousand_up() {
    assert_eq!(show(&usd(184_075), Unit::Money), "$1,840.75");
    assert_eq!(show(&usd(1_840_075), Unit::Money), "$18,401");
    assert_eq!(show(&usd(-999_999), Unit::Money), "-$9,999.99");
}

#[test]
fn accountants_see_parentheses() {
    let style = Style {
        negative: Negative::Parentheses,
    };
    assert_eq!(style.value(&usd(-123_400), Unit::Money), "($1,234.00)");
}

#[test]
fn unknown_is_a_word_and_never_zero() {
    assert_eq!(show(&Value::Null, Unit::Money), "unknown");
    assert_eq!(show(&usd(0), Unit::Money), "$0.00");
}

#[test]
fn ratios_days_and_dates_read_as_prose() {
    assert_eq!(show(&Value::Number(0.1534), Unit::Ratio), "15.3 %");
    assert_eq!(show(&Value::Int(1), Unit::Days), "1 day");
    assert_eq!(show(&Value::Number(7.25), Unit::Months), "7.3 months");
    assert_eq!(show(&Value::Text("2026-03-14".into()), Unit::Date), "14 Mar 2026");
}

#[test]
fn the_change_of_a_rate_is_in_points() {
    let delta = Style::default()
        .delta(&Value::Number(-0.012), Unit::Ratio)
        .unwrap();
    assert_eq!(delta.replace(NBSP, " "), "-1.2 points");
}

#[test]
fn a_percentage_needs_a_base_a_sign_and_ten_observations() {
    assert_eq!(percent_change(&usd(0), &usd(5), Unit::Money, None), None);
    assert_eq!(percent_change(&usd(-5), &usd(5), Unit::Money, None), None);
    assert_eq!(percent_change(&usd(100), &usd(110), Unit::Money, Some(9)), None);
    assert_eq!(
        percent_change(&usd(100), &usd(110), Unit::Money, Some(10))
            .unwrap()
            .replace(NBSP, " "),
        "+10.0 %"
    );
}
