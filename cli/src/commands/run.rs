//! `quarterdeck run`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use shared::{
    facts::{Analysis, SourceState},
    id::DocumentId,
    ledger::{DeliveryRow, DeliveryState, RunState},
};

use crate::{
    args::RunArgs,
    exit::Exit,
    local::{Dead, Exported, Local, Night, Options, export, run_night},
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
    configuration_changed: bool,
    dead_letters: &'a [Dead],
}

/// Runs a night and writes its documents.
///
/// # Errors
/// See [`run_night`] and [`export`].
pub async fn run(args: &RunArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open(&args.place.portfolio, &args.place.out).await?;
    local.check_documents(&args.only)?;
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
        Some(_) => unread_sources(&local.analysis(&night.row).await?),
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
            configuration_changed: night.reconfigured,
            dead_letters: &night.dead,
        })?;
    } else {
        output::say(summary(&local, &night, &exported, &unread).trim_end())?;
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

/// Documents of deliveries that did not end well, by state and reason.
fn unwell(deliveries: &[DeliveryRow]) -> BTreeMap<(DeliveryState, &str), Vec<&DocumentId>> {
    let mut unwell: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for delivery in deliveries.iter().filter(|d| !d.state.is_well_ended()) {
        let reason = delivery.reason.as_deref().unwrap_or("no reason recorded");
        unwell
            .entry((delivery.state, reason))
            .or_default()
            .push(&delivery.key.document);
    }
    unwell
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
    for ((state, reason), documents) in unwell(&night.deliveries) {
        let (count, names) = (documents.len(), documents.iter().collect::<BTreeSet<_>>());
        let names: Vec<&str> = names.into_iter().map(|d| d.as_str()).collect();
        text += &format!("{state}  {count} deliveries of {}: {reason}\n", names.join(", "));
    }
    for dead in &night.dead {
        text += &format!("failed  {}: {}\n", dead.key, dead.reason);
    }
    if night.reconfigured {
        text += "The configuration has changed since this night was planned; --recompute makes it anew with the new one.\n";
    }
    let well = night
        .deliveries
        .iter()
        .filter(|d| d.state.is_well_ended())
        .count();
    let sent = match (night.sent_now, night.already_ended) {
        (0, true) => "had ended before; nothing was mailed again".to_owned(),
        (0, false) if night.deliveries.is_empty() => {
            let made = night.row.documents.len();
            let all = made + night.row.pending_documents.len();
            format!("nothing was mailed; {made} of {all} documents are made")
        }
        (0, false) => {
            let all = night.deliveries.len();
            format!("nothing was mailed now; {well} of {all} deliveries were made before")
        }
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
