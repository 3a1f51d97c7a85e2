//! A KPI over the periods that it is compared with; where records begin later, what was then is unknown.

use shared::facts::{Analysis, ComparedWith, Comparison, Kpi};

use super::{bundle, entity, night};
use crate::functions::format;

const SALES: &str = r#"
[[kpi]]
id = "sales.30d"
title = "Sales, last 30 days"
unit = "money"
better = "up"
period = "last_30d"
grain = "entity"
blocks = "x"
fix = "x"
sql = """select entity, sum(gross) filter (where booked_on between $from and $to) as value
from bookings group by grouping sets ((entity), ())"""
[[kpi]]
id = "sales.series"
title = "Days of the period"
unit = "count"
better = "up"
period = "last_7d"
blocks = "x"
fix = "x"
sql = "select count(*) as value from generate_series($from, $to, interval '1 day')"
"#;

/// `entity day gross` of each booking.
async fn at(date: &str, bookings: &[&str]) -> Analysis {
    let selects: Vec<String> = bookings
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(' ').collect();
            format!(
                "select '{}' as entity, day('{}') as booked_on, money('{}') as gross, 'booked' as status",
                cells[0], cells[1], cells[2]
            )
        })
        .collect();
    let piece = selects.join(" union all ");
    let files = [("views/bookings.all.sql", piece.as_str()), ("kpis/a.toml", SALES)];
    night(
        &bundle(&entity("bike", "charter"), &files),
        date,
        Vec::new(),
        None,
    )
    .await
}

fn kpi<'a>(analysis: &'a Analysis, fact: &str) -> &'a Kpi {
    analysis.kpis.iter().find(|k| k.fact == fact).unwrap()
}

/// `value (note)` of a comparison.
fn told(kpi: &Kpi, with: ComparedWith) -> String {
    let one = |c: &&Comparison| c.with == with;
    let found = kpi.comparisons.iter().find(one).unwrap();
    let note = found
        .note
        .as_ref()
        .map_or_else(String::new, |n| format!(" ({n})"));
    format!("{}{note}", format::value(&found.value, kpi.unit))
}

#[tokio::test]
async fn a_kpi_is_written_once_and_evaluated_for_every_period() {
    let bookings = [
        "boat 2024-01-01 1",
        "boat 2025-10-22 30",
        "boat 2025-11-20 10",
        "boat 2025-11-21 500",
        "boat 2026-10-21 200",
        "boat 2026-10-22 700",
        "boat 2026-11-20 300",
    ];
    let analysis = at("2026-11-20", &bookings).await;
    let sales = kpi(&analysis, "kpi:sales.30d@boat");
    assert_eq!(format::value(&sales.value, sales.unit), "$1,000.00");
    assert_eq!(told(sales, ComparedWith::Previous), "$200.00");
    assert_eq!(told(sales, ComparedWith::YearAgo), "$40.00");
    let previous = sales.previous.as_ref().unwrap();
    assert_eq!(format::value(previous, sales.unit), "$200.00");
    assert_eq!(sales.compared_with.as_deref(), Some("30 days before"));
    let year = &sales.comparisons[1];
    assert_eq!(format::value(year.delta.as_ref().unwrap(), sales.unit), "$960.00");
}

#[tokio::test]
async fn before_its_records_begin_a_value_is_unknown_and_no_zero() {
    let bookings = [
        "boat 2024-01-01 1",
        "boat 2025-11-20 10",
        "boat 2026-11-20 300",
        "bike 2026-10-01 50",
        "bike 2026-11-20 70",
    ];
    let analysis = at("2026-11-20", &bookings).await;
    let bike = kpi(&analysis, "kpi:sales.30d@bike");
    assert_eq!(
        told(bike, ComparedWith::YearAgo),
        "unknown (records begin on 1 Oct 2026)"
    );
    assert_eq!(
        told(bike, ComparedWith::Previous),
        "unknown (records begin on 1 Oct 2026)",
        "the period before begins on 22 September"
    );
    assert_eq!((&bike.previous, &bike.delta), (&None, &None));
    let all = kpi(&analysis, "kpi:sales.30d");
    assert_eq!(
        told(all, ComparedWith::YearAgo),
        "$10.00 (without The bike (records begin on 1 Oct 2026))"
    );
}

#[tokio::test]
async fn a_query_that_cannot_be_planned_without_its_period_is_planned_with_each() {
    let analysis = at("2026-11-20", &["boat 2024-01-01 1"]).await;
    let days = kpi(&analysis, "kpi:sales.series");
    assert_eq!(format::value(&days.value, days.unit), "7");
    assert_eq!(told(days, ComparedWith::SameDaysLastMonth), "7");
}
