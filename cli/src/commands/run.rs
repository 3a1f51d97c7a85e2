//! `quarterdeck run`.

use anyhow::Context;
use serde::Serialize;
use shared::{
    facts::{Analysis, SourceState},
    ledger::{DeliveryRow, RunState},
};

use crate::{
    args::RunArgs,
    exit::Exit,
    local::{Exported, Local, Night, Options, export, run_night},
    output,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    run: String,
    state: RunState,
    already_ended: bool,
    sent_now: usize,
    documents: &'a [Exported],
    deliveries: &'a [DeliveryRow],
    sources_not_read: Vec<String>,
    dead_letters: usize,
}

/// Runs a night and writes its documents.
///
/// # Errors
/// See [`run_night`] and [`export`].
pub async fn run(args: &RunArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open(&args.place.portfolio, &args.place.out).await?;
    for only in &args.only {
        anyhow::ensure!(
            local.portfolio.documents.iter().any(|d| d.id == *only),
            "portfolio.toml has no document {only}; it has {}",
            names(local.portfolio.documents.iter().map(|d| d.id.as_str()))
        );
    }
    let options = Options {
        date: args.date,
        only: args.only.iter().cloned().collect(),
        recompute: args.recompute,
        quiet: json,
    };
    let _lock = local.lock()?;
    let night = run_night(&local, &options).await?;
    let exported = export(&local, &night).await?;
    let unread = match &night.row.analysis {
        Some(input) => {
            let bytes = local.objects.get_checked(input).await?;
            let analysis: Analysis = serde_json::from_slice(&bytes).context("analysis.json is damaged")?;
            unread_sources(&analysis)
        }
        None => Vec::new(),
    };
    let exit = exit_of(&night);
    if json {
        output::json(&Report {
            run: night.row.plan.run.to_string(),
            state: night.row.state,
            already_ended: night.already_ended,
            sent_now: night.sent_now,
            documents: &exported,
            deliveries: &night.deliveries,
            sources_not_read: unread,
            dead_letters: night.dead.iter().map(|(_, bodies)| bodies.len()).sum(),
        })?;
    } else {
        print!("{}", summary(&local, &night, &exported, &unread));
    }
    Ok(exit)
}

/// 0 only if every document was rendered and every delivery ended well.
fn exit_of(night: &Night) -> Exit {
    let row = &night.row;
    let well = row.state == RunState::Finished
        && row.pending_documents.is_empty()
        && night.dead.is_empty()
        && night.deliveries.iter().all(|d| d.state.is_well_ended());
    if well { Exit::Ok } else { Exit::Degraded }
}

fn unread_sources(analysis: &Analysis) -> Vec<String> {
    let unread = analysis
        .sources
        .iter()
        .filter(|s| !matches!(s.state, SourceState::Ok | SourceState::Empty));
    unread
        .map(|s| format!("{}: {}", s.id, s.reason.as_deref().unwrap_or("not read")))
        .collect()
}

fn summary(local: &Local, night: &Night, exported: &[Exported], unread: &[String]) -> String {
    let run = &night.row.plan.run;
    let mut text = String::new();
    let rows = exported.iter().map(|document| {
        let of_document = || {
            night
                .deliveries
                .iter()
                .filter(|d| d.key.document == document.document)
        };
        let well = of_document().filter(|d| d.state.is_well_ended()).count();
        vec![
            document.document.to_string(),
            document.subject.clone(),
            format!("{:.1} KB", document.html_bytes as f64 / 1024.0),
            format!("{:.1} KB", document.pdf_bytes as f64 / 1024.0),
            format!("{well}/{}", of_document().count()),
        ]
    });
    let header = ["Document", "Subject", "Mail", "PDF", "Delivered"];
    text += &format!("{}\n\n", output::table(&header, rows.collect(), &[2, 3, 4]));
    for source in unread {
        text += &format!("not read  {source}\n");
    }
    for delivery in night.deliveries.iter().filter(|d| !d.state.is_well_ended()) {
        let reason = delivery.reason.as_deref().unwrap_or("no reason recorded");
        text += &format!(
            "{}  {} to {}: {reason}\n",
            delivery.state, delivery.key.document, delivery.key.rid
        );
    }
    for (stage, bodies) in &night.dead {
        text += &format!("dead letters  {} on the {stage} queue\n", bodies.len());
    }
    let sent = match (night.sent_now, night.already_ended) {
        (0, true) => "had ended before; nothing was mailed again".to_owned(),
        (0, false) => "nothing was mailed: every delivery was made before".to_owned(),
        (n, _) => format!("{n} mails to the outbox"),
    };
    let folder = local.out.join(run.date().to_string());
    text += &format!(
        "{run} ({}) {}: {sent}\nDocuments: {}\n",
        night.row.plan.generation,
        night.row.state,
        folder.display()
    );
    text
}

/// A list in words.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
