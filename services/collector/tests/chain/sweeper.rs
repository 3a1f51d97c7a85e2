//! The sweeper as a function: whatever stage a run is left in, it is carried on or given up, and it ends.

use std::collections::BTreeSet;

use collector::sweeper::Swept;
use jiff::SignedDuration;
use shared::{
    id::{DocumentId, Generation, Sha256},
    ledger::{DeliveryKey, DeliveryState, Outcome, PartRef, RunState},
    mail::Rid,
    message::{Envelope, Input, Origin, Task},
    queue::{Receiver, Stage},
};

use super::{PARTS, world::World};

const DOCUMENTS: [&str; 2] = ["ceo", "cfo"];
const G0: Generation = Generation(0);

fn input(key: &str) -> Input {
    Input {
        key: format!("runs/harbor.2026-11-20/g0/{key}"),
        sha256: Sha256::of(key.as_bytes()),
        bytes: 1,
    }
}

fn document(id: &str) -> DocumentId {
    id.parse().unwrap()
}

async fn sweep(world: &World) -> Swept {
    world.deps.chain().sweep_open_runs().await.unwrap()
}

fn wait(world: &World, minutes: i64) {
    world.clock.advance(SignedDuration::from_mins(minutes));
}

/// The messages on a queue, which are then gone from it.
async fn take(world: &World, stage: Stage) -> Vec<Envelope> {
    let received = world.queue.receive(stage, 10).await.unwrap();
    for message in &received {
        world.queue.delete(stage, &message.receipt).await.unwrap();
    }
    let parse = |body: &str| Envelope::parse(stage, body).unwrap();
    received.iter().map(|message| parse(&message.body)).collect()
}

fn keys(messages: &[Envelope]) -> BTreeSet<&str> {
    messages.iter().map(|message| message.key.as_str()).collect()
}

/// A night whose parts are all in and whose analyze message is lost.
async fn collected() -> World {
    let world = World::new().await;
    world.send(&world.plan).await;
    for _ in 0..3 {
        world.poll(10).await;
    }
    assert_eq!(take(&world, Stage::Analyze).await.len(), 1);
    world
}

/// A night with an analysis, whose render messages are lost; `made` are rendered.
async fn analyzed(made: &[&str]) -> World {
    let world = collected().await;
    let run = &world.plan.run;
    let documents = DOCUMENTS.map(document).into();
    world
        .ledger
        .record_analysis(run, G0, &input("analysis.json"), &documents)
        .await
        .unwrap();
    for id in made {
        let result = PartRef {
            input: input(id),
            rows: 0,
            failure: None,
        };
        world
            .ledger
            .complete_document(run, G0, &document(id), &result)
            .await
            .unwrap();
    }
    world
}

fn delivery(world: &World, id: &str) -> DeliveryKey {
    DeliveryKey {
        run: world.plan.run.clone(),
        document: document(id),
        rid: Rid::archive(),
        mail_epoch: world.plan.mail_epoch,
    }
}

/// A night whose documents are made and whose mail messages were sent; these deliveries are planned.
async fn mailing(planned: &[&str]) -> World {
    let world = analyzed(&DOCUMENTS).await;
    let now = world.deps.clock.now();
    world.ledger.mail_sent(&world.plan.run, G0, now).await.unwrap();
    for id in planned {
        let planned = world
            .ledger
            .plan_delivery(&delivery(&world, id), &input(id), world.plan.not_after, now)
            .await;
        assert!(planned.unwrap());
    }
    world
}

/// Begins an attempt with a lease of five minutes, and ends it if there is an outcome.
async fn attempt(world: &World, id: &str, outcome: Option<Outcome>) {
    let now = world.deps.clock.now();
    let key = delivery(world, id);
    let lease = now + SignedDuration::from_mins(5);
    world
        .ledger
        .begin_delivery(&key, "mailer", now, lease)
        .await
        .unwrap();
    if let Some(outcome) = outcome {
        world
            .ledger
            .settle_delivery(&key, 1, &outcome, now)
            .await
            .unwrap();
    }
}

fn accepted() -> Option<Outcome> {
    Some(Outcome::Accepted {
        message_id: "0100-1".to_owned(),
        by_fallback: false,
    })
}

async fn state(world: &World, id: &str) -> DeliveryState {
    let rows = world.ledger.deliveries(&world.plan.run).await.unwrap();
    let row = rows.iter().find(|row| row.key.document == document(id));
    row.unwrap().state
}

#[tokio::test]
async fn a_run_whose_collecting_is_not_over_is_left_alone() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    wait(&world, 29);
    assert_eq!(sweep(&world).await, Swept::default());
    assert_eq!(world.row().await.pending_parts.len(), PARTS.len());
}

#[tokio::test]
async fn scenario_16_parts_are_given_up_at_the_deadline_and_the_run_goes_on() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    wait(&world, 30);
    let did = sweep(&world).await;
    assert_eq!((did.looked_at, did.carried_on), (1, 1));
    let row = world.row().await;
    assert_eq!(
        (row.missing_parts.len(), row.state),
        (PARTS.len(), RunState::Analyzing)
    );
    let analyze = take(&world, Stage::Analyze).await;
    assert_eq!((analyze.len(), analyze[0].cause.origin), (1, Origin::Sweeper));
    assert_eq!(
        (&analyze[0].tz, &analyze[0].portfolio, analyze[0].scheduled_at),
        (&world.plan.tz, &world.plan.portfolio, world.plan.scheduled_at)
    );
    assert_eq!(sweep(&world).await, Swept::default(), "not twice at once");
}

#[tokio::test]
async fn an_analysis_that_does_not_come_is_asked_for_again_and_in_the_end_the_run_fails() {
    let world = collected().await;
    let mut asked = 0;
    for _ in 0..20 {
        wait(&world, 15);
        sweep(&world).await;
        let analyze = take(&world, Stage::Analyze).await;
        assert!(analyze.iter().all(|message| message.task == Task::Analyze));
        asked += analyze.len();
    }
    assert_eq!(asked, 6, "at 30, 45, 60, 75, 90 and 105 minutes");
    assert_eq!(world.row().await.state, RunState::Failed);
    let audit = world.ledger.audits(&world.plan.run).await.unwrap();
    assert!(
        audit
            .iter()
            .any(|entry| entry.event == "given_up" && entry.detail.contains("analyze"))
    );
    assert_eq!(
        sweep(&world).await,
        Swept::default(),
        "an ended run is not on the index"
    );
}

#[tokio::test]
async fn documents_that_do_not_come_are_asked_for_again_alone() {
    let world = analyzed(&["ceo"]).await;
    wait(&world, 30);
    sweep(&world).await;
    let render = take(&world, Stage::Render).await;
    assert_eq!(keys(&render), ["harbor.2026-11-20/render/cfo@g0"].into());
    assert_eq!(render[0].input, Some(input("analysis.json")));
}

#[tokio::test]
async fn scenario_32_a_document_that_can_never_be_made_keeps_the_others_from_nothing() {
    let world = analyzed(&["ceo"]).await;
    wait(&world, 120);
    sweep(&world).await;
    let row = world.row().await;
    assert_eq!(
        (row.state, row.missing_documents),
        (RunState::Mailing, [document("cfo")].into())
    );
    let mail = take(&world, Stage::Mail).await;
    assert_eq!(keys(&mail), ["harbor.2026-11-20/mail/ceo@g0.e0"].into());
    assert_eq!(mail[0].input, Some(input("ceo")));
    // The mailer does its part; the run is over, and says that something is missing.
    let now = world.deps.clock.now();
    let key = delivery(&world, "ceo");
    let expires = world.plan.not_after;
    world
        .ledger
        .plan_delivery(&key, &input("ceo"), expires, now)
        .await
        .unwrap();
    attempt(&world, "ceo", accepted()).await;
    wait(&world, 15);
    sweep(&world).await;
    assert_eq!(world.row().await.state, RunState::Degraded);
}

#[tokio::test]
async fn a_run_of_which_no_document_can_be_made_fails() {
    let world = analyzed(&[]).await;
    wait(&world, 120);
    sweep(&world).await;
    assert_eq!(world.row().await.state, RunState::Failed);
    assert!(take(&world, Stage::Mail).await.is_empty());
}

#[tokio::test]
async fn a_renderer_that_died_before_the_mail_messages_is_made_good() {
    let world = analyzed(&DOCUMENTS).await;
    wait(&world, 30);
    sweep(&world).await;
    let mail = take(&world, Stage::Mail).await;
    let expected = DOCUMENTS.map(|id| format!("harbor.2026-11-20/mail/{id}@g0.e0"));
    assert_eq!(keys(&mail), expected.iter().map(String::as_str).collect());
    let row = world.row().await;
    assert_eq!(
        (row.state, row.mail_sent_at),
        (RunState::Mailing, Some(world.deps.clock.now()))
    );
}

#[tokio::test]
async fn an_attempt_whose_owner_went_silent_is_in_doubt_and_never_sent_again() {
    let world = mailing(&DOCUMENTS).await;
    wait(&world, 27);
    attempt(&world, "ceo", None).await;
    attempt(&world, "cfo", accepted()).await;
    wait(&world, 4);
    sweep(&world).await;
    assert_eq!(
        state(&world, "ceo").await,
        DeliveryState::Sending,
        "its lease lasts"
    );
    assert_eq!(world.row().await.state, RunState::Mailing);
    wait(&world, 15);
    sweep(&world).await;
    assert_eq!(state(&world, "ceo").await, DeliveryState::Unknown);
    assert!(take(&world, Stage::Mail).await.is_empty());
    assert_eq!(
        world.row().await.state,
        RunState::Mailing,
        "the mail service may still say its word"
    );
    wait(&world, 60);
    sweep(&world).await;
    let message = take(&world, Stage::Mail).await;
    assert_eq!(
        keys(&message),
        ["harbor.2026-11-20/deliver/ceo/archive@g0.e0"].into(),
        "the mailer ends the doubt by the report's policy"
    );
    assert_eq!(state(&world, "ceo").await, DeliveryState::Unknown);
    // The mailer never does.
    wait(&world, 16 * 60);
    sweep(&world).await;
    assert_eq!(state(&world, "ceo").await, DeliveryState::Held);
    assert_eq!(world.row().await.state, RunState::Degraded, "and the run is over");
    assert!(take(&world, Stage::Mail).await.is_empty());
}

#[tokio::test]
async fn a_delivery_that_waits_without_a_message_gets_one_and_one_that_is_not_due_does_not() {
    let world = mailing(&DOCUMENTS).await;
    let later = world.deps.clock.now() + SignedDuration::from_mins(40);
    let throttled = Outcome::Retry {
        next_at: later,
        reason: "throttled".to_owned(),
    };
    attempt(&world, "cfo", Some(throttled)).await;
    wait(&world, 30);
    sweep(&world).await;
    let deliver = take(&world, Stage::Mail).await;
    assert_eq!(
        keys(&deliver),
        ["harbor.2026-11-20/deliver/ceo/archive@g0.e0"].into()
    );
    wait(&world, 20);
    sweep(&world).await;
    assert_eq!(
        take(&world, Stage::Mail).await.len(),
        2,
        "both are overdue by now"
    );
    assert_eq!(
        state(&world, "cfo").await,
        DeliveryState::Queued,
        "nothing is sent from here"
    );
}

#[tokio::test]
async fn a_document_that_never_became_mail_is_asked_for_and_in_the_end_given_up() {
    let world = mailing(&["ceo"]).await;
    attempt(&world, "ceo", accepted()).await;
    wait(&world, 30);
    sweep(&world).await;
    let mail = take(&world, Stage::Mail).await;
    assert_eq!(keys(&mail), ["harbor.2026-11-20/mail/cfo@g0.e0"].into());
    wait(&world, 16 * 60);
    sweep(&world).await;
    assert_eq!(world.row().await.state, RunState::Degraded);
    assert!(take(&world, Stage::Mail).await.is_empty());
}

#[tokio::test]
async fn a_delivery_that_nobody_sent_in_time_expires_and_the_run_ends() {
    let world = mailing(&DOCUMENTS).await;
    attempt(&world, "ceo", accepted()).await;
    wait(&world, 14 * 60 + 61);
    sweep(&world).await;
    assert_eq!(state(&world, "cfo").await, DeliveryState::Expired);
    assert_eq!(state(&world, "ceo").await, DeliveryState::Accepted);
    assert_eq!(world.row().await.state, RunState::Degraded);
}

#[tokio::test]
async fn one_run_that_cannot_be_carried_on_keeps_no_other_from_it() {
    let world = collected().await;
    let other = Envelope {
        run: "harbor.2026-11-19".parse().unwrap(),
        business_date: "2026-11-19".parse().unwrap(),
        ..world.plan.clone()
    };
    let other = Envelope {
        key: other.computed_key(),
        ..other
    };
    world.send(&other).await;
    world.poll(1).await;
    wait(&world, 31);
    // The first call lists; the second and third read the rows; the fourth is of the first run's sweep.
    world.faults.inject(2, shared::faulty::Mode::Before);
    let swept = world.deps.chain().sweep_open_runs().await;
    assert!(swept.unwrap_err().to_string().contains("not carried on"));
    let carried = take(&world, Stage::Analyze).await;
    assert_eq!(carried.len(), 1, "the other one");
    assert_eq!(
        sweep(&world).await.looked_at,
        1,
        "and the one that failed, at once"
    );
}
