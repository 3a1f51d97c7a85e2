//! The notice of a run that did not end well, or of which mail came back: one message to the operator and the reports'
//! owners, whatever went wrong with it and however often somebody looks. Start at [`tell_all`].
//!
//! A run that ends DEGRADED or FAILED stays on the ledger's index until its notice is out. Mail that comes back after the
//! end puts the run there again, once a document ([`shared::ledger::Control::mail_came_back`]). The sweeper, which comes
//! every five minutes, claims the notice for an hour, sends it and notes that. Who dies between the last two has it sent once
//! more an hour later: better twice than never, and twice only then. [`words`] is what it says; mail would not do, for the account that cannot send is one of the things that are told.

use std::collections::BTreeMap;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use shared::{
    ledger::{Ledger, RunRow},
    notice::Notices,
};

mod words;

pub use words::notice;

/// How long a claim keeps others from sending the same notice.
const CLAIM: SignedDuration = SignedDuration::from_hours(1);

/// Sends the notices that are due; answers how many.
///
/// # Errors
/// When some could not be sent. Those are tried again within the hour, and the others are out.
pub async fn tell_all(notices: &dyn Notices, ledger: &dyn Ledger, now: Timestamp) -> anyhow::Result<usize> {
    let due = ledger.notices_due(now).await;
    let (mut told, mut failed) = (0, Vec::new());
    for row in due.context("failed to list the runs of which the operator has to be told")? {
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
    let mut listed = BTreeMap::new();
    for rid in words::asked_of(row, &deliveries) {
        let suppression = ledger.suppression(&rid).await;
        let suppression = suppression.context("failed to read the suppression list")?;
        listed.extend(suppression.map(|suppression| (rid, suppression.verdict)));
    }
    let notice = notice(row, &deliveries, &listed, now);
    notices.tell(&notice).await.context("failed to send the notice")?;
    ledger
        .notice_told(row)
        .await
        .context("failed to note the notice")?;
    tracing::warn!(run = %row.plan.run, state = %row.state, came_back = row.came_back.len(), "operator told of the run");
    Ok(true)
}
