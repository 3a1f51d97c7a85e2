//! A part that is stopped or killed, and gone on with.

use super::{script::Fault, *};
use crate::snapshot::merge::FAN_IN;

/// Three splits of five pages of four items.
fn jobs() -> Script {
    let split = |s: usize| {
        (0..5)
            .map(|p| items(s * 100 + p * 4..s * 100 + p * 4 + 4))
            .collect()
    };
    Script::of((0..3).map(split))
}

async fn expected() -> Collected {
    World::new().await.collect(&jobs()).await.unwrap()
}

#[tokio::test]
async fn a_small_table_that_is_read_at_once_leaves_nothing_behind() {
    let world = World::new().await;
    world.collect(&jobs()).await.unwrap();
    assert!(world.work().await.is_empty());
    assert_eq!(world.files().await.len(), 1);
}

#[tokio::test]
async fn when_the_time_is_over_what_was_read_is_kept_and_no_page_is_read_twice() {
    let (world, script) = (World::new().await, jobs());
    let first = world.deliver(&script, Some(4)).await.unwrap();
    assert!(matches!(first, Err(SourceError::Unfinished(reason)) if reason.contains("table jobs")));
    assert!(!world.work().await.is_empty() && world.files().await.is_empty());
    let (collected, deliveries) = world.deliver_until_done(&script, 4).await;
    assert_eq!(collected, expected().await);
    assert_eq!(script.calls(), 15, "each page once");
    assert!(deliveries > 1, "{deliveries}");
}

#[tokio::test]
async fn without_any_time_a_delivery_still_reads_something() {
    let (world, script) = (World::new().await, jobs());
    let (collected, _) = world.deliver_until_done(&script, -100).await;
    assert_eq!(collected, expected().await);
}

#[tokio::test]
async fn killing_the_function_at_any_page_and_redelivering_gives_the_same_snapshot() {
    let expected = expected().await;
    for seconds in [1, 3, 5, 1000] {
        for call in 1..=15 {
            let (world, script) = (World::new().await, jobs().fault(call, Fault::Killed));
            let (collected, deliveries) = world.deliver_until_done(&script, seconds).await;
            assert_eq!(
                collected, expected,
                "killed at page {call}, {seconds} s a delivery"
            );
            assert!(deliveries > 1, "it was killed");
            assert_eq!(world.files().await.len(), 1);
        }
    }
}

#[tokio::test]
async fn more_runs_than_are_merged_at_once_give_the_same_snapshot() {
    let pages = FAN_IN * 3;
    let script = || Script::of([(0..pages).map(|p| items(p * 7..p * 7 + 7)).collect()]);
    let expected = World::new().await.collect(&script()).await.unwrap();
    let (world, many) = (World::new().await, script());
    // A second a page, and no time for another.
    let (collected, deliveries) = world.deliver_until_done(&many, 0).await;
    assert!(deliveries > pages, "{deliveries} deliveries, a run each");
    assert_eq!(collected, expected);
    assert_eq!(collected.rows(), 7 * pages as u64);
}

#[tokio::test]
async fn of_two_deliveries_at_once_the_earlier_one_stops() {
    let world = World::new().await;
    let script = jobs().overtaken_at(5, &world);
    let first = world.deliver(&script, Some(8)).await.unwrap();
    assert!(
        matches!(&first, Err(SourceError::Later(reason)) if reason.contains("another delivery")),
        "{first:?}"
    );
    let (collected, _) = world.deliver_until_done(&jobs(), 8).await;
    assert_eq!(collected, expected().await);
}

#[tokio::test]
async fn a_table_that_was_made_anew_meanwhile_is_read_from_its_beginning() {
    let world = World::new().await;
    let first = world.deliver(&jobs(), Some(4)).await.unwrap();
    assert!(matches!(first, Err(SourceError::Unfinished(_))));
    let mut anew = Script::of([vec![items(500..503)]]);
    anew.identity = "second";
    let collected = world.collect(&anew).await.unwrap();
    assert_eq!(collected.rows(), 3, "and nothing of the old one");
}

#[tokio::test]
async fn a_table_that_is_gone_at_the_next_delivery_was_deleted() {
    let world = World::new().await;
    let first = world.deliver(&jobs(), Some(4)).await.unwrap();
    assert!(matches!(first, Err(SourceError::Unfinished(_))));
    let gone = world.collect(&Script::of([])).await.unwrap();
    assert_eq!(gone.state, SourceState::Missing);
    assert!(gone.failure().unwrap().contains("was deleted while it was read"));
}

#[tokio::test]
async fn a_checkpoint_that_was_taken_away_costs_time_and_nothing_else() {
    let (world, script) = (World::new().await, jobs());
    let first = world.deliver(&script, Some(4)).await.unwrap();
    assert!(matches!(first, Err(SourceError::Unfinished(_))));
    for key in world.work().await {
        world.progress.objects.delete(&key).await.unwrap();
    }
    assert_eq!(world.collect(&script).await.unwrap(), expected().await);
}
