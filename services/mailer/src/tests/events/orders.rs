//! Events early, late, twice, in any order, and handled by a function that dies.

use shared::ledger::{DeliveryState, RunState, feedback::Verdict};

use super::{
    super::{
        faulty::Mode,
        world::{Step, World},
    },
    CEO, mailed, of,
};

/// All orders of some things.
fn permutations<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    if all.len() < 2 {
        return vec![all.to_vec()];
    }
    let mut orders = Vec::new();
    for (at, first) in all.iter().enumerate() {
        let mut rest = all.to_vec();
        rest.remove(at);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            orders.push(order);
        }
    }
    orders
}

async fn row_and_verdict(world: &World) -> (DeliveryState, Option<String>, Option<Verdict>) {
    let row = world.row("ceo", CEO).await;
    let list = world.deps.ledger.suppression(&row.key.rid).await.unwrap();
    (row.state, row.reason, list.map(|suppression| suppression.verdict))
}

#[tokio::test]
async fn scenario_29_events_twice_and_in_any_order_come_to_the_same() {
    let orders = permutations(&["send", "delivery_delay", "delivery", "bounce"]);
    assert_eq!(orders.len(), 24);
    for order in orders {
        let world = mailed().await;
        let row = world.row("ceo", CEO).await;
        let bodies = order
            .iter()
            .chain(&order)
            .map(|name| of(name, &row, CEO).to_string());
        assert_eq!(world.told(bodies.collect::<Vec<_>>()).await, 0);
        let expected = (
            DeliveryState::Bounced,
            Some("Bounce Permanent/NoEmail".to_owned()),
            Some(Verdict::Suppress),
        );
        assert_eq!(row_and_verdict(&world).await, expected, "{order:?}");
        assert_eq!(
            world.audit_events().await.len(),
            2,
            "{order:?}: the run's end, and the bounce once"
        );
        assert!(world.quarantine().await.is_empty(), "{order:?}");
    }
}

/// A night whose first delivery was taken by the service, which is all that anybody knows: the mailer died. Answers the
/// delivery and its recipient's address.
async fn killed() -> (World, shared::ledger::DeliveryRow, &'static str) {
    let world = World::night(None).await;
    world.service.script.lock().unwrap().push_back(Step::AcceptAndDie);
    world.turn().await;
    world.turn().await;
    let mut rows = world.rows().await.into_iter();
    let row = rows.find(|row| row.state == DeliveryState::Sending).unwrap();
    let all = ["archive@example.com", CEO, "rental@example.com"];
    for address in all {
        if row.key.document.as_str() == "ceo" && address == "rental@example.com" {
            continue;
        }
        if world.row(row.key.document.as_str(), address).await.key == row.key {
            return (world, row, address);
        }
    }
    panic!("the delivery is nobody's")
}

#[tokio::test]
async fn scenario_1_a_send_event_resolves_a_delivery_in_doubt() {
    let (world, row, address) = killed().await;
    world.until_quiet().await;
    let state = async |world: &World| world.row(row.key.document.as_str(), address).await.state;
    assert_eq!(state(&world).await, DeliveryState::Unknown);
    let mut event = of("send", &row, address);
    event["mail"]["messageId"] = serde_json::json!("0100-of-the-service");
    world.told([event.to_string()]).await;
    assert_eq!(state(&world).await, DeliveryState::Accepted);
    let row = world.row(row.key.document.as_str(), address).await;
    assert_eq!(row.message_id.as_deref(), Some("0100-of-the-service"));
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 5, "and nobody is mailed twice");
    assert_eq!(
        world.run_state().await,
        RunState::Finished,
        "the run has waited for the word"
    );
}

#[tokio::test]
async fn scenario_1_a_send_event_that_comes_before_the_lease_is_over_leaves_no_doubt() {
    let (world, row, address) = killed().await;
    world.told([of("send", &row, address).to_string()]).await;
    world.until_quiet().await;
    assert!(
        world
            .states()
            .await
            .iter()
            .all(|state| state.ends_with("ACCEPTED")),
        "{:?}",
        world.states().await
    );
    assert_eq!(world.service.taken().len(), 5);
    assert_eq!(world.run_state().await, RunState::Finished);
}

#[tokio::test]
async fn whichever_call_of_the_events_function_fails_the_redelivered_event_is_handled_once() {
    let bounce = async |world: &World| of("bounce", &world.row("ceo", CEO).await, CEO).to_string();
    let world = mailed().await;
    let (body, before) = (bounce(&world).await, world.faults.calls());
    world.told([body]).await;
    let calls = world.faults.calls() - before;
    assert!(calls >= 6, "{calls} calls");
    let expected = row_and_verdict(&world).await;
    for mode in Mode::ALL {
        for n in 1..=calls {
            let world = mailed().await;
            let body = bounce(&world).await;
            world.faults.inject(n, mode);
            assert_eq!(
                world.told([body.clone()]).await,
                1,
                "call {n}, {mode:?}: the record comes back"
            );
            assert_eq!(world.told([body.clone(), body]).await, 0);
            assert_eq!(row_and_verdict(&world).await, expected, "call {n}, {mode:?}");
            assert_eq!(
                world.audit_events().await.len(),
                2,
                "call {n}, {mode:?}: the audit has it once"
            );
        }
    }
}
