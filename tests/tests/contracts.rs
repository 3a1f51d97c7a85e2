//! Every embedded adapter keeps its port's contract. The cloud's adapters are held to the same suites in `wire.rs`.

/// The ledger on dynoxide, in memory.
mod ledger_in_memory {
    use shared::{embedded::EmbeddedDynamo, ledger::DynamoLedger};

    async fn ledger() -> Option<DynamoLedger> {
        let dynamo = EmbeddedDynamo::memory().expect("SQLite opens in memory");
        let ledger = DynamoLedger::new(dynamo.client(), "ledger");
        ledger.create_table().await.expect("the table is made");
        Some(ledger)
    }

    shared::ledger_contract!(ledger());
}

/// The queues of this process, on a clock that the suite moves.
mod queue_in_memory {
    use std::{sync::Arc, time::Duration};

    use shared::{
        clock::ManualClock,
        contract::queue::Bench,
        queue::{
            Receiver, Sender,
            memory::{MemoryQueue, Settings},
        },
    };

    struct InMemory {
        clock: Arc<ManualClock>,
        queue: MemoryQueue,
    }

    const SETTINGS: Settings = Settings { visibility: Duration::from_secs(30), max_receives: 3 };

    #[async_trait::async_trait]
    impl Bench for InMemory {
        fn sender(&self) -> &dyn Sender {
            &self.queue
        }
        fn receiver(&self) -> &dyn Receiver {
            &self.queue
        }
        fn visibility(&self) -> Duration {
            SETTINGS.visibility
        }
        fn max_receives(&self) -> u32 {
            SETTINGS.max_receives
        }
        async fn wait(&self, time: Duration) {
            self.clock.advance(time.try_into().expect("a short time"));
        }
    }

    async fn queue() -> Option<InMemory> {
        let clock = Arc::new(ManualClock::at("2026-11-21T08:00:00Z".parse().expect("a literal")));
        let queue = MemoryQueue::new(Arc::<ManualClock>::clone(&clock), SETTINGS);
        Some(InMemory { clock, queue })
    }

    shared::queue_contract!(queue());
}
