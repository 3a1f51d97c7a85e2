//! The collector's part of the chain, driven by its queue as Lambda drives it: the promises of docs/SEMANTICS.md that it
//! keeps, under the faults listed there. Scenario numbers are that page's.

mod environment;
mod faults;
mod metrics;
mod polling;
mod start;
mod stops;
mod sweeper;
mod world;

use std::sync::atomic::Ordering;

use collector::Delivery;
use shared::{
    facts::SourceState,
    ledger::RunState,
    manifest::PartManifest,
    message::{Envelope, Origin, Task},
    queue::{Receiver, Sender, Stage, memory::Fault},
};
use world::{PARTS, World};

/// What holds after every run, whatever happened on the way.
async fn assert_collected(world: &World) {
    let row = world.row().await;
    assert_eq!(
        row.parts.keys().map(ToString::to_string).collect::<Vec<_>>(),
        PARTS
    );
    assert!(row.pending_parts.is_empty() && row.missing_parts.is_empty());
    assert!(row.analyze_sent_at.is_some());
    assert!(world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_night_is_collected_part_by_part_and_the_analyzer_is_started_once() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.settle().await;
    assert_collected(&world).await;
    let analyze = world.analyze_messages().await;
    assert_eq!(analyze.len(), 1);
    assert_eq!(
        (analyze[0].task.clone(), analyze[0].cause.origin),
        (Task::Analyze, Origin::Stage)
    );

    let manifests = world.manifests().await;
    let states: Vec<_> = manifests
        .iter()
        .map(|m| (m.part.as_str(), m.state, m.rows))
        .collect();
    let expected = [
        ("dynamodb.jada-calendar", SourceState::Ok, 3),
        ("dynamodb.not-there", SourceState::Missing, 0),
        ("handoffs", SourceState::Ok, 4),
        ("inventory", SourceState::Ok, 1),
        ("ledger", SourceState::Ok, 1),
    ];
    assert_eq!(states, expected);
    assert_eq!(manifests[0].tables[0].columns, ["gross", "id", "status"]);
    assert!(manifests[0].core && manifests[0].entity.is_some());
    let row = world.row().await;
    let failures: Vec<_> = row
        .parts
        .iter()
        .filter(|(_, part)| part.failure.is_some())
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(failures, ["dynamodb.not-there"]);
}

#[tokio::test]
async fn the_same_tables_give_the_same_snapshot_in_another_generation() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.settle().await;
    let first = world.manifests().await;
    world.book(&["b3", "b2", "b1"]);
    world.send(&world.rerun(1)).await;
    world.settle().await;
    assert_collected(&world).await;
    let again = world.manifests().await;
    assert_ne!(again, first, "other keys");
    let digests = |manifests: &[PartManifest]| {
        manifests
            .iter()
            .map(PartManifest::content_digest)
            .collect::<Vec<_>>()
    };
    assert_eq!(digests(&again), digests(&first));
    world.book(&["b4"]);
    world.send(&world.rerun(2)).await;
    world.settle().await;
    let other = world.manifests().await;
    assert_ne!(other[0].content_digest(), first[0].content_digest());
}

#[tokio::test]
async fn scenario_9_a_part_that_is_delivered_twice_is_collected_once() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.settle().await;
    let (row, keys) = (world.row().await, world.keys().await);
    for part in PARTS {
        world.book(&["other"]);
        world.send(&world.part(&world.plan, part)).await;
    }
    world.settle().await;
    assert_eq!((world.row().await, world.keys().await), (row, keys));
    assert_eq!(world.analyze_messages().await.len(), 1);
}

#[tokio::test]
async fn scenario_10_a_body_that_is_no_json_fails_alone() {
    let world = World::new().await;
    world
        .queue
        .send(Stage::Collect, &["not json".to_owned(), world.plan.to_body()])
        .await
        .unwrap();
    let polled = world.poll(10).await;
    assert_eq!((polled.received, polled.failed), (2, 1));
    assert_eq!(world.row().await.pending_parts.len(), PARTS.len());
}

#[tokio::test]
async fn scenario_12_entries_that_the_queue_refuses_are_offered_again() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.queue.inject([Fault::Refuse(vec![0, 2])]);
    assert_eq!(
        world.poll(1).await.failed,
        0,
        "the same delivery offers them again"
    );
    assert_eq!(
        world.poll(10).await.received,
        PARTS.len(),
        "each part is sent once"
    );
    assert_collected(&world).await;
}

#[tokio::test]
async fn scenario_13_a_planner_that_dies_between_two_sends_is_resumed() {
    let world = World::new().await;
    world.line.fails_at.store(1, Ordering::SeqCst);
    world.send(&world.plan).await;
    assert_eq!(world.poll(1).await.failed, 1);
    assert_eq!(
        world.row().await.pending_parts.len(),
        PARTS.len(),
        "planned, and half of it sent"
    );
    world.settle().await;
    assert_collected(&world).await;
}

#[tokio::test]
async fn scenario_14_of_the_last_two_parts_exactly_one_starts_the_analyzer() {
    for _ in 0..20 {
        let world = World::new().await;
        world.send(&world.plan).await;
        world.poll(1).await;
        // Two workers with two or three parts each, at the same time.
        tokio::join!(world.poll(2), world.poll(3));
        assert_collected(&world).await;
        assert_eq!(world.analyze_messages().await.len(), 1);
    }
}

#[tokio::test]
async fn scenario_15_a_worker_that_dies_before_the_analyze_message_is_made_good() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    // One send for the plan, the next one is the analyze message.
    world.line.fails_at.store(2, Ordering::SeqCst);
    assert_eq!(world.poll(10).await.failed, 1);
    let row = world.row().await;
    assert!(row.pending_parts.is_empty() && row.analyze_sent_at.is_none());
    world.settle().await;
    assert_collected(&world).await;
    assert_eq!(world.analyze_messages().await.len(), 1);
}

#[tokio::test]
async fn scenario_15_the_sweeper_makes_it_good_too() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    world.line.fails_at.store(2, Ordering::SeqCst);
    world.poll(10).await;
    assert!(collector::sweep(&world.deps, &world.plan).await.unwrap());
    assert!(
        !collector::sweep(&world.deps, &world.plan).await.unwrap(),
        "only once"
    );
    assert_collected(&world).await;
}

/// A run of which the calendar never came.
async fn without_the_calendar() -> World {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    let messages = world.queue.receive(Stage::Collect, 10).await.unwrap();
    for message in messages {
        world
            .queue
            .delete(Stage::Collect, &message.receipt)
            .await
            .unwrap();
    }
    for part in &PARTS[1..] {
        world.send(&world.part(&world.plan, part)).await;
    }
    world.settle().await;
    world
}

#[tokio::test]
async fn scenario_16_a_part_that_never_comes_is_given_up_and_the_run_goes_on() {
    let world = without_the_calendar().await;
    assert!(world.analyze_messages().await.is_empty());
    assert!(collector::sweep(&world.deps, &world.plan).await.unwrap());
    let row = world.row().await;
    assert_eq!(
        row.missing_parts
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        [PARTS[0]]
    );
    let analyze = world.analyze_messages().await;
    assert_eq!((analyze.len(), analyze[0].cause.origin), (1, Origin::Sweeper));
    let audit = world.ledger.audits(&world.plan.run).await.unwrap();
    assert!(
        audit
            .iter()
            .any(|entry| entry.event == "parts_given_up" && entry.detail.contains(PARTS[0]))
    );
    assert!(
        !collector::sweep(&world.deps, &world.plan).await.unwrap(),
        "only once"
    );
}

#[tokio::test]
async fn scenario_17_a_part_that_comes_after_that_is_late_and_changes_nothing() {
    let world = without_the_calendar().await;
    collector::sweep(&world.deps, &world.plan).await.unwrap();
    world.send(&world.part(&world.plan, PARTS[0])).await;
    world.settle().await;
    let row = world.row().await;
    assert!(!row.parts.contains_key(&PARTS[0].parse().unwrap()));
    assert_eq!((row.missing_parts.len(), row.state), (1, RunState::Analyzing));
    assert_eq!(world.analyze_messages().await.len(), 1);
}

#[tokio::test]
async fn scenario_20_a_worker_that_died_after_its_manifest_is_carried_on_not_repeated() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    // What a first delivery leaves that dies before the ledger: run the part under a plan, then forget the ledger's row.
    let other = World::new().await;
    other.send(&other.plan).await;
    other.settle().await;
    let key = "runs/harbor.2026-11-20/g0/snapshot/dynamodb.jada-calendar.json";
    let manifest = other.objects.get(key).await.unwrap();
    world.objects.put_once(key, manifest.clone()).await.unwrap();
    world.book(&["changed", "since"]);
    world.settle().await;
    assert_collected(&world).await;
    assert_eq!(world.manifests().await[0].rows, 3, "the first manifest stands");
}

#[tokio::test]
async fn scenario_21_an_old_generation_is_stale_and_touches_nothing() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    // The rerun is planned while the parts of the first generation still wait on the queue.
    collector::run(&world.deps, &world.rerun(1), Delivery { received: 1 })
        .await
        .unwrap();
    world.settle().await;
    assert_collected(&world).await;
    let keys = world.keys().await;
    assert!(
        keys.iter().all(|key| key.contains("/g1/")),
        "the parts of g0 found the run at g1: {keys:?}"
    );
    world.send(&world.plan).await;
    world.send(&world.part(&world.plan, PARTS[0])).await;
    world.settle().await;
    assert_eq!(world.keys().await, keys);
}

#[tokio::test]
async fn scenario_25_a_night_that_is_started_twice_has_one_plan() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.poll(1).await;
    // The second start brings another configuration, which must not get into this run.
    let mut again = Envelope {
        scheduled_at: world.plan.not_after,
        ..world.plan.clone()
    };
    again.portfolio.key = "portfolios/harbor/other.json".into();
    let bytes = world.objects.get(&world.plan.portfolio.key).await.unwrap();
    world
        .deps
        .objects
        .put_once(&again.portfolio.key, bytes)
        .await
        .unwrap();
    world.send(&again).await;
    world.settle().await;
    assert_collected(&world).await;
    assert_eq!(world.row().await.plan.portfolio, world.plan.portfolio);
    let analyze = world.analyze_messages().await;
    assert_eq!((analyze.len(), &analyze[0].portfolio), (1, &world.plan.portfolio));
    world.send(&world.plan).await;
    assert_eq!(world.poll(10).await.failed, 0);
    assert_eq!(
        world.poll(10).await.received,
        0,
        "a run that went on is not planned again"
    );
}
