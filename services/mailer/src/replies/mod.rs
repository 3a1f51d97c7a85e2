//! Answers to reports: decisions about actions, and the wish to get no more mail. From SES's receipt rule, which puts the
//! raw mail into the inbox bucket and a notification on SNS, to the `replies` queue. Start at [`handle`].
//!
//! [`wire`] reads the notification, [`mail`] the mail, [`command`] its text, all purely; [`matching`] finds the delivery that
//! was answered, and [`sender`] says whether that can be believed; [`apply`] does it. The verdicts on the sender are SES's
//! own, of the notification: whatever stands in the mail, anybody can have written. What is not believed is quarantined and
//! what is not understood is noted in the run's audit; neither does
//! anything, and the owner gets both ([`forward`]). docs/decisions/021 and 026 have the choices.

use std::{sync::Arc, time::Instant};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use secrecy::SecretString;
use shared::{
    cloud::{Cloud, topic::Topic},
    handler,
    ledger::Ledger,
    metrics,
    notice::Notices,
    objects::Objects,
};

pub mod apply;
pub mod command;
pub mod forward;
pub mod mail;
pub mod matching;
pub mod sender;
pub mod wire;

pub use apply::{Outcome, apply};

/// The queue's name without a deployment's prefix: the field `stage` of logs and metrics.
const QUEUE: &str = "replies";
/// What the receipt rule puts before the name of an object.
pub const PREFIX: &str = "replies";

/// The ports of the replies function. It cannot mail, reads no report, and needs no clock for what it does: the times are SES's.
pub struct Deps {
    /// Deliveries, decisions, the suppression list, the run's audit.
    pub ledger: Arc<dyn Ledger>,
    /// The inbox: raw mails, which this only reads.
    pub inbox: Objects,
    /// The deployment's key, under which the sender must be the delivery's recipient.
    pub rid_key: SecretString,
    /// Who gets what is not understood or not believed; on a laptop nobody, there the command says it.
    pub owner: Option<Arc<dyn Notices>>,
}

impl Deps {
    /// Of these, without an owner to tell.
    pub fn new(ledger: Arc<dyn Ledger>, inbox: Objects, rid_key: SecretString) -> Self {
        Self {
            ledger,
            inbox,
            rid_key,
            owner: None,
        }
    }

    /// A deployment's, with its key.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud, rid_key: SecretString) -> anyhow::Result<Self> {
        let owner = Arc::new(Topic::of(cloud)?);
        Ok(Self {
            owner: Some(owner),
            ..Self::new(cloud.ledger()?, cloud.inbox()?, rid_key)
        })
    }
}

/// Handles a batch from the replies queue, each record by itself.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_body(event, QUEUE, async |body: String| one(deps, &body).await).await
}

async fn one(deps: &Deps, body: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    match wire::read(body)? {
        wire::Body::Mail(received) => {
            if let Outcome::Read(read) = apply(deps, &received).await? {
                metrics::stage(read.delivery.run.portfolio(), QUEUE, started.elapsed());
            }
        }
        wire::Body::Nothing(what) => tracing::info!(what, "nothing to do for this message"),
    }
    Ok(())
}
