use jiff::civil::date;

use super::*;

use ComparedWith::{Previous, SameDaysLastMonth, YearAgo};

/// Which, first day, last day.
fn compared(window: &Window) -> Vec<(ComparedWith, Date, Date)> {
    let days = |c: &Compared| (c.with, c.days.0, c.days.1);
    window.compared.iter().map(days).collect()
}

#[test]
fn thirty_days_are_thirty_and_the_ones_before_adjoin() {
    let w = window(Period::Last30d, date(2026, 11, 20));
    assert_eq!(w.now, (date(2026, 10, 22), date(2026, 11, 20)));
    assert_eq!(
        compared(&w),
        [
            (Previous, date(2026, 9, 22), date(2026, 10, 21)),
            (YearAgo, date(2025, 10, 22), date(2025, 11, 20)),
        ]
    );
}

#[test]
fn seven_days_are_compared_with_seven_wherever_they_end() {
    let w = window(Period::Last7d, date(2026, 3, 30));
    assert_eq!(
        compared(&w),
        [
            (Previous, date(2026, 3, 17), date(2026, 3, 23)),
            (SameDaysLastMonth, date(2026, 2, 22), date(2026, 2, 28)),
            (YearAgo, date(2025, 3, 24), date(2025, 3, 30)),
        ]
    );
}

#[test]
fn a_month_to_date_is_compared_with_the_same_days_and_never_beyond_the_month() {
    let w = window(Period::Mtd, date(2026, 11, 20));
    assert_eq!(
        (compared(&w), w.partial),
        (
            vec![
                (SameDaysLastMonth, date(2026, 10, 1), date(2026, 10, 20)),
                (YearAgo, date(2025, 11, 1), date(2025, 11, 20)),
            ],
            true
        )
    );
    let labels: Vec<&str> = w.compared.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["same days of Oct", "same days of Nov 2025"]);
    let end = window(Period::Mtd, date(2026, 3, 31));
    assert_eq!(
        (compared(&end)[0], end.partial),
        ((SameDaysLastMonth, date(2026, 2, 1), date(2026, 2, 28)), false)
    );
}

#[test]
fn the_last_month_is_a_whole_one_also_in_a_leap_year() {
    let w = window(Period::LastMonth, date(2026, 1, 5));
    assert_eq!(w.now, (date(2025, 12, 1), date(2025, 12, 31)));
    assert_eq!(
        (compared(&w), w.label.as_str()),
        (
            vec![
                (Previous, date(2025, 11, 1), date(2025, 11, 30)),
                (YearAgo, date(2024, 12, 1), date(2024, 12, 31)),
            ],
            "Dec 2025"
        )
    );
    let leap = window(Period::LastMonth, date(2029, 3, 5));
    assert_eq!(compared(&leap)[1], (YearAgo, date(2028, 2, 1), date(2028, 2, 29)));
}

#[test]
fn a_leap_day_has_a_comparison() {
    let w = window(Period::Ytd, date(2028, 2, 29));
    assert_eq!(compared(&w), [(YearAgo, date(2027, 1, 1), date(2027, 2, 28))]);
    assert_eq!(
        compared(&window(Period::Mtd, date(2028, 2, 29)))[1],
        (YearAgo, date(2027, 2, 1), date(2027, 2, 28))
    );
}

#[test]
fn a_point_in_time_is_compared_with_none() {
    let w = window(Period::None, date(2026, 11, 20));
    assert_eq!((w.compared.len(), w.fact()), (0, None));
}
