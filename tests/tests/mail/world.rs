//! One rendered document, its recipients and the archive; every port behind the same switch for faults.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use collector::Chain;
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use shared::{
    clock::{Clock, ManualClock},
    embedded::EmbeddedDynamo,
    faulty::{Faults, FaultyLedger, FaultySender, FaultyStore, FaultyTransport},
    handler::mapping,
    id::{Generation, MailEpoch, RunId},
    ledger::{DOUBT, DeliveryRow, DeliveryState, DynamoLedger, Ledger, PartRef, RunPlan, RunRow},
    mail::{Mailbox, Rid, fake::FakeSes},
    manifest::DocumentManifest,
    message::{Cause, Envelope, Input, Night as Messages, Origin, Task},
    notice::{Notice, Notices},
    objects::Objects,
    portfolio::{Bundle, EXAMPLE, FILE},
    queue::{QueueError, Received, Sender, Stage},
};

pub const KEY: &str = "a key of this test";
const START: &str = "2026-11-21T10:30:00Z";

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

/// What the operator was told.
pub struct Told {
    /// Of this port alone.
    pub faults: Arc<Faults>,
    pub all: Mutex<Vec<Notice>>,
}

#[async_trait]
impl Notices for Told {
    async fn tell(&self, notice: &Notice) -> anyhow::Result<()> {
        let told = async {
            lock(&self.all).push(notice.clone());
            Ok(())
        };
        self.faults.call(|| anyhow::anyhow!("injected"), told).await
    }
}

/// What a deployment is before any night: made once, it serves many.
pub struct Deployment {
    pub ledger: Arc<DynamoLedger>,
    store: Arc<object_store::memory::InMemory>,
    bundle: Input,
}

impl Deployment {
    /// With one document to so many recipients; and this policy for what is in doubt.
    pub async fn new(recipients: usize, policy: &str) -> Self {
        let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "ledger");
        ledger.create_table().await.unwrap();
        let store = Arc::new(object_store::memory::InMemory::new());
        let bundle = Bundle([(FILE.to_owned(), portfolio(recipients, policy))].into());
        let objects = Objects::new(store.clone());
        let bundle = bundle.store(&objects, &"harbor".parse().unwrap()).await.unwrap();
        Self {
            ledger: Arc::new(ledger),
            store,
            bundle,
        }
    }

    /// The night of a date, up to the point where the renderer sends the mail message.
    pub async fn night(&self, date: &str) -> Night {
        let clock = Arc::new(ManualClock::at(START.parse().unwrap()));
        let ses = FakeSes::new(clock.clone());
        self.night_with(date, clock, ses).await
    }

    pub async fn night_with(&self, date: &str, clock: Arc<ManualClock>, ses: FakeSes) -> Night {
        let run: RunId = format!("harbor.{date}").parse().unwrap();
        let objects = Objects::new(self.store.clone());
        let manifest = render(&objects, &run).await;
        let row = mailing(&*self.ledger, &run, &self.bundle, &manifest, clock.now()).await;
        let notices = Arc::new(Told {
            faults: Arc::default(),
            all: Mutex::default(),
        });
        let (faults, ses, inbox) = (Arc::<Faults>::default(), Arc::new(ses), Arc::<Inbox>::default());
        let ledger = Arc::new(FaultyLedger {
            inner: self.ledger.clone(),
            faults: faults.clone(),
        });
        let sender = Arc::new(FaultySender {
            inner: inbox.clone(),
            faults: faults.clone(),
        });
        let store = FaultyStore {
            inner: self.store.clone(),
            faults: faults.clone(),
        };
        let deps = mailer::Deps {
            ledger: ledger.clone(),
            sender: sender.clone(),
            objects: Objects::new(Arc::new(store)),
            clock: clock.clone(),
            transport: Arc::new(through(&ses, &faults)),
            rid_key: KEY.to_owned().into(),
            doubt: DOUBT,
        };
        let night = Night {
            chain: Chain {
                ledger: ledger.clone(),
                sender,
                clock: clock.clone(),
                polling: None,
                notices: Some(notices.clone()),
            },
            events: mailer::events::Deps {
                ledger,
                clock: clock.clone(),
                rid_key: KEY.to_owned().into(),
            },
            deps,
            clock,
            ledger: self.ledger.clone(),
            ses,
            notices,
            inbox,
            faults,
            plan: plan_of(&row),
            run,
        };
        let mail = Task::Mail {
            document: "ceo".parse().unwrap(),
        };
        let message = night
            .plan
            .follow(mail, Some(manifest), "renderer", "rendered", night.clock.now());
        night.put(&message);
        night
    }
}

/// The example, with one document to so many.
fn portfolio(recipients: usize, policy: &str) -> String {
    let example = EXAMPLE.replace(
        "unknown_policy = \"hold\"",
        &format!("unknown_policy = \"{policy}\""),
    );
    let list: Vec<String> = (0..recipients).map(|n| format!("\"{}\"", address(n))).collect();
    let before = "recipients = [\"ceo@example.com\"]";
    assert!(example.contains(before));
    example.replacen(before, &format!("recipients = [{}]", list.join(", ")), 1)
}

/// A mail service, with faults.
pub fn through(service: &Arc<FakeSes>, faults: &Arc<Faults>) -> FaultyTransport {
    FaultyTransport {
        inner: service.clone(),
        faults: faults.clone(),
    }
}

/// Records `m0`, `m1`, …
pub fn batch(bodies: Vec<String>) -> SqsEvent {
    let received = bodies.into_iter().enumerate().map(|(number, body)| Received {
        message_id: format!("m{number}"),
        receipt: format!("r{number}"),
        body,
        receive_count: 1,
        trace: None,
    });
    mapping::event(Stage::Mail, &received.collect::<Vec<_>>())
}

/// The address of a recipient.
pub fn address(number: usize) -> String {
    format!("reader-{number}@example.com")
}

async fn put(objects: &Objects, run: &RunId, name: &str, bytes: &str) -> Input {
    let key = format!("runs/{run}/g0/documents/{name}");
    objects.put_once(&key, bytes.to_owned().into()).await.unwrap()
}

async fn render(objects: &Objects, run: &RunId) -> Input {
    let manifest = DocumentManifest {
        document: "ceo".parse().unwrap(),
        subject: "Four months of runway".to_owned(),
        html: put(objects, run, "ceo.html", "<p>figures</p>").await,
        text: put(objects, run, "ceo.txt", "figures").await,
        pdf: put(objects, run, "ceo.pdf", "%PDF-1.7 figures").await,
        images: Vec::new(),
        hold: None,
    };
    let manifest = serde_json::to_string(&manifest).unwrap();
    put(objects, run, "ceo.json", &manifest).await
}

fn plan_of(row: &RunRow) -> Envelope {
    let cause = Cause {
        origin: Origin::Schedule,
        by: "test".to_owned(),
        reason: "night".to_owned(),
    };
    Messages::of(row, cause, row.plan.planned_at).plan()
}

async fn mailing(
    ledger: &dyn Ledger,
    run: &RunId,
    bundle: &Input,
    manifest: &Input,
    now: Timestamp,
) -> RunRow {
    let (g, part) = (Generation(0), "handoffs".parse().unwrap());
    let plan = RunPlan {
        run: run.clone(),
        generation: g,
        mail_epoch: MailEpoch(0),
        parts: [part].into(),
        portfolio: bundle.clone(),
        scheduled_at: now,
        not_after: now + SignedDuration::from_hours(14),
        tz: "America/Los_Angeles".to_owned(),
        only: None,
        planned_at: now,
        collect_until: now,
    };
    ledger.plan_run(&plan).await.unwrap();
    let result = |input: &Input| PartRef {
        input: input.clone(),
        rows: 1,
        failure: None,
    };
    let (part, ceo) = (plan.parts.first().unwrap(), "ceo".parse().unwrap());
    ledger.complete_part(run, g, part, &result(bundle)).await.unwrap();
    ledger.analyze_sent(run, g, now).await.unwrap();
    let documents = [ceo].into();
    ledger.record_analysis(run, g, bundle, &documents).await.unwrap();
    let ceo = documents.first().unwrap();
    ledger
        .complete_document(run, g, ceo, &result(manifest))
        .await
        .unwrap();
    ledger.mail_sent(run, g, now).await.unwrap();
    ledger.run(run).await.unwrap().unwrap()
}

pub struct Night {
    pub deps: mailer::Deps,
    pub chain: Chain,
    pub events: mailer::events::Deps,
    pub clock: Arc<ManualClock>,
    /// Without faults.
    pub ledger: Arc<DynamoLedger>,
    pub ses: Arc<FakeSes>,
    pub notices: Arc<Told>,
    pub inbox: Arc<Inbox>,
    pub faults: Arc<Faults>,
    pub plan: Envelope,
    pub run: RunId,
}

impl Night {
    pub fn put(&self, message: &Envelope) {
        lock(&self.inbox.0).push_back(message.to_body());
    }
    /// What is on the queue; it is taken off.
    pub fn take_messages(&self) -> Vec<String> {
        lock(&self.inbox.0).drain(..).collect()
    }
    pub fn is_quiet(&self) -> bool {
        lock(&self.inbox.0).is_empty()
    }
    /// Throws away what is on the queue.
    pub fn lose_messages(&self) {
        lock(&self.inbox.0).clear();
    }
    pub fn deliver_message(&self, rid: &Rid) -> Envelope {
        let task = Task::Deliver {
            document: "ceo".parse().unwrap(),
            rid: rid.clone(),
        };
        self.plan.follow(task, None, "mailer", "again", self.clock.now())
    }

    /// Handles one body; answers whether it is done.
    pub async fn handle(&self, body: String) -> bool {
        self.batch(vec![body]).await.is_empty()
    }
    /// Handles bodies as one batch; answers which of them failed.
    pub async fn batch(&self, bodies: Vec<String>) -> Vec<String> {
        let response = mailer::handle(&self.deps, batch(bodies)).await;
        let failed = response.batch_item_failures.into_iter();
        failed.map(|failure| failure.item_identifier).collect()
    }

    /// Handles the messages on the queue, each once; those that fail go back.
    pub async fn turn(&self) {
        let bodies: Vec<String> = lock(&self.inbox.0).drain(..).collect();
        for body in bodies {
            if !self.handle(body.clone()).await {
                lock(&self.inbox.0).push_back(body);
            }
        }
    }

    /// A look of the sweeper's, which may fail or die as everything else.
    pub async fn sweep(&self) {
        let look = async { self.chain.sweep_open_runs().await.is_ok() };
        // A sweeper that dies is invoked again by the next tick.
        let _ = AssertUnwindSafe(look).catch_unwind().await;
    }

    /// Until the run has ended: messages, and a sweep every five minutes as the schedule does.
    pub async fn until_ended(&self) {
        for _ in 0..600 {
            for _ in 0..5 {
                self.turn().await;
                if self.row().await.state.is_end() && self.is_quiet() {
                    return;
                }
                self.clock.advance(SignedDuration::from_mins(1));
            }
            self.sweep().await;
        }
        panic!("the run has not ended after two days: {:?}", self.rows().await);
    }

    /// What SES tells: bodies for the events queue, each until it is taken.
    pub async fn told(&self, bodies: impl IntoIterator<Item = String>) {
        for body in bodies {
            let mut left = 5;
            while !self.event(&body).await {
                left -= 1;
                assert!(left > 0, "an event is never handled: {body}");
            }
        }
    }
    async fn event(&self, body: &str) -> bool {
        let mut message = SqsMessage::default();
        message.message_id = Some("e".to_owned());
        message.body = Some(body.to_owned());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        let response = mailer::events::handle(&self.events, event).await;
        response.batch_item_failures.is_empty()
    }

    /// Until a delivery is in doubt.
    pub async fn until_doubtful(&self) {
        for _ in 0..30 {
            self.turn().await;
            let rows = self.rows().await;
            if rows.iter().any(|row| row.state == DeliveryState::Unknown) {
                return;
            }
            self.clock.advance(SignedDuration::from_mins(1));
        }
        panic!("no delivery is in doubt: {:?}", self.rows().await);
    }
    /// The run's audit, in words.
    pub async fn ledger_audit(&self) -> Vec<String> {
        let lines = self.ledger.audits(&self.run).await.unwrap();
        lines.into_iter().map(|line| line.detail).collect()
    }
    pub async fn row(&self) -> RunRow {
        self.ledger.run(&self.run).await.unwrap().unwrap()
    }
    pub async fn rows(&self) -> Vec<DeliveryRow> {
        self.ledger.deliveries(&self.run).await.unwrap()
    }
    /// How often the service took a mail of each delivery.
    pub fn taken(&self) -> BTreeMap<Rid, usize> {
        let mut taken = BTreeMap::new();
        for mail in self.ses.mails() {
            *taken.entry(mail.tag("rid").parse().unwrap()).or_default() += 1;
        }
        taken
    }
    /// The rid of a recipient.
    pub fn rid(number: usize) -> Rid {
        let mailbox: Mailbox = address(number).parse().unwrap();
        Rid::of(KEY.as_bytes(), &mailbox)
    }
}
