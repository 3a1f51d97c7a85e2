//! Parts: what never came is given up, and the run goes on without it.

use anyhow::Context;
use jiff::Timestamp;
use shared::{
    ledger::{RunRow, RunState},
    message::{Cause, Envelope, Origin},
};

use super::{BY, Chain, documents};
use crate::{Deps, join};

/// To be called when parts and documents of a run have had their time, in the local runner: when no queue has anything
/// left. Answers whether a message was sent, so whether there is something to do again.
///
/// Parts that never came are given up, and documents that could not be made: the run goes on with the others. A run at
/// another generation than `envelope`'s, or in another state, is left alone.
///
/// # Errors
/// When the ledger or the queue cannot be used; safe to repeat.
pub async fn sweep(deps: &Deps, envelope: &Envelope) -> anyhow::Result<bool> {
    let Some(row) = deps.ledger.run(&envelope.run).await? else {
        return Ok(false);
    };
    let (chain, now) = (deps.chain(), deps.clock.now());
    match row.state {
        _ if row.plan.generation != envelope.generation => Ok(false),
        RunState::Rendering => documents::give_up(&chain, &row, now).await,
        _ if join::is_open(&row) => give_up(&chain, envelope, &row, now).await,
        _ => Ok(false),
    }
}

/// The same for a run on the index, once its deadline is over.
pub(super) async fn after_the_deadline(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    if !row.pending_parts.is_empty() && now < row.plan.collect_until {
        return Ok(false);
    }
    give_up(chain, &chain.plan(row, "the deadline is over", now), row, now).await
}

/// It repeats the join rule, for a worker that died between the last part and its message; then it moves the parts that
/// are pending still to `missing` and starts the analyzer all the same.
async fn give_up(chain: &Chain, envelope: &Envelope, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    let mut reason = "all parts were in, and nobody said so".to_owned();
    if !row.pending_parts.is_empty() {
        let given_up = chain
            .ledger
            .give_up_parts(&row.plan.run, row.plan.generation, now);
        let given_up = given_up
            .await
            .context("failed to give up the parts that never came")?;
        let names: Vec<&str> = given_up.iter().map(shared::id::PartId::as_str).collect();
        reason = format!("the run goes on without {}", names.join(", "));
        tracing::warn!(run = %row.plan.run, missing = names.join(","), "parts never came, the run goes on without them");
        chain.audit(row, "parts_given_up", names.join(", "), now).await?;
    }
    // Read again: a part may have come while the others were given up, and have started the analyzer itself.
    let Some(row) = chain.ledger.run(&envelope.run).await? else {
        return Ok(false);
    };
    let cause = Cause {
        origin: Origin::Sweeper,
        by: BY.to_owned(),
        reason,
    };
    join::repeat(chain, &join::as_planned(envelope, &row), &row, cause).await
}
