//! Scenario 31: a recipient on the suppression list.

use shared::{
    ledger::{
        DeliveryState, RunState,
        feedback::{Suppression, Verdict},
    },
    mail::Rid,
};

use super::world::World;

const CEO: &str = "ceo@example.com";

async fn list(world: &World, address: &str, verdict: Verdict) {
    let rid = Rid::of(b"a key of this test", &address.parse().unwrap());
    let suppression = Suppression {
        verdict,
        reason: "Bounce Permanent/NoEmail".to_owned(),
        since: "2026-11-20T10:00:00Z".parse().unwrap(),
    };
    world.deps.ledger.suppress(&rid, &suppression).await.unwrap();
}

/// Nothing went to the CEO, everything else did, and the owner is told.
async fn assert_suppressed(world: &World) {
    let others = [
        "audit-rental archive@example.com",
        "audit-rental rental@example.com",
        "ceo archive@example.com",
    ];
    assert_eq!(world.service.taken(), others);
    for document in ["ceo", "audit-rental"] {
        let row = world.row(document, CEO).await;
        assert_eq!(row.state, DeliveryState::Suppressed, "{document}");
        assert_eq!(
            row.reason.as_deref(),
            Some("Bounce Permanent/NoEmail since 2026-11-20T10:00:00Z")
        );
    }
    assert_eq!(world.run_state().await, RunState::Degraded);
    let audit = world.audit_events().await;
    let told = audit
        .iter()
        .filter(|line| line.contains("Bounce Permanent/NoEmail since"))
        .count();
    assert_eq!(told, 2, "{audit:?}");
    assert!(
        audit
            .iter()
            .any(|line| line.contains("3 of 5 deliveries went out, 2 SUPPRESSED")),
        "{audit:?}"
    );
}

#[tokio::test]
async fn scenario_31_a_suppressed_recipient_is_not_mailed_and_the_reports_owner_is_told() {
    let world = World::night(None).await;
    list(&world, CEO, Verdict::Suppress).await;
    world.until_quiet().await;
    assert_suppressed(&world).await;
    // Whatever comes again.
    world.send_mail_messages();
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_suppressed(&world).await;
}

#[tokio::test]
async fn scenario_31_a_recipient_suppressed_between_plan_and_send_is_not_mailed() {
    let world = World::night(None).await;
    world.turn().await;
    assert_eq!(world.row("ceo", CEO).await.state, DeliveryState::Queued);
    list(&world, CEO, Verdict::Suppress).await;
    world.until_quiet().await;
    assert_suppressed(&world).await;
}

#[tokio::test]
async fn mail_to_a_recipient_on_hold_is_held_for_the_operator() {
    for is_planned in [false, true] {
        let world = World::night(None).await;
        if is_planned {
            world.turn().await;
        }
        list(&world, CEO, Verdict::Hold).await;
        world.until_quiet().await;
        assert_eq!(world.service.taken().len(), 3);
        assert_eq!(
            world.row("ceo", CEO).await.state,
            DeliveryState::Held,
            "planned before: {is_planned}"
        );
    }
}

#[tokio::test]
async fn an_address_that_takes_no_mail_takes_no_archive_copies_either() {
    let world = World::night(None).await;
    list(&world, "archive@example.com", Verdict::Suppress).await;
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 3);
    assert_eq!(
        world.row("ceo", "archive@example.com").await.state,
        DeliveryState::Suppressed
    );
}

#[tokio::test]
async fn a_suppression_list_that_cannot_be_read_stops_the_mail_and_not_for_good() {
    let world = World::night(None).await;
    world.turn().await;
    // Of a delivery the third call, after the brake and its begin.
    world.faults.inject(3, super::faulty::Mode::Before);
    world.turn().await;
    assert_eq!(world.service.taken().len(), 4);
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 5);
    assert_eq!(world.run_state().await, RunState::Finished);
}
