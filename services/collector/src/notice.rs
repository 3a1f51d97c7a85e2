//! The notice of a run that did not end well: one message to the operator, whatever went wrong with it and however often
//! somebody looks. Start at [`tell_all`].
//!
//! A run that ends DEGRADED or FAILED stays on the ledger's index until its notice is out. The sweeper, which comes every
//! five minutes, claims it for an hour, sends it and notes that. Who dies between the last two has it sent once more an hour
//! later: better twice than never, and twice only then. [`topic`] is the adapter to SNS; mail would not do, for the account
//! that cannot send is one of the things that are told.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Context;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::ledger::{DeliveryRow, Ledger, RunRow, Totals};

mod topic;

pub use topic::Topic;

/// How long a claim keeps others from sending the same notice.
const CLAIM: SignedDuration = SignedDuration::from_hours(1);

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line of ASCII, at most 100 characters: SNS's rule for subjects.
    pub subject: String,
    /// In words. Nobody's address is in it.
    pub text: String,
}

/// Tells an operator.
///
/// Contract: a call that succeeds has handed the notice over once. One that fails may have.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Sends one.
    async fn tell(&self, notice: &Notice) -> anyhow::Result<()>;
}

/// Sends the notices that are due; answers how many.
///
/// # Errors
/// When some could not be sent. Those are tried again within the hour, and the others are out.
pub async fn tell_all(notices: &dyn Notices, ledger: &dyn Ledger, now: Timestamp) -> anyhow::Result<usize> {
    let due = ledger.notices_due(now).await;
    let (mut told, mut failed) = (0, Vec::new());
    for row in due.context("failed to list the runs that did not end well")? {
        match one(notices, ledger, &row, now).await {
            Ok(true) => told += 1,
            Ok(false) => {}
            Err(error) => failed.push(format!("{}: {error:#}", row.plan.run)),
        }
    }
    anyhow::ensure!(failed.is_empty(), "notices not sent: {}", failed.join("; "));
    Ok(told)
}

async fn one(
    notices: &dyn Notices,
    ledger: &dyn Ledger,
    row: &RunRow,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let claimed = ledger.claim_notice(row, now.checked_add(CLAIM)?, now).await;
    if !claimed.context("failed to claim the notice")? {
        return Ok(false);
    }
    let deliveries = ledger.deliveries(&row.plan.run).await;
    let deliveries = deliveries.context("failed to list the deliveries")?;
    let notice = notice(row, &deliveries, now);
    notices.tell(&notice).await.context("failed to send the notice")?;
    ledger
        .notice_told(row)
        .await
        .context("failed to note the notice")?;
    tracing::warn!(run = %row.plan.run, state = %row.state, "operator told how the run ended");
    Ok(true)
}

/// The words. Pure.
pub fn notice(row: &RunRow, deliveries: &[DeliveryRow], now: Timestamp) -> Notice {
    let (run, state) = (&row.plan.run, row.state);
    let totals = Totals::of(row, deliveries, row.finished_at.unwrap_or(now));
    let mut text = format!("The run {run} ended {state}: {totals}.\n");
    let names = |text: &mut String, what: &str, names: Vec<&str>| {
        if !names.is_empty() {
            let _ = writeln!(text, "{what}: {}", names.join(", "));
        }
    };
    let parts = row.missing_parts.iter().map(|part| part.as_str()).collect();
    names(&mut text, "Parts that never came", parts);
    let documents = row.missing_documents.iter().map(|document| document.as_str());
    names(&mut text, "Documents that were never made", documents.collect());
    let mut reasons: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let unwell = |delivery: &&DeliveryRow| {
        delivery.key.mail_epoch == row.plan.mail_epoch && !delivery.state.is_well_ended()
    };
    for delivery in deliveries.iter().filter(unwell) {
        let reason = delivery.reason.as_deref().unwrap_or("no reason recorded");
        *reasons.entry((delivery.state.to_string(), reason)).or_default() += 1;
    }
    for ((state, reason), count) in reasons {
        let _ = writeln!(text, "{count} {state}: {reason}");
    }
    let id = run.portfolio();
    let _ = writeln!(text, "\nWhat waits for you: quarterdeck mail status --id {id}");
    text += "What to do: docs/OPERATIONS.md, \"Held and in doubt\".\n";
    Notice {
        subject: format!("Quarterdeck: {run} {state}"),
        text,
    }
}
