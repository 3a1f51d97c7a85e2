//! Scenarios 2 to 4: nobody knows whether a mail was taken, and the mail service says nothing.

use shared::{
    ledger::{DeliveryRow, DeliveryState, HeldFor, RunState},
    portfolio::EXAMPLE,
};

use super::world::{Step, World};

fn resending() -> String {
    let policy = "unknown_policy = \"hold\"";
    assert!(EXAMPLE.contains(policy));
    EXAMPLE.replace(policy, "unknown_policy = \"resend_once\"")
}

/// Only the second document's.
fn resending_the_ceos() -> String {
    let title = "title = \"CEO brief\"";
    assert!(EXAMPLE.contains(title));
    EXAMPLE.replace(title, &format!("{title}\nunknown_policy = \"resend_once\""))
}

async fn night(portfolio: &str, answers: impl IntoIterator<Item = Step>) -> World {
    let world = World::night_of(portfolio, None).await;
    world.service.next(answers);
    world.until_quiet().await;
    world
}

async fn doubtful(world: &World) -> Vec<DeliveryRow> {
    let rows = world.rows().await.into_iter();
    rows.filter(|row| row.state == DeliveryState::Unknown).collect()
}

async fn row(world: &World, of: &DeliveryRow) -> DeliveryRow {
    let mut rows = world.rows().await.into_iter();
    rows.find(|row| row.key == of.key).unwrap()
}

#[tokio::test]
async fn scenario_2_without_a_send_event_the_policy_hold_holds_it_with_a_line_for_the_operator() {
    let world = night(EXAMPLE, [Step::AcceptAndDie]).await;
    let before = doubtful(&world).await.remove(0);
    world.doubt_is_over().await;
    let after = row(&world, &before).await;
    assert_eq!(
        (after.state, after.held_for, after.possible_duplicate),
        (DeliveryState::Held, Some(HeldFor::Doubt), false)
    );
    assert_eq!(world.service.taken().len(), 5, "nobody is mailed twice");
    let audit = world.audit_events().await;
    assert!(
        audit.iter().any(|line| line.contains("may have been sent")),
        "{audit:?}"
    );
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn scenario_2_without_a_send_event_the_policy_resend_once_sends_once_more_and_flags_it() {
    let world = night(&resending(), [Step::AcceptAndDie]).await;
    let before = doubtful(&world).await.remove(0);
    assert_eq!(world.service.taken().len(), 5);
    world.doubt_is_over().await;
    assert_eq!(world.service.taken().len(), 6, "once more");
    let after = row(&world, &before).await;
    assert_eq!(
        (after.state, after.attempt, after.possible_duplicate),
        (DeliveryState::Accepted, 2, true)
    );
    let flagged = world
        .rows()
        .await
        .iter()
        .filter(|row| row.possible_duplicate)
        .count();
    assert_eq!(flagged, 1, "and no other is");
    let audit = world.audit_events().await;
    assert!(
        audit.iter().any(|line| line.contains("possibly a duplicate")),
        "{audit:?}"
    );
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 6);
    assert_eq!(world.run_state().await, RunState::Finished);
}

#[tokio::test]
async fn a_delivery_in_doubt_is_sent_once_more_and_never_a_third_time() {
    let answers = [
        Step::server_error(false),
        Step::Accept,
        Step::Accept,
        Step::Accept,
        Step::Accept,
    ];
    let world = night(&resending(), answers).await;
    let before = doubtful(&world).await.remove(0);
    world.service.next([Step::drop_the_connection()]);
    world.doubt_is_over().await;
    assert_eq!(doubtful(&world).await.len(), 1, "in doubt again");
    world.doubt_is_over().await;
    let after = row(&world, &before).await;
    assert_eq!(
        (after.state, after.held_for, after.attempt),
        (DeliveryState::Held, Some(HeldFor::Doubt), 2)
    );
    assert_eq!(world.service.calls(), 6);
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn a_reports_policy_goes_before_the_portfolios() {
    // The first delivery is the audit's, the fourth the CEO brief's.
    let answers = [
        Step::server_error(true),
        Step::Accept,
        Step::Accept,
        Step::server_error(true),
    ];
    let world = night(&resending_the_ceos(), answers).await;
    assert_eq!(doubtful(&world).await.len(), 2);
    world.doubt_is_over().await;
    let flagged: Vec<_> = world
        .rows()
        .await
        .into_iter()
        .filter(|row| row.possible_duplicate)
        .collect();
    assert_eq!(flagged.len(), 1);
    assert_eq!(flagged[0].key.document.as_str(), "ceo");
    let held: Vec<_> = world
        .rows()
        .await
        .into_iter()
        .filter(|row| row.held_for.is_some())
        .collect();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].key.document.as_str(), "audit-rental");
}

#[tokio::test]
async fn a_doubt_that_lasts_until_it_is_too_late_is_held_and_never_called_expired() {
    let world = night(&resending(), [Step::AcceptAndDie]).await;
    let before = doubtful(&world).await.remove(0);
    world.clock.advance(jiff::SignedDuration::from_hours(20));
    world.doubt_is_over().await;
    let after = row(&world, &before).await;
    assert_eq!(
        (after.state, after.held_for),
        (DeliveryState::Held, Some(HeldFor::Doubt)),
        "EXPIRED would say that no mail exists"
    );
    assert_eq!(world.service.taken().len(), 5);
}

#[tokio::test]
async fn scenario_3_a_death_before_the_send_cannot_be_told_from_one_after_it() {
    // The service never saw the first mail; the ledger's rows of both nights are the same.
    let mut seen = Vec::new();
    for is_taken in [true, false] {
        let world = World::night(None).await;
        world.turn().await;
        if is_taken {
            world.service.next([Step::AcceptAndDie]);
            world.turn().await;
        } else {
            // Call 1 reads the brake, 2 begins, and there the function dies.
            world.faults.inject(2, super::faulty::Mode::Died);
            world.turn().await;
        }
        world.until_quiet().await;
        let row = doubtful(&world).await.remove(0);
        world.doubt_is_over().await;
        let end = self::row(&world, &row).await;
        seen.push((row.state, row.reason, end.state, end.held_for));
        assert_eq!(world.run_state().await, RunState::Degraded);
        assert_eq!(world.service.taken().len(), if is_taken { 5 } else { 4 });
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn scenario_4_a_send_that_times_out_or_is_reset_is_tried_once() {
    for answer in [
        Step::drop_the_connection(),
        Step::server_error(true),
        Step::server_error(false),
    ] {
        let world = night(EXAMPLE, [answer.clone()]).await;
        assert_eq!(world.service.calls(), 5, "{answer:?}");
        assert_eq!(doubtful(&world).await.len(), 1, "{answer:?}");
    }
}
