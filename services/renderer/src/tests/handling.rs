//! The handler over a real ledger (embedded DynamoDB): two documents of a night, messages twice, and a second renderer
//! that would write something else.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use shared::{
    clock::ManualClock,
    embedded::EmbeddedDynamo,
    facts::{InvariantResult, SourceState, Status},
    handler::mapping,
    id::{DocumentId, Generation, MailEpoch},
    ledger::{DynamoLedger, Ledger, PartRef, RunPlan},
    manifest::DocumentManifest,
    message::{Cause, Envelope, Input, Origin, Task, VERSION},
    objects::Objects,
    portfolio::{EXAMPLE, FILE},
    queue::{Received, Receiver, Stage, memory::MemoryQueue},
};

use super::*;
use crate::{Deps, Nights, handle};

const DOCUMENTS: [&str; 2] = ["audit-rental", "ceo"];

struct World {
    deps: Deps,
    ledger: Arc<DynamoLedger>,
    queue: MemoryQueue,
    envelope: Envelope,
    analysis: Input,
}

impl World {
    /// A night up to the point where the analyzer sends the render messages.
    async fn of(analysis: &Analysis) -> Self {
        let now: Timestamp = "2026-11-21T10:30:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let ledger = Arc::new(DynamoLedger::new(
            EmbeddedDynamo::memory().unwrap().client(),
            "ledger",
        ));
        ledger.create_table().await.unwrap();
        let objects = Objects::memory();
        let bundle = Bundle([(FILE.to_owned(), EXAMPLE.to_owned())].into());
        let portfolio = bundle.store(&objects, &"harbor".parse().unwrap()).await.unwrap();
        let json = Bytes::from(serde_json::to_vec(analysis).unwrap());
        let analysis = objects
            .put_once("runs/harbor.2026-11-20/g0/analysis.json", json)
            .await
            .unwrap();
        let envelope = envelope(portfolio, now);
        plan(&ledger, &envelope, &analysis).await;
        let queue = MemoryQueue::new(clock.clone());
        let deps = Deps {
            ledger: ledger.clone(),
            sender: Arc::new(queue.clone()),
            objects,
            clock,
            nights: Nights::default(),
        };
        Self {
            deps,
            ledger,
            queue,
            envelope,
            analysis,
        }
    }

    /// Hands over one render message; answers whether it was taken.
    async fn render(&self, document: &str) -> bool {
        let task = Task::Render {
            document: document.parse().unwrap(),
        };
        let issued = self.envelope.issued_at;
        let message = self
            .envelope
            .follow(task, Some(self.analysis.clone()), "analyzer", "analyzed", issued);
        let received = Received {
            message_id: "m".to_owned(),
            receipt: "r".to_owned(),
            body: message.to_body(),
            receive_count: 1,
            trace: None,
        };
        let response = handle(&self.deps, mapping::event(Stage::Render, &[received])).await;
        response.batch_item_failures.is_empty()
    }

    async fn manifest(&self, document: &str) -> DocumentManifest {
        let row = self.ledger.run(&self.envelope.run).await.unwrap().unwrap();
        let id: DocumentId = document.parse().unwrap();
        let bytes = self
            .deps
            .objects
            .get_checked(&row.documents[&id].input)
            .await
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    async fn mail_messages(&self) -> Vec<Envelope> {
        let received = self.queue.receive(Stage::Mail, 10).await.unwrap();
        received
            .iter()
            .map(|m| Envelope::parse(Stage::Mail, &m.body).unwrap())
            .collect()
    }
}

fn envelope(portfolio: Input, now: Timestamp) -> Envelope {
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
        scheduled_at: now,
        not_after: "2026-11-22T00:30:00Z".parse().unwrap(),
        issued_at: now,
        only: None,
        cause: Cause {
            origin: Origin::Schedule,
            by: "test".to_owned(),
            reason: "night".to_owned(),
        },
    };
    envelope.key = envelope.computed_key();
    envelope
}

async fn plan(ledger: &DynamoLedger, envelope: &Envelope, analysis: &Input) {
    let (run, generation, now) = (&envelope.run, envelope.generation, envelope.issued_at);
    let part: shared::id::PartId = "handoffs".parse().unwrap();
    let plan = RunPlan {
        run: run.clone(),
        generation,
        mail_epoch: envelope.mail_epoch,
        parts: [part.clone()].into(),
        portfolio: envelope.portfolio.clone(),
        scheduled_at: envelope.scheduled_at,
        not_after: envelope.not_after,
        tz: envelope.tz.clone(),
        only: None,
        planned_at: now,
        collect_until: now,
    };
    ledger.plan_run(&plan).await.unwrap();
    let result = PartRef {
        input: analysis.clone(),
        rows: 1,
        failure: None,
    };
    ledger
        .complete_part(run, generation, &part, &result)
        .await
        .unwrap();
    ledger.analyze_sent(run, generation, now).await.unwrap();
    let documents = DOCUMENTS.iter().map(|d| d.parse().unwrap()).collect();
    ledger
        .record_analysis(run, generation, analysis, &documents)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_last_document_sends_one_mail_message_for_each() {
    let world = World::of(&night()).await;
    assert!(world.render("ceo").await);
    assert!(
        world.mail_messages().await.is_empty(),
        "one document is still pending"
    );
    assert!(world.render("audit-rental").await);
    let sent = world.mail_messages().await;
    assert_eq!(sent.len(), 2);
    for message in sent {
        let bytes = world
            .deps
            .objects
            .get_checked(&message.input.unwrap())
            .await
            .unwrap();
        let manifest: DocumentManifest = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            Task::Mail {
                document: manifest.document
            },
            message.task
        );
    }
}

#[tokio::test]
async fn a_message_that_comes_twice_changes_nothing() {
    let world = World::of(&night()).await;
    for document in ["ceo", "ceo", "audit-rental"] {
        assert!(world.render(document).await);
    }
    let before = world.manifest("ceo").await;
    assert_eq!(world.mail_messages().await.len(), 2);
    assert!(world.render("ceo").await);
    assert_eq!(world.manifest("ceo").await, before);
    assert!(
        world.mail_messages().await.is_empty(),
        "mail messages are sent once"
    );
}

#[tokio::test]
async fn what_the_manifest_names_is_there_and_is_what_it_says() {
    let world = World::of(&night()).await;
    world.render("ceo").await;
    let manifest = world.manifest("ceo").await;
    let get = async |input: &Input| world.deps.objects.get_checked(input).await.unwrap();
    assert!(get(&manifest.pdf).await.starts_with(b"%PDF-"));
    let html = String::from_utf8(get(&manifest.html).await.to_vec()).unwrap();
    assert!(!manifest.images.is_empty());
    for image in &manifest.images {
        assert!(html.contains(&format!("cid:{}", image.cid)));
        assert!(get(&image.input).await.starts_with(b"\x89PNG"));
    }
    assert_eq!(manifest.hold, None);
    assert!(
        manifest.subject.starts_with("CEO brief, 20 Nov: "),
        "{}",
        manifest.subject
    );
}

#[tokio::test]
async fn a_core_source_that_failed_holds_the_mail_and_says_so_on_page_one() {
    let mut analysis = night();
    for source in analysis
        .sources
        .iter_mut()
        .filter(|s| s.id == "dynamodb.jada-calendar")
    {
        source.state = SourceState::Failed;
        source.reason = Some("access denied".to_owned());
    }
    let world = World::of(&analysis).await;
    world.render("ceo").await;
    let manifest = world.manifest("ceo").await;
    assert_eq!(
        manifest.hold.as_deref(),
        Some("core source not read: dynamodb.jada-calendar")
    );
    let text = world.deps.objects.get_checked(&manifest.text).await.unwrap();
    assert!(
        String::from_utf8_lossy(&text)
            .contains("dynamodb.jada-calendar of JADA could not be read: access denied")
    );
}

#[tokio::test]
async fn figures_that_contradict_each_other_hold_the_documents_that_show_them_and_no_other() {
    let mut analysis = night();
    let broken = |role: &str, id: &str| InvariantResult {
        fact: format!("invariant:{id}"),
        title: "Unrestricted cash is one figure".to_owned(),
        roles: vec![role.to_owned()],
        status: Status::Bad,
        reason: "$10.00 here, $12.00 there".to_owned(),
    };
    analysis.invariants = vec![broken("cmo", "other")];
    let world = World::of(&analysis).await;
    world.render("ceo").await;
    assert_eq!(world.manifest("ceo").await.hold, None, "it shows other figures");

    analysis.invariants.push(broken("ceo", "cash.one_figure"));
    let world = World::of(&analysis).await;
    world.render("ceo").await;
    let manifest = world.manifest("ceo").await;
    assert_eq!(
        manifest.hold.as_deref(),
        Some("Unrestricted cash is one figure (invariant:cash.one_figure): $10.00 here, $12.00 there")
    );
    let text = world.deps.objects.get_checked(&manifest.text).await.unwrap();
    let text = String::from_utf8_lossy(&text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        text.contains("Unrestricted cash is one figure, and it is not so: $10.00 here, $12.00 there."),
        "{text}"
    );
}

#[tokio::test]
async fn a_document_that_the_portfolio_does_not_have_fails_its_message_only() {
    let world = World::of(&night()).await;
    assert!(!world.render("nobody").await);
    assert!(world.render("ceo").await);
}
