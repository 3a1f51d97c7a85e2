//! Which delivery an event claims to be of, and whether that can be believed. Pure.
//!
//! SES puts the tags of a mail into each of its events; whoever can publish to the topic can write tags too. So the row
//! must exist, the attempt must have been made, SES's message id must be the row's where the row knows one, and the
//! recipient's HMAC under our key must be the row's rid. The archive's copy has no HMAC for a rid: of it the
//! message id is all there is to compare, and its events suppress nobody.

use std::collections::BTreeMap;

use shared::{
    id::{MailEpoch, RunId},
    ledger::{DeliveryKey, DeliveryRow, DeliveryState, Reported},
    mail::{Mailbox, Rid},
};

use super::wire::Event;

/// What an event's tags say; see [`crate::attempt::tags`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of which delivery.
    pub key: DeliveryKey,
    /// Of which attempt at it.
    pub attempt: u32,
}

/// Why an event is not believed. The texts are the rows' and the logs'; nothing of the event is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// Tags are missing or malformed. Feedback of an identity never has any.
    #[error("it has not the tags of a delivery")]
    Tags,
    /// The tags name no row.
    #[error("there is no such delivery")]
    NoDelivery,
    /// The attempt has not been made.
    #[error("the delivery has no such attempt")]
    Attempt,
    /// The row is of another mail.
    #[error("its message id is not the delivery's")]
    MessageId,
    /// The recipient is somebody else.
    #[error("its recipient is not the delivery's")]
    Recipient,
    /// The row says that there was no mail, or the event reports what no event can.
    #[error("the delivery is in a state that no event changes")]
    State,
}

/// The run that the tags name, believed or not.
pub fn run(tags: &BTreeMap<String, String>) -> Option<RunId> {
    // The one `.` of a run id is no character of a tag; see `attempt::tags`.
    let (portfolio, date) = tags.get("run")?.rsplit_once('_')?;
    format!("{portfolio}.{date}").parse().ok()
}

/// Reads the tags.
///
/// # Errors
/// [`Disbelief::Tags`].
pub fn claim(tags: &BTreeMap<String, String>) -> Result<Claim, Disbelief> {
    let tag = |name: &str| tags.get(name).ok_or(Disbelief::Tags);
    let epoch = tag("epoch")?
        .strip_prefix('e')
        .and_then(|number| number.parse().ok());
    let key = DeliveryKey {
        run: run(tags).ok_or(Disbelief::Tags)?,
        document: tag("document")?.parse().map_err(|_| Disbelief::Tags)?,
        rid: tag("rid")?.parse().map_err(|_| Disbelief::Tags)?,
        mail_epoch: MailEpoch(epoch.ok_or(Disbelief::Tags)?),
    };
    let attempt = tag("attempt")?.parse().map_err(|_| Disbelief::Tags)?;
    Ok(Claim { key, attempt })
}

/// Compares an event, and the state that it reports, with the row that it claims.
///
/// # Errors
/// Why it is not believed.
pub fn believe(
    event: &Event,
    state: Option<DeliveryState>,
    claim: &Claim,
    row: &DeliveryRow,
    rid_key: &[u8],
) -> Result<(), Disbelief> {
    if !(1..=row.attempt).contains(&claim.attempt) {
        return Err(Disbelief::Attempt);
    }
    if row.message_id.as_ref().is_some_and(|id| *id != event.message_id) {
        return Err(Disbelief::MessageId);
    }
    let is_ours = |mailbox: &Mailbox| Rid::of(rid_key, mailbox) == row.key.rid;
    if row.key.rid != Rid::archive() && !event.recipients.iter().any(is_ours) {
        return Err(Disbelief::Recipient);
    }
    if state.is_some_and(|state| row.state.reported(state) == Reported::Illegal) {
        return Err(Disbelief::State);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
