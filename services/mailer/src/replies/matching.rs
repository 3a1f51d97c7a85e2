//! Which delivery a mail answers: the one whose address it is to, if that was to the sender.

use anyhow::Context;
use jiff::{SignedDuration, civil::Date};
use shared::{
    ledger::{DeliveryKey, DeliveryRow, Ledger},
    mail::{Mailbox, Rid, reply::ReplyClaim},
};

use super::sender::Disbelief;

/// A report is answered for so long: somebody who has left the list long since decides nothing with an old mail.
const ANSWERED: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Addresses of one mail that are looked at.
const MAX_ADDRESSES: usize = 4;

/// What the addresses of a mail claim.
///
/// # Errors
/// [`Disbelief::NoAddress`] if none is of our kind, [`Disbelief::Several`] if they are of several portfolios: a code names an
/// action of one.
pub fn claims(recipients: &[Mailbox]) -> Result<Vec<ReplyClaim>, Disbelief> {
    let mut claims = all_claims(recipients);
    let first = claims.first().ok_or(Disbelief::NoAddress)?.run.portfolio();
    if claims.iter().any(|claim| claim.run.portfolio() != first) {
        return Err(Disbelief::Several);
    }
    claims.truncate(MAX_ADDRESSES);
    Ok(claims)
}

/// The same, of however many portfolios.
pub fn all_claims(recipients: &[Mailbox]) -> Vec<ReplyClaim> {
    recipients.iter().filter_map(ReplyClaim::of).collect()
}

/// Whose delivery one of the claims is of, whoever claims it.
///
/// # Errors
/// The ledger's.
pub async fn addressed(
    ledger: &dyn Ledger,
    claims: &[ReplyClaim],
    key: &[u8],
) -> anyhow::Result<Option<DeliveryKey>> {
    sent(ledger, claims, |claim, row| claim.is_of(key, &row.key)).await
}

/// The sender's delivery that one of the claims is of, if it has been sent.
///
/// # Errors
/// The ledger's; within, why there is none.
pub async fn delivery(
    ledger: &dyn Ledger,
    claims: &[ReplyClaim],
    rid: &Rid,
    key: &[u8],
) -> anyhow::Result<Result<DeliveryKey, Disbelief>> {
    let is_theirs = |claim: &ReplyClaim, row: &DeliveryRow| row.key.rid == *rid && claim.is_of(key, &row.key);
    Ok(sent(ledger, claims, is_theirs).await?.ok_or(Disbelief::NotTheirs))
}

/// The first delivery of the claims' runs that was sent, and is the one.
async fn sent(
    ledger: &dyn Ledger,
    claims: &[ReplyClaim],
    is_it: impl Fn(&ReplyClaim, &DeliveryRow) -> bool,
) -> anyhow::Result<Option<DeliveryKey>> {
    for claim in claims.iter().take(MAX_ADDRESSES) {
        let rows = ledger.deliveries(&claim.run).await;
        let rows = rows.context("failed to read the run's deliveries")?;
        if let Some(row) = rows.into_iter().find(|row| row.attempt > 0 && is_it(claim, row)) {
            return Ok(Some(row.key));
        }
    }
    Ok(None)
}

/// Whether a report may still be answered on this day.
///
/// # Errors
/// [`Disbelief::Old`].
pub fn still_answered(delivery: &DeliveryKey, today: Date) -> Result<(), Disbelief> {
    if today.duration_since(delivery.run.date().0) > ANSWERED {
        return Err(Disbelief::Old);
    }
    Ok(())
}
