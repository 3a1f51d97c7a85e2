//! A delivery in doubt: UNKNOWN, because the service may or may not have taken the mail.
//!
//! The mail service's Send event, with our tags, ends the doubt; see [`crate::events`]. What comes of a delivery that
//! nothing was heard of within [`Deps::doubt`] is the report's policy: it is held for an operator, or sent once more,
//! flagged on its row for good. The sweeper sends the message that leads here.

use anyhow::Context;
use shared::{
    ledger::{AuditEntry, DeliveryRow, DeliveryState, control::Verdict},
    message::{Envelope, Task},
    metrics::{self, Metric},
    portfolio::{Portfolio, UnknownPolicy},
    queue::Stage,
};

use crate::Deps;

/// Ends the doubt about a delivery, if it has lasted long enough.
///
/// # Errors
/// Anything that a later try may find mended.
pub async fn end(deps: &Deps, envelope: &Envelope, row: &DeliveryRow) -> anyhow::Result<()> {
    let now = deps.clock.now();
    if row.state != DeliveryState::Unknown || now < row.updated_at.checked_add(deps.doubt)? {
        return Ok(());
    }
    let verdict = match policy(deps, envelope, row).await? {
        UnknownPolicy::ResendOnce if row.possible_duplicate => {
            hold("twice in doubt; it was sent once more already")
        }
        UnknownPolicy::ResendOnce if now > row.not_after => hold("it is too late to send it once more"),
        UnknownPolicy::ResendOnce => Verdict::Resend,
        UnknownPolicy::Hold => hold("the policy is not to send it again"),
    };
    let ended = deps.ledger.end_doubt(row, &verdict, now).await;
    if !ended.context("failed to end the doubt about a delivery")? {
        tracing::info!("the doubt about the delivery was ended by somebody else");
        return Ok(());
    }
    let detail = match &verdict {
        Verdict::Hold { reason } => {
            metrics::count(row.key.run.portfolio(), Metric::DeliveriesHeld);
            tracing::error!(attempt = row.attempt, reason, "delivery in doubt held");
            reason.clone()
        }
        Verdict::Resend => {
            tracing::error!(
                attempt = row.attempt,
                "delivery in doubt sent once more, possibly a duplicate"
            );
            again(deps, envelope, row).await?;
            "no word of the mail service; sent once more, possibly a duplicate".to_owned()
        }
    };
    let entry = AuditEntry {
        at: now,
        event: "in_doubt".to_owned(),
        detail: format!("document {} to {}: {detail}", row.key.document, row.key.rid),
    };
    let written = deps.ledger.audit(&row.key.run, &entry).await;
    written.context("failed to write the audit")
}

fn hold(why: &str) -> Verdict {
    Verdict::Hold {
        reason: format!("it may have been sent; no word of the mail service, and {why}"),
    }
}

/// The report's, or else the portfolio's.
async fn policy(deps: &Deps, envelope: &Envelope, row: &DeliveryRow) -> anyhow::Result<UnknownPolicy> {
    let (_, portfolio) = Portfolio::load(&deps.objects, &envelope.portfolio).await?;
    let of_document = portfolio
        .documents
        .iter()
        .find(|settings| settings.id == row.key.document)
        .and_then(|settings| settings.unknown_policy);
    Ok(of_document.unwrap_or(portfolio.mail.unknown_policy))
}

/// A message for it. One that is lost is the sweeper's to send: the row is QUEUED.
async fn again(deps: &Deps, envelope: &Envelope, row: &DeliveryRow) -> anyhow::Result<()> {
    let task = Task::Deliver {
        document: row.key.document.clone(),
        rid: row.key.rid.clone(),
    };
    let message = envelope.follow(task, None, "mailer", "in doubt, sent once more", deps.clock.now());
    let sent = deps.sender.send(Stage::Mail, &[message.to_body()]).await;
    sent.context("failed to send for the delivery once more")
}
