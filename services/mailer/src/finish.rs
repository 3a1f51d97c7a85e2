//! The end of a run: when every delivery of every document is settled.

use anyhow::Context;
use shared::{ledger, message::Envelope};

use crate::Deps;

/// Moves the run to its end state, if nothing of it is left to send.
///
/// Every record that settles something asks; two that settle the last two at once both find everything settled, and
/// finishing twice is finishing once.
///
/// # Errors
/// The ledger's; the message then comes back, finds its delivery settled and asks again.
pub async fn finish_if_settled(deps: &Deps, envelope: &Envelope) -> anyhow::Result<()> {
    let open = deps
        .ledger
        .has_open_deliveries(&envelope.run, envelope.mail_epoch)
        .await;
    if open.context("failed to look for open deliveries")? {
        return Ok(());
    }
    let rows = deps
        .ledger
        .deliveries(&envelope.run)
        .await
        .context("failed to list the deliveries")?;
    let run = deps
        .ledger
        .run(&envelope.run)
        .await
        .context("failed to read the run")?;
    let Some(run) = run.filter(|run| run.plan.generation == envelope.generation) else {
        return Ok(());
    };
    match run.end_state(&rows) {
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
