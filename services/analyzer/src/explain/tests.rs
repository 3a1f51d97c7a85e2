use shared::facts::{Analysis, Value};

use super::{Explanation, Kind, explain_in};
use crate::tests::{PIECE, bundle, files, in_night, trips};

const KPIS: &str = r#"
[[kpi]]
id = "sales.large_30d"
title = "Large sales"
unit = "money"
grain = "entity"
period = "last_30d"
blocks = "x"
fix = "x"
needs = ["bookings.gross"]
sql = """
with large as (select entity, gross from bookings where gross > $large and booked_on between $from and $to)
select l.entity, sum(l.gross) as value, count(*) as n from large l join spans s on s.entity = l.entity group by l.entity"""
[[kpi]]
id = "leads.count"
title = "Enquiries"
unit = "count"
needs = ["leads"]
blocks = "x"
fix = "x"
sql = "select count(*) as value from leads"
"#;
const SHORTFALL: &str = r#"
[[shortfall]]
id = "sales.low"
title = "Low sales"
role = "cmo"
severity = "critical"
effort_days = 2
probability = 0.5
confidence = 0.5
remedy = "Sell."
due_days = 14
sql = "select entity, 'Low' as headline, 'kpis' as evidence, 5000 - value as at_stake from kpis where kpi = 'sales.large_30d'"
"#;
const SPANS: &str = "select entity, min(booked_on) as first, $as_of as last from bookings group by entity";

async fn explained(id: &str, change: impl FnOnce(&mut Analysis)) -> anyhow::Result<Explanation> {
    let catalog = [
        ("views/bookings.trips.sql", PIECE),
        ("derived/10_spans.sql", SPANS),
        ("kpis/a.toml", KPIS),
        ("shortfalls/a.toml", SHORTFALL),
    ];
    let bundle = bundle("[parameters]\nlarge = 500\n", &catalog);
    let files = files(&bundle);
    in_night(
        &files,
        &bundle,
        "2026-11-20",
        vec![trips()],
        None,
        async |night, again| {
            let mut recorded = again.clone();
            change(&mut recorded);
            explain_in(night, &again, &recorded, id).await
        },
    )
    .await
}

#[tokio::test]
async fn a_kpi_is_traced_from_its_query_to_its_source() {
    let found = explained("kpi:sales.large_30d@boat", |_| {}).await.unwrap();
    assert!(found.agrees, "{:?}", found.again);
    let tables: Vec<_> = found
        .tables
        .iter()
        .map(|t| (t.name.as_str(), t.kind, t.rows))
        .collect();
    assert_eq!(
        tables,
        [
            ("bookings", Kind::Canonical, Some(3)),
            ("spans", Kind::Derived, Some(1)),
            ("raw.boat_trips", Kind::Raw, None),
        ],
        "a name that the query gives itself is no table"
    );
    assert_eq!(found.tables[0].made_by, ["catalog/views/bookings.trips.sql"]);
    assert_eq!(found.tables[2].sources, ["dynamodb.boat-trips"]);
    let parameters: Vec<_> = found.parameters.into_iter().collect();
    let day = |day: &str| format!("CAST('{day}' AS DATE)");
    assert_eq!(
        parameters,
        [
            ("$as_of".to_owned(), day("2026-11-20")),
            ("$from".to_owned(), day("2026-10-22")),
            ("$large".to_owned(), "CAST('500' AS BIGINT)".to_owned()),
            ("$to".to_owned(), day("2026-11-20")),
        ],
        "those of the view too"
    );
    let query = found.query.unwrap();
    assert_eq!(
        (query.file.as_str(), query.entry.as_str()),
        ("catalog/kpis/a.toml", "kpi sales.large_30d")
    );
    assert_eq!(
        query.rows,
        [[
            serde_json::json!("boat"),
            serde_json::json!("1000.5"),
            serde_json::json!(1)
        ]]
    );
    assert!(!query.bound.contains('$'), "{}", query.bound);
    assert_eq!(found.recorded["sql_sha256"], query.sha256);
}

#[tokio::test]
async fn an_action_is_explained_by_what_it_is_to_mend_and_a_result_is_a_table() {
    let found = explained("action:shortfall:sales.low@boat", |_| {})
        .await
        .unwrap();
    assert_eq!(found.query.unwrap().entry, "shortfall sales.low");
    let tables: Vec<_> = found.tables.iter().map(|t| (t.name.as_str(), t.kind)).collect();
    assert_eq!(tables, [("kpis", Kind::Own)]);
}

#[tokio::test]
async fn a_missing_kpi_is_a_fact_too_and_its_kind_may_be_left_out() {
    let found = explained("leads.count", |_| {}).await.unwrap();
    assert_eq!(found.recorded["reason"], "no_table");
    assert_eq!(found.tables[0].rows, Some(0));
}

#[tokio::test]
async fn what_does_not_come_out_the_same_again_is_said() {
    let found = explained("kpi:sales.large_30d@boat", |recorded| {
        recorded.kpis[0].value = Value::Int(7);
    });
    let found = found.await.unwrap();
    assert!(!found.agrees);
    assert_eq!(found.recorded["value"], 7);
    assert_ne!(found.again.unwrap()["value"], 7);
}

#[tokio::test]
async fn a_fact_that_is_not_there_is_answered_by_the_nearest() {
    let error = explained("kpi:sales.large_30@boat", |_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "small.2026-11-20 has no fact kpi:sales.large_30@boat; did you mean kpi:sales.large_30d@boat?"
    );
}
