//! Nights handed on: what a file has, and what is left out of it.

use jiff::civil::date;
use shared::{
    facts::{Analysis, Forecast, Grade, Unit, Value},
    id::Sha256,
};

use super::*;
use crate::tests::{PIECE, bundle, night, table};

const KPI: &str = r#"
[[kpi]]
id = "bookings.count"
title = "Bookings"
unit = "count"
better = "up"
grain = "entity"
blocks = "x"
fix = "x"
needs = ["bookings"]
sql = "select entity, count(*) as value from bookings group by entity"
[[kpi]]
id = "bookings.value"
title = "Value"
unit = "money"
blocks = "x"
fix = "x"
needs = ["bookings"]
sql = "select sum(gross) as value from bookings"
"#;

async fn at(day: &str, trips: usize, previous: Option<&Analysis>) -> Analysis {
    let files = [("views/bookings.trips.sql", PIECE), ("kpis/a.toml", KPI)];
    let rows = vec![&["2026-10-01", "$10.50", "completed"][..]; trips];
    let trips = table("boat-trips", &["on", "price", "state"], &rows);
    night(&bundle("", &files), day, vec![trips], previous).await
}

#[tokio::test]
async fn every_night_adds_its_facts_and_hands_all_of_them_on() {
    let first = at("2026-11-18", 3, None).await;
    let second = at("2026-11-19", 5, Some(&first)).await;
    let empty = History::default();
    let one = empty.and(&first).unwrap();
    let two = one.before(date(2026, 11, 19)).unwrap().and(&second).unwrap();
    let (bytes, reference) = two.to_parquet().unwrap();
    let read = History::read(bytes.clone().into()).unwrap();
    assert_eq!(read.facts(), two.facts(), "every column survives the file");
    let reference = reference.unwrap();
    assert_eq!(reference.since, date(2026, 11, 18));
    assert_eq!(reference.sha256, Sha256::of(&bytes));
    assert_eq!(reference.rows, read.facts().num_rows() as u64);
    let points = [(date(2026, 11, 18), 31.5), (date(2026, 11, 19), 52.5)];
    assert_eq!(read.points()["kpi:bookings.value"], points);
    assert_eq!(
        read.points()["kpi:bookings.count@boat"],
        [(date(2026, 11, 18), 3.0), (date(2026, 11, 19), 5.0)]
    );
    assert_eq!(
        two.to_parquet().unwrap().0,
        bytes,
        "the same facts are the same bytes"
    );
}

#[tokio::test]
async fn a_night_that_is_run_again_does_not_find_itself_in_the_past() {
    let first = at("2026-11-18", 3, None).await;
    let history = History::default().and(&first).unwrap();
    let again = history.before(date(2026, 11, 18)).unwrap();
    assert_eq!(again.facts().num_rows(), 0);
    assert_eq!(again.to_parquet().unwrap().1, None);
}

#[tokio::test]
async fn what_is_too_old_to_be_looked_at_is_left_out() {
    let first = at("2026-11-18", 3, None).await;
    let history = History::default().and(&first).unwrap();
    let rows = history.facts().num_rows();
    let kept = history.clone().before(date(2027, 12, 23)).unwrap();
    assert_eq!(kept.facts().num_rows(), rows, "400 nights later");
    assert_eq!(history.before(date(2027, 12, 24)).unwrap().facts().num_rows(), 0);
}

#[tokio::test]
async fn before_there_was_a_file_an_analysis_remembers_its_own_nights() {
    let first = at("2026-11-18", 3, None).await;
    let second = at("2026-11-19", 5, Some(&first)).await;
    let history = History::of(&second).unwrap();
    assert_eq!(
        history.points()["kpi:bookings.count@boat"],
        [(date(2026, 11, 18), 3.0), (date(2026, 11, 19), 5.0)]
    );
}

#[test]
fn what_is_no_history_is_refused() {
    assert!(History::read(b"PAR1 and nothing else".as_slice().into()).is_err());
}

fn forecast(made_on: Date, days: i64) -> Forecast {
    use jiff::ToSpan;
    let money = |minor| Value::Money {
        minor,
        currency: "USD".into(),
    };
    Forecast {
        fact: format!("forecast:payments.daily@boat#{days}d"),
        series: "payments.daily".into(),
        entity: Some("boat".into()),
        title: "Payments".into(),
        unit: Unit::Money,
        roles: vec!["cfo".into()],
        made_on,
        from: made_on + 1.day(),
        to: made_on + days.days(),
        value: money(70_050),
        low: Some(money(60_000)),
        high: None,
        method: "stl".into(),
        naive: money(71_000),
        origins: 12,
        miss: Some(money(1_000)),
        naive_miss: None,
    }
}

#[tokio::test]
async fn a_forecast_waits_until_its_days_are_over_and_is_graded_once() {
    let mut first = at("2026-11-10", 3, None).await;
    let made = [forecast(date(2026, 11, 10), 1), forecast(date(2026, 11, 10), 7)];
    first.forecasts = made.to_vec();
    let history = History::default().and(&first).unwrap();
    assert_eq!(history.due(date(2026, 11, 10)), []);
    let due = history.due(date(2026, 11, 11));
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].fact, "forecast:payments.daily@boat#1d");
    assert_eq!(
        (due[0].made_on, due[0].to),
        (date(2026, 11, 10), date(2026, 11, 11))
    );
    assert_eq!(
        (due[0].value.to_string(), due[0].low.unwrap().to_string()),
        ("700.500000".into(), "600.000000".into())
    );
    assert_eq!(
        (due[0].high, due[0].origins, due[0].method.as_str()),
        (None, 12, "stl")
    );
    let mut second = at("2026-11-11", 3, Some(&first)).await;
    second.grades = vec![Grade {
        forecast: made[0].clone(),
        actual: Value::Money {
            minor: 70_000,
            currency: "USD".into(),
        },
        miss: Value::Null,
        naive_miss: Value::Null,
        within: Some(true),
    }];
    let history = history.and(&second).unwrap();
    assert_eq!(
        history.due(date(2026, 11, 16)),
        [],
        "the one for a week is not over"
    );
    let facts: Vec<String> = history
        .due(date(2026, 11, 17))
        .into_iter()
        .map(|r| r.fact)
        .collect();
    assert_eq!(facts, ["forecast:payments.daily@boat#7d"]);
}
