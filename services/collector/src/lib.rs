//! The collector: reads every source of a portfolio and writes the night's snapshot.
//!
//! A night begins with one message that starts it ([`start`]), which becomes a plan ([`plan`]): one part per source. Each part is a message of its own
//! ([`part`]) that reads its [`sources`] into Parquet files ([`snapshot`]) and then comes off the run's pending set.
//! Whoever empties the set starts the analyzer ([`join`]); [`sweeper`] carries on runs that nobody else does, and [`polling`] wakes the stages that sleep by day. Start at
//! [`handle`].
//!
//! Every step may be repeated: objects are written once under names that do not change, then the ledger's row is flipped
//! by a condition, then the next message is sent, and only then is this one acknowledged.

use std::{sync::Arc, time::SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp};
use object_store::ObjectStore;
use shared::{
    clock::Clock,
    cloud::{self, Cloud},
    handler,
    ledger::Ledger,
    message::{Envelope, Task, ToCollect},
    objects::Objects,
    queue::{Receiver, Sender, Stage},
};

pub mod join;
pub mod notice;
pub mod part;
pub mod plan;
pub mod polling;
pub mod snapshot;
pub mod sources;
pub mod start;
pub mod sweeper;

use sources::inventory::account::{Account, Fingerprints};
pub use sources::{
    Delivery,
    dynamodb::{Accounts, Elsewhere},
};
pub use sweeper::{Chain, sweep};

/// As what this service signs its messages.
const BY: &str = "collector";

/// The ports that the collector holds. It can read sources and inputs, and has no way to mail.
pub struct Deps {
    /// What runs have come to.
    pub ledger: Arc<dyn Ledger>,
    /// To its own queue, and the analyzer's.
    pub sender: Arc<dyn Sender>,
    /// Portfolio bundles and snapshots.
    pub objects: Objects,
    /// Tells when something was sent.
    pub clock: Arc<dyn Clock>,
    /// The businesses' tables: DynamoDB, or the embedded one.
    pub tables: aws_sdk_dynamodb::Client,
    /// Handoffs and recorded inventories, each portfolio's below `inputs/<id>/`.
    pub inputs: Arc<dyn ObjectStore>,
    /// The stages that are polled only while there is work; locally there are none.
    pub polling: Option<Arc<dyn polling::Polling>>,
    /// The AWS account that the inventory and SSM parameters are read of; none on an owner's machine, where a recording is
    /// replayed.
    pub account: Option<Arc<Account>>,
    /// The owner's own environment variables, by name.
    pub variable: fn(&str) -> Option<String>,
}

impl Deps {
    /// A deployment's.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        let (chain, objects) = (Chain::of(cloud)?, cloud.objects()?);
        let key = Fingerprints::Secret(cloud.rid_secret_id()?.to_owned());
        Ok(Self {
            tables: cloud.tables(),
            inputs: objects.store(),
            objects,
            account: Some(Arc::new(Account::of(
                cloud.config(),
                cloud.connector(),
                cloud.clock(),
                key,
            )?)),
            variable: cloud::value,
            ledger: chain.ledger,
            sender: chain.sender,
            clock: chain.clock,
            polling: chain.polling,
        })
    }

    /// The ports that carry a run on.
    pub fn chain(&self) -> Chain {
        Chain {
            ledger: Arc::clone(&self.ledger),
            sender: Arc::clone(&self.sender),
            clock: Arc::clone(&self.clock),
            polling: self.polling.clone(),
            notices: None,
        }
    }
}

/// What the invocation has that a batch came with. Locally there is nothing of it.
#[derive(Clone, Copy, Default)]
pub struct Invocation<'a> {
    /// When work is to be stopped and saved: before the function is.
    pub ends: Option<Timestamp>,
    /// The queue, to make a message visible again when its work is to be gone on with.
    pub queue: Option<&'a dyn Receiver>,
    /// Tables of other regions and accounts.
    pub elsewhere: Option<&'a dyn Elsewhere>,
}

impl<'a> Invocation<'a> {
    /// So long before its end a function stops reading: to sort, pack and store a chunk of 32 MiB takes some seconds, and
    /// an invocation that takes more than 80 % of its 300 s raises an alarm (`near-timeout`).
    pub const MARGIN: SignedDuration = SignedDuration::from_secs(65);

    /// One that Lambda ends at `deadline`.
    pub fn until(deadline: SystemTime, queue: &'a dyn Receiver, elsewhere: &'a dyn Elsewhere) -> Self {
        let deadline = Timestamp::try_from(deadline).ok();
        Self {
            ends: deadline.map(|at| at - Self::MARGIN),
            queue: Some(queue),
            elsewhere: Some(elsewhere),
        }
    }
}

/// Handles a batch from the collect queue, record by record.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handle_within(deps, &Invocation::default(), event).await
}

/// [`handle`], with what an invocation has.
pub async fn handle_within(deps: &Deps, invocation: &Invocation<'_>, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let delivery = Delivery {
            received: receive_count(&message),
        };
        let mut one = SqsEvent::default();
        one.records.push(message);
        let work = async |message: ToCollect| match message {
            ToCollect::Start(start) => start::run(deps, &start).await,
            ToCollect::Work(envelope) => run_within(deps, invocation, &envelope, delivery).await,
        };
        let of_one = match invocation.queue {
            Some(queue) => handler::per_record_on(queue, one, Stage::Collect, work).await,
            None => handler::per_record(one, Stage::Collect, work).await,
        };
        response.batch_item_failures.extend(of_one.batch_item_failures);
    }
    response
}

/// One message.
///
/// # Errors
/// Whatever another delivery of the message may get past; see [`plan::run`] and [`part::run`].
pub async fn run(deps: &Deps, envelope: &Envelope, delivery: Delivery) -> anyhow::Result<()> {
    run_within(deps, &Invocation::default(), envelope, delivery).await
}

async fn run_within(
    deps: &Deps,
    invocation: &Invocation<'_>,
    envelope: &Envelope,
    delivery: Delivery,
) -> anyhow::Result<()> {
    match &envelope.task {
        Task::Plan => plan::run(deps, envelope).await,
        // Boxed: the futures below are deep, and the compiler would lay all of them out at once.
        Task::Part { part } => Box::pin(part::run(deps, invocation, envelope, part, delivery)).await,
        Task::Analyze | Task::Render { .. } | Task::Mail { .. } | Task::Deliver { .. } => {
            anyhow::bail!(
                "a message for the {} queue came to the collector",
                envelope.task.stage()
            )
        }
    }
}

fn receive_count(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}
