//! What the mail service tells of deliveries, and whom nothing is mailed to any more. Start at [`Feedback`].
//!
//! An event is stored under its [`FeedbackId`], so a duplicate changes nothing; it moves a delivery only forward
//! ([`super::DeliveryState::reported`]); one that cannot be trusted is [`Quarantined`]. None of these rows has an address:
//! people are known by [`Rid`].

use std::fmt;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{DeliveryKey, DeliveryRow, DeliveryState, LedgerError};
use crate::{
    id::{RunId, Sha256},
    mail::Rid,
};

/// An event's name: the service's feedback id, or what else two copies of one event share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedbackId(String);

impl FeedbackId {
    /// The name itself if it is fit for a key: up to 200 of `A-Z a-z 0-9 . _ : -`. Otherwise its digest, because
    /// the text came from outside and may be anything, an address included.
    pub fn of(text: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        if (1..=200).contains(&text.len()) && text.chars().all(plain) {
            return Self(text.to_owned());
        }
        Self(format!("sha256:{}", Sha256::of(text.as_bytes()).as_str()))
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for FeedbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `EVT#id`: an event that was handled, an answer's wish to be unsubscribed, or that an answer was forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackRow {
    /// Its name.
    pub id: FeedbackId,
    /// Of which delivery.
    pub delivery: DeliveryKey,
    /// What it said, e.g. `Bounce Permanent/NoEmail`.
    pub kind: String,
    /// When the service says that it happened.
    pub at: Timestamp,
    /// When it was handled.
    pub handled_at: Timestamp,
}

/// What an event says of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The state that it reports.
    pub state: DeliveryState,
    /// The service's id of the mail.
    pub message_id: String,
    /// Why, where it is not a plain one.
    pub reason: Option<String>,
}

/// Outcome of [`Feedback::report_delivery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reporting {
    /// The delivery is in the state that was reported now, by this call.
    Moved,
    /// It had got as far, or further.
    Stood(Box<DeliveryRow>),
    /// The row is of another mail of the service's, or in a state that no event moves: nothing was written.
    Refused(Box<DeliveryRow>),
    /// There is no such delivery.
    NoDelivery,
}

/// `QUARANTINE#day`/`EVT#id`: an event that was not believed. What it said is not kept, only that it came and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its name.
    pub id: FeedbackId,
    /// When it came.
    pub at: Timestamp,
    /// What it was, e.g. `Bounce`.
    pub kind: String,
    /// Which run it claims to be of, where that is a run id.
    pub run: Option<RunId>,
    /// Why it was not believed.
    pub reason: String,
}

/// What happens to mail for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Deliveries are HELD for an operator: too many transient bounces.
    Hold,
    /// Deliveries are SUPPRESSED: a permanent bounce or a complaint.
    Suppress,
}

impl Verdict {
    /// As on the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "HOLD",
            Self::Suppress => "SUPPRESS",
        }
    }
}

/// `SUPPRESS#rid`: that nothing is mailed to a recipient, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What happens to mail.
    pub verdict: Verdict,
    /// Why; no address.
    pub reason: String,
    /// Since when, by the event's time.
    pub since: Timestamp,
}

/// How many transient bounces put a recipient on hold, and within what time.
pub const TRANSIENT_LIMIT: usize = 3;
const TRANSIENT_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether any seven days have three transient bounces. By the events' own times, so late ones count where they belong.
pub fn too_many_transient(mut bounces: Vec<Timestamp>) -> bool {
    bounces.sort();
    bounces
        .windows(TRANSIENT_LIMIT)
        .any(|some| some[TRANSIENT_LIMIT - 1].duration_since(some[0]) <= TRANSIENT_WINDOW)
}

/// The ledger's side of the mail service's events.
///
/// Contract: as [`super::Ledger`]'s: each method is one conditional write or one read, may be repeated with the same
/// arguments, and then changes nothing and answers as its documentation says.
#[async_trait]
pub trait Feedback: Send + Sync {
    /// Reads a delivery; `None` if there is none of that name.
    async fn delivery(&self, key: &DeliveryKey) -> Result<Option<DeliveryRow>, LedgerError>;
    /// Reads the event of that name; `None` if none was handled.
    async fn feedback(&self, id: &FeedbackId) -> Result<Option<FeedbackRow>, LedgerError>;
    /// Stores an event under its name. The first stands; answers whether this call wrote it. To be called last: an
    /// event that is stored is never handled again.
    async fn record_feedback(&self, row: &FeedbackRow) -> Result<bool, LedgerError>;
    /// Moves a delivery as an event says, if [`DeliveryState::reported`] lets it and the message id is the row's, or
    /// the row has none yet. An attempt under way loses its lease: its mail is out.
    async fn report_delivery(
        &self,
        key: &DeliveryKey,
        report: &Report,
        now: Timestamp,
    ) -> Result<Reporting, LedgerError>;
    /// Notes an event that was not believed. The first of a name and day stands; answers whether this call wrote it.
    async fn quarantine(&self, row: &Quarantined) -> Result<bool, LedgerError>;
    /// The events of a UTC day that were not believed, by name.
    async fn quarantined(&self, day: Date) -> Result<Vec<Quarantined>, LedgerError>;
    /// Notes a transient bounce of a recipient, once an event, and answers when all that are noted happened.
    async fn transient_bounce(
        &self,
        rid: &Rid,
        id: &FeedbackId,
        at: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError>;
    /// Puts a recipient on the list. The first reason stands, but for a suppression, which replaces a hold.
    async fn suppress(&self, rid: &Rid, suppression: &Suppression) -> Result<(), LedgerError>;
    /// Whether a recipient is on the list.
    async fn suppression(&self, rid: &Rid) -> Result<Option<Suppression>, LedgerError>;
    /// Takes a recipient off the list and forgets the transient bounces, which would put them on hold again at the next
    /// one. Answers whether they were on it.
    async fn unsuppress(&self, rid: &Rid) -> Result<bool, LedgerError>;
}

#[cfg(test)]
mod tests;
