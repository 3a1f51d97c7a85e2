//! `quarterdeck explain`.

use analyzer::{
    explain::{Explanation, Query, explain as ask},
    functions::format,
    snapshot::Snapshot,
};
use serde_json::Value;
use shared::{
    facts::Unit,
    portfolio::{Bundle, Portfolio},
};

use crate::{
    args::ExplainArgs,
    exit::Exit,
    local::Local,
    output::{self, cell},
};

/// Rows of an answer that a terminal is shown.
const SHOWN: usize = 20;

/// Says what a fact of a night was made of, under the configuration of that night.
///
/// # Errors
/// If there is no such night or fact, or its snapshot cannot be read.
pub async fn explain(args: &ExplainArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out).await?;
    let row = local.find_run(args.date).await?;
    let recorded = local.analysis(&row).await?;
    let bundle = Bundle::load(&local.objects, &row.plan.portfolio).await?;
    let portfolio = Portfolio::parse(&bundle).map_err(|problems| crate::exit::ConfigErrors {
        problems,
        bundle: bundle.clone(),
    })?;
    let snapshot = Snapshot::read(&*local.ledger, &local.objects, row).await?;
    let found = ask(
        &local.objects,
        &bundle,
        &portfolio,
        &snapshot,
        &recorded,
        &args.fact,
    )
    .await?;
    if json {
        output::json(&found)?;
    } else {
        say(&found)?;
    }
    Ok(if found.agrees { Exit::Ok } else { Exit::Degraded })
}

fn say(found: &Explanation) -> anyhow::Result<()> {
    output::say(format!("{}: {}\n", found.fact, found.title))?;
    let fields = found.recorded.as_object().into_iter().flatten();
    let told = fields.filter(|(name, value)| !UNTOLD.contains(&name.as_str()) && !value.is_null());
    let unit = found.recorded.get("unit").cloned();
    let unit = unit
        .and_then(|unit| serde_json::from_value(unit).ok())
        .unwrap_or(Unit::Money);
    let told = told.map(|(name, value)| vec![name.clone(), shown(name, value, unit)]);
    output::say(output::table(&["FIELD", "VALUE"], told.collect(), &[]))?;
    if let Some(query) = &found.query {
        say_query(query)?;
    }
    if !found.parameters.is_empty() {
        let rows = found
            .parameters
            .iter()
            .map(|(name, value)| vec![name.clone(), value.clone()]);
        output::say(format!(
            "\n{}",
            output::table(&["PARAMETER", "VALUE"], rows.collect(), &[])
        ))?;
    }
    let tables = found.tables.iter().map(|table| {
        let rows = table
            .rows
            .map_or_else(|| "did not come".to_owned(), |rows| rows.to_string());
        let from = table
            .made_by
            .iter()
            .chain(&table.sources)
            .cloned()
            .collect::<Vec<_>>();
        vec![
            table.name.clone(),
            cell(&serde_json::json!(table.kind)),
            rows,
            from.join(", "),
        ]
    });
    output::say(format!(
        "\n{}",
        output::table(&["TABLE", "KIND", "ROWS", "FROM"], tables.collect(), &[2])
    ))?;
    let sources = found.sources.iter().map(|source| {
        let state = cell(&serde_json::json!(source.state));
        let reason = source.reason.clone().unwrap_or_default();
        vec![source.id.clone(), state, source.rows.to_string(), reason]
    });
    let sources: Vec<_> = sources.collect();
    if !sources.is_empty() {
        let table = output::table(&["SOURCE", "STATE", "ROWS", "REASON"], sources, &[2]);
        output::say(format!("\n{table}"))?;
    }
    for hole in &found.holes {
        output::say(format!("\nNot part of it: {hole}"))?;
    }
    let run = &found.run;
    output::say(format!(
        "\n{} generation {}, snapshot {:.12}, catalog {:.12}",
        run.id, run.generation, run.snapshot_sha256, run.catalog_sha256
    ))?;
    output::say(match (&found.again, found.agrees) {
        (_, true) => "Computed again just now: the same.".to_owned(),
        (Some(again), false) => format!("Computed again just now, it is NOT the same:\n{again:#}"),
        (None, false) => "Computed again just now, it did not come out at all.".to_owned(),
    })
}

/// Fields that are said elsewhere, or are lists for charts.
const UNTOLD: [&str; 7] = ["fact", "id", "title", "history", "sql_sha256", "rows", "columns"];

/// Fields that hold figures.
const FIGURES: [&str; 10] = [
    "value",
    "previous",
    "delta",
    "last_night",
    "target",
    "at_stake",
    "impact",
    "cost",
    "expected",
    "measured",
];

/// A field as documents show it.
fn shown(name: &str, value: &Value, unit: Unit) -> String {
    let figure = || serde_json::from_value(value.clone()).ok();
    match value {
        Value::Array(list) if name == "comparisons" => {
            let value = |c: &Value| shown("value", c.get("value").unwrap_or(&Value::Null), unit);
            let each = list
                .iter()
                .map(|c| format!("{} {}", part_of(c, "label"), value(c)));
            each.collect::<Vec<_>>().join("; ")
        }
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(", "),
        _ if FIGURES.contains(&name) => {
            figure().map_or_else(|| cell(value), |figure| format::value(&figure, unit))
        }
        Value::Object(_) if name == "period" => {
            let part = |name: &str| part_of(value, name);
            format!("{}, {} to {}", part("label"), part("from"), part("to"))
        }
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            let told = told.map(|(name, value)| format!("{name} {}", cell(value)));
            told.collect::<Vec<_>>().join(", ")
        }
        _ => cell(value),
    }
}

fn part_of(object: &Value, name: &str) -> String {
    object.get(name).map(cell).unwrap_or_default()
}

fn say_query(query: &Query) -> anyhow::Result<()> {
    output::say(format!("\n{} ({}), with its values:\n", query.file, query.entry))?;
    output::say(&query.bound)?;
    if let Some(error) = &query.error {
        return output::say(format!("\nIt has no answer: {error}"));
    }
    let first = query.rows.get(..SHOWN).unwrap_or(&query.rows);
    output::say(format!("\n{}", output::answer(&query.columns, first)))?;
    match query.rows.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => output::say(format!("... and {more} more rows: --json has them all")),
        _ => Ok(()),
    }
}
