//! An analyze message: snapshot in, `analysis.json` out, then a render message for each document. Start at [`handle`].
//!
//! The analysis is written once: a redelivery computes the same bytes and goes on; other bytes for the same generation
//! are a loud failure, and the first ones stand.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context as _, bail};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use shared::{
    clock::Clock,
    facts::Analysis,
    handler::{self, Deferred},
    id::{DocumentId, RunId},
    ledger::{AnalysisRecorded, Ledger, RunRow},
    manifest::PartManifest,
    message::{Envelope, Input, Task},
    objects::{Objects, run_prefix},
    portfolio::Portfolio,
    queue::{Sender, Stage},
};

use crate::night::{self, Snapshot};

/// As what this service signs its messages.
const BY: &str = "analyzer";
/// Runs looked through for the one before: a month of nights.
const RUNS_BACK: usize = 31;

/// The ports that the analyzer holds: no source tables, no mail.
pub struct Deps {
    /// What runs have come to.
    pub ledger: Arc<dyn Ledger>,
    /// To the render queue.
    pub sender: Arc<dyn Sender>,
    /// Snapshots in, analyses out.
    pub objects: Objects,
    /// Tells when something was sent.
    pub clock: Arc<dyn Clock>,
}

/// Handles a batch from the analyze queue, each record by itself.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_record(event, Stage::Analyze, |envelope| one(deps, envelope)).await
}

async fn one(deps: &Deps, envelope: Envelope) -> anyhow::Result<()> {
    let row = deps
        .ledger
        .run(&envelope.run)
        .await
        .context("failed to read the run")?;
    let row = row.with_context(|| format!("run {} is not on the ledger", envelope.run))?;
    if row.plan.generation > envelope.generation {
        tracing::info!("the run is at a later generation, this analysis is stale");
        return Ok(());
    }
    if !row.pending_parts.is_empty() {
        return Err(Deferred::seconds(20, format!("{} parts are pending", row.pending_parts.len())).into());
    }
    let (bundle, portfolio) = Portfolio::load(&deps.objects, &envelope.portfolio)
        .await
        .context("failed to load the portfolio")?;
    let snapshot = snapshot(deps, &envelope, row).await?;
    let analysis = night::analyze(&deps.objects, &bundle, &portfolio, &snapshot).await?;
    let stored = store(deps, &envelope, &analysis).await?;
    let documents = envelope.only.clone().unwrap_or_else(|| all_documents(&portfolio));
    let recorded = deps
        .ledger
        .record_analysis(&envelope.run, envelope.generation, &stored, &documents)
        .await;
    match recorded.context("failed to record the analysis")? {
        AnalysisRecorded::Stands { pending } => {
            let order = longest_first(&portfolio, pending);
            send(deps, &envelope, &stored, order).await
        }
        AnalysisRecorded::Differs { stands } => {
            bail!(
                "another analysis ({}) stands for {} {}",
                stands.short(),
                envelope.run,
                envelope.generation
            )
        }
        AnalysisRecorded::Stale => {
            tracing::info!("the run is at a later generation, this analysis is stale");
            Ok(())
        }
    }
}

fn all_documents(portfolio: &Portfolio) -> BTreeSet<DocumentId> {
    portfolio.documents.iter().map(|d| d.id.clone()).collect()
}

/// A role's document, which is of all businesses, takes several times as long as an audit of one: begun last, it would
/// be what everybody waits for.
fn longest_first(portfolio: &Portfolio, pending: BTreeSet<DocumentId>) -> Vec<DocumentId> {
    let is_audit = |id: &DocumentId| {
        let settings = portfolio.documents.iter().find(|d| d.id == *id);
        settings.is_some_and(|d| d.entity.is_some())
    };
    let (audits, roles): (Vec<_>, Vec<_>) = pending.into_iter().partition(is_audit);
    roles.into_iter().chain(audits).collect()
}

/// What the night is made from.
async fn snapshot(deps: &Deps, envelope: &Envelope, row: RunRow) -> anyhow::Result<Snapshot> {
    let mut manifests = Vec::with_capacity(row.parts.len());
    for (part, reference) in &row.parts {
        let bytes = deps.objects.get_checked(&reference.input).await;
        let bytes = bytes.with_context(|| format!("failed to read the manifest of part {part}"))?;
        let manifest: PartManifest = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is no manifest of a part", reference.input.key))?;
        manifests.push((manifest, reference.input.sha256.clone()));
    }
    Ok(Snapshot {
        run: envelope.run.clone(),
        generation: envelope.generation,
        scheduled_at: envelope.scheduled_at,
        manifests,
        late: row.missing_parts,
        previous: previous(deps, &envelope.run).await?,
    })
}

/// The newest earlier night with an analysis. One that this build cannot read is as good as none, and says so.
async fn previous(deps: &Deps, run: &RunId) -> anyhow::Result<Option<Analysis>> {
    let runs = deps
        .ledger
        .runs(run.portfolio(), RUNS_BACK)
        .await
        .context("failed to list earlier runs")?;
    let mut earlier: Vec<RunRow> = runs
        .into_iter()
        .filter(|r| r.plan.run.date() < run.date())
        .collect();
    earlier.sort_by_key(|r| std::cmp::Reverse(r.plan.run.date()));
    let Some(input) = earlier.into_iter().find_map(|r| r.analysis) else {
        return Ok(None);
    };
    let bytes = deps
        .objects
        .get_checked(&input)
        .await
        .context("failed to read the analysis before this one")?;
    match serde_json::from_slice(&bytes) {
        Ok(analysis) => Ok(Some(analysis)),
        Err(error) => {
            tracing::warn!(key = input.key, %error, "the analysis before this one cannot be read, nothing is compared");
            Ok(None)
        }
    }
}

async fn store(deps: &Deps, envelope: &Envelope, analysis: &Analysis) -> anyhow::Result<Input> {
    let key = format!("{}/analysis.json", run_prefix(&envelope.run, envelope.generation));
    let bytes = night::to_json(analysis)?;
    deps.objects
        .put_once(&key, bytes.into())
        .await
        .context("failed to store the analysis")
}

async fn send(
    deps: &Deps,
    envelope: &Envelope,
    analysis: &Input,
    pending: Vec<DocumentId>,
) -> anyhow::Result<()> {
    let now = deps.clock.now();
    let body = |document| {
        let task = Task::Render { document };
        envelope
            .follow(task, Some(analysis.clone()), BY, "the analysis is complete", now)
            .to_body()
    };
    let bodies: Vec<String> = pending.into_iter().map(body).collect();
    deps.sender
        .send(Stage::Render, &bodies)
        .await
        .context("failed to send the render messages")
}
