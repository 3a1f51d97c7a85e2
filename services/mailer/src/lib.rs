//! The mailer: documents become deliveries on the ledger, and deliveries become mail, each at most once.
//!
//! [`plan`] takes a document's message: it writes one archived mail and one ledger row per recipient, and one message
//! for each. [`deliver`] takes such a message: it begins an attempt on the row, sends the archived bytes and settles
//! the attempt by what the service said. [`brake`] stops all sends while the account cannot send, [`doubt`] decides about a
//! delivery that nobody knows of whether it was sent, and [`finish`] closes the run when nothing is left to send. Start at [`handle`];
//! [`events`] and [`replies`] are functions of their own: what became of the mails that were sent, and what their readers answer.
//!
//! Never twice is the ledger's doing, not the queue's: a message may come twice, and a function may die between any two
//! steps. An attempt whose outcome nobody wrote is UNKNOWN, never QUEUED again by itself. docs/SEMANTICS.md has the
//! states and the faults.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use shared::{
    clock::Clock,
    cloud::Cloud,
    handler::{self, Budget},
    ledger::{DOUBT, Ledger},
    mail::Transport,
    message::{Envelope, Task},
    objects::Objects,
    queue::{Receiver, Sender, Stage},
};

pub mod attempt;
pub mod brake;
pub mod deliver;
pub mod doubt;
pub mod events;
pub mod finish;
pub mod mime;
pub mod pace;
pub mod plan;
pub mod replies;
pub mod suppression;

/// What the mailer works on.
pub struct Deps {
    /// Runs and deliveries.
    pub ledger: Arc<dyn Ledger>,
    /// To the mail queue.
    pub sender: Arc<dyn Sender>,
    /// Documents in, mails out.
    pub objects: Objects,
    /// Decides what is due and what has expired.
    pub clock: Arc<dyn Clock>,
    /// SES, or an outbox; see [`pace::Paced`].
    pub transport: Arc<dyn Transport>,
    /// The deployment's key, under which an address becomes a rid.
    pub rid_key: SecretString,
    /// How long a delivery in doubt waits for the mail service's word: [`shared::ledger::DOUBT`], or nothing where no
    /// service will ever say a word.
    pub doubt: SignedDuration,
}

impl Deps {
    /// A deployment's, with its queue and its key.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud, sender: Arc<dyn Sender>, rid_key: SecretString) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: cloud.ledger()?,
            sender,
            objects: cloud.objects()?,
            clock: cloud.clock(),
            transport: pace::transport(cloud)?,
            rid_key,
            doubt: DOUBT,
        })
    }
}

/// Handles a batch from the mail queue, each record by itself.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_record(event, Stage::Mail, |envelope| one(deps, envelope)).await
}

/// [`handle`], for a driver that can tell the queue when a delivery is due again.
pub async fn handle_on(queue: &dyn Receiver, deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_record_on(queue, event, Stage::Mail, |envelope| one(deps, envelope)).await
}

/// What one record may take: a send with its timeout, and then a ledger that has to be asked more than once.
const A_RECORD: Duration = Duration::from_secs(45);

/// [`handle_on`], for an invocation that is killed at `deadline`: what there is no time left for is not begun.
pub async fn handle_until(
    queue: &dyn Receiver,
    deps: &Deps,
    event: SqsEvent,
    deadline: Timestamp,
) -> SqsBatchResponse {
    let left = || Duration::try_from(deadline.duration_since(deps.clock.now())).unwrap_or_default();
    let budget = Budget {
        left: &left,
        needed: A_RECORD,
    };
    handler::per_record_within(queue, &budget, event, Stage::Mail, |envelope| one(deps, envelope)).await
}

async fn one(deps: &Deps, envelope: Envelope) -> anyhow::Result<()> {
    match &envelope.task {
        Task::Mail { document } => plan::plan(deps, &envelope, document).await,
        Task::Deliver { document, rid } => deliver::deliver(deps, &envelope, document, rid).await,
        // The envelope was checked against the queue, so this is a stage that this build does not know it has.
        other => anyhow::bail!("the mailer has no work of kind {}", other.stage()),
    }
}

#[cfg(test)]
mod tests;
