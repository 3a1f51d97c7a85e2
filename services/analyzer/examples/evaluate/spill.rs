//! Two queries over all raw rows that need more memory than they get: each is asked within the function's own limits, within less
//! memory, and within that without any disk. The second must answer what the first does, and the third must refuse: so it was the disk.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use analyzer::{
    engine::{Allow, Engine, Limits, Parameters, Rows, SqlError},
    functions::Reading,
    warehouse::{LocalTable, raw},
};
use anyhow::Context;
use datafusion::common::TableReference;
use serde_json::{Value, json};

use crate::{Given, peak_mb, seconds};

/// A group for every row, and every row in an order that none of them has.
const QUERIES: [(&str, &str); 2] = [
    (
        "group",
        "select count(*) as n, sum(seen) as seen, min(text) as lowest, max(text) as highest from (
            select id, count(*) as seen, max(concat(adr, ' ', reservation_status_date)) as text from items group by id)",
    ),
    (
        "sort",
        "select count(*) as n, sum(place) filter (where id like '%7') as places, max(id) filter (where place = 1) as lowest from (
            select id, row_number() over (order by adr, country, id desc) as place from items)",
    ),
];

pub async fn tell(given: &Given, megabytes: usize) -> anyhow::Result<Value> {
    let tables = raw::read_all(&given.objects, &given.manifests).await?;
    let largest = tables
        .into_iter()
        .max_by_key(|table| table.batches.iter().map(|b| b.num_rows()).sum::<usize>());
    let table = largest.context("the snapshot has no table")?;
    let usual = Limits::default();
    let less = Limits {
        memory: megabytes * 1_000_000,
        ..usual
    };
    let mut told = Vec::new();
    for (name, sql) in QUERIES {
        let in_memory = ask(given, &table, usual, sql).await?;
        let on_disk = ask(given, &table, less, sql).await?;
        let nowhere = ask(given, &table, Limits { spill: 0, ..less }, sql).await?;
        told.push(json!({
            "query": name, "rows": in_memory.rows.as_ref().ok(),
            "usual_s": seconds(in_memory.took), "usual_spilled_mb": in_memory.spilled / 1_000_000,
            "less_s": seconds(on_disk.took), "less_spilled_mb": on_disk.spilled / 1_000_000,
            "error": on_disk.rows.as_ref().err().map(SqlError::in_one_line),
            "equal": in_memory.rows.is_ok() && on_disk.rows.as_ref().ok() == in_memory.rows.as_ref().ok(),
            "without_disk": nowhere.rows.err().map(|error| error.in_one_line()),
        }));
    }
    Ok(json!({
        "limit_mb": megabytes, "usual_limit_mb": usual.memory / 1_000_000, "disk_mb": usual.spill / 1_000_000,
        "peak_mb": peak_mb()?, "queries": told,
    }))
}

struct Asked {
    rows: Result<Rows, SqlError>,
    took: Duration,
    /// The most that was on disk at a time, looked at every two milliseconds.
    spilled: u64,
}

async fn ask(given: &Given, table: &LocalTable, limits: Limits, sql: &str) -> anyhow::Result<Asked> {
    let reading = Reading {
        zone: jiff::tz::TimeZone::UTC,
        currencies: vec![given.portfolio.currency],
    };
    let engine = Engine::within(reading, limits)?;
    let schema = table.batches.first().context("the table has no rows")?.schema();
    engine.put(TableReference::bare("items"), schema, table.batches.clone())?;

    let (runtime, spilled) = (engine.context().runtime_env(), Arc::new(AtomicU64::new(0)));
    let most = Arc::clone(&spilled);
    let watch = tokio::spawn(async move {
        loop {
            most.fetch_max(runtime.spilling_progress().current_bytes, Relaxed);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let began = Instant::now();
    let answer = engine
        .run("spill", sql, &Parameters::default(), Allow::Select)
        .await;
    let took = began.elapsed();
    watch.abort();
    Ok(Asked {
        rows: answer.and_then(|answer| answer.rows()),
        took,
        spilled: spilled.load(Relaxed),
    })
}
