//! A night's analysis, and of it the evaluation of KPIs alone: after the checks, whose findings some KPIs count, as in a night.

use std::time::Instant;

use analyzer::{
    evaluate::{Night, check, kpi, results},
    night,
    snapshot::Snapshot,
};
use serde_json::{Value, json};
use shared::{
    id::{Generation, Sha256},
    portfolio::schedule,
};

use crate::{Given, peak_mb, seconds};

pub async fn tell(given: &Given) -> anyhow::Result<Value> {
    let began = Instant::now();
    let warehouse = given.open().await?;
    let load = began.elapsed();
    let night = Night {
        warehouse: &warehouse,
        catalog: &given.catalog,
        portfolio: &given.portfolio,
        as_of: given.as_of(),
        previous: None,
    };
    let verdicts = check::evaluate(&night).await;
    results::put_findings(&night, &verdicts)?;
    let began = Instant::now();
    let kpis = kpi::evaluate(&night).await;
    let kpis_took = began.elapsed();
    let rows = warehouse.fill("bookings").map_or(0, |fill| fill.rows);
    drop(warehouse);

    let snapshot = Snapshot {
        history: std::sync::Arc::default(),
        history_lost: None,
        run: given.run.clone(),
        generation: Generation(0),
        scheduled_at: schedule::scheduled_at(&given.portfolio, given.as_of())?,
        manifests: given
            .manifests
            .iter()
            .map(|m| (m.clone(), Sha256::of(m.part.as_str().as_bytes())))
            .collect(),
        late: std::collections::BTreeSet::new(),
        previous: None,
        previous_parts: Vec::new(),
    };
    let began = Instant::now();
    let analysis = night::analyze_with(&given.objects, &given.files, &given.portfolio, &snapshot).await?;
    let bytes = night::to_json(&analysis)?.len();
    Ok(json!({
        "load_s": seconds(load), "kpis_s": seconds(kpis_took), "night_s": seconds(began.elapsed()), "peak_mb": peak_mb()?,
        "entities": given.portfolio.entities.len(), "bookings": rows,
        "asked": kpis.total, "computable": kpis.computable, "values": kpis.known.len(),
        "analysis_bytes": bytes, "problems": analysis.problems,
    }))
}
