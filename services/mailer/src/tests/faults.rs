//! Every call of every port fails once, in every way; the night ends well all the same.

use std::collections::BTreeSet;

use shared::{
    ledger::{DeliveryState, HeldFor, RunState},
    mail::Rid,
};

use super::{faulty::Mode, world::World};

/// The invariants of the state diagram in docs/SEMANTICS.md.
async fn assert_invariants(world: &World, what: &str) {
    let taken = world.service.taken();
    let once = taken.iter().collect::<BTreeSet<_>>();
    assert_eq!(
        once.len(),
        taken.len(),
        "{what}: a mail went out twice: {taken:?}"
    );
    let rows = world.rows().await;
    assert_eq!(rows.len(), 5, "{what}: a delivery is not on the ledger");
    for row in &rows {
        assert!(
            row.state.is_settled(),
            "{what}: {} {} is {}",
            row.key.document,
            row.key.rid,
            row.state
        );
    }
    let accepted = rows
        .iter()
        .filter(|row| row.state == DeliveryState::Accepted)
        .count();
    let doubtful = rows
        .iter()
        .filter(|row| row.held_for == Some(HeldFor::Doubt))
        .count();
    assert_eq!(
        accepted + doubtful,
        5,
        "{what}: a fault of ours is nobody's refusal"
    );
    assert!(
        (accepted..=5).contains(&taken.len()),
        "{what}: {accepted} accepted, {} taken",
        taken.len()
    );
    let end = if doubtful == 0 {
        RunState::Finished
    } else {
        RunState::Degraded
    };
    assert_eq!(world.run_state().await, end, "{what}");
    let audit = world.audit_events().await;
    assert_eq!(
        audit.len(),
        1 + doubtful,
        "{what}: a run's end is told once, and each doubt: {audit:?}"
    );
    let archives = rows.iter().filter(|row| row.key.rid == Rid::archive()).count();
    assert_eq!(archives, 2, "{what}");
}

#[tokio::test]
async fn whichever_call_fails_nobody_is_mailed_twice_and_nothing_is_dropped() {
    let world = World::night(None).await;
    world.until_quiet().await;
    let calls = world.faults.calls();
    assert!(calls > 30, "{calls} calls");
    for mode in [Mode::Before, Mode::After, Mode::Died] {
        for n in 1..=calls {
            let world = World::night(None).await;
            world.faults.inject(n, mode);
            world.until_quiet().await;
            world.doubt_is_over().await;
            assert_invariants(&world, &format!("call {n} of {calls}, {mode:?}")).await;
        }
    }
}
