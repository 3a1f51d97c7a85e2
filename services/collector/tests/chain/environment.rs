//! A night with a parameter that is read of an environment variable.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use shared::{
    facts::SourceState,
    manifest::PartManifest,
    portfolio::Bundle,
    queue::{Receiver, Stage},
};

use super::world::World;

const ELSEWHERE: &str = r#"
[sources.environment]
variables = ["QUARTERDECK_VALUE_FLOOR"]
[parameters]
floor = { env = "QUARTERDECK_VALUE_FLOOR" }
"#;

static FLOOR: AtomicU32 = AtomicU32::new(15_000);
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn variable(name: &str) -> Option<String> {
    ASKED.lock().unwrap().push(name.to_owned());
    Some(FLOOR.load(Ordering::SeqCst).to_string())
}

async fn environment(world: &World) -> PartManifest {
    let mut manifests = world.manifests().await;
    manifests.retain(|manifest| manifest.kind == "environment");
    manifests.pop().unwrap()
}

#[tokio::test]
async fn a_value_is_read_once_and_stands_for_the_run() {
    let mut world = World::new().await;
    world.deps.variable = variable;
    let mut bundle = Bundle::load(&world.objects, &world.plan.portfolio).await.unwrap();
    bundle.0.get_mut("portfolio.toml").unwrap().push_str(ELSEWHERE);
    let harbor = world.plan.run.portfolio();
    world.plan.portfolio = bundle.store(&world.objects, harbor).await.unwrap();
    world.send(&world.plan).await;
    world.settle().await;
    let first = environment(&world).await;
    assert_eq!(
        (first.part.as_str(), first.state, first.rows),
        ("environment", SourceState::Ok, 1)
    );
    assert!(!first.core);
    // The message comes again when the variable has changed.
    FLOOR.store(20_000, Ordering::SeqCst);
    world.send(&world.part(&world.plan, "environment")).await;
    world.settle().await;
    assert_eq!(environment(&world).await, first);
    assert_eq!(
        *ASKED.lock().unwrap(),
        ["QUARTERDECK_VALUE_FLOOR"],
        "nothing else is looked up"
    );
    // Only a generation that collects again reads it again.
    world.send(&world.rerun(1)).await;
    world.settle().await;
    let again = environment(&world).await;
    assert_ne!(again.content_digest(), first.content_digest());
    assert_eq!(ASKED.lock().unwrap().len(), 2);
    assert!(world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty());
}
