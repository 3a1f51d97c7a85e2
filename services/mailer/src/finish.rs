//! The end of a run: when every delivery of every document is settled.

use anyhow::Context;
use shared::{
    ledger::{self, DeliveryRow, RunRow, RunState},
    message::Envelope,
};

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
    match end_state(&run, &rows) {
        Some(state) => deps
            .ledger
            .finish_run(&envelope.run, envelope.generation, state, deps.clock.now())
            .await
            .context("failed to end the run")?,
        // Whoever ended it may have died before they said so.
        None if run.state.is_end() => {}
        None => return Ok(()),
    }
    ledger::tell_end(&*deps.ledger, &envelope.run, envelope.generation)
        .await
        .context("failed to tell how the run ended")
}

/// The state that a run ends in, or `None` while it goes on or when it has ended before.
///
/// A source that could not be read does not degrade the run: documents say so, and where that is not enough they are
/// held, which does. Parts that never came do.
fn end_state(run: &RunRow, rows: &[DeliveryRow]) -> Option<RunState> {
    if run.state.is_end() || !run.pending_documents.is_empty() || run.documents.is_empty() {
        return None;
    }
    let epoch = run.plan.mail_epoch;
    let of_epoch = || rows.iter().filter(|row| row.key.mail_epoch == epoch);
    // A document whose mail message is still on its way has no rows yet.
    let planned = run
        .documents
        .keys()
        .all(|document| of_epoch().any(|row| row.key.document == *document));
    if !planned || of_epoch().any(|row| !row.state.is_settled()) {
        return None;
    }
    let whole =
        run.missing_parts.is_empty() && run.documents.values().all(|document| document.failure.is_none());
    let well = of_epoch().all(|row| row.state.is_well_ended());
    Some(if whole && well {
        RunState::Finished
    } else {
        RunState::Degraded
    })
}
