//! `quarterdeck status`.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::ledger::{AuditEntry, DeliveryRow, DeliveryState, RunRow};

use crate::{args::StatusArgs, exit::Exit, local::Local, output};

#[derive(Serialize)]
struct RunStatus {
    run: String,
    generation: u32,
    state: shared::ledger::RunState,
    parts: usize,
    parts_pending: usize,
    parts_missing: usize,
    documents: usize,
    documents_pending: usize,
    deliveries: BTreeMap<DeliveryState, usize>,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    status: RunStatus,
    rows: Vec<DeliveryRow>,
    audit: Vec<AuditEntry>,
}

/// Shows the newest runs, or one in detail.
///
/// # Errors
/// If the ledger cannot be read, or there is no such run.
pub async fn status(args: &StatusArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out).await?;
    if args.date.is_some() {
        let row = local.find_run(args.date).await?;
        let deliveries = local.ledger.deliveries(&row.plan.run).await?;
        let audit = local.ledger.audits(&row.plan.run).await?;
        let detail = Detail {
            status: status_of(&row, &deliveries),
            rows: deliveries,
            audit,
        };
        if json {
            output::json(&detail)?;
        } else {
            print_detail(&detail)?;
        }
        return Ok(Exit::Ok);
    }
    let mut runs = Vec::new();
    for row in local.ledger.runs(&local.portfolio.id, 30).await? {
        let deliveries = local.ledger.deliveries(&row.plan.run).await?;
        runs.push(status_of(&row, &deliveries));
    }
    if json {
        output::json(&runs)?;
    } else if runs.is_empty() {
        output::say(format!(
            "{} has no runs in {}",
            local.portfolio.id,
            local.out.display()
        ))?;
    } else {
        print_runs(&runs)?;
    }
    Ok(Exit::Ok)
}

fn status_of(row: &RunRow, deliveries: &[DeliveryRow]) -> RunStatus {
    let mut states = BTreeMap::new();
    for delivery in deliveries {
        *states.entry(delivery.state).or_default() += 1;
    }
    RunStatus {
        run: row.plan.run.to_string(),
        generation: row.plan.generation.0,
        state: row.state,
        parts: row.parts.len(),
        parts_pending: row.pending_parts.len(),
        parts_missing: row.missing_parts.len(),
        documents: row.documents.len(),
        documents_pending: row.pending_documents.len(),
        deliveries: states,
    }
}

fn print_runs(runs: &[RunStatus]) -> anyhow::Result<()> {
    let rows = runs.iter().map(|run| {
        let deliveries: Vec<String> = run.deliveries.iter().map(|(s, n)| format!("{n} {s}")).collect();
        vec![
            run.run.clone(),
            format!("g{}", run.generation),
            run.state.to_string(),
            format!(
                "{}/{}",
                run.parts,
                run.parts + run.parts_pending + run.parts_missing
            ),
            format!("{}/{}", run.documents, run.documents + run.documents_pending),
            deliveries.join(", "),
        ]
    });
    let header = ["Run", "Gen", "State", "Parts", "Documents", "Deliveries"];
    output::say(output::table(&header, rows.collect(), &[3, 4]))
}

fn print_detail(detail: &Detail) -> anyhow::Result<()> {
    print_runs(std::slice::from_ref(&detail.status))?;
    let rows = detail.rows.iter().map(|d| {
        vec![
            d.key.document.to_string(),
            d.key.rid.to_string(),
            d.state.to_string(),
            d.attempt.to_string(),
            d.reason.clone().unwrap_or_default(),
        ]
    });
    let header = ["Document", "Recipient", "State", "Attempt", "Reason"];
    output::say(format!("\n{}\n", output::table(&header, rows.collect(), &[3])))?;
    for entry in &detail.audit {
        output::say(format!("{:.0}  {}  {}", entry.at, entry.event, entry.detail))?;
    }
    Ok(())
}
