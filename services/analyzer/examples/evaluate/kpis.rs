//! Load, and the KPIs of some files of the catalog: all as a night computes them, then each query by itself, with its answer.
//! The queries are told with all values in them, so that another engine can be asked the same.

use std::{collections::BTreeMap, time::Instant};

use analyzer::{
    catalog::ColumnType,
    engine::{Engine, Parameters},
    evaluate::{Night, kpi, period::window},
    functions::Reading,
    warehouse::{Warehouse, raw},
};
use jiff::civil::Date;
use serde_json::{Value, json};
use shared::portfolio::Parameter;

use crate::{Given, peak_mb, seconds};

pub async fn tell(mut given: Given, files: &[&str]) -> anyhow::Result<Value> {
    given
        .catalog
        .kpis
        .retain(|kpi| files.iter().any(|file| kpi.file.ends_with(file)));
    anyhow::ensure!(!given.catalog.kpis.is_empty(), "no KPI in {files:?}");
    let (catalog, portfolio, as_of) = (&given.catalog, &given.portfolio, given.as_of());

    let began = Instant::now();
    let tables = raw::read_all(&given.objects, &given.manifests).await?;
    let read = began.elapsed();
    let warehouse = Warehouse::over(tables, catalog, portfolio, as_of, std::sync::Arc::default()).await?;
    let load = began.elapsed();

    let night = Night {
        warehouse: &warehouse,
        catalog,
        portfolio,
        as_of,
        previous: None,
    };
    let began = Instant::now();
    let kpis = kpi::evaluate(&night).await;
    let evaluated = began.elapsed();
    let peak = peak_mb()?;

    let binder = Binder::of(&given)?;
    let missing: BTreeMap<&str, &str> = kpis
        .missing
        .iter()
        .map(|m| (m.id.as_str(), m.detail.as_str()))
        .collect();
    let mut queries = Vec::new();
    for entry in catalog
        .kpis
        .iter()
        .filter(|k| !missing.contains_key(k.id.get_ref().as_str()))
    {
        let window = window(entry.period, as_of.0);
        let compared = window.compared.iter().map(|compared| compared.days);
        for (from, to) in std::iter::once(window.now).chain(compared) {
            let sql = binder.bound(entry.sql.get_ref(), (from, to))?;
            let began = Instant::now();
            let answer = warehouse.query(&sql).await?;
            queries.push(json!({
                "kpi": entry.id.get_ref(), "from": from, "to": to, "sql": sql, "seconds": seconds(began.elapsed()),
                "columns": answer.columns, "rows": answer.rows,
            }));
        }
    }
    Ok(json!({
        "read_s": seconds(read), "load_s": seconds(load), "kpis_s": seconds(evaluated), "peak_mb": peak,
        "missing": missing, "problems": warehouse.problems(), "unreadable": warehouse.unreadable(), "queries": queries,
        "raw": given.manifests.iter().flat_map(|m| &m.tables).collect::<Vec<_>>(),
        "entities": warehouse.query("select * from entities").await?,
        "collected": catalog.collected,
        "canonical": canonical(&given, &warehouse),
        "pieces": pieces(&given, &binder)?,
        "derived": derived(&given, &warehouse, &binder)?,
    }))
}

/// Puts values into queries.
struct Binder {
    engine: Engine,
    parameters: Parameters,
    as_of: Date,
}

impl Binder {
    fn of(given: &Given) -> anyhow::Result<Self> {
        let as_of = given.as_of().0;
        let mut parameters = Parameters::default();
        for (name, value) in given.catalog.parameters.iter().chain(&given.portfolio.parameters) {
            parameters.set(name, value);
        }
        parameters.set("as_of", &Parameter::Date(as_of));
        let reading = Reading {
            zone: jiff::tz::TimeZone::get(&given.portfolio.timezone)?,
            currencies: vec![given.portfolio.currency],
        };
        Ok(Self {
            engine: Engine::new(reading)?,
            parameters,
            as_of,
        })
    }

    fn bound(&self, sql: &str, (from, to): (Date, Date)) -> anyhow::Result<String> {
        Ok(self.engine.bound(sql, &self.parameters.during(from, to))?)
    }
}

/// Types of the columns of each canonical table, its rows, and values that are there in each column.
fn canonical(given: &Given, warehouse: &Warehouse) -> Vec<Value> {
    let tables = given.catalog.canonical.iter().map(|(name, table)| {
        let typed = |(name, kind): &(String, ColumnType)| json!([name, format!("{kind:?}").to_lowercase()]);
        let columns: Vec<_> = table.columns.iter().map(typed).collect();
        let fill = warehouse.fill(name).unwrap_or_default();
        json!({"name": name, "columns": columns, "rows": fill.rows, "values": fill.values})
    });
    tables.collect()
}

fn pieces(given: &Given, binder: &Binder) -> anyhow::Result<Vec<Value>> {
    let pieces = given.catalog.pieces.iter().map(|piece| {
        let sql = binder.bound(&piece.sql, (binder.as_of, binder.as_of))?;
        let file = piece.path.rsplit('/').next();
        Ok::<_, anyhow::Error>(json!({"table": piece.name, "file": file, "sql": sql}))
    });
    pieces.collect()
}

fn derived(given: &Given, warehouse: &Warehouse, binder: &Binder) -> anyhow::Result<Vec<Value>> {
    let views = given.catalog.derived.iter().map(|view| {
        let sql = binder.bound(&view.sql, (binder.as_of, binder.as_of))?;
        let fill = warehouse.fill(&view.name).unwrap_or_default();
        Ok::<_, anyhow::Error>(
            json!({"name": view.name, "sql": sql, "rows": fill.rows, "values": fill.values}),
        )
    });
    views.collect()
}
