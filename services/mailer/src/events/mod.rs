//! What became of a mail: the mail service's events, from SES through SNS to the `events` queue. Start at [`handle`].
//!
//! [`wire`] reads a body, [`classify`] says what an event means, purely; [`claim`] finds the delivery that it claims to
//! be of, and whether that can be believed; [`apply`] does it. Events come in any order, twice, and from whoever can
//! publish to the topic: they move a delivery only forward, are handled once under their name, and one that is not of a
//! delivery of ours is quarantined and suppresses nobody. docs/SEMANTICS.md has the rules and their tests.

use std::{sync::Arc, time::Instant};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use secrecy::SecretString;
use shared::{clock::Clock, cloud::Cloud, handler, ledger::Ledger, metrics};

pub mod apply;
pub mod claim;
pub mod classify;
pub mod wire;

/// The queue's name without a deployment's prefix: the field `stage` of logs and metrics.
const QUEUE: &str = "events";

/// The ports of the events function. It cannot mail, and reads no documents.
pub struct Deps {
    /// Deliveries, the suppression list, the run's audit.
    pub ledger: Arc<dyn Ledger>,
    /// Tells when an event was handled.
    pub clock: Arc<dyn Clock>,
    /// The deployment's key, under which an event's recipient must be the delivery's.
    pub rid_key: SecretString,
}

impl Deps {
    /// Of these.
    pub fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>, rid_key: SecretString) -> Self {
        Self {
            ledger,
            clock,
            rid_key,
        }
    }

    /// A deployment's, with its key.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud, rid_key: SecretString) -> anyhow::Result<Self> {
        Ok(Self::new(cloud.ledger()?, cloud.clock(), rid_key))
    }
}

/// Handles a batch from the events queue, each record by itself.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_body(event, QUEUE, async |body: String| one(deps, &body).await).await
}

async fn one(deps: &Deps, body: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    let portfolio = match wire::read(body)? {
        wire::Body::Event(event) => apply::apply(deps, &event).await?,
        wire::Body::Nothing(what) => {
            tracing::info!(what, "nothing to do for this message");
            None
        }
    };
    if let Some(portfolio) = portfolio {
        metrics::stage(&portfolio, QUEUE, started.elapsed());
    }
    Ok(())
}
