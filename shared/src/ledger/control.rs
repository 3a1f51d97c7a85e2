//! What stops mail and lets it go: the brake, deliveries that are held, and those in doubt. Start at [`Control`].
//!
//! Whatever moves a delivery here is conditional on the row that the caller has seen, so that of an operator, an event
//! and a policy that decide at once one does. A delivery that may have been sent before is never sent again without
//! [`DeliveryRow::possible_duplicate`] on its row, which nothing takes away.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AuditEntry, DeliveryRow, LedgerError, Outcome, RunRow, feedback::Suppression};
use crate::{
    id::{DocumentId, Generation, RunId},
    mail::Rid,
};

/// How long a delivery in doubt waits for the mail service's own word before the report's policy decides. SES publishes
/// a Send event within seconds; an hour leaves room for a queue that stood still.
pub const DOUBT: SignedDuration = SignedDuration::from_hours(1);

/// How long after the first mail of an ended run came back the notice of it goes out: most of a night's hard bounces come
/// within minutes of the send.
pub const GATHER: SignedDuration = SignedDuration::from_mins(15);
/// How long after its end a run's notice is opened again. What comes back later, as a complaint may, is in the audit, and the
/// next night's notice has the recipient as SUPPRESSED.
pub const LATE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why a delivery is HELD: what has to change before it may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HeldFor {
    /// The account cannot send: quota, paused, sandbox, sender not verified.
    Account,
    /// The document must not leave: a core source was not read.
    Document,
    /// The recipient is on hold: too many transient bounces.
    Recipient,
    /// It may have been sent, and the report's policy is not to send again.
    Doubt,
}

impl HeldFor {
    /// As on the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "ACCOUNT",
            Self::Document => "DOCUMENT",
            Self::Recipient => "RECIPIENT",
            Self::Doubt => "DOUBT",
        }
    }
}

/// `CTRL`/`MAILER`: nothing is sent, because nothing would be taken. Without it every delivery would find that out for
/// itself, and a queue that never slows down would make a storm of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Why, in the mail service's words; no address.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when: then the next delivery tries, and pulls it anew if nothing has changed.
    pub until: Timestamp,
}

impl Brake {
    /// Whether it stops a delivery now.
    pub fn is_on(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// What becomes of a delivery in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It waits for an operator.
    Hold {
        /// Why.
        reason: String,
    },
    /// It goes once more, flagged. Refused for one that has the flag: once is once.
    Resend,
}

/// The ledger's side of what stops and releases mail.
///
/// Contract: as [`super::Ledger`]'s: each method is one conditional write or one read, may be repeated with the same
/// arguments, and then changes nothing and answers as the first time.
#[async_trait]
pub trait Control: Send + Sync {
    /// The brake as it was pulled last, also when its time is over; `None` if it was released.
    async fn brake(&self) -> Result<Option<Brake>, LedgerError>;
    /// Pulls the brake. One that is on stands, and this answers `false`; one that was over by `brake.since` is replaced.
    async fn pull_brake(&self, brake: &Brake) -> Result<bool, LedgerError>;
    /// Releases the brake that the caller has seen; answers `false` if another one stands.
    async fn release_brake(&self, seen: &Brake) -> Result<bool, LedgerError>;
    /// Lets a delivery go that the caller has seen HELD: QUEUED, marked as released, and flagged if it was held in doubt.
    /// Answers whether it did; not if the row has moved on.
    async fn release(&self, held: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError>;
    /// Ends the doubt about a delivery that the caller has seen UNKNOWN. Answers whether it did: not if an event, or its
    /// owner, has said more since.
    async fn end_doubt(
        &self,
        doubtful: &DeliveryRow,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Opens a run that has ended, because deliveries of it go on: MAILING, to be looked at by the sweeper. Answers
    /// whether it is; not at another generation, nor a run that failed.
    async fn reopen(
        &self,
        run: &RunId,
        generation: Generation,
        look_at: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Notes that mail of a document came back, for its owner to be told of: with the run's end, if that comes later. After
    /// the end it has the run's notice opened once a document, [`GATHER`] from now, so that what comes back together is told
    /// together; not if the end is longer ago than [`LATE`].
    async fn mail_came_back(
        &self,
        run: &RunId,
        document: &DocumentId,
        now: Timestamp,
    ) -> Result<(), LedgerError>;
    /// The runs of which the operator has to be told: those that did not end well, from their end on, and those of which mail
    /// came back later. Again when a claim is over.
    async fn notices_due(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError>;
    /// Keeps others from telling of a run until then. Answers whether the caller is to tell.
    async fn claim_notice(
        &self,
        ended: &RunRow,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Notes that the operator was told of a run's end, if that was due, and of the documents that came back as the row has
    /// them. Those that were added since stay due until the claim is over.
    async fn notice_told(&self, ended: &RunRow) -> Result<(), LedgerError>;
    /// All who are on the suppression list. Reads the whole table: for an operator, not for a function.
    async fn suppressed(&self) -> Result<BTreeMap<Rid, Suppression>, LedgerError>;
    /// Adds a line to the deployment's own audit, for what is about no run.
    async fn control_audit(&self, entry: &AuditEntry) -> Result<(), LedgerError>;
    /// The last lines of that audit, oldest first.
    async fn control_audits(&self, last: usize) -> Result<Vec<AuditEntry>, LedgerError>;
}

impl DeliveryRow {
    /// How an attempt that sends nothing ends. EXPIRED and SUPPRESSED say that no mail of this delivery exists; of one that
    /// may have been sent before nobody can say that, so it is held instead.
    pub fn unsent(&self, outcome: Outcome) -> Outcome {
        let what = match (&outcome, self.possible_duplicate) {
            (Outcome::Expired, true) => "its second try came too late",
            (Outcome::Suppressed { reason }, true) => reason.as_str(),
            _ => return outcome,
        };
        Outcome::Held {
            cause: HeldFor::Doubt,
            reason: format!("it may have been sent; {what}"),
        }
    }
}
