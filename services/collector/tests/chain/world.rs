//! A portfolio of two tables, handoffs and an inventory, on in-memory adapters, and ways to disturb it.

use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use collector::{Deps, Invocation};
use jiff::{SignedDuration, Timestamp};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use shared::{
    clock::ManualClock,
    embedded::EmbeddedDynamo,
    faulty::{Faults, FaultyLedger, FaultySender, FaultyStore},
    handler::mapping,
    id::{Generation, MailEpoch, PartId, RunId},
    ledger::{DynamoLedger, Ledger, RunRow},
    manifest::PartManifest,
    message::{Cause, Envelope, Origin, Task, VERSION},
    objects::Objects,
    portfolio::Bundle,
    queue::{QueueError, Received, Receiver, Sender, Stage, memory::MemoryQueue},
};

const PORTFOLIO: &str = r#"
schema = 1
id = "harbor"
title = "Harbor Holding"
timezone = "America/Los_Angeles"
currency = "USD"
[schedule]
at = "02:30"
mail_until_hours = 14
[mail]
from = "reports@example.com"
archive = "archive@example.com"
unknown_policy = "hold"
[[entities]]
id = "jada"
title = "JADA"
kind = "charter"
stage = "operating"
owner = "ceo"
[[sources.dynamodb]]
table = "jada-calendar"
entity = "jada"
core = true
attributes = ["status"]
[[sources.dynamodb]]
table = "not-there"
[sources.handoffs]
path = "handoffs"
stale_after_days = 45
[sources.inventory]
path = "inventory"
[[documents]]
id = "ceo"
template = "ceo"
title = "CEO brief"
recipients = ["ceo@example.com"]
"#;

/// The parts of that portfolio; the last one every portfolio has.
pub const PARTS: [&str; 5] = [
    "dynamodb.jada-calendar",
    "dynamodb.not-there",
    "handoffs",
    "inventory",
    "ledger",
];

/// Sends to the queue, or does not.
pub struct Line {
    queue: Arc<MemoryQueue>,
    /// The call that fails, from 1; 0 is none.
    pub fails_at: AtomicUsize,
    calls: AtomicUsize,
}

#[async_trait]
impl Sender for Line {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        let call = 1 + self.calls.fetch_add(1, Ordering::SeqCst);
        if call == self.fails_at.load(Ordering::SeqCst) {
            // As a crash in mid-batch: some are sent, and the caller never learns which.
            let half = &bodies[..bodies.len() / 2];
            self.queue.send(stage, half).await?;
            return Err(QueueError::Unavailable {
                stage,
                source: "the connection broke".into(),
            });
        }
        self.queue.send(stage, bodies).await
    }
}

/// Everything around the collector.
pub struct World {
    /// Its ports; all of them count in `faults`.
    pub deps: Deps,
    /// The same, for looking at what happened.
    pub ledger: Arc<dyn Ledger>,
    pub objects: Objects,
    pub faults: Arc<Faults>,
    pub queue: Arc<MemoryQueue>,
    pub line: Arc<Line>,
    pub clock: Arc<ManualClock>,
    pub database: EmbeddedDynamo,
    pub inputs: Arc<InMemory>,
    pub plan: Envelope,
}

impl World {
    pub async fn new() -> Self {
        let start: Timestamp = "2026-11-21T10:30:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let queue = Arc::new(MemoryQueue::new(clock.clone()));
        let line = Arc::new(Line {
            queue: queue.clone(),
            fails_at: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
        });
        let database = EmbeddedDynamo::memory().unwrap();
        let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "quarterdeck");
        ledger.create_table().await.unwrap();
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        let faults = Arc::new(Faults::default());
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let quiet = Objects::new(Arc::clone(&store));
        let inputs = Arc::new(InMemory::new());
        let bundle = Bundle([("portfolio.toml".to_owned(), PORTFOLIO.to_owned())].into());
        let run: RunId = "harbor.2026-11-20".parse().unwrap();
        let mut plan = Envelope {
            v: VERSION,
            task: Task::Plan,
            generation: Generation(0),
            mail_epoch: MailEpoch(0),
            key: String::new(),
            input: None,
            only: None,
            portfolio: bundle.store(&quiet, run.portfolio()).await.unwrap(),
            business_date: run.date(),
            run,
            tz: "America/Los_Angeles".into(),
            scheduled_at: start,
            not_after: start + SignedDuration::from_hours(14),
            issued_at: start,
            cause: Cause {
                origin: Origin::Schedule,
                by: "schedule".into(),
                reason: "nightly".into(),
            },
        };
        plan.key = plan.computed_key();
        let deps = Deps {
            ledger: Arc::new(FaultyLedger {
                inner: ledger.clone(),
                faults: faults.clone(),
            }),
            sender: Arc::new(FaultySender {
                inner: line.clone(),
                faults: faults.clone(),
            }),
            objects: Objects::new(Arc::new(FaultyStore {
                inner: store,
                faults: faults.clone(),
            })),
            clock: clock.clone(),
            tables: database.client(),
            account: None,
            variable: |_| None,
            polling: None,
            inputs: Arc::new(FaultyStore {
                inner: inputs.clone(),
                faults: faults.clone(),
            }),
        };
        let world = Self {
            ledger,
            objects: quiet,
            faults,
            deps,
            queue,
            line,
            clock,
            database,
            inputs,
            plan,
        };
        world.book(&["b1", "b2", "b3"]);
        world
            .put(
                "handoffs/jada.md",
                "---\nupdated: 2026-11-19\n---\n## Tasks\n- [ ] sail [owner:: ceo]\n",
            )
            .await;
        world
            .put("inventory/sqs_queue.ndjson", "{\"name\":\"q\"}\n")
            .await;
        world
    }

    /// Makes the calendar hold these bookings and no others.
    pub fn book(&self, ids: &[&str]) {
        let lines: String = ids
            .iter()
            .map(|id| format!("{{\"id\":\"{id}\",\"gross\":\"$840.75\"}}\n"))
            .collect();
        self.database
            .read_ndjson("jada-calendar", Cursor::new(lines))
            .unwrap();
    }
    pub async fn put(&self, path: &str, text: &str) {
        let path = format!("inputs/harbor/{path}");
        self.inputs
            .put(&Path::from(path), text.to_owned().into())
            .await
            .unwrap();
    }

    /// The plan of another generation.
    pub fn rerun(&self, generation: u32) -> Envelope {
        let mut plan = Envelope {
            generation: Generation(generation),
            ..self.plan.clone()
        };
        plan.key = plan.computed_key();
        plan
    }
    pub fn part(&self, plan: &Envelope, part: &str) -> Envelope {
        let part: PartId = part.parse().unwrap();
        plan.follow(Task::Part { part }, None, "test", "test", plan.issued_at)
    }

    pub async fn send(&self, envelope: &Envelope) {
        self.queue
            .send(envelope.task.stage(), &[envelope.to_body()])
            .await
            .unwrap();
    }
    /// Handles one batch of at most `max` messages; answers how many failed.
    pub async fn poll(&self, max: usize) -> mapping::Polled {
        let handle = |event| collector::handle(&self.deps, event);
        mapping::poll(self.queue.as_ref(), Stage::Collect, max, handle)
            .await
            .unwrap()
    }
    /// Handles one message in an invocation that has no time left: whatever can be stopped is, after its first page.
    pub async fn poll_without_time(&self) -> mapping::Polled {
        let invocation = Invocation {
            ends: Some(Timestamp::UNIX_EPOCH),
            queue: Some(self.queue.as_ref()),
            elsewhere: None,
        };
        let handle = |event| collector::handle_within(&self.deps, &invocation, event);
        mapping::poll(self.queue.as_ref(), Stage::Collect, 1, handle)
            .await
            .unwrap()
    }
    /// Makes the calendar so large that a scan of it has several pages.
    pub fn book_large(&self, count: usize) {
        let line = |n| format!("{{\"id\":\"{n:02}\",\"gross\":\"{}\"}}\n", "8".repeat(390_000));
        let lines: String = (0..count).map(line).collect();
        self.database
            .read_ndjson("jada-calendar", Cursor::new(lines))
            .unwrap();
    }
    /// Handles messages, failed ones again after a while, until nothing comes any more.
    pub async fn settle(&self) {
        let mut idle = 0;
        while idle < 3 {
            idle = if self.poll(10).await.received == 0 {
                idle + 1
            } else {
                0
            };
            if idle > 0 {
                self.clock.advance(SignedDuration::from_mins(30));
            }
        }
    }
    /// The analyze messages that are on their queue.
    pub async fn analyze_messages(&self) -> Vec<Envelope> {
        let received: Vec<Received> = self.queue.receive(Stage::Analyze, 10).await.unwrap();
        received
            .iter()
            .map(|message| Envelope::parse(Stage::Analyze, &message.body).unwrap())
            .collect()
    }

    pub async fn row(&self) -> RunRow {
        self.ledger.run(&self.plan.run).await.unwrap().unwrap()
    }
    /// The manifests of the parts that came, by part.
    pub async fn manifests(&self) -> Vec<PartManifest> {
        let mut manifests = Vec::new();
        for part in self.row().await.parts.values() {
            let bytes = self.objects.get_checked(&part.input).await.unwrap();
            manifests.push(serde_json::from_slice(&bytes).unwrap());
        }
        manifests
    }
    /// Keys of all objects below the run.
    pub async fn keys(&self) -> Vec<String> {
        use futures::TryStreamExt;
        let listed: Vec<_> = self
            .deps
            .objects
            .store()
            .list(Some(&Path::from("runs")))
            .try_collect()
            .await
            .unwrap();
        let mut keys: Vec<_> = listed.into_iter().map(|meta| meta.location.to_string()).collect();
        keys.sort();
        keys
    }
}
