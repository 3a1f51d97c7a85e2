//! The deadline: what never came is given up, and the run goes on without it.

use anyhow::Context;
use shared::{
    ledger::AuditEntry,
    message::{Cause, Envelope, Origin},
};

use crate::{BY, Deps, join};

/// To be called when the parts of a run have had their time: in the cloud on a timer, in the local runner when no queue
/// has anything left. Answers whether a message was sent, so whether there is something to do again.
///
/// It repeats the join rule, for a worker that died between the last part and its message; then it moves the parts that
/// are pending still to `missing` and starts the analyzer all the same. A run at another generation than `envelope`'s, or
/// past collecting, is left alone.
///
/// # Errors
/// When the ledger or the queue cannot be used; safe to repeat.
pub async fn sweep(deps: &Deps, envelope: &Envelope) -> anyhow::Result<bool> {
    let Some(row) = deps.ledger.run(&envelope.run).await? else {
        return Ok(false);
    };
    if row.plan.generation != envelope.generation || !join::is_open(&row) {
        return Ok(false);
    }
    let now = deps.clock.now();
    let mut reason = "all parts were in, and nobody said so".to_owned();
    if !row.pending_parts.is_empty() {
        let given_up = deps.ledger.give_up_parts(&row.plan.run, row.plan.generation, now);
        let given_up = given_up
            .await
            .context("failed to give up the parts that never came")?;
        let names: Vec<&str> = given_up.iter().map(shared::id::PartId::as_str).collect();
        reason = format!("the run goes on without {}", names.join(", "));
        tracing::warn!(run = %row.plan.run, missing = names.join(","), "parts never came, the run goes on without them");
        let entry = AuditEntry {
            at: now,
            event: "parts_given_up".to_owned(),
            detail: names.join(", "),
        };
        deps.ledger
            .audit(&row.plan.run, &entry)
            .await
            .context("failed to audit the parts that never came")?;
    }
    // Read again: a part may have come while the others were given up, and have started the analyzer itself.
    let Some(row) = deps.ledger.run(&envelope.run).await? else {
        return Ok(false);
    };
    let cause = Cause {
        origin: Origin::Sweeper,
        by: BY.to_owned(),
        reason,
    };
    join::repeat(deps, &join::as_planned(envelope, &row), &row, cause).await
}
