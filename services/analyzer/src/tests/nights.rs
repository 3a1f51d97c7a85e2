//! Two nights: what changed, since when, and that the same inputs give the same bytes.

use shared::facts::{ActionState, Analysis, ChangeKind};

use super::{PIECE, SALES_LOW, bundle, night, table};
use crate::night::to_json;

const ENTRIES: &str = r#"
[[kpi]]
id = "sales.last_month"
title = "Sales, last month"
unit = "money"
better = "up"
period = "last_month"
blocks = "x"
fix = "x"
sql = "select sum(gross) as value from bookings where booked_on between $from and $to"
[[kpi]]
id = "sales.all"
title = "Sales"
unit = "money"
better = "up"
roles = ["ceo"]
blocks = "x"
fix = "x"
sql = "select sum(gross) as value from bookings"
"#;

const MODELS: &str = r#"
[[model]]
id = "by_state"
title = "By state"
needs = ["bookings"]
total = true
columns = [ { name = "status", label = "State", unit = "text" }, { name = "gross", label = "Gross", unit = "money" } ]
sql = "select status, sum(gross) as gross from bookings group by status order by status"
headline_sql = "select concat(count(*), ' states, ', fmt_money(sum(gross))) as headline, 'good' as status from model"
"#;

const TASKS: &str = "select 'boat' as entity, '1' as action, 'Paint the hull' as title, 'CEO' as owner, \
     day('2026-11-19') as due_on, case when exists (select 1 from bookings) then day(null) end as done_on, \
     money('$400/mo') as impact_monthly, money('2') as effort_days";

async fn after(rows: &[&[&str]], date: &str, previous: Option<&Analysis>) -> Analysis {
    let files = [
        ("views/bookings.trips.sql", PIECE),
        (
            "views/actions.tasks.sql",
            &TASKS.replace(
                "case when exists (select 1 from bookings) then day(null) end",
                "day(null)",
            ),
        ),
        ("kpis/a.toml", ENTRIES),
        ("shortfalls/a.toml", SALES_LOW),
        ("models/a.toml", MODELS),
    ];
    night(
        &bundle("", &files),
        date,
        vec![table("boat-trips", &["on", "price", "state"], rows)],
        previous,
    )
    .await
}

#[tokio::test]
async fn the_same_inputs_give_the_same_bytes() {
    let rows: &[&[&str]] = &[
        &["2026-10-01", "100", "completed"],
        &["2026-11-01", "200", "booked"],
    ];
    let first = after(rows, "2026-11-19", None).await;
    assert_eq!(
        to_json(&first).unwrap(),
        to_json(&after(rows, "2026-11-19", None).await).unwrap()
    );
    let second = to_json(&after(rows, "2026-11-20", Some(&first)).await).unwrap();
    assert_eq!(
        second,
        to_json(&after(rows, "2026-11-20", Some(&first)).await).unwrap()
    );
    assert_eq!(
        serde_json::from_slice::<Analysis>(&second)
            .map(|a| to_json(&a).unwrap())
            .unwrap(),
        second
    );
}

#[tokio::test]
async fn a_model_has_rows_a_total_and_a_finding_of_its_own_rows() {
    let rows: &[&[&str]] = &[
        &["2026-10-01", "100", "completed"],
        &["2026-11-01", "200.50", "booked"],
    ];
    let analysis = after(rows, "2026-11-19", None).await;
    let model = &analysis.models["by_state"];
    assert_eq!(model.headline.as_deref(), Some("2 states, $300.50"));
    assert_eq!(model.rows.len(), 2);
    let total = serde_json::to_value(model.total.as_ref().unwrap()).unwrap();
    assert_eq!(
        total,
        serde_json::json!(["Total", { "minor": 30_050, "currency": "USD" }])
    );
}

#[tokio::test]
async fn a_quiet_night_says_nothing_and_remembers_since_when() {
    let rows: &[&[&str]] = &[&["2026-10-01", "100", "completed"]];
    let first = after(rows, "2026-11-19", None).await;
    let second = after(rows, "2026-11-20", Some(&first)).await;
    assert_eq!(
        second.changes.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(),
        ["Paint the hull: slipped, due 19 Nov 2026 (ceo)"]
    );
    assert_eq!(second.shortfalls[0].since.to_string(), "2026-11-19");
    let sell = second.actions.iter().find(|a| a.title == "Sell.").unwrap();
    assert_eq!(
        sell.due.unwrap().to_string(),
        "2026-12-03",
        "14 days from the night it was first seen"
    );
    assert_eq!(sell.score, 900.0 * 0.25 / 2.0 * 1.5);
    let paint = second
        .actions
        .iter()
        .find(|a| a.title == "Paint the hull")
        .unwrap();
    assert_eq!((paint.state, paint.owner.as_str()), (ActionState::Slipped, "ceo"));
    let all = second.kpis.iter().find(|k| k.id == "sales.all").unwrap();
    assert_eq!(
        (all.history.len(), all.last_night.clone()),
        (1, Some(all.value.clone()))
    );
}

#[tokio::test]
async fn new_money_resolves_a_shortfall_and_a_changed_past_is_restated() {
    let first = after(&[&["2026-10-01", "100", "completed"]], "2026-11-19", None).await;
    let rows: &[&[&str]] = &[
        &["2026-10-01", "150", "completed"],
        &["2026-11-20", "5000", "booked"],
    ];
    let second = after(rows, "2026-11-20", Some(&first)).await;
    let kinds: Vec<_> = second.changes.iter().map(|c| (c.kind, c.fact.as_str())).collect();
    assert!(
        kinds.contains(&(ChangeKind::Better, "kpi:sales.all")),
        "{kinds:?}"
    );
    assert!(
        kinds.contains(&(ChangeKind::Resolved, "shortfall:sales.low@boat")),
        "{kinds:?}"
    );
    let restated = second
        .changes
        .iter()
        .find(|c| c.kind == ChangeKind::Restated)
        .unwrap();
    assert_eq!(restated.fact, "kpi:sales.last_month");
    assert_eq!(
        restated.text,
        "Sales, last month is now $150.00, and was given as $100.00 for the same days"
    );
}
