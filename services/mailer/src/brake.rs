//! The account's brake: where nothing would be taken, nothing is tried.
//!
//! The first delivery that hears that the account cannot send pulls it; those after it are held without an attempt until
//! an operator releases it or its time is over. A message that is held is done, so a service that refuses everything does
//! not turn into a storm of redeliveries: with `ReportBatchItemFailures` Lambda polls on as fast as before.

use anyhow::Context;
use jiff::SignedDuration;
use shared::ledger::{AuditEntry, Brake, DeliveryKey, HeldFor, Outcome};

use crate::Deps;

/// SES's quota is of the last 24 hours, so some of it comes free every hour:
/// <https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html>.
const QUOTA: SignedDuration = SignedDuration::from_hours(1);
/// A paused account, a sandbox or a sender that is not verified takes a person. Shorter than a day, so that the next
/// night finds out by one try and not by an operator who forgot.
const PERSON: SignedDuration = SignedDuration::from_hours(12);

/// How a delivery ends that the brake stops, if it is on.
///
/// # Errors
/// The ledger's. Nothing is sent while nobody can tell whether the brake is on.
pub async fn outcome(deps: &Deps) -> anyhow::Result<Option<Outcome>> {
    let brake = deps.ledger.brake().await.context("failed to read the brake")?;
    let on = brake.filter(|brake| brake.is_on(deps.clock.now()));
    Ok(on.map(|brake| Outcome::Held {
        cause: HeldFor::Account,
        reason: format!("not tried, sending is stopped: {}", brake.reason),
    }))
}

/// Pulls it, because a delivery was told that the account cannot send. To be called when that delivery is settled: who
/// dies in between leaves it HELD, and the next one finds out for itself.
///
/// # Errors
/// The ledger's.
pub async fn pull(deps: &Deps, key: &DeliveryKey, reason: &str) -> anyhow::Result<()> {
    let since = deps.clock.now();
    let is_quota = ["quota", "limit"]
        .iter()
        .any(|word| reason.to_ascii_lowercase().contains(word));
    let brake = Brake {
        reason: reason.to_owned(),
        since,
        until: since.checked_add(if is_quota { QUOTA } else { PERSON })?,
    };
    let pulled = deps.ledger.pull_brake(&brake).await;
    if !pulled.context("failed to pull the brake")? {
        return Ok(());
    }
    tracing::error!(reason, until = %brake.until, "sending is stopped");
    let entry = AuditEntry {
        at: since,
        event: "brake_pulled".to_owned(),
        detail: format!(
            "by {} of {}, until {}: {reason}",
            key.document, key.run, brake.until
        ),
    };
    let written = deps.ledger.control_audit(&entry).await;
    written.context("failed to write the audit")
}
