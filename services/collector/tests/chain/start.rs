//! A night that the schedule starts: a start message instead of a plan.

use shared::{
    message::Origin,
    portfolio::{Bundle, pointer},
    queue::{Receiver, Sender, Stage},
};

use super::{PARTS, assert_collected, world::World};

fn start(portfolio: &str, at: &str) -> String {
    format!(r#"{{"v":1,"type":"start","portfolio":"{portfolio}","scheduled_at":"{at}"}}"#)
}

async fn send(world: &World, body: String) {
    world.queue.send(Stage::Collect, &[body]).await.unwrap();
}

async fn pushed() -> World {
    let world = World::new().await;
    let harbor = world.plan.run.portfolio();
    pointer::write(&world.objects, harbor, &world.plan.portfolio)
        .await
        .unwrap();
    world
}

#[tokio::test]
async fn a_start_is_planned_as_a_plan_message_would_be() {
    let world = pushed().await;
    send(&world, start("harbor", "2026-11-21T10:30:00Z")).await;
    world.settle().await;
    assert_collected(&world).await;
    let started = world.row().await;
    let other = World::new().await;
    other.send(&other.plan).await;
    other.settle().await;
    assert_eq!(started.plan, other.row().await.plan);
    assert_eq!(world.keys().await, other.keys().await);
    assert_eq!(world.analyze_messages().await.len(), 1);
}

#[tokio::test]
async fn scenario_25_a_second_start_of_the_night_changes_nothing_even_after_a_push() {
    let world = pushed().await;
    send(&world, start("harbor", "2026-11-21T10:30:00Z")).await;
    world.settle().await;
    let (row, keys) = (world.row().await, world.keys().await);
    // Another configuration is pushed, and a person starts the night too, in the afternoon.
    let harbor = world.plan.run.portfolio();
    let mut bundle = Bundle::load(&world.objects, &world.plan.portfolio).await.unwrap();
    let toml = bundle.0.get_mut("portfolio.toml").unwrap();
    *toml = toml.replace("Harbor Holding", "Harbour");
    let other = bundle.store(&world.objects, harbor).await.unwrap();
    assert_ne!(other, world.plan.portfolio);
    pointer::write(&world.objects, harbor, &other).await.unwrap();
    for at in ["2026-11-21T10:30:00Z", "2026-11-21T23:00:00Z"] {
        send(&world, start("harbor", at)).await;
    }
    world.settle().await;
    assert_eq!((world.row().await, world.keys().await), (row, keys));
    assert_eq!(world.analyze_messages().await.len(), 1);
    assert!(world.queue.dead_letters(Stage::Collect).await.unwrap().is_empty());
}

#[tokio::test]
async fn scenario_26_a_start_that_a_backlog_held_until_after_midnight_is_still_its_night() {
    let world = pushed().await;
    send(&world, start("harbor", "2026-11-21T10:30:00Z")).await;
    world.clock.advance(jiff::SignedDuration::from_hours(26));
    world.settle().await;
    let row = world.row().await;
    assert_eq!(row.plan.run.to_string(), "harbor.2026-11-20");
    assert_eq!(
        row.plan.not_after, world.plan.not_after,
        "mails expire by the schedule"
    );
    assert!(
        row.plan.collect_until > row.plan.planned_at,
        "and its sources have their time all the same"
    );
    assert_collected(&world).await;
}

#[tokio::test]
async fn a_start_for_a_portfolio_that_was_never_pushed_names_the_key_and_the_command() {
    let world = World::new().await;
    let message = serde_json::from_str(&start("harbour", "2026-11-21T10:30:00Z")).unwrap();
    let error = collector::start::run(&world.deps, &message).await.unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("portfolios/harbour/current.json") && error.contains("quarterdeck push"),
        "{error}"
    );
    // As a record of a batch it fails alone.
    send(&world, start("harbour", "2026-11-21T10:30:00Z")).await;
    world.send(&world.plan).await;
    assert_eq!(world.poll(10).await.failed, 1);
    assert_eq!(world.row().await.pending_parts.len(), PARTS.len());
}

#[tokio::test]
async fn a_pointer_to_another_portfolios_configuration_is_refused() {
    let world = World::new().await;
    let other = "other".parse().unwrap();
    pointer::write(&world.objects, &other, &world.plan.portfolio)
        .await
        .unwrap();
    let message = serde_json::from_str(&start("other", "2026-11-21T10:30:00Z")).unwrap();
    let error = collector::start::run(&world.deps, &message).await.unwrap_err();
    assert!(
        error.to_string().contains("of portfolio harbor, not other"),
        "{error}"
    );
}

#[tokio::test]
async fn a_malformed_start_fails_only_its_record() {
    let world = pushed().await;
    let bodies = [
        start("harbor", "half past two"),
        start("harbor", "2026-11-21T10:30:00Z").replace("\"v\":1", "\"v\":9"),
        start("harbor", "2026-11-21T10:30:00Z"),
    ];
    world.queue.send(Stage::Collect, &bodies).await.unwrap();
    let polled = world.poll(10).await;
    assert_eq!((polled.received, polled.failed), (3, 2));
    assert_eq!(world.row().await.pending_parts.len(), PARTS.len());
}

#[tokio::test]
async fn an_operator_who_replays_a_night_says_until_when_it_is_mailed_and_why() {
    let world = pushed().await;
    let body = start("harbor", "2026-11-21T10:30:00Z").replace(
        "\"v\":1",
        r#""v":1,"not_after":"2026-12-01T00:00:00Z","cause":{"origin":"requeue","by":"operator","reason":"replay"}"#,
    );
    send(&world, body).await;
    world.poll(1).await;
    let row = world.row().await;
    assert_eq!(row.plan.not_after, "2026-12-01T00:00:00Z".parse().unwrap());
    world.settle().await;
    let analyze = world.analyze_messages().await;
    assert_eq!(
        (analyze[0].not_after, analyze[0].cause.origin),
        (row.plan.not_after, Origin::Stage)
    );
}
