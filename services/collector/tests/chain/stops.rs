//! A part that takes more than one invocation: stopped in time, made visible at once, gone on with.

use jiff::SignedDuration;
use shared::{
    facts::SourceState,
    faulty::Mode,
    queue::{Receiver, Stage},
};

use super::{assert_collected, world::World};

/// A night in which every invocation's time is over as soon as it begins. Answers how many messages were handled.
async fn night_without_time(world: &World) -> usize {
    world.send(&world.plan).await;
    let (mut handled, mut idle) = (0, 0);
    while idle < 3 {
        match world.poll_without_time().await.received {
            0 => {
                idle += 1;
                world.clock.advance(SignedDuration::from_mins(30));
            }
            received => {
                idle = 0;
                handled += received;
            }
        }
        assert!(handled < 200, "no end");
    }
    handled
}

async fn large(items: usize) -> World {
    let world = World::new().await;
    world.book_large(items);
    world
}

#[tokio::test]
async fn a_part_that_takes_several_invocations_is_the_part_that_takes_one() {
    let at_once = large(12).await;
    at_once.send(&at_once.plan).await;
    at_once.settle().await;
    let world = large(12).await;
    let handled = night_without_time(&world).await;
    assert!(handled > 10, "{handled}: more than four receipts of the one part");
    assert_collected(&world).await;
    assert_eq!(world.manifests().await, at_once.manifests().await);
    assert_eq!(world.keys().await, at_once.keys().await);
    assert!(
        world.objects.list("work").await.unwrap().is_empty(),
        "what was kept on the way is taken away"
    );
}

#[tokio::test]
async fn an_unfinished_part_is_visible_again_at_once() {
    let world = large(12).await;
    world.send(&world.plan).await;
    let start = world.clock.clone();
    let mut received = 0;
    while world.poll_without_time().await.received > 0 {
        received += 1;
    }
    assert!(received > 10, "{received} messages without any waiting");
    assert_eq!(shared::clock::Clock::now(&*start), world.plan.scheduled_at);
    assert_collected(&world).await;
}

#[tokio::test]
async fn whichever_call_fails_of_a_part_that_takes_several_invocations_the_snapshot_is_the_same() {
    let world = large(5).await;
    night_without_time(&world).await;
    assert_collected(&world).await;
    let (calls, manifests, keys) = (world.faults.calls(), world.manifests().await, world.keys().await);
    assert_eq!(manifests[0].rows, 5);
    for mode in Mode::ALL {
        for n in 1..=calls {
            let world = large(5).await;
            world.faults.inject(n, mode);
            night_without_time(&world).await;
            let what = format!("call {n} of {calls}, {mode:?}");
            assert_eq!(world.manifests().await, manifests, "{what}");
            assert_eq!(world.keys().await, keys, "{what}");
            assert!(
                world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty(),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn a_part_that_was_given_up_is_not_gone_on_with() {
    let world = large(12).await;
    world.send(&world.plan).await;
    world.poll_without_time().await;
    // Until the large table alone is left: what else is under way would come late.
    while world.row().await.pending_parts.len() > 1 {
        world.poll_without_time().await;
    }
    let given_up =
        world
            .ledger
            .give_up_parts(&world.plan.run, world.plan.generation, world.plan.scheduled_at);
    assert!(!given_up.await.unwrap().is_empty());
    while world.poll_without_time().await.received > 0 {}
    let row = world.row().await;
    assert!(
        row.missing_parts
            .iter()
            .any(|part| part.as_str() == "dynamodb.jada-calendar")
    );
    assert!(row.late_parts.is_empty() && world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty());
    let manifests = world.manifests().await;
    assert!(manifests.iter().all(|m| m.state != SourceState::Failed));
}
