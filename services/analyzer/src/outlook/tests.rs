//! Series made by hand, and what must come out.

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;

use super::{
    LONGEST, STL_FROM, back,
    forecast::{Method, totals},
    median, span,
    usual::{self, By},
};

/// A week of these values, so many times.
fn weeks(week: [f64; 7], times: usize) -> Vec<f64> {
    week.repeat(times)
}

fn dated(values: &[f64], last: jiff::civil::Date) -> Vec<(jiff::civil::Date, f64)> {
    let n = i64::try_from(values.len()).unwrap();
    let day = |at: usize| last - (n - 1 - i64::try_from(at).unwrap()).days();
    values.iter().enumerate().map(|(at, v)| (day(at), *v)).collect()
}

const WEEK: [f64; 7] = [2.0, 3.0, 2.0, 4.0, 9.0, 12.0, 1.0];

#[test]
fn below_two_weeks_a_value_is_only_shown() {
    let points = dated(&weeks(WEEK, 2)[1..], date(2026, 11, 19));
    assert_eq!(points.len(), 13);
    assert_eq!(usual::of(&points, date(2026, 11, 20)), None);
}

#[test]
fn a_day_is_judged_by_all_days_until_there_are_four_of_its_weekday() {
    let three = dated(&weeks(WEEK, 3), date(2026, 11, 19));
    let usual = usual::of(&three, date(2026, 11, 20)).unwrap();
    assert_eq!((usual.value, usual.by, usual.n), (3.0, By::AllDays, 21));
    let points = dated(&weeks(WEEK, 5), date(2026, 11, 19));
    let usual = usual::of(&points, date(2026, 11, 20)).unwrap();
    assert_eq!((usual.value, usual.by, usual.n), (2.0, By::Weekday, 5));
    assert!(!usual.is_surprised_by(2.0));
    assert!(usual.is_surprised_by(12.0), "which is no surprise on a Wednesday");
    let wednesday = usual::of(&points[..33], date(2026, 11, 18)).unwrap();
    assert_eq!(wednesday.value, 12.0);
}

#[test]
fn from_eight_weeks_on_level_and_week_are_told_apart() {
    let mut values = weeks(WEEK, 10);
    // The level doubles half way: the median of all of the same weekday would be between both.
    values[35..].iter_mut().for_each(|v| *v += 20.0);
    let points = dated(&values, date(2026, 11, 19));
    let usual = usual::of(&points, date(2026, 11, 20)).unwrap();
    assert_eq!(usual.by, By::Stl);
    assert!((usual.value - 22.0).abs() < 1.5, "{usual:?}");
    assert!(usual.is_surprised_by(2.0), "the level of before is none any more");
}

#[test]
fn a_single_day_out_of_line_does_not_bend_what_is_usual() {
    let mut values = weeks(WEEK, 12);
    let at = values.len() - 5;
    values[at] = 400.0;
    let usual = usual::of(&dated(&values, date(2026, 11, 19)), date(2026, 11, 20)).unwrap();
    assert!((usual.value - 2.0).abs() < 1.0, "{usual:?}");
}

#[test]
fn days_without_a_night_are_not_taken_for_the_days_before() {
    let values = weeks(WEEK, 10);
    let mut points = dated(&values, date(2026, 11, 19));
    points.remove(points.len() - 3);
    let usual = usual::of(&points, date(2026, 11, 20)).unwrap();
    assert_eq!((usual.value, usual.by), (2.0, By::Weekday));
}

#[test]
fn what_was_never_negative_is_not_expected_to_be() {
    let values: Vec<f64> = (0..70).map(|n| f64::from(n % 3)).collect();
    let usual = usual::of(&dated(&values, date(2026, 11, 19)), date(2026, 11, 20)).unwrap();
    assert!(usual.low >= 0.0 && usual.high > 0.0, "{usual:?}");
}

#[test]
fn the_last_week_again_is_used_until_something_does_better() {
    // A plain week: nothing misses by less than nothing.
    let plain = totals(&weeks(WEEK, 20), &[1, 7, 28]);
    for total in &plain {
        assert_eq!(total.method, Method::SeasonalNaive);
        assert_eq!((total.miss, total.origins), (Some(0.0), 12));
        assert_eq!(total.band, Some((total.value, total.value)));
    }
    let values: Vec<f64> = plain.iter().map(|t| t.value).collect();
    assert_eq!(values, [2.0, 33.0, 132.0]);
}

#[test]
fn where_single_weeks_jump_a_mean_of_weeks_is_chosen() {
    // Every other week is double: the last week again is always wrong, the mean of eight is right over four weeks.
    let values: Vec<f64> = (0..30)
        .flat_map(|week| WEEK.map(|v| if week % 2 == 0 { v } else { 2.0 * v }))
        .collect();
    let total = totals(&values, &[28]).remove(0);
    assert_ne!(total.method, Method::SeasonalNaive);
    assert!(total.miss < total.naive_miss, "{total:?}");
    assert!((total.value - 198.0).abs() < 5.0, "{total:?}");
    assert!((total.naive - 264.0).abs() < 1e-9);
}

#[test]
fn a_season_is_seen_from_the_year_before() {
    // A steep season: the days to come are like those 52 weeks before, and nothing like last week.
    let values: Vec<f64> = (0..728)
        .map(|day| {
            let season = (f64::from(day) / 364.0 * std::f64::consts::TAU).sin();
            100.0 + 90.0 * season
        })
        .collect();
    let total = totals(&values, &[28]).remove(0);
    assert_eq!(total.method, Method::YearAgo);
    assert!(total.miss.unwrap() < 1e-6, "{total:?}");
}

#[test]
fn with_little_behind_it_a_total_has_no_band_and_with_less_there_is_none() {
    let total = totals(&weeks(WEEK, 2), &[7]).remove(0);
    assert_eq!(
        (total.value, total.origins, total.miss, total.band),
        (33.0, 0, None, None)
    );
    assert_eq!(totals(&weeks(WEEK, 2)[..13], &[7]), []);
    assert_eq!(totals(&weeks(WEEK, 9), &[]), []);
}

#[test]
fn the_middle_of_an_even_number_is_between_two() {
    assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
    assert_eq!(median(&mut []), None);
}

/// Something of 100 on each of these days, nothing on the others.
fn every(days: usize, of: usize) -> Vec<f64> {
    (1..=of)
        .map(|day| if day % days == 0 { 100.0 } else { 0.0 })
        .collect()
}

#[test]
fn where_nothing_happens_on_most_days_weeks_are_judged_and_where_on_most_weeks_months() {
    assert_eq!(span(&weeks(WEEK, 20)), Some(1));
    assert_eq!(span(&every(6, 400)), Some(7));
    assert_eq!(span(&every(20, 420)), Some(28));
    assert_eq!(
        span(&every(100, 420)),
        None,
        "four of fifteen months are not empty"
    );
    assert_eq!(
        span(&every(6, 104)),
        None,
        "14 weeks and the one to be judged are needed"
    );
    assert_eq!(back(&[1.0, 2.0, 3.0, 4.0, 5.0], 2), [5.0, 9.0]);
}

#[test]
fn a_total_of_days_that_are_mostly_empty_is_not_nothing() {
    let total = totals(&every(5, 300), &[28]).remove(0);
    assert!(
        (400.0..=700.0).contains(&total.value),
        "560 on average: {total:?}"
    );
}

proptest! {
    #[test]
    fn no_series_gives_a_figure_that_is_none(values in prop::collection::vec(-1e9..1e9f64, 0..LONGEST + 40)) {
        for total in totals(&values, &[1, 7, 28]) {
            prop_assert!(total.value.is_finite() && total.naive.is_finite());
            if let Some((low, high)) = total.band {
                prop_assert!(low <= total.value && total.value <= high);
            }
        }
        let last = date(2026, 11, 19);
        if let Some(usual) = usual::of(&dated(&values, last), date(2026, 11, 20)) {
            prop_assert!(usual.low <= usual.value && usual.value <= usual.high);
            prop_assert_eq!(usual.by == By::Stl, values.len() >= STL_FROM);
        }
    }

    #[test]
    fn what_was_never_negative_will_not_be(values in prop::collection::vec(0.0..1e6f64, 14..200)) {
        for total in totals(&values, &[1, 7, 28]) {
            prop_assert!(total.value >= 0.0 && total.band.is_none_or(|(low, _)| low >= 0.0));
        }
    }
}
