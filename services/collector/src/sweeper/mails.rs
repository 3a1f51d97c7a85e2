//! Deliveries: an attempt whose owner went silent is in doubt, a doubt that lasts is the mailer's to end, one that waits without a message gets one, one that has
//! expired is settled, and a run whose deliveries are all settled ends. Nothing is ever mailed from here.

use std::collections::BTreeSet;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use shared::{
    ledger::{Begun, DOUBT, DeliveryRow, DeliveryState, Outcome, RunRow, RunState, control::Verdict},
    message::{Envelope, Input, Task},
    queue::Stage,
};

use super::{BY, Chain, documents};

/// A delivery that has been due for so long has no message any more: one that was deferred comes back when it is due.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// The mailer expires what comes after `not_after`; so long after that nobody has.
const EXPIRED: SignedDuration = SignedDuration::from_hours(1);

/// Carries on a run whose documents are made.
pub(super) async fn carry_on(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    if row.mail_sent_at.is_none() {
        return documents::mail(chain, row, "nobody has sent the mail messages", now).await;
    }
    let over = now.duration_since(row.plan.not_after) > EXPIRED;
    let mut did = false;
    let mut messages = Vec::new();
    let plan = chain.plan(row, "nobody has settled it", now);
    let follow = |task, input: Option<Input>| Envelope {
        cause: plan.cause.clone(),
        ..plan.follow(task, input, "", "", now)
    };
    let deliveries = of_epoch(chain, row).await?;
    for delivery in &deliveries {
        match delivery.state {
            DeliveryState::Sending => {
                let ended = chain.ledger.end_lease(delivery, now).await;
                if ended.context("failed to end a lease")? {
                    tracing::error!(run = %row.plan.run, document = %delivery.key.document, rid = %delivery.key.rid,
                        attempt = delivery.attempt, "delivery in doubt, not sent again");
                    did = true;
                }
            }
            DeliveryState::Queued if over => did |= expire(chain, delivery, now).await?,
            // The mailer had its message, and did not decide.
            DeliveryState::Unknown if over => did |= give_up(chain, delivery, now).await?,
            DeliveryState::Unknown if now.duration_since(delivery.updated_at) >= DOUBT => {
                let (document, rid) = (delivery.key.document.clone(), delivery.key.rid.clone());
                messages.push(follow(Task::Deliver { document, rid }, None));
            }
            DeliveryState::Queued if is_forgotten(delivery, now) => {
                let (document, rid) = (delivery.key.document.clone(), delivery.key.rid.clone());
                messages.push(follow(Task::Deliver { document, rid }, None));
            }
            _ => {}
        }
    }
    let planned: BTreeSet<_> = deliveries.iter().map(|delivery| &delivery.key.document).collect();
    let unplanned: Vec<_> = row
        .documents
        .iter()
        .filter(|(document, _)| !planned.contains(document))
        .collect();
    if !over {
        messages.extend(unplanned.iter().map(|(document, made)| {
            let document = (*document).clone();
            follow(Task::Mail { document }, Some(made.input.clone()))
        }));
    }
    did |= chain.send(Stage::Mail, &messages).await?;
    did |= finish(chain, row, now).await?;
    if over && !unplanned.is_empty() {
        let names: Vec<&str> = unplanned.iter().map(|(document, _)| document.as_str()).collect();
        let why = format!("{} never became mail", names.join(", "));
        return chain.end(row, RunState::Degraded, &why, now).await;
    }
    Ok(did)
}

async fn of_epoch(chain: &Chain, row: &RunRow) -> anyhow::Result<Vec<DeliveryRow>> {
    let mut rows = chain
        .ledger
        .deliveries(&row.plan.run)
        .await
        .context("failed to list the deliveries")?;
    rows.retain(|delivery| delivery.key.mail_epoch == row.plan.mail_epoch);
    Ok(rows)
}

fn is_forgotten(delivery: &DeliveryRow, now: Timestamp) -> bool {
    let due = delivery.next_at.unwrap_or(delivery.updated_at);
    now.duration_since(due) >= PATIENCE
}

/// Settles a delivery that the mailer never got to, by an attempt that sends nothing.
async fn expire(chain: &Chain, delivery: &DeliveryRow, now: Timestamp) -> anyhow::Result<bool> {
    let lease = now.checked_add(PATIENCE)?;
    let begun = chain.ledger.begin_delivery(&delivery.key, BY, now, lease).await;
    let Begun::Yours(row) = begun.context("failed to begin an expiry")? else {
        return Ok(false);
    };
    let settled = chain
        .ledger
        .settle_delivery(&row.key, row.attempt, &row.unsent(Outcome::Expired), now)
        .await;
    settled.context("failed to expire a delivery")?;
    Ok(true)
}

/// Holds a delivery in doubt: it is too late for any other way to end that.
async fn give_up(chain: &Chain, delivery: &DeliveryRow, now: Timestamp) -> anyhow::Result<bool> {
    let reason =
        "it may have been sent; no word of the mail service, and it is too late to ask for one".to_owned();
    let held = chain
        .ledger
        .end_doubt(delivery, &Verdict::Hold { reason }, now)
        .await;
    let held = held.context("failed to hold a delivery in doubt")?;
    if held {
        tracing::error!(run = %delivery.key.run, document = %delivery.key.document, rid = %delivery.key.rid,
            attempt = delivery.attempt, "delivery in doubt, not sent again");
    }
    Ok(held)
}

/// The mailer's last question, for a mailer that died before it asked.
async fn finish(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    let deliveries = of_epoch(chain, row).await?;
    match row.end_state(&deliveries) {
        Some(state) => chain.finish(row, state, now).await,
        None => Ok(false),
    }
}
