//! Scenario 6: the account cannot send.

use jiff::SignedDuration;
use shared::{
    clock::Clock,
    ledger::{Control, DeliveryState, HeldFor, RunState},
};

use super::world::{Step, World};

async fn told(text: &str) -> World {
    let world = World::night(None).await;
    world.service.next([Step::account(text)]);
    world.until_quiet().await;
    world
}

#[tokio::test]
async fn scenario_6_an_account_that_cannot_send_stops_all_sends_and_loses_nothing() {
    for (text, hours) in [
        ("Daily message quota exceeded.", 1),
        ("AccountSendingPausedException: sending is paused", 12),
        ("MessageRejected: Email address is not verified.", 12),
    ] {
        let world = told(text).await;
        assert_eq!(world.service.calls(), 1, "{text}: one try told it all");
        let rows = world.rows().await;
        assert_eq!(rows.len(), 5);
        for row in &rows {
            assert_eq!(
                (row.state, row.held_for),
                (DeliveryState::Held, Some(HeldFor::Account)),
                "{text}"
            );
            assert!(row.reason.as_ref().unwrap().contains(text), "{row:?}");
        }
        let brake = world.ledger.brake().await.unwrap().unwrap();
        assert!(brake.reason.contains(text) && brake.is_on(world.clock.now()));
        assert_eq!(
            brake.until.duration_since(brake.since),
            SignedDuration::from_hours(hours),
            "{text}"
        );
        assert_eq!(world.run_state().await, RunState::Degraded);
        let audit = world.ledger.control_audits(9).await.unwrap();
        assert_eq!(audit.len(), 1, "{audit:?}");
        assert_eq!(audit[0].event, "brake_pulled");
        // Nothing of it comes back by itself.
        world.duplicate_deliver_messages().await;
        world.until_quiet().await;
        assert_eq!(world.service.calls(), 1);
    }
}

#[tokio::test]
async fn a_brake_whose_time_is_over_lets_the_next_delivery_try() {
    let world = World::night(None).await;
    world.turn().await;
    let brake = shared::ledger::Brake {
        reason: "an earlier night's".to_owned(),
        since: world.clock.now() - SignedDuration::from_hours(13),
        until: world.clock.now() - SignedDuration::from_hours(1),
    };
    world.ledger.pull_brake(&brake).await.unwrap();
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 5);
    assert_eq!(world.run_state().await, RunState::Finished);
}

#[tokio::test]
async fn a_brake_that_cannot_be_read_stops_the_mail_and_not_for_good() {
    let world = World::night(None).await;
    world.turn().await;
    world.faults.inject(1, super::faulty::Mode::Before);
    world.turn().await;
    assert_eq!(world.service.taken().len(), 4);
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 5);
}

#[tokio::test]
async fn a_throttle_is_no_reason_to_brake() {
    let world = World::night(None).await;
    world.service.next([Step::throttle(), Step::throttle()]);
    world.until_quiet().await;
    assert_eq!(world.ledger.brake().await.unwrap(), None);
    assert_eq!(world.run_state().await, RunState::Finished);
}
