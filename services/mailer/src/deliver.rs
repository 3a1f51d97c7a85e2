//! `Task::Deliver`: one attempt at one delivery.
//!
//! braked? → begin (the ledger says whose attempt it is) → expired? → suppressed? → send → settle. Whatever happens between begin and settle
//! leaves the row SENDING under a lease; when that is over the delivery is UNKNOWN, because nobody can tell whether the
//! service took the mail. It is never begun again by itself.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use shared::{
    handler::Deferred,
    id::DocumentId,
    ledger::{Begun, DeliveryKey, DeliveryRow, DeliveryState, HeldFor, LedgerError, Outcome, Settled},
    mail::{OutgoingMail, Rid},
    message::Envelope,
    metrics::{self, Metric},
};

use crate::{
    Deps,
    attempt::{LEASE, outcome, tags},
    brake, doubt, finish, mime, suppression,
};

/// Makes one attempt, if there is one to make.
///
/// # Errors
/// [`Deferred`] where the delivery is not due or was throttled; anything else that a later try may find mended. An
/// error after the send does not lead to a second one.
pub async fn deliver(
    deps: &Deps,
    envelope: &Envelope,
    document: &DocumentId,
    rid: &Rid,
) -> anyhow::Result<()> {
    let (run, mail_epoch) = (envelope.run.clone(), envelope.mail_epoch);
    let key = DeliveryKey {
        run,
        document: document.clone(),
        rid: rid.clone(),
        mail_epoch,
    };
    if let Some(outcome) = brake::outcome(deps).await?
        && set_aside(deps, &key, &outcome).await?
    {
        return finish::finish_if_settled(deps, envelope).await;
    }
    let now = deps.clock.now();
    let lease = now.checked_add(LEASE)?;
    let owner = owner();
    // The same owner and lease each time: the ledger recognises a begin whose answer was lost as ours.
    let begun = stubborn(|| deps.ledger.begin_delivery(&key, &owner, now, lease)).await;
    match begun.context("failed to begin the delivery")? {
        Begun::Yours(row) => {
            let outcome = attempt(deps, &key, row).await?;
            if matches!(outcome, Outcome::Unknown { .. }) {
                in_doubt(deps, envelope, &key).await?;
            }
        }
        Begun::Done(row) if row.state == DeliveryState::Unknown => {
            // Told by whoever finds the lease over, not by each message that comes later.
            if row.updated_at == now {
                metrics::count(key.run.portfolio(), Metric::DeliveriesUnknown);
                tracing::error!(attempt = row.attempt, state = %row.state, "delivery in doubt, not sent again");
            }
            doubt::end(deps, envelope, &row).await?;
        }
        Begun::Done(row) => tracing::info!(state = %row.state, "delivery is settled, nothing to do"),
        Begun::NotNow(row) => return Err(not_now(&row, now).into()),
        Begun::Unknown => anyhow::bail!("delivery is not on the ledger: its mail message has to come first"),
    }
    // Also after `Done`: the one who settled it may have died before this.
    finish::finish_if_settled(deps, envelope).await
}

/// For a deployment whose service says nothing: the doubt is ended at once.
async fn in_doubt(deps: &Deps, envelope: &Envelope, key: &DeliveryKey) -> anyhow::Result<()> {
    let row = deps.ledger.delivery(key).await;
    match row.context("failed to read the delivery")? {
        Some(row) => doubt::end(deps, envelope, &row).await,
        None => Ok(()),
    }
}

/// Tells attempts apart: the ledger recognises its own answerless write by it.
fn owner() -> String {
    // Seeded by the operating system, which is all that is needed here: two processes must not agree by accident.
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));
    static ATTEMPT: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}-{}", *PROCESS, ATTEMPT.fetch_add(1, Ordering::Relaxed))
}

async fn attempt(deps: &Deps, key: &DeliveryKey, row: DeliveryRow) -> anyhow::Result<Outcome> {
    if deps.clock.now() > row.not_after {
        let outcome = row.unsent(Outcome::Expired);
        settle(deps, key, &row, outcome.clone()).await?;
        count(key, &outcome);
        tracing::warn!(not_after = %row.not_after, "delivery expired, not sent");
        return Ok(outcome);
    }
    let outcome = match send(deps, key, &row).await {
        Ok(outcome) => row.unsent(outcome),
        // Nothing was sent: the mail cannot even be read. It may be readable again, so the attempt is given back.
        Err(error) => {
            let (wait, next_at) = later(deps, key, &row)?;
            let reason = format!("not sent: {error:#}");
            settle(
                deps,
                key,
                &row,
                Outcome::Retry {
                    next_at,
                    reason: reason.clone(),
                },
            )
            .await?;
            return Err(error.context(Deferred { after: wait, reason }));
        }
    };
    settle(deps, key, &row, outcome.clone()).await?;
    count(key, &outcome);
    let (state, reason) = (outcome.next(), outcome.reason().unwrap_or_default());
    match &outcome {
        Outcome::Accepted {
            message_id,
            by_fallback,
        } => {
            tracing::info!(
                attempt = row.attempt,
                message_id,
                by_fallback,
                "delivery accepted"
            )
        }
        Outcome::Retry { next_at, .. } => {
            let after = until(*next_at, deps.clock.now());
            return Err(Deferred {
                after,
                reason: reason.to_owned(),
            }
            .into());
        }
        Outcome::Suppressed { .. } => {
            suppression::tell(deps, key, reason).await?;
            tracing::warn!(attempt = row.attempt, %state, reason, "delivery not sent");
        }
        Outcome::Held {
            cause: HeldFor::Account,
            ..
        } => {
            tracing::error!(attempt = row.attempt, %state, reason, "delivery not accepted");
            brake::pull(deps, key, reason).await?;
        }
        _ => tracing::error!(attempt = row.attempt, %state, reason, "delivery not accepted"),
    }
    Ok(outcome)
}

/// Ends a delivery without an attempt, so that it stands on the ledger for the operator. Answers whether it did: not one
/// that an attempt is under way for, or that has ended.
pub(crate) async fn set_aside(deps: &Deps, key: &DeliveryKey, outcome: &Outcome) -> anyhow::Result<bool> {
    let done = deps.ledger.set_aside(key, outcome, deps.clock.now()).await;
    if !done.context("failed to set the delivery aside")? {
        return Ok(false);
    }
    count(key, outcome);
    if let Outcome::Suppressed { reason } = outcome {
        suppression::tell(deps, key, reason).await?;
    }
    Ok(true)
}

/// Counts how an attempt ended. One that goes on later has not.
pub(crate) fn count(key: &DeliveryKey, outcome: &Outcome) {
    let metric = match outcome {
        Outcome::Accepted { .. } => Metric::DeliveriesAccepted,
        Outcome::Failed { .. } | Outcome::Expired => Metric::DeliveriesFailed,
        Outcome::Held { .. } => Metric::DeliveriesHeld,
        Outcome::Unknown { .. } => Metric::DeliveriesUnknown,
        Outcome::Suppressed { .. } => Metric::DeliveriesSuppressed,
        Outcome::Retry { .. } => return,
    };
    metrics::count(key.run.portfolio(), metric);
}

fn later(deps: &Deps, key: &DeliveryKey, row: &DeliveryRow) -> anyhow::Result<(Duration, Timestamp)> {
    let wait = crate::attempt::wait(key, row.attempt);
    Ok((
        wait,
        deps.clock
            .now()
            .checked_add(jiff::SignedDuration::try_from(wait)?)?,
    ))
}

/// Sends the archived bytes to whom they say. An error means that nothing was sent.
async fn send(deps: &Deps, key: &DeliveryKey, row: &DeliveryRow) -> anyhow::Result<Outcome> {
    let raw = deps
        .objects
        .get_checked(&row.mail)
        .await
        .context("failed to read the archived mail")?;
    let (from, to) = mime::envelope(&raw)?;
    let rid = Rid::of(deps.rid_key.expose_secret().as_bytes(), &to);
    ensure!(
        key.rid == Rid::archive() || key.rid == rid,
        "the archived mail is to somebody else than the delivery: was the rid key changed?"
    );
    if let Some(outcome) = suppression::outcome(deps, &rid).await? {
        return Ok(outcome);
    }
    let tags = tags(key, row.attempt);
    let mail = OutgoingMail {
        from: &from,
        to: &to,
        raw_mime: &raw,
        tags: &tags,
    };
    Ok(match deps.transport.send(mail).await {
        Ok(accepted) => Outcome::Accepted {
            message_id: accepted.message_id,
            by_fallback: accepted.by_fallback,
        },
        Err(error) => outcome(&error, key, row.attempt, deps.clock.now()),
    })
}

/// Repeats a call whose effect is not known, with pauses, for about two seconds.
async fn stubborn<T, F: Future<Output = Result<T, LedgerError>>>(
    call: impl Fn() -> F,
) -> Result<T, LedgerError> {
    let mut result = call().await;
    for pause in [100, 400, 1600] {
        if !matches!(result, Err(LedgerError::Unavailable { .. })) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        result = call().await;
    }
    result
}

/// Writes the outcome, stubbornly: a ledger that is away for a moment must not turn an accepted mail into a doubtful one.
async fn settle(deps: &Deps, key: &DeliveryKey, row: &DeliveryRow, outcome: Outcome) -> anyhow::Result<()> {
    let settled = stubborn(|| {
        let now = deps.clock.now();
        deps.ledger.settle_delivery(key, row.attempt, &outcome, now)
    });
    match settled.await {
        Ok(Settled::Yes) => Ok(()),
        Ok(Settled::Fenced(now)) => {
            let (ours, state) = (outcome.next(), now.state);
            tracing::error!(attempt = row.attempt, %ours, %state, "outcome not recorded: the delivery went on without this attempt");
            Ok(())
        }
        Err(error) => {
            if let Outcome::Accepted { message_id, .. } = &outcome {
                tracing::error!(attempt = row.attempt, message_id, "accepted_unrecorded");
            }
            Err(error).context("failed to settle the delivery")
        }
    }
}

/// Somebody else has the delivery, or it is not due: come back when that may have changed.
fn not_now(row: &DeliveryRow, now: Timestamp) -> Deferred {
    let (due, reason) = match row.state {
        DeliveryState::Sending => (row.lease_until, "another attempt is under way"),
        _ => (row.next_at, "not due yet"),
    };
    Deferred {
        after: until(due.unwrap_or(now), now),
        reason: reason.to_owned(),
    }
}

/// From now to then, a second at least.
fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now))
        .unwrap_or_default()
        .max(Duration::from_secs(1))
}
