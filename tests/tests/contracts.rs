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

    const SETTINGS: Settings = Settings {
        visibility: Duration::from_secs(30),
        max_receives: 3,
    };

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
        let clock = Arc::new(ManualClock::at(
            "2026-11-21T08:00:00Z".parse().expect("a literal"),
        ));
        let queue = MemoryQueue::with_settings(Arc::<ManualClock>::clone(&clock), SETTINGS);
        Some(InMemory { clock, queue })
    }

    shared::queue_contract!(queue());
    shared::queue_trace_contract!(queue());
}

/// The archive in memory.
mod objects_in_memory {
    use shared::objects::Objects;

    async fn objects() -> Option<Objects> {
        Some(Objects::memory())
    }

    shared::objects_contract!(objects());
}

/// The archive in a folder.
mod objects_in_a_folder {
    use shared::{contract::objects::Bench, objects::Objects};

    struct InFolder {
        objects: Objects,
        _folder: tempfile::TempDir,
    }

    impl Bench for InFolder {
        fn objects(&self) -> &Objects {
            &self.objects
        }
    }

    async fn objects() -> Option<InFolder> {
        let folder = tempfile::tempdir().expect("a folder");
        // One that is not there yet, as on a first run.
        let objects = Objects::local(&folder.path().join("archive")).expect("opened");
        Some(InFolder {
            objects,
            _folder: folder,
        })
    }

    shared::objects_contract!(objects());
}

/// Mail into memory, the same code as into a folder but for the writing.
mod mail_in_the_outbox {
    use shared::{
        contract::mail::Bench,
        mail::{Mailbox, Transport, outbox::Outbox},
    };

    struct InMemory(Outbox);

    #[async_trait::async_trait]
    impl Bench for InMemory {
        fn transport(&self) -> &dyn Transport {
            &self.0
        }
        async fn arrived(&self, to: &Mailbox) -> Vec<Vec<u8>> {
            let mails = self.0.mails().into_iter().filter(|mail| mail.to == *to);
            mails
                .filter_map(|mail| mail.raw)
                .map(|raw| raw.to_vec())
                .collect()
        }
    }

    async fn mail() -> Option<InMemory> {
        Some(InMemory(Outbox::memory()))
    }

    shared::mail_contract!(mail());
}

/// The mail service's own list of the account, as tests have it. SES's adapter is held to the suite beside its code.
mod account_list_in_memory {
    use std::sync::Arc;

    use shared::{clock::SystemClock, mail::account_list::memory::MemoryList};

    async fn list() -> Option<MemoryList> {
        Some(MemoryList::new(Arc::new(SystemClock)))
    }

    shared::account_list_contract!(list());
}

/// The mail service that tests give orders to.
mod mail_to_the_fake {
    use std::sync::Arc;

    use shared::{
        clock::SystemClock,
        contract::mail::Bench,
        mail::{Mailbox, Transport, fake::FakeSes},
    };

    struct Fake(FakeSes);

    #[async_trait::async_trait]
    impl Bench for Fake {
        fn transport(&self) -> &dyn Transport {
            &self.0
        }
        async fn arrived(&self, to: &Mailbox) -> Vec<Vec<u8>> {
            let mails = self.0.mails().into_iter().filter(|mail| mail.to == *to);
            mails.map(|mail| mail.raw).collect()
        }
    }

    async fn mail() -> Option<Fake> {
        Some(Fake(FakeSes::new(Arc::new(SystemClock))))
    }

    shared::mail_contract!(mail());
}
