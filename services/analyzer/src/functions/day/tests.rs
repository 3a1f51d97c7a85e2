use jiff::civil::date;

use super::*;

fn zone() -> TimeZone {
    TimeZone::get("America/Los_Angeles").unwrap()
}

#[test]
fn a_day_is_read_in_every_form_that_tables_hold() {
    let forms = [
        "2015-07-01",
        "2015-07-01T14:30:00",
        "2015-07-01 14:30:00.25",
        "2015-07-02T05:00:00Z",
        "2015-07-02T05:00:00.000+00:00",
        "2015-07-02 07:00:00+0200",
        "2015-07-01T22:00:00-07:00[America/Los_Angeles]",
        "7/1/2015",
        "07/01/2015",
        "7/1/15",
        "7/1/2015 2:30 PM",
        "2015/07/01",
        "20150701",
        "1 July 2015",
        "1 Jul 2015",
        "July 1, 2015",
        "Wed, July 1st, 2015",
        "01-Jul-2015",
        "Thu, 2 Jul 2015 05:00:00 +0000",
        "1435813200",
        "1435813200.5",
        "1435813200000",
        "1.4358132E9",
        " 2015-07-01 ",
    ];
    for text in forms {
        assert_eq!(day(text, &zone()), Some(date(2015, 7, 1)), "{text}");
    }
}

#[test]
fn what_names_no_day_is_refused_not_guessed() {
    let bad = [
        "",
        "soon",
        "2015-13-01",
        "2015-02-30",
        "25/12/2015",
        "1/2",
        "12",
        "0",
        "July 2015",
        "July July 1 2015",
        "1435813200000000",
        "1 July 115",
        "2015-07-01T25:00:00",
        "7/1/2015 14:99",
        "tbd 1 July 2015",
    ];
    for text in bad {
        assert_eq!(day(text, &zone()), None, "{text}");
    }
}

#[test]
fn a_time_without_a_zone_is_the_portfolios() {
    let at = |text| instant(text, &zone()).map(|t| t.to_string());
    assert_eq!(at("2026-11-20T18:00:00").as_deref(), Some("2026-11-21T02:00:00Z"));
    assert_eq!(at("2026-11-20").as_deref(), Some("2026-11-20T08:00:00Z"));
    assert_eq!(
        at("2026-11-20T18:00:00Z").as_deref(),
        Some("2026-11-20T18:00:00Z")
    );
    assert_eq!(at("1435813200000").as_deref(), Some("2015-07-02T05:00:00Z"));
}

#[test]
fn gaps_and_folds_of_daylight_saving_have_one_reading() {
    let at = |text| instant(text, &zone()).map(|t| t.to_string());
    assert_eq!(at("2026-03-08T02:30:00").as_deref(), Some("2026-03-08T10:30:00Z"));
    assert_eq!(at("2026-11-01T01:30:00").as_deref(), Some("2026-11-01T08:30:00Z"));
}
