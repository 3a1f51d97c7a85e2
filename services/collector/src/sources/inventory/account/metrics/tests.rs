use super::*;

#[test]
fn days_become_one_figure_and_none_stays_none() {
    let points = [
        ("2026-11-18T00:00:00Z", 3.0),
        ("2026-11-19T00:00:00Z", 5.0),
        ("2026-11-20T00:00:00Z", 0.0),
    ];
    let points = points.map(|(time, value)| (time.to_owned(), value));
    let number = |how| match figure(how, &[&points]) {
        Some(Figure::Number(number)) => number,
        _ => f64::NAN,
    };
    assert_eq!(
        [Reduce::Sum, Reduce::Max, Reduce::Last].map(number),
        [8.0, 5.0, 0.0]
    );
    assert!((number(Reduce::Mean) - 8.0 / 3.0).abs() < 1e-9);
    assert!(matches!(figure(Reduce::LastDay, &[&points]), Some(Figure::Day(day)) if day == "2026-11-19"));
    assert!(figure(Reduce::Sum, &[&[]]).is_none() && figure(Reduce::LastDay, &[&points[2..]]).is_none());
}

#[test]
fn of_several_metrics_only_what_is_of_the_newest_day_adds_up() {
    let day = |day: &str, value: f64| (format!("2026-11-{day}T00:00:00Z"), value);
    let standard = [day("17", 5.0), day("20", 2.0)];
    let (emptied, other) = ([day("17", 900.0)], [day("20", 1.0)]);
    let found = figure(Reduce::Last, &[&standard, &emptied, &other]);
    assert!(matches!(found, Some(Figure::Number(size)) if size == 3.0));
    assert!(figure(Reduce::Last, &[&[], &[]]).is_none());
}
