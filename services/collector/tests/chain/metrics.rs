//! What collecting a night tells CloudWatch.

use shared::contract::logs::{metrics_of, sums};

use super::{assert_collected, world::World};

#[test]
fn a_collected_night_tells_its_parts_rows_and_bytes_once() {
    let mut bytes = 0;
    let lines = metrics_of(async || {
        let world = World::new().await;
        world.send(&world.plan).await;
        world.settle().await;
        assert_collected(&world).await;
        bytes = world
            .manifests()
            .await
            .iter()
            .map(|manifest| manifest.bytes)
            .sum();
        // What comes again was measured before, but that it took its time.
        world.send(&world.part(&world.plan, "handoffs")).await;
        world.settle().await;
    });
    let sums = sums(&lines);
    let expected = [
        ("BytesCollected", bytes as f64),
        ("PartsCollected", 4.0),
        ("PartsFailed", 1.0),
        ("RowsCollected", 9.0),
        ("StageDuration", 7.0),
    ];
    let told: Vec<_> = sums.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(told, expected);
    assert!(bytes > 0 && lines.iter().all(|line| line["Portfolio"] == "harbor"));
}
