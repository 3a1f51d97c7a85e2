//! Every call of every port fails once, in every way; the night is collected all the same, and always the same night.

use shared::{
    faulty::Mode,
    queue::{Receiver, Stage},
};

use super::{assert_collected, world::World};

#[tokio::test]
async fn whichever_call_fails_the_snapshot_is_complete_and_the_same() {
    let world = World::new().await;
    world.send(&world.plan).await;
    world.settle().await;
    assert_collected(&world).await;
    let (calls, manifests, keys) = (world.faults.calls(), world.manifests().await, world.keys().await);
    assert!(calls > 30, "{calls} calls");
    for mode in Mode::ALL {
        for n in 1..=calls {
            let world = World::new().await;
            world.faults.inject(n, mode);
            world.send(&world.plan).await;
            world.settle().await;
            let what = format!("call {n} of {calls}, {mode:?}");
            assert!(world.faults.calls() > n, "{what}: something was done after it");
            assert_eq!(world.manifests().await, manifests, "{what}");
            assert_eq!(world.keys().await, keys, "{what}");
            assert!(
                !world.analyze_messages().await.is_empty(),
                "{what}: the analyzer was not started"
            );
            assert!(world.row().await.analyze_sent_at.is_some(), "{what}");
            assert!(
                world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty(),
                "{what}"
            );
        }
    }
}
