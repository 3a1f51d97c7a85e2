//! The end of a run: when every delivery of every document is settled.

use anyhow::Context;
use shared::{ledger::AuditEntry, message::Envelope};

use crate::Deps;

/// Moves the run to its end state, if nothing of it is left to send.
///
/// Every record that settles something asks; two that settle the last two at once both find everything settled, and
/// finishing twice is finishing once.
///
/// # Errors
/// The ledger's; the message then comes back, finds its delivery settled and asks again.
pub async fn finish_if_settled(deps: &Deps, envelope: &Envelope) -> anyhow::Result<()> {
    let rows = deps
        .ledger
        .deliveries(&envelope.run)
        .await
        .context("failed to list the deliveries")?;
    if rows
        .iter()
        .any(|row| row.key.mail_epoch == envelope.mail_epoch && !row.state.is_settled())
    {
        return Ok(());
    }
    let run = deps
        .ledger
        .run(&envelope.run)
        .await
        .context("failed to read the run")?;
    let Some(run) = run.filter(|run| run.plan.generation == envelope.generation) else {
        return Ok(());
    };
    let Some(state) = run.end_state(&rows) else {
        return Ok(());
    };
    let now = deps.clock.now();
    deps.ledger
        .finish_run(&envelope.run, envelope.generation, state, now)
        .await
        .context("failed to end the run")?;
    let well = rows.iter().filter(|row| row.state.is_well_ended()).count();
    tracing::info!(?state, deliveries = rows.len(), well, "run ended");
    let detail = format!("{state:?}: {well} of {} deliveries went out", rows.len());
    let entry = AuditEntry {
        at: now,
        event: "finished".to_owned(),
        detail,
    };
    deps.ledger
        .audit(&envelope.run, &entry)
        .await
        .context("failed to write the audit")
}
