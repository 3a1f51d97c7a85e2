//! The ledger: what every run, part, document and delivery has come to. One DynamoDB table, conditional writes only.
//!
//! Start at [`Ledger`], whose methods are the transitions of the design; each answers with an enum that says which side
//! of the condition the caller is on. A failed condition is read, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    id::{DocumentId, Generation, MailEpoch, PartId, RunId, Sha256},
    mail::Rid,
    message::Input,
};

pub mod control;
pub mod decided;
#[cfg(feature = "dynamodb")]
pub mod dynamo;
mod ending;
pub mod feedback;
mod states;
mod totals;
pub use control::{Brake, Control, DOUBT, HeldFor};
pub use decided::{DecidedBy, Decisions, LedgerDecision};
#[cfg(feature = "dynamodb")]
pub use dynamo::DynamoLedger;
pub use feedback::Feedback;
pub use states::{DeliveryState, Reported, RunState};
pub use totals::{Totals, tell_end};

/// A part's or a document's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRef {
    /// The part's manifest, or the document's archived mail.
    pub input: Input,
    /// Rows collected; for a document 0.
    pub rows: u64,
    /// Whether the source could not be read, and why. The part is complete all the same: unknown is reported, not waited for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
}

/// A run, as planned. Written once per generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// Which run.
    pub run: RunId,
    /// Which generation; 0 for the night's own.
    pub generation: Generation,
    /// Under which permission to mail.
    pub mail_epoch: MailEpoch,
    /// All parts; never empty.
    pub parts: BTreeSet<PartId>,
    /// The portfolio bundle.
    pub portfolio: Input,
    /// The scheduled time.
    pub scheduled_at: Timestamp,
    /// When mails of it expire.
    pub not_after: Timestamp,
    /// IANA zone of the portfolio.
    pub tz: String,
    /// The documents to make, if not all.
    pub only: Option<BTreeSet<DocumentId>>,
    /// When it was planned, or requeued.
    pub planned_at: Timestamp,
    /// Until when its parts are waited for; then the sweeper looks at it.
    pub collect_until: Timestamp,
}

/// `RUN#r/META`, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// As planned; `plan.parts` holds the parts planned.
    pub plan: RunPlan,
    /// Where it is.
    pub state: RunState,
    /// Parts that have not come yet; empty when the set is absent.
    pub pending_parts: BTreeSet<PartId>,
    /// Parts that came.
    pub parts: BTreeMap<PartId, PartRef>,
    /// Parts that never came.
    pub missing_parts: BTreeSet<PartId>,
    /// Of these, those that came after all, too late for this generation.
    pub late_parts: BTreeSet<PartId>,
    /// When the analyze message was sent.
    pub analyze_sent_at: Option<Timestamp>,
    /// The analysis that stands for this generation.
    pub analysis: Option<Input>,
    /// Documents that have not been rendered yet.
    pub pending_documents: BTreeSet<DocumentId>,
    /// Rendered documents: the manifest of each.
    pub documents: BTreeMap<DocumentId, PartRef>,
    /// Documents that were never rendered.
    pub missing_documents: BTreeSet<DocumentId>,
    /// When the mail messages were sent.
    pub mail_sent_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The end that the last notice was about, if there was one.
    pub end_told: Option<Timestamp>,
    /// Documents of which mail came back, and nobody has been told yet.
    pub came_back: BTreeSet<DocumentId>,
}

/// Outcome of [`Ledger::plan_run`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// This call planned the run.
    Now,
    /// It was planned before; this is how it stands.
    Before(Box<RunRow>),
}

/// An attempt at reading a part, as [`Ledger::begin_part`] answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartAttempt {
    /// Its number, from 1; fences [`Ledger::checkpoint_part`].
    pub number: u32,
    /// How many attempts have begun since the last checkpoint, this one included.
    pub without_progress: u32,
    /// How far the part is: an object of the collector's, or none.
    pub checkpoint: Option<Input>,
}

/// Outcome of completing a part or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completed {
    /// Recorded, now or by an earlier delivery of the same message.
    Recorded {
        /// Whether none is pending any more.
        last: bool,
        /// Whether the next stage's message was already sent.
        next_sent: bool,
    },
    /// The run is at a later generation: acknowledge and stop.
    Stale,
    /// The run went on without it; recorded as late.
    Late,
}

/// Outcome of [`Ledger::record_analysis`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnalysisRecorded {
    /// Recorded, or the same one was before; `pending` are the documents still to be rendered.
    Stands {
        /// Documents still to be rendered.
        pending: BTreeSet<DocumentId>,
    },
    /// Another analysis stands for this generation: a loud failure.
    Differs {
        /// Its digest.
        stands: Sha256,
    },
    /// The run is at a later generation.
    Stale,
}

/// Names a delivery: `RUN#r/MAIL#document#rid#epoch`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryKey {
    /// Which run.
    pub run: RunId,
    /// Which document.
    pub document: DocumentId,
    /// To whom.
    pub rid: Rid,
    /// Under which permission.
    pub mail_epoch: MailEpoch,
}

/// A delivery, as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Its name.
    pub key: DeliveryKey,
    /// Where it is.
    pub state: DeliveryState,
    /// How often `begin` succeeded; fences `settle`.
    pub attempt: u32,
    /// Until when the attempt under way owns it.
    pub lease_until: Option<Timestamp>,
    /// Not to be begun before this.
    pub next_at: Option<Timestamp>,
    /// What SES called it.
    pub message_id: Option<String>,
    /// Why it is in this state, where it is not a plain one.
    pub reason: Option<String>,
    /// Of a HELD one, what has to change before it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for: Option<HeldFor>,
    /// When an operator let it go, if one did: what it was held for then does not hold it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// Whether it was sent again, or let go, while nobody knew whether it had been sent before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub possible_duplicate: bool,
    /// Whether the fallback took it, as the mailer heard; see [`crate::mail::failover`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_fallback: bool,
    /// The archived mail that is sent.
    pub mail: Input,
    /// Not to be mailed after this.
    pub not_after: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl DeliveryRow {
    /// Whether it waits, or was held before any attempt: its mail has certainly not been sent.
    pub fn was_never_begun(&self) -> bool {
        match self.state {
            // Held in doubt and let go, it may have been.
            DeliveryState::Queued => !self.possible_duplicate,
            DeliveryState::Held => self.attempt == 0,
            _ => false,
        }
    }
}

/// Outcome of [`Ledger::begin_delivery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The caller owns this attempt until the lease ends.
    Yours(DeliveryRow),
    /// Somebody else owns it, or it is not due: come back later.
    NotNow(DeliveryRow),
    /// It has an end state (or one that only an operator or an event changes): acknowledge.
    Done(DeliveryRow),
    /// There is no such delivery.
    Unknown,
}

/// Outcome of [`Ledger::settle_delivery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The row is in the state that was given (also when an earlier, answerless call had written it).
    Yes,
    /// A later attempt owns the row; this one's outcome was not written.
    Fenced(Box<DeliveryRow>),
}

/// From where a run is taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Everything, from these parts on.
    Collect {
        /// As the configuration has them.
        parts: BTreeSet<PartId>,
    },
    /// The analysis of the snapshot that is there, and what follows.
    Analyze,
    /// Documents, from the analysis that is there: all, or one. The others then stay as they are.
    Render {
        /// Which.
        document: Option<DocumentId>,
    },
    /// Only the mail messages.
    Mail,
}

/// What an operator asks for; see [`Ledger::requeue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requeue {
    /// Which run.
    pub run: RunId,
    /// The generation that the operator has seen.
    pub expected: Generation,
    /// From where.
    pub from: Again,
    /// With which configuration.
    pub portfolio: Input,
    /// Names this very call: tells one that is repeated, because its answer was lost, from a second operator's.
    pub by: String,
    /// When.
    pub now: Timestamp,
    /// When the sweeper is to look at it.
    pub look_at: Timestamp,
}

/// Outcome of [`Ledger::requeue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requeued {
    /// It is at the next generation, as this row says.
    Now(Box<RunRow>),
    /// It is at another generation than the caller has seen: somebody else was faster.
    Moved(Generation),
    /// It cannot be taken up from there, in words.
    Unfit(String),
}

/// One line for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What, e.g. `planned`, `late_part`, `finished`.
    pub event: String,
    /// In words; no addresses, names or subjects.
    pub detail: String,
}

/// What went wrong underneath. All are retryable: the message comes back.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The table is not there or cannot be reached, or the call failed in a way that says nothing of its effect.
    #[error("the ledger cannot be used to {what}")]
    Unavailable {
        /// The operation, in words.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row has not the shape that this build writes.
    #[error("ledger row {row}: {reason}")]
    Malformed {
        /// Its key.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The run was never planned.
    #[error("run {0} is not on the ledger")]
    NoRun(RunId),
}

/// The ledger.
///
/// Contract: every method is one conditional write (or one per row) and may be repeated with the same arguments: the
/// second time finds its own effect and answers as the first would have. No method loses a condition silently.
///
/// What the mail service tells of deliveries, and whom nothing is mailed to, is [`Feedback`], and what stops and releases
/// mail is [`Control`]; what people decided about actions is [`Decisions`]: parts of every ledger.
#[async_trait]
pub trait Ledger: Feedback + Control + Decisions {
    /// Plans a run, if it is not there or is there with a lower generation. Repeated, it answers [`Planned::Before`]:
    /// its own earlier call cannot be told from another starter's, and both go on in the same way.
    async fn plan_run(&self, plan: &RunPlan) -> Result<Planned, LedgerError>;
    /// Reads a run; `None` if it was never planned.
    async fn run(&self, run: &RunId) -> Result<Option<RunRow>, LedgerError>;
    /// The portfolio's runs, newest first, at most `limit`.
    async fn runs(
        &self,
        portfolio: &crate::id::PortfolioId,
        limit: usize,
    ) -> Result<Vec<RunRow>, LedgerError>;
    /// The portfolio's runs of the business dates `first` to `last`, both included, newest first. Empty where `last` is before
    /// `first`.
    async fn runs_between(
        &self,
        portfolio: &crate::id::PortfolioId,
        first: Date,
        last: Date,
    ) -> Result<Vec<RunRow>, LedgerError>;

    /// Begins an attempt at reading a part. The one method that finds no effect of its own when it is repeated: each call
    /// is another attempt, and fences those before it.
    async fn begin_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        now: Timestamp,
    ) -> Result<PartAttempt, LedgerError>;
    /// Notes how far a part is; conditional on the attempt's number (fencing). Answers `false`, and changes nothing, when a
    /// later attempt has begun.
    async fn checkpoint_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        attempt: u32,
        checkpoint: &Input,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Takes a part off the pending set and records its result: the join rule.
    async fn complete_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError>;
    /// Moves all pending parts to missing, so that the run goes on degraded. Answers which they were.
    async fn give_up_parts(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<PartId>, LedgerError>;
    /// Notes that the analyze message was sent. Only after the queue took it.
    async fn analyze_sent(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<(), LedgerError>;

    /// Records the analysis of a generation and the documents to be made from it; the first one stands.
    async fn record_analysis(
        &self,
        run: &RunId,
        generation: Generation,
        analysis: &Input,
        documents: &BTreeSet<DocumentId>,
    ) -> Result<AnalysisRecorded, LedgerError>;
    /// Takes a document off the pending set: the same join rule.
    async fn complete_document(
        &self,
        run: &RunId,
        generation: Generation,
        document: &DocumentId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError>;
    /// Notes that the mail messages were sent. Only after the queue took them.
    async fn mail_sent(&self, run: &RunId, generation: Generation, now: Timestamp)
    -> Result<(), LedgerError>;
    /// Moves all pending documents to missing, so that those that were made can be mailed. Answers which they were.
    async fn give_up_documents(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<DocumentId>, LedgerError>;
    /// Moves the run to an end state, if it is at this generation and not at an end already. Its row is not open any more.
    async fn finish_run(
        &self,
        run: &RunId,
        generation: Generation,
        state: RunState,
        now: Timestamp,
    ) -> Result<(), LedgerError>;

    /// The runs that have not ended and whose time to be looked at has come: a plan's is the end of its collecting. From
    /// the sparse index `due`, so that it costs nothing while all is well; read again, so none has ended by now.
    async fn open_runs(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError>;
    /// Sets when an open run is to be looked at again. One that has ended, or is at another generation, stays as it is.
    async fn look_again(&self, run: &RunId, generation: Generation, at: Timestamp)
    -> Result<(), LedgerError>;
    /// Takes a run up again from a stage, as its next generation: what that stage and those after it made is taken off the
    /// row. Conditional on the generation that the caller has seen, so that of two who ask one gets it.
    async fn requeue(&self, requeue: &Requeue) -> Result<Requeued, LedgerError>;

    /// Writes a QUEUED delivery if there is none of that name; answers whether this call did. One that is QUEUED still and
    /// has the mail of an earlier generation gets this one: it was certainly not sent.
    async fn plan_delivery(
        &self,
        key: &DeliveryKey,
        mail: &Input,
        not_after: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Begins an attempt: QUEUED and due; writes owner, attempt and lease. `owner` names this very try. A SENDING row
    /// whose lease is over becomes UNKNOWN and is [`Begun::Done`]: it may have been sent, so it is never begun again.
    async fn begin_delivery(
        &self,
        key: &DeliveryKey,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Begun, LedgerError>;
    /// Ends an attempt; conditional on the attempt's number (fencing). An attempt that was written off as UNKNOWN when its
    /// lease was over may still say how it ended: no later one has begun.
    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        attempt: u32,
        outcome: &states::Outcome,
        now: Timestamp,
    ) -> Result<Settled, LedgerError>;
    /// Holds or suppresses a delivery without an attempt: QUEUED becomes what the outcome says, in one write, so that
    /// nobody who dies here leaves a mail that was never sent in doubt. Answers whether it did: not while an attempt is
    /// under way, nor where it was done before.
    async fn set_aside(
        &self,
        key: &DeliveryKey,
        outcome: &states::Outcome,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Ends an attempt whose lease is over: SENDING becomes UNKNOWN, as [`Self::begin_delivery`] would make it, without a
    /// chance that an attempt begins. Answers whether it did; not while the lease lasts, nor once the row has moved on.
    async fn end_lease(&self, row: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError>;
    /// Whether a delivery of a run, under a permission to mail, is not at its end. Asked after every delivery, so it does not
    /// read them all while many are open.
    async fn has_open_deliveries(&self, run: &RunId, mail_epoch: MailEpoch) -> Result<bool, LedgerError>;
    /// All deliveries of a run, by key.
    async fn deliveries(&self, run: &RunId) -> Result<Vec<DeliveryRow>, LedgerError>;

    /// Adds a line to the run's audit.
    async fn audit(&self, run: &RunId, entry: &AuditEntry) -> Result<(), LedgerError>;
    /// Adds the one line that says how a run ended; `entry.at` is when it did ([`RunRow::finished_at`]). The first line of
    /// that instant stands, whatever a second one says; answers whether this call wrote it.
    async fn audit_end(&self, run: &RunId, entry: &AuditEntry) -> Result<bool, LedgerError>;
    /// The run's audit, oldest first.
    async fn audits(&self, run: &RunId) -> Result<Vec<AuditEntry>, LedgerError>;
}
pub use states::Outcome;
