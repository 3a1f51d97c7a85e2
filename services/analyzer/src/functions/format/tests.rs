use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn money_has_cents_below_ten_thousand_only() {
    let usd = |text: &str| money(dec(text), "USD".parse().unwrap());
    assert_eq!(usd("1840.75"), "$1,840.75");
    assert_eq!(usd("18400.75"), "$18,401");
    assert_eq!(usd("-12.5"), "-$12.50");
    assert_eq!(usd("1234567"), "$1,234,567");
    assert_eq!(usd("-0.001"), "$0.00");
    assert_eq!(money(dec("1200"), "JPY".parse().unwrap()), "JPY 1,200");
}

#[test]
fn other_figures() {
    assert_eq!(
        (int(dec("12345.5")), int(dec("7"))),
        ("12,346".into(), "7".into())
    );
    assert_eq!(
        (percent(dec("0.153")), percent(dec("-0.0004"))),
        ("15.3 %".into(), "0.0 %".into())
    );
    assert_eq!(day(jiff::civil::date(2026, 3, 14)), "14 Mar 2026");
    assert_eq!(value(&Value::Number(12.5), Unit::Days), "12.5 days");
    assert_eq!(
        value(&Value::Text("2026-03-14".into()), Unit::Date),
        "14 Mar 2026"
    );
}
