//! One rendered night of the example portfolio, ready to be mailed: two documents, five deliveries.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use secrecy::ExposeSecret;
use shared::{
    clock::{Clock, ManualClock},
    embedded::EmbeddedDynamo,
    handler::mapping,
    id::{DocumentId, Generation, MailEpoch},
    ledger::{
        DOUBT, DeliveryRow, DeliveryState, DynamoLedger, Feedback, Ledger, PartRef, RunPlan, RunState,
        feedback::Quarantined,
    },
    mail::{Rid, fake::FakeSes},
    manifest::{DocumentManifest, Image},
    message::{Cause, Envelope, Input, Origin, Task, VERSION},
    objects::Objects,
    portfolio::{Bundle, EXAMPLE, FILE},
    queue::{QueueError, Received, Sender, Stage},
};

use super::faulty::{Faults, FaultyLedger, FaultySender};
use crate::{Deps, events};

pub use shared::mail::fake::Answer as Step;

pub const SUBJECT: &str = "Harbor: four months of runway";
pub const DOCUMENTS: [&str; 2] = ["audit-rental", "ceo"];

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The mail queue: at least once, and what failed comes back.
#[derive(Default)]
pub struct Inbox(Mutex<VecDeque<String>>);

#[async_trait]
impl Sender for Inbox {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        assert_eq!(stage, Stage::Mail);
        lock(&self.0).extend(bodies.iter().cloned());
        Ok(())
    }
}

pub struct World {
    pub deps: Deps,
    pub clock: Arc<ManualClock>,
    pub ledger: Arc<DynamoLedger>,
    pub service: Arc<FakeSes>,
    pub inbox: Arc<Inbox>,
    pub faults: Arc<Faults>,
    envelope: Envelope,
    manifests: Vec<(DocumentId, Input)>,
}

impl World {
    /// A night up to the point where the renderer sends the mail messages. `hold` is the CEO brief's.
    pub async fn night(hold: Option<&str>) -> Self {
        Self::night_of(EXAMPLE, hold).await
    }

    /// The same of another portfolio with these two documents.
    pub async fn night_of(portfolio: &str, hold: Option<&str>) -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-21T10:31:00Z".parse().unwrap()));
        let database = EmbeddedDynamo::memory().unwrap();
        let ledger = Arc::new(DynamoLedger::new(database.client(), "ledger"));
        ledger.create_table().await.unwrap();
        let objects = Objects::new(Arc::new(object_store::memory::InMemory::new()));
        let bundle = Bundle([(FILE.to_owned(), portfolio.to_owned())].into());
        let portfolio = bundle.store(&objects, &"harbor".parse().unwrap()).await.unwrap();
        let mut manifests = Vec::new();
        for document in DOCUMENTS {
            let hold = hold.filter(|_| document == "ceo");
            manifests.push((document.parse().unwrap(), render(&objects, document, hold).await));
        }
        let envelope = envelope(portfolio);
        plan(&*ledger, &objects, &envelope, &manifests).await;
        let (service, inbox, faults) = (
            Arc::new(FakeSes::new(clock.clone())),
            Arc::<Inbox>::default(),
            Arc::<Faults>::default(),
        );
        let deps = Deps {
            ledger: Arc::new(FaultyLedger {
                inner: ledger.clone(),
                faults: faults.clone(),
            }),
            sender: Arc::new(FaultySender {
                inner: inbox.clone(),
                faults: faults.clone(),
            }),
            objects,
            clock: clock.clone(),
            transport: service.clone(),
            rid_key: "a key of this test".to_owned().into(),
            doubt: DOUBT,
        };
        let world = Self {
            deps,
            clock,
            ledger,
            service,
            inbox,
            faults,
            envelope,
            manifests,
        };
        world.send_mail_messages();
        world
    }

    /// What the renderer does when the last document is there; and does again, if it dies before it could note that.
    pub fn send_mail_messages(&self) {
        for (document, manifest) in &self.manifests {
            let task = Task::Mail {
                document: document.clone(),
            };
            let envelope = self.envelope.follow(
                task,
                Some(manifest.clone()),
                "renderer",
                "rendered",
                self.envelope.issued_at,
            );
            lock(&self.inbox.0).push_back(envelope.to_body());
        }
    }

    /// Puts a message for every delivery on the queue once more.
    pub async fn duplicate_deliver_messages(&self) {
        for row in self.rows().await {
            self.deliver_again(&row);
        }
    }

    /// Handles the messages on the queue, each once; those that fail go back. Answers how many did.
    pub async fn turn(&self) -> usize {
        let bodies = lock(&self.inbox.0).drain(..).collect::<Vec<_>>();
        let mut failed = 0;
        for (number, body) in bodies.into_iter().enumerate() {
            let received = Received {
                message_id: format!("m{number}"),
                receipt: "r".to_owned(),
                body: body.clone(),
                receive_count: 1,
                trace: None,
            };
            let response = crate::handle(&self.deps, mapping::event(Stage::Mail, &[received])).await;
            if !response.batch_item_failures.is_empty() {
                failed += 1;
                lock(&self.inbox.0).push_back(body);
            }
        }
        failed
    }

    /// Turns until the queue is empty, a minute apart.
    pub async fn until_quiet(&self) {
        for _ in 0..60 {
            self.turn().await;
            if lock(&self.inbox.0).is_empty() {
                return;
            }
            self.clock.advance(SignedDuration::from_mins(1));
        }
        panic!("messages are still on the queue after an hour");
    }

    /// Lets the time go by in which the mail service may say its word, and does what the sweeper does then.
    pub async fn doubt_is_over(&self) {
        self.clock.advance(DOUBT);
        for row in self.rows().await {
            if row.state == DeliveryState::Unknown {
                self.deliver_again(&row);
            }
        }
        self.until_quiet().await;
    }

    fn deliver_again(&self, row: &DeliveryRow) {
        let task = Task::Deliver {
            document: row.key.document.clone(),
            rid: row.key.rid.clone(),
        };
        let body = self
            .envelope
            .follow(task, None, "mailer", "again", self.envelope.issued_at)
            .to_body();
        lock(&self.inbox.0).push_back(body);
    }

    /// The events function of the same deployment.
    pub fn events(&self) -> events::Deps {
        events::Deps {
            ledger: self.deps.ledger.clone(),
            clock: self.clock.clone(),
            rid_key: self.deps.rid_key.clone(),
        }
    }

    /// Hands bodies to the events function, in one batch; answers how many records failed.
    pub async fn told<T: Into<String>>(&self, bodies: impl IntoIterator<Item = T>) -> usize {
        let message = |(number, body): (usize, T)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("e{number}"));
            message.body = Some(body.into());
            message
        };
        let mut event = SqsEvent::default();
        event.records = bodies.into_iter().enumerate().map(message).collect();
        events::handle(&self.events(), event)
            .await
            .batch_item_failures
            .len()
    }

    /// The delivery of a document to an address.
    pub async fn row(&self, document: &str, address: &str) -> DeliveryRow {
        let key = self.deps.rid_key.expose_secret().as_bytes();
        let rid = match address {
            "archive@example.com" => Rid::archive(),
            address => Rid::of(key, &address.parse().unwrap()),
        };
        let rows = self.rows().await;
        let is_it = |row: &DeliveryRow| row.key.document.as_str() == document && row.key.rid == rid;
        rows.into_iter().find(is_it).unwrap()
    }

    /// The events of this day that were not believed.
    pub async fn quarantine(&self) -> Vec<Quarantined> {
        let today = self.clock.now().to_zoned(TimeZone::UTC).date();
        self.ledger.quarantined(today).await.unwrap()
    }

    pub async fn rows(&self) -> Vec<DeliveryRow> {
        self.ledger.deliveries(&self.envelope.run).await.unwrap()
    }
    /// Document, state and reason of all deliveries: `ceo ACCEPTED`.
    pub async fn states(&self) -> Vec<String> {
        let rows = self.rows().await;
        let mut all = rows
            .iter()
            .map(|row| format!("{} {}", row.key.document, row.state))
            .collect::<Vec<_>>();
        all.sort();
        all
    }
    pub async fn run_state(&self) -> RunState {
        self.ledger.run(&self.envelope.run).await.unwrap().unwrap().state
    }
    pub async fn audit_events(&self) -> Vec<String> {
        self.ledger
            .audits(&self.envelope.run)
            .await
            .unwrap()
            .into_iter()
            .map(|entry| entry.detail)
            .collect()
    }
}

async fn put(objects: &Objects, name: &str, bytes: &str) -> Input {
    let key = format!("runs/harbor.2026-11-20/g0/documents/{name}");
    objects.put_once(&key, bytes.to_owned().into()).await.unwrap()
}

async fn render(objects: &Objects, document: &str, hold: Option<&str>) -> Input {
    let image = put(objects, &format!("{document}/cash.png"), "\u{89}PNG").await;
    let manifest = DocumentManifest {
        document: document.parse().unwrap(),
        subject: SUBJECT.to_owned(),
        html: put(
            objects,
            &format!("{document}.html"),
            "<p>secret figure</p><img src=\"cid:cash\">",
        )
        .await,
        text: put(objects, &format!("{document}.txt"), "secret figure").await,
        pdf: put(objects, &format!("{document}.pdf"), "%PDF-1.7 secret figure").await,
        images: vec![Image {
            cid: "cash".to_owned(),
            input: image,
            alt: "Cash".to_owned(),
        }],
        hold: hold.map(str::to_owned),
    };
    put(
        objects,
        &format!("{document}.json"),
        &serde_json::to_string(&manifest).unwrap(),
    )
    .await
}

fn envelope(portfolio: Input) -> Envelope {
    let instant = |text: &str| text.parse::<Timestamp>().unwrap();
    let cause = Cause {
        origin: Origin::Schedule,
        by: "test".to_owned(),
        reason: "night".to_owned(),
    };
    let mut envelope = Envelope {
        v: VERSION,
        task: Task::Plan,
        run: "harbor.2026-11-20".parse().unwrap(),
        generation: Generation(0),
        mail_epoch: MailEpoch(0),
        key: String::new(),
        input: None,
        portfolio,
        business_date: "2026-11-20".parse().unwrap(),
        tz: "America/Los_Angeles".to_owned(),
        scheduled_at: instant("2026-11-21T10:30:00Z"),
        not_after: instant("2026-11-22T00:30:00Z"),
        issued_at: instant("2026-11-21T10:30:00Z"),
        only: None,
        cause,
    };
    envelope.key = envelope.computed_key();
    envelope
}

async fn plan(
    ledger: &dyn Ledger,
    objects: &Objects,
    envelope: &Envelope,
    manifests: &[(DocumentId, Input)],
) {
    let (run, generation, now) = (&envelope.run, envelope.generation, envelope.issued_at);
    let part = "handoffs".parse().unwrap();
    let plan = RunPlan {
        run: run.clone(),
        generation,
        mail_epoch: envelope.mail_epoch,
        parts: [part].into(),
        portfolio: envelope.portfolio.clone(),
        scheduled_at: envelope.scheduled_at,
        not_after: envelope.not_after,
        tz: envelope.tz.clone(),
        only: None,
        planned_at: now,
        collect_until: now,
    };
    ledger.plan_run(&plan).await.unwrap();
    let analysis = put(objects, "analysis.json", "{}").await;
    let result = |input: &Input| PartRef {
        input: input.clone(),
        rows: 0,
        failure: None,
    };
    let part = plan.parts.first().unwrap();
    let collected = PartRef {
        rows: 3,
        ..result(&analysis)
    };
    ledger
        .complete_part(run, generation, part, &collected)
        .await
        .unwrap();
    ledger.analyze_sent(run, generation, now).await.unwrap();
    let documents = manifests.iter().map(|(document, _)| document.clone()).collect();
    ledger
        .record_analysis(run, generation, &analysis, &documents)
        .await
        .unwrap();
    for (document, manifest) in manifests {
        ledger
            .complete_document(run, generation, document, &result(manifest))
            .await
            .unwrap();
    }
    ledger.mail_sent(run, generation, now).await.unwrap();
}
