use jiff::civil::date;

use super::*;

#[test]
fn thirty_days_are_thirty_and_the_ones_before_adjoin() {
    let w = window(Period::Last30d, date(2026, 11, 20));
    assert_eq!(w.now, (date(2026, 10, 22), date(2026, 11, 20)));
    assert_eq!(w.before, Some((date(2026, 9, 22), date(2026, 10, 21))));
}

#[test]
fn a_month_to_date_is_compared_with_the_same_days_and_never_beyond_the_month() {
    let w = window(Period::Mtd, date(2026, 11, 20));
    assert_eq!(
        (w.before, w.partial),
        (Some((date(2026, 10, 1), date(2026, 10, 20))), true)
    );
    assert_eq!(w.compared_with.as_deref(), Some("same days of Oct"));
    let end = window(Period::Mtd, date(2026, 3, 31));
    assert_eq!(
        (end.before, end.partial),
        (Some((date(2026, 2, 1), date(2026, 2, 28))), false)
    );
}

#[test]
fn the_last_month_is_a_whole_one() {
    let w = window(Period::LastMonth, date(2026, 1, 5));
    assert_eq!(w.now, (date(2025, 12, 1), date(2025, 12, 31)));
    assert_eq!(
        (w.before, w.label.as_str()),
        (Some((date(2025, 11, 1), date(2025, 11, 30))), "Dec 2025")
    );
}

#[test]
fn a_leap_day_has_a_comparison() {
    let w = window(Period::Ytd, date(2028, 2, 29));
    assert_eq!(w.before, Some((date(2027, 1, 1), date(2027, 2, 28))));
}
