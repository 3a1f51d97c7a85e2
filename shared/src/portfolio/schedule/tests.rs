use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;

use super::*;
use crate::portfolio::{Bundle, EXAMPLE, FILE};

fn portfolio(zone: &str, at: Time) -> Portfolio {
    let bundle = Bundle([(FILE.to_owned(), EXAMPLE.to_owned())].into());
    let mut portfolio = Portfolio::parse(&bundle).unwrap();
    portfolio.timezone = zone.to_owned();
    portfolio.schedule.at = at;
    portfolio
}

fn los_angeles(hour: i8, minute: i8) -> Portfolio {
    portfolio("America/Los_Angeles", time(hour, minute, 0, 0))
}

fn due(portfolio: &Portfolio, day: Date) -> String {
    scheduled_at(portfolio, BusinessDate(day)).unwrap().to_string()
}

fn day_at(portfolio: &Portfolio, instant: &str) -> Date {
    last_complete_day(portfolio, instant.parse().unwrap()).unwrap().0
}

#[test]
fn the_night_after_a_day_reports_on_that_day() {
    let harbor = los_angeles(2, 30);
    assert_eq!(due(&harbor, date(2026, 11, 20)), "2026-11-21T10:30:00Z");
    assert_eq!(day_at(&harbor, "2026-11-21T10:30:00Z"), date(2026, 11, 20));
    // The same instant is another local day further east.
    assert_eq!(
        day_at(
            &portfolio("Asia/Tokyo", time(2, 30, 0, 0)),
            "2026-11-21T16:00:00Z"
        ),
        date(2026, 11, 21)
    );
}

#[test]
fn a_night_inside_the_spring_gap_is_due_behind_it_and_reports_on_the_same_day() {
    // 2026-03-08: 02:00 PST is followed by 03:00 PDT.
    let harbor = los_angeles(2, 30);
    assert_eq!(
        due(&harbor, date(2026, 3, 7)),
        "2026-03-08T10:30:00Z",
        "03:30 PDT"
    );
    assert_eq!(day_at(&harbor, "2026-03-08T10:30:00Z"), date(2026, 3, 7));
}

#[test]
fn a_night_inside_the_autumn_fold_is_due_once_at_its_first_occurrence() {
    // 2026-11-01: 02:00 PDT is followed by 01:00 PST, so 01:30 comes twice.
    let harbor = los_angeles(1, 30);
    assert_eq!(
        due(&harbor, date(2026, 10, 31)),
        "2026-11-01T08:30:00Z",
        "01:30 PDT"
    );
    assert_eq!(day_at(&harbor, "2026-11-01T08:30:00Z"), date(2026, 10, 31));
    assert_eq!(
        day_at(&harbor, "2026-11-01T09:30:00Z"),
        date(2026, 10, 31),
        "the second 01:30, too"
    );
}

#[test]
fn days_of_23_and_25_hours_are_one_day_each() {
    let harbor = los_angeles(2, 30);
    let night = |day| scheduled_at(&harbor, BusinessDate(day)).unwrap();
    let hours = |from, to| night(to).duration_since(night(from)).as_hours();
    assert_eq!(hours(date(2026, 3, 8), date(2026, 3, 9)), 24);
    assert_eq!(
        night(date(2026, 3, 8))
            .duration_since(night(date(2026, 3, 7)))
            .as_hours(),
        23
    );
    assert_eq!(hours(date(2026, 10, 30), date(2026, 10, 31)), 25);
    assert_eq!(
        day_at(&harbor, "2026-03-09T07:00:00Z"),
        date(2026, 3, 8),
        "midnight ends the short day"
    );
    assert_eq!(day_at(&harbor, "2026-03-09T06:59:59Z"), date(2026, 3, 7));
    assert_eq!(
        day_at(&harbor, "2026-11-02T07:59:59Z"),
        date(2026, 10, 31),
        "the long day's last second"
    );
    assert_eq!(day_at(&harbor, "2026-11-02T08:00:00Z"), date(2026, 11, 1));
}

#[test]
fn a_backlog_that_starts_the_night_after_midnight_does_not_move_its_business_date() {
    // Due at 23:30 on the 20th, handled at 00:40 on the 21st: the date comes from the former.
    let late = los_angeles(23, 30);
    let due = scheduled_at(&late, BusinessDate(date(2026, 11, 19))).unwrap();
    assert_eq!(due.to_string(), "2026-11-21T07:30:00Z");
    assert_eq!(last_complete_day(&late, due).unwrap().0, date(2026, 11, 19));
    let handled = due.checked_add(SignedDuration::from_mins(70)).unwrap();
    assert_eq!(
        last_complete_day(&late, handled).unwrap().0,
        date(2026, 11, 20),
        "so it must not be asked then"
    );
}

#[test]
fn a_zone_that_skips_its_midnight_still_has_its_night() {
    // Cairo, 2026-04-24: 00:00 is followed by 01:00.
    let cairo = portfolio("Africa/Cairo", time(0, 30, 0, 0));
    let due = scheduled_at(&cairo, BusinessDate(date(2026, 4, 23))).unwrap();
    assert_eq!(last_complete_day(&cairo, due).unwrap().0, date(2026, 4, 23));
}

#[test]
fn a_day_that_a_zone_left_out_is_no_business_date() {
    // Samoa crossed the date line: 2011-12-29 was followed by 2011-12-31.
    let apia = portfolio("Pacific/Apia", time(2, 30, 0, 0));
    let skipped = BusinessDate(date(2011, 12, 30));
    assert!(matches!(
        scheduled_at(&apia, skipped),
        Err(ScheduleError::Skipped { .. })
    ));
    let due = scheduled_at(&apia, BusinessDate(date(2011, 12, 29))).unwrap();
    assert_eq!(last_complete_day(&apia, due).unwrap().0, date(2011, 12, 29));
}

#[test]
fn mails_expire_hours_after_the_scheduled_time_not_after_the_start() {
    let harbor = los_angeles(2, 30);
    let due = scheduled_at(&harbor, BusinessDate(date(2026, 11, 20))).unwrap();
    assert_eq!(not_after(&harbor, due).to_string(), "2026-11-22T00:30:00Z");
    assert_eq!(not_after(&harbor, Timestamp::MAX), Timestamp::MAX);
}

proptest! {
    /// Whatever the zone, the day and the hour: the night of a day reports on that day.
    #[test]
    fn the_scheduled_time_of_a_day_leads_back_to_the_day(
        zone in prop::sample::select(vec![
            "America/Los_Angeles", "America/St_Johns", "America/Havana", "Europe/Berlin", "Africa/Cairo", "Asia/Kolkata",
            "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Asia/Tehran", "UTC",
        ]),
        days in 0_i32..14_000,
        minute in 0_i32..1440,
    ) {
        let at = time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let portfolio = portfolio(zone, at);
        let day = date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        match scheduled_at(&portfolio, BusinessDate(day)) {
            Ok(due) => prop_assert_eq!(last_complete_day(&portfolio, due).unwrap().0, day),
            Err(error) => prop_assert!(matches!(error, ScheduleError::Skipped { .. }), "{}", error),
        }
    }
}
