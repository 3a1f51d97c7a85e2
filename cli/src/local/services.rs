//! The four services on one set of adapters.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use jiff::SignedDuration;
use object_store::ObjectStore;
use secrecy::SecretString;
use shared::{clock::Clock, ledger::Ledger, mail::Transport, objects::Objects, queue::Sender, queue::Stage};

/// What the services are wired to.
pub struct Adapters {
    /// Ledger.
    pub ledger: Arc<dyn Ledger>,
    /// To all queues.
    pub sender: Arc<dyn Sender>,
    /// Archive.
    pub objects: Objects,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Source tables.
    pub tables: aws_sdk_dynamodb::Client,
    /// The portfolio's folder: handoffs and the recorded inventory.
    pub inputs: Arc<dyn ObjectStore>,
    /// Outbox.
    pub transport: Arc<dyn Transport>,
    /// Key of the recipients' ids.
    pub rid_key: SecretString,
}

/// The services, as Lambda would hold them.
pub struct Services {
    collector: collector::Deps,
    analyzer: analyzer::Deps,
    renderer: renderer::Deps,
    mailer: mailer::Deps,
}

impl Services {
    /// Wires them.
    pub fn new(adapters: &Adapters) -> Self {
        let Adapters {
            ledger,
            sender,
            objects,
            clock,
            tables,
            inputs,
            transport,
            rid_key,
        } = adapters;
        Self {
            collector: collector::Deps {
                ledger: Arc::clone(ledger),
                sender: Arc::clone(sender),
                objects: objects.clone(),
                clock: Arc::clone(clock),
                tables: tables.clone(),
                inputs: Arc::clone(inputs),
                account: None,
                variable: shared::cloud::value,
                polling: None,
            },
            analyzer: analyzer::Deps {
                ledger: Arc::clone(ledger),
                sender: Arc::clone(sender),
                objects: objects.clone(),
                clock: Arc::clone(clock),
            },
            renderer: renderer::Deps {
                ledger: Arc::clone(ledger),
                sender: Arc::clone(sender),
                objects: objects.clone(),
                clock: Arc::clone(clock),
                nights: renderer::Nights::default(),
            },
            mailer: mailer::Deps {
                ledger: Arc::clone(ledger),
                sender: Arc::clone(sender),
                objects: objects.clone(),
                clock: Arc::clone(clock),
                transport: Arc::clone(transport),
                rid_key: rid_key.clone(),
                // A folder sends no events: waiting for its word would be for nothing.
                doubt: SignedDuration::ZERO,
            },
        }
    }

    /// The collector's ports, for the sweep that the runner makes when it is quiet.
    pub fn collector(&self) -> &collector::Deps {
        &self.collector
    }

    /// Invokes the service that the queue belongs to.
    pub async fn handle(&self, stage: Stage, event: SqsEvent) -> SqsBatchResponse {
        match stage {
            Stage::Collect => collector::handle(&self.collector, event).await,
            Stage::Analyze => analyzer::handle(&self.analyzer, event).await,
            Stage::Render => renderer::handle(&self.renderer, event).await,
            Stage::Mail => mailer::handle(&self.mailer, event).await,
        }
    }
}
