use serde_json::json;
use shared::facts::Analysis;

use super::{FactKind, Presence, diff};
use crate::tests::{PIECE, bundle, night, table};

const KPIS: &str = r#"
[[kpi]]
id = "sales.all"
title = "Sales"
unit = "money"
blocks = "x"
fix = "x"
sql = "select sum(gross) as value, count(*) as n from bookings"
[[kpi]]
id = "sales.count"
title = "Sales, number"
unit = "count"
needs = ["bookings.gross"]
blocks = "x"
fix = "x"
sql = "select count(*) as value from bookings where status = 'completed'"
"#;

async fn of(date: &str, rows: &[&[&str]]) -> Analysis {
    let catalog = [("views/bookings.trips.sql", PIECE), ("kpis/a.toml", KPIS)];
    let trips = table("boat-trips", &["on", "price", "state"], rows);
    night(&bundle("", &catalog), date, vec![trips], None).await
}

#[tokio::test]
async fn a_night_does_not_differ_from_itself() {
    let one = of("2026-11-19", &[&["2026-11-01", "100", "completed"]]).await;
    let found = diff(&one, &one);
    assert!(found.facts.is_empty() && found.same_catalog && found.same_snapshot);
    assert_eq!(found.equal, 3, "two KPIs and a business");
}

#[tokio::test]
async fn every_field_that_is_not_equal_is_listed_and_only_those() {
    let before = of("2026-11-19", &[&["2026-11-01", "100", "completed"]]).await;
    let rows: &[&[&str]] = &[
        &["2026-11-01", "100", "completed"],
        &["2026-11-19", "20.5", "booked"],
    ];
    let found = diff(&before, &of("2026-11-20", rows).await);
    let [sales] = found.facts.as_slice() else {
        panic!("{:?}", found.facts);
    };
    assert_eq!((sales.kind, sales.presence), (FactKind::Kpi, Presence::Changed));
    let fields: Vec<_> = sales
        .fields
        .iter()
        .map(|f| (f.field, &f.before, &f.after))
        .collect();
    let money = |minor: i64| json!({ "minor": minor, "currency": "USD" });
    assert_eq!(
        fields,
        [
            ("value", &money(10_000), &money(12_050)),
            ("n", &json!(1), &json!(2))
        ]
    );
    assert_eq!(
        sales.fields[0].shown,
        ("$100.00".to_owned(), "$120.50".to_owned())
    );
}

#[tokio::test]
async fn a_kpi_that_went_missing_is_gone_and_is_new_among_the_missing() {
    let before = of("2026-11-19", &[&["2026-11-01", "100", "completed"]]).await;
    let found = diff(
        &before,
        &of("2026-11-20", &[&["2026-11-01", "-", "completed"]]).await,
    );
    let facts: Vec<_> = found
        .facts
        .iter()
        .map(|f| (f.kind, f.fact.as_str(), f.presence))
        .collect();
    assert_eq!(
        facts,
        [
            (FactKind::Kpi, "kpi:sales.all", Presence::Gone),
            (FactKind::Kpi, "kpi:sales.count", Presence::Gone),
            (FactKind::Missing, "kpi:sales.all", Presence::Added),
            (FactKind::Missing, "kpi:sales.count", Presence::Added),
        ]
    );
}

#[test]
fn a_kind_that_is_none_is_answered_with_those_that_are() {
    assert_eq!("model".parse::<FactKind>(), Ok(FactKind::Model));
    let error = "models".parse::<FactKind>().unwrap_err();
    assert!(
        error.contains("there are source, kpi,") && error.ends_with("entity"),
        "{error}"
    );
}
