//! An analyze message: snapshot in, `analysis.json` and the history out, then a render message for each document. Start at [`handle`].
//!
//! The analysis is written once: a redelivery computes the same bytes and goes on; other bytes for the same generation
//! are a loud failure, and the first ones stand.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context as _, bail};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use shared::{
    clock::Clock,
    cloud::Cloud,
    facts::Analysis,
    handler::{self, Deferred},
    id::DocumentId,
    ledger::{AnalysisRecorded, Ledger},
    message::{Envelope, Input, Task},
    objects::{Objects, run_prefix},
    portfolio::Portfolio,
    queue::{Sender, Stage},
};

use crate::{history, night, snapshot::Snapshot};

/// As what this service signs its messages.
const BY: &str = "analyzer";

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

impl Deps {
    /// A deployment's.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: cloud.ledger()?,
            sender: cloud.queue()?,
            objects: cloud.objects()?,
            clock: cloud.clock(),
        })
    }
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
    let snapshot = Snapshot {
        generation: envelope.generation,
        scheduled_at: envelope.scheduled_at,
        ..Snapshot::read(&*deps.ledger, &deps.objects, row).await?
    };
    let mut analysis = night::analyze(&deps.objects, &bundle, &portfolio, &snapshot).await?;
    let history = night::remember(&snapshot, &mut analysis)?;
    let stored = store(deps, &envelope, &analysis, history).await?;
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

/// The history goes first: an analysis that is there names one that is.
async fn store(
    deps: &Deps,
    envelope: &Envelope,
    analysis: &Analysis,
    history: Vec<u8>,
) -> anyhow::Result<Input> {
    let folder = run_prefix(&envelope.run, envelope.generation);
    deps.objects
        .put_once(&format!("{folder}/{}", history::FILE), history.into())
        .await
        .context("failed to store the history")?;
    let key = format!("{folder}/analysis.json");
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
