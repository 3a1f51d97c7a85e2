//! Whom nothing is mailed to: asked when a delivery is planned, and again right before it is sent, because the bounce or
//! complaint may have come in between. The events that put people on the list are [`crate::events`]'s.

use anyhow::Context;
use shared::{
    ledger::{AuditEntry, DeliveryKey, HeldFor, Outcome, feedback::Verdict},
    mail::Rid,
};

use crate::Deps;

/// How a delivery to a recipient ends without being sent, if they are on the list.
///
/// `rid` is the address's own, also for the archive's copy: an address that does not take mail takes no copies either.
///
/// # Errors
/// The ledger's. Nothing is sent on the strength of a list that could not be read.
pub async fn outcome(deps: &Deps, rid: &Rid) -> anyhow::Result<Option<Outcome>> {
    let suppression = deps.ledger.suppression(rid).await;
    let suppression = suppression.context("failed to read the suppression list")?;
    Ok(suppression.map(|suppression| {
        let reason = format!("{} since {}", suppression.reason, suppression.since);
        match suppression.verdict {
            Verdict::Suppress => Outcome::Suppressed { reason },
            Verdict::Hold => Outcome::Held {
                cause: HeldFor::Recipient,
                reason,
            },
        }
    }))
}

/// Tells the report's owner of a delivery that was suppressed, in the run's audit.
///
/// # Errors
/// The ledger's.
pub async fn tell(deps: &Deps, key: &DeliveryKey, reason: &str) -> anyhow::Result<()> {
    let entry = AuditEntry {
        at: deps.clock.now(),
        event: "suppressed".to_owned(),
        detail: format!("document {} to {}: {reason}", key.document, key.rid),
    };
    deps.ledger
        .audit(&key.run, &entry)
        .await
        .context("failed to write the audit")
}
