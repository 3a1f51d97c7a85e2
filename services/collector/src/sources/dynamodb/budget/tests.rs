use super::*;

fn start() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}
fn seconds(n: f64) -> Timestamp {
    later(start(), n)
}

/// Reads pages of `units` for so many seconds, each taking a tenth of one; answers what was consumed.
fn read(budget: &mut Budget, from: f64, until: f64, units: f64) -> f64 {
    let (mut now, before) = (seconds(from), budget.consumed());
    while now < seconds(until) {
        match budget.turn(now) {
            Err(wait) => now = later(now, wait.as_secs_f64()),
            Ok(reserved) => {
                now = later(now, 0.1);
                budget.settle(reserved, Some(units), now);
            }
        }
    }
    budget.consumed() - before
}

#[test]
fn half_of_what_is_provisioned_is_consumed_and_no_more() {
    let mut budget = Budget::new(None, Some(100.0), start());
    let consumed = read(&mut budget, 0.0, 600.0, 128.0);
    assert!(
        (29_000.0..=30_000.0 + 128.0).contains(&consumed),
        "{consumed} of 30000"
    );
}

#[test]
fn a_rate_that_is_set_goes_before_the_provisioned_one() {
    let mut budget = Budget::new(Some(10), Some(1000.0), start());
    let consumed = read(&mut budget, 0.0, 1000.0, 3.5);
    // The first page is charged as if it were a whole one until it says otherwise.
    assert!((9_900.0..=10_004.0).contains(&consumed), "{consumed} of 10000");
}

#[test]
fn on_demand_there_is_no_limit_until_the_service_throttles() {
    let mut budget = Budget::new(None, None, start());
    let free = read(&mut budget, 0.0, 10.0, 128.0);
    assert!(free > 12_500.0, "ten pages a second: {free}");
    budget.throttled(0.0, seconds(10.0));
    let slower = read(&mut budget, 10.0, 14.0, 128.0);
    assert!(
        (2_000.0..=2_900.0).contains(&slower),
        "half of 1280 a second: {slower} in 4 s"
    );
}

#[test]
fn throttling_halves_the_rate_once_a_second_and_it_recovers_to_where_it_was() {
    let mut budget = Budget::new(Some(100), None, start());
    for _ in 0..8 {
        budget.throttled(0.0, seconds(10.0));
    }
    assert_eq!(budget.rate, Some(50.0), "of eight pages at once one counts");
    budget.throttled(0.0, seconds(11.5));
    assert_eq!(budget.rate, Some(25.0));
    read(&mut budget, 12.0, 17.5, 5.0);
    assert_eq!(budget.rate, Some(31.25), "after five seconds");
    read(&mut budget, 17.5, 120.0, 5.0);
    assert_eq!(budget.rate, Some(100.0), "and never above");
}

#[test]
fn a_throttled_page_costs_nothing_and_the_rate_stays_above_zero() {
    let mut budget = Budget::new(Some(1), None, start());
    let reserved = budget.turn(start()).unwrap();
    budget.throttled(reserved, start());
    assert_eq!(budget.turn(start()), Ok(FIRST_PAGE), "its turn came back");
    for n in 0..60 {
        budget.throttled(0.0, seconds(2.0 * f64::from(n) + 2.0));
    }
    assert_eq!(budget.rate, Some(SLOWEST));
}
