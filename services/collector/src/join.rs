//! The join rule: who finds the pending set empty, and the analyze message not sent, sends it. Sending comes before the
//! note that it was sent, so a crash in between sends it twice, never not at all; the analyzer takes the second for what
//! it is. A set, not a counter: a counter would count a repeated part twice.

use anyhow::Context;
use shared::{
    ledger::{Completed, RunRow},
    message::{Cause, Envelope, Origin, Task},
    queue::Stage,
};

use crate::{BY, Chain};

/// What follows a part's completion.
///
/// # Errors
/// When the queue or the ledger cannot be used: then the message comes back, and with it the rule.
pub async fn after(chain: &Chain, envelope: &Envelope, completed: &Completed) -> anyhow::Result<()> {
    match completed {
        Completed::Recorded {
            last: true,
            next_sent: false,
        } => send_analyze(chain, envelope, in_turn()).await,
        Completed::Recorded { .. } => Ok(()),
        Completed::Stale => {
            tracing::info!("the run is at a later generation, this part is stale");
            Ok(())
        }
        Completed::Late => {
            tracing::warn!("the run went on without this part, it is recorded as late");
            Ok(())
        }
    }
}

/// Whether the analyzer is still to be started. The state alone does not say: a worker may have died after the last part
/// was recorded and before its message.
pub fn is_open(row: &RunRow) -> bool {
    !row.state.is_end() && row.analyze_sent_at.is_none() && row.analysis.is_none()
}

/// The cause of an analyze message that nothing out of the ordinary led to.
pub fn in_turn() -> Cause {
    Cause {
        origin: Origin::Stage,
        by: BY.to_owned(),
        reason: "all parts are in".to_owned(),
    }
}

/// The rule, applied to a run as read. Answers whether the message was due, and sent.
///
/// # Errors
/// As [`after`].
pub async fn repeat(chain: &Chain, envelope: &Envelope, row: &RunRow, cause: Cause) -> anyhow::Result<bool> {
    let is_due = row.pending_parts.is_empty() && is_open(row);
    if is_due {
        send_analyze(chain, envelope, cause).await?;
    }
    Ok(is_due)
}

async fn send_analyze(chain: &Chain, envelope: &Envelope, cause: Cause) -> anyhow::Result<()> {
    let message = envelope.follow(Task::Analyze, None, BY, &cause.reason, chain.clock.now());
    let message = Envelope { cause, ..message };
    chain
        .sender
        .send(Stage::Analyze, &[message.to_body()])
        .await
        .context("failed to send the analyze message")?;
    let sent = chain
        .ledger
        .analyze_sent(&envelope.run, envelope.generation, chain.clock.now());
    sent.await
        .context("failed to note that the analyze message was sent")
}

/// `envelope` as of the plan that stands: a second start of a night must not bring in another configuration.
#[must_use]
pub fn as_planned(envelope: &Envelope, row: &RunRow) -> Envelope {
    let plan = &row.plan;
    Envelope {
        portfolio: plan.portfolio.clone(),
        mail_epoch: plan.mail_epoch,
        scheduled_at: plan.scheduled_at,
        not_after: plan.not_after,
        ..envelope.clone()
    }
}
