use super::*;

fn value(text: &str) -> DeValue<'_> {
    DeValue::parse(text).unwrap().into_inner()
}

#[test]
fn decimals_are_exact_and_never_in_quotes() {
    assert_eq!(decimal(&value("0.1")).unwrap(), "0.1".parse().unwrap());
    assert_eq!(decimal(&value("25_000")).unwrap(), Decimal::from(25_000));
    assert_eq!(decimal(&value("1.5e3")).unwrap(), Decimal::from(1_500));
    assert_eq!(
        decimal(&value("\"12\"")).unwrap_err().suggestion.unwrap(),
        "write 12, without quotes"
    );
    assert_eq!(decimal(&value("nan")).unwrap_err().code, "bad-number");
}

#[test]
fn times_are_hours_and_minutes() {
    assert_eq!(
        hour_minute(&value("\"02:30\"")).unwrap(),
        jiff::civil::time(2, 30, 0, 0)
    );
    assert_eq!(
        hour_minute(&value("02:30:00")).unwrap(),
        jiff::civil::time(2, 30, 0, 0)
    );
    for bad in [
        "\"25:00\"",
        "\"2:30\"",
        "\"02:30:15\"",
        "\"half past two\"",
        "\"+2:30\"",
    ] {
        assert_eq!(hour_minute(&value(bad)).unwrap_err().code, "bad-time", "{bad}");
    }
}

#[test]
fn dates_are_days_of_the_calendar() {
    assert_eq!(
        date(&value("2027-03-31")).unwrap(),
        jiff::civil::date(2027, 3, 31)
    );
    assert_eq!(
        date(&value("\"2027-03-31\"")).unwrap(),
        jiff::civil::date(2027, 3, 31)
    );
    for bad in ["2027-03-31T10:00:00Z", "\"soon\"", "20270331", "\"2027-02-30\""] {
        assert_eq!(date(&value(bad)).unwrap_err().code, "bad-date", "{bad}");
    }
}
