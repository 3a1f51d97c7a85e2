//! Collects one part. Start at [`run`].
//!
//! Data first, then the pointer: files, then the manifest that names them, then the ledger. A message that comes again
//! finds how far the last delivery got and goes on from there; it reads the source again only if no manifest was written.

use anyhow::Context;
use shared::{
    handler::Deferred,
    id::PartId,
    ledger::{LedgerError, PartRef, RunRow},
    manifest::PartManifest,
    message::{Envelope, Input},
    metrics::{self, Metric},
    portfolio::Portfolio,
    queue::Stage,
};

use crate::{
    Delivery, Deps, Invocation, join,
    snapshot::PartFolder,
    sources::{self, SourceError},
};

/// From this receipt on a message that is to come back is sent anew instead: the queue's fifth failure is the last. Four
/// receipts are a quarter of an hour, so in three hours a dozen such messages follow each other, fewer than the sixteen at
/// which Lambda takes messages to its own queue for a loop (decision 009).
const LAST_BUT_ONE: u32 = 4;

/// Collects the part, if it is not collected, and takes it off the run's pending set.
///
/// # Errors
/// [`Deferred`] when the source may be readable later, or there was not enough time; otherwise when a port fails. All of it is safe to repeat. A source
/// that is missing or refused is no error: the part is complete, and says so.
pub async fn run(
    deps: &Deps,
    invocation: &Invocation<'_>,
    envelope: &Envelope,
    part: &PartId,
    delivery: Delivery,
) -> anyhow::Result<()> {
    let row = deps
        .ledger
        .run(&envelope.run)
        .await?
        .ok_or_else(|| LedgerError::NoRun(envelope.run.clone()))?;
    let result = match standing(&row, envelope, part) {
        Standing::Stale => {
            tracing::info!(stands = %row.plan.generation, "the run is at a later generation, this part is stale");
            return Ok(());
        }
        Standing::Early => {
            let reason = format!("generation {} is not planned yet", envelope.generation);
            return Err(Deferred::seconds(5, reason).into());
        }
        Standing::Collected(result) => result.clone(),
        Standing::Open => match collected(deps, invocation, envelope, part, delivery).await? {
            Outcome::Collected(result) => result,
            Outcome::Again(deferred) if row.missing_parts.contains(part) => {
                tracing::warn!(reason = %deferred.reason, "the run went on without this part, it is not gone on with");
                return Ok(());
            }
            Outcome::Again(deferred) if delivery.received < LAST_BUT_ONE => return Err(deferred.into()),
            Outcome::Again(deferred) => return send_anew(deps, envelope, &deferred).await,
        },
    };
    let completed = deps
        .ledger
        .complete_part(&envelope.run, envelope.generation, part, &result);
    let completed = completed.await.context("failed to complete the part")?;
    join::after(&deps.chain(), envelope, &completed).await
}

/// How a part stands in its run.
enum Standing<'a> {
    /// The run is at a later generation.
    Stale,
    /// The run is at an earlier generation: its plan is still on its way.
    Early,
    /// It was collected before; only the join rule may be left to do.
    Collected(&'a PartRef),
    /// To be collected; also when the run went on without it, so that a rerun finds it done.
    Open,
}

fn standing<'a>(row: &'a RunRow, envelope: &Envelope, part: &PartId) -> Standing<'a> {
    match row.plan.generation.cmp(&envelope.generation) {
        std::cmp::Ordering::Greater => Standing::Stale,
        std::cmp::Ordering::Less => Standing::Early,
        std::cmp::Ordering::Equal => row.parts.get(part).map_or(Standing::Open, Standing::Collected),
    }
}

/// What came of reading a source.
enum Outcome {
    Collected(PartRef),
    /// It is to be gone on with.
    Again(Deferred),
}

async fn send_anew(deps: &Deps, envelope: &Envelope, deferred: &Deferred) -> anyhow::Result<()> {
    tracing::info!(reason = %deferred.reason, "the part's message is sent anew");
    let sent = deps.sender.send(Stage::Collect, &[envelope.to_body()]).await;
    sent.context("failed to send the part's message anew")
}

async fn collected(
    deps: &Deps,
    invocation: &Invocation<'_>,
    envelope: &Envelope,
    part: &PartId,
    delivery: Delivery,
) -> anyhow::Result<Outcome> {
    let folder = PartFolder::new(&deps.objects, &envelope.run, envelope.generation, part);
    if let Some((input, manifest)) = folder.manifest().await? {
        tracing::info!("an earlier delivery has collected this part");
        return Ok(Outcome::Collected(part_ref(input, &manifest)));
    }
    let (_, portfolio) = Portfolio::load(&deps.objects, &envelope.portfolio).await?;
    let parts = sources::parts(&portfolio.sources);
    let (_, source) = parts.into_iter().find(|(id, _)| id == part).with_context(|| {
        format!(
            "part {part} is no source of portfolio {}: it is not in the bundle of the plan",
            portfolio.id
        )
    })?;
    let answer = sources::collect(deps, invocation, source, &portfolio, envelope, &folder, delivery);
    let answer = match answer.await {
        Ok(answer) => answer,
        Err(SourceError::Later(reason)) => return Ok(Outcome::Again(Deferred::seconds(30, reason))),
        Err(SourceError::Unfinished(reason)) => return Ok(Outcome::Again(Deferred::seconds(0, reason))),
        Err(SourceError::Other(error)) => {
            return Err(error.context(format!("failed to collect part {part}")));
        }
    };
    let manifest = answer.collected.into_manifest(part, source);
    let (input, manifest) = folder.put_manifest(manifest).await?;
    if let Some(work) = answer.work {
        work.clear().await;
    }
    tracing::info!(state = ?manifest.state, rows = manifest.rows, bytes = manifest.bytes, "part collected");
    let result = part_ref(input, &manifest);
    let end = match result.failure {
        None => Metric::PartsCollected,
        Some(_) => Metric::PartsFailed,
    };
    // As numbers of the format: exact up to 2^53.
    let (rows, bytes) = (manifest.rows as f64, manifest.bytes as f64);
    let values = [
        (end, 1.0),
        (Metric::RowsCollected, rows),
        (Metric::BytesCollected, bytes),
    ];
    metrics::record(envelope.run.portfolio(), &values);
    Ok(Outcome::Collected(result))
}

fn part_ref(input: Input, manifest: &PartManifest) -> PartRef {
    let failure = sources::failure(manifest.state, manifest.reason.as_deref());
    PartRef {
        input,
        rows: manifest.rows,
        failure,
    }
}
