//! Sentences about deliveries. One mail at most is what they are for.

use super::*;
use crate::{
    ledger::{Begun, DeliveryKey, DeliveryRow, DeliveryState, HeldFor, Outcome, Settled, feedback::Report},
    mail::{Mailbox, Rid},
};

pub(super) const LEASE: i64 = 60;

pub(super) fn key(document: &str) -> DeliveryKey {
    let cfo: Mailbox = "cfo@example.com".parse().expect("a literal");
    DeliveryKey {
        run: run(),
        document: document.parse().expect("a literal"),
        rid: Rid::of(b"a key", &cfo),
        mail_epoch: MailEpoch(0),
    }
}

pub(super) async fn queued(ledger: &dyn Ledger) -> DeliveryKey {
    let key = key("cfo");
    assert!(
        ledger
            .plan_delivery(&key, &input("cfo.eml"), at(3600), at(0))
            .await
            .expect("planned")
    );
    key
}

pub(super) async fn begin(ledger: &dyn Ledger, key: &DeliveryKey, owner: &str, second: i64) -> Begun {
    ledger
        .begin_delivery(key, owner, at(second), at(second + LEASE))
        .await
        .expect("begun")
}

/// Begins, and is sure to own it.
pub(super) async fn begun(ledger: &dyn Ledger, key: &DeliveryKey, owner: &str, second: i64) -> DeliveryRow {
    match begin(ledger, key, owner, second).await {
        Begun::Yours(row) => row,
        other => panic!("not ours: {other:?}"),
    }
}

pub(super) async fn only(ledger: &dyn Ledger) -> DeliveryRow {
    let mut rows = ledger.deliveries(&run()).await.expect("listed");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn accepted(id: &str) -> Outcome {
    Outcome::Accepted {
        message_id: id.to_owned(),
        by_fallback: false,
    }
}

/// The first plan stands, whatever the second would mail.
pub async fn a_delivery_is_planned_once(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    assert!(
        !ledger
            .plan_delivery(&key, &input("other.eml"), at(9), at(5))
            .await
            .unwrap()
    );
    let expected = DeliveryRow {
        key,
        state: DeliveryState::Queued,
        attempt: 0,
        lease_until: None,
        next_at: None,
        message_id: None,
        reason: None,
        held_for: None,
        released_at: None,
        possible_duplicate: false,
        by_fallback: false,
        mail: input("cfo.eml"),
        not_after: at(3600),
        updated_at: at(0),
    };
    assert_eq!(only(ledger).await, expected);
}

/// Scenario 9: the same message delivered twice at once.
pub async fn of_two_that_begin_a_delivery_at_once_one_gets_it(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    let tries = ["one", "two", "three", "four"].map(|owner| begin(ledger, &key, owner, 1));
    let begun = futures::future::join_all(tries).await;
    assert_eq!(
        begun.iter().filter(|b| matches!(b, Begun::Yours(_))).count(),
        1,
        "{begun:?}"
    );
    assert_eq!(
        begun.iter().filter(|b| matches!(b, Begun::NotNow(_))).count(),
        3,
        "{begun:?}"
    );
    assert_eq!(only(ledger).await.attempt, 1);
}

/// Scenario 27: the write was applied, the answer lost, and the SDK asked again.
pub async fn beginning_again_with_the_same_owner_and_lease_is_the_same_attempt(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    let first = begun(ledger, &key, "one", 1).await;
    assert_eq!(begun(ledger, &key, "one", 1).await, first);
    assert_eq!(first.attempt, 1);
    assert!(
        matches!(begin(ledger, &key, "one", 2).await, Begun::NotNow(_)),
        "another lease is another try"
    );
}

/// Scenarios 1 and 3: nobody can tell whether it was sent, so it is not sent again.
pub async fn a_delivery_whose_lease_is_over_becomes_unknown_and_is_never_begun_again(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    assert!(matches!(
        begin(ledger, &key, "two", LEASE - 1).await,
        Begun::NotNow(_)
    ));
    for second in [LEASE, LEASE + 1] {
        let Begun::Done(row) = begin(ledger, &key, "two", second).await else {
            panic!("begun again")
        };
        assert_eq!((row.state, row.attempt), (DeliveryState::Unknown, 1));
        assert!(row.reason.is_some(), "the operator is told why");
    }
}

/// Its attempt's number still stands: nobody has sent since, and it knows better.
pub async fn an_owner_that_comes_back_after_its_lease_may_still_say_how_it_ended(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    begin(ledger, &key, "two", LEASE + 1).await;
    let settled = ledger
        .settle_delivery(&key, 1, &accepted("ses-1"), at(LEASE + 2))
        .await
        .unwrap();
    assert_eq!(settled, Settled::Yes);
    let row = only(ledger).await;
    assert_eq!((row.state, row.reason), (DeliveryState::Accepted, None));
}

/// Scenario 5: definitely not sent, so it is queued again, for later.
pub async fn a_throttled_delivery_waits_until_it_is_due(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    let retry = Outcome::Retry {
        next_at: at(30),
        reason: "maximum sending rate exceeded".to_owned(),
    };
    assert_eq!(
        ledger.settle_delivery(&key, 1, &retry, at(1)).await.unwrap(),
        Settled::Yes
    );
    let Begun::NotNow(row) = begin(ledger, &key, "two", 29).await else {
        panic!("not due yet")
    };
    assert_eq!((row.state, row.next_at), (DeliveryState::Queued, Some(at(30))));
    let row = begun(ledger, &key, "two", 30).await;
    assert_eq!((row.attempt, row.next_at, row.reason), (2, None, None));
}

/// Fencing: what an earlier attempt has to say is answered with the row as it is.
pub async fn the_outcome_of_an_earlier_attempt_is_fenced(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    let retry = Outcome::Retry {
        next_at: at(1),
        reason: "throttled".to_owned(),
    };
    ledger.settle_delivery(&key, 1, &retry, at(1)).await.unwrap();
    begun(ledger, &key, "two", 2).await;
    let Settled::Fenced(row) = ledger
        .settle_delivery(&key, 1, &accepted("late"), at(3))
        .await
        .unwrap()
    else {
        panic!("not fenced")
    };
    assert_eq!((row.state, row.attempt), (DeliveryState::Sending, 2));
    assert_eq!(only(ledger).await.message_id, None);
}

/// Also when an event has moved it on.
pub async fn a_delivery_that_the_fallback_took_says_so(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    let outcome = Outcome::Accepted {
        message_id: "ses-1".to_owned(),
        by_fallback: true,
    };
    ledger.settle_delivery(&key, 1, &outcome, at(1)).await.unwrap();
    assert!(only(ledger).await.by_fallback);
    let report = Report {
        state: DeliveryState::Delivered,
        message_id: "ses-1".to_owned(),
        reason: None,
    };
    ledger.report_delivery(&key, &report, at(2)).await.unwrap();
    let row = only(ledger).await;
    assert_eq!((row.state, row.by_fallback), (DeliveryState::Delivered, true));
}

/// Scenario 27 again: the second time finds its own effect.
pub async fn settling_twice_is_settled_once(ledger: &dyn Ledger) {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 0).await;
    for second in [1, 2] {
        let settled = ledger
            .settle_delivery(&key, 1, &accepted("ses-1"), at(second))
            .await
            .unwrap();
        assert_eq!(settled, Settled::Yes);
    }
    let other = ledger
        .settle_delivery(&key, 1, &accepted("ses-2"), at(3))
        .await
        .unwrap();
    assert!(
        matches!(other, Settled::Fenced(_)),
        "another message id is another mail: {other:?}"
    );
    let row = only(ledger).await;
    assert_eq!(
        (row.message_id.as_deref(), row.updated_at, row.lease_until),
        (Some("ses-1"), at(1), None)
    );
    assert!(matches!(begin(ledger, &key, "two", 99).await, Begun::Done(_)));
}

/// With its reason, for those that have one.
pub async fn every_outcome_leads_to_its_state(ledger: &dyn Ledger) {
    let reason = || "because".to_owned();
    let outcomes = [
        ("a", accepted("ses-1"), DeliveryState::Accepted),
        ("b", Outcome::Failed { reason: reason() }, DeliveryState::Failed),
        (
            "c",
            Outcome::Held {
                cause: HeldFor::Account,
                reason: reason(),
            },
            DeliveryState::Held,
        ),
        ("d", Outcome::Unknown { reason: reason() }, DeliveryState::Unknown),
        ("e", Outcome::Expired, DeliveryState::Expired),
        (
            "f",
            Outcome::Suppressed { reason: reason() },
            DeliveryState::Suppressed,
        ),
    ];
    for (document, outcome, _) in &outcomes {
        let key = key(document);
        ledger
            .plan_delivery(&key, &input("x.eml"), at(3600), at(0))
            .await
            .unwrap();
        begun(ledger, &key, "one", 0).await;
        ledger.settle_delivery(&key, 1, outcome, at(1)).await.unwrap();
        assert!(
            matches!(begin(ledger, &key, "two", 999).await, Begun::Done(_)),
            "{document} is not begun again"
        );
    }
    let rows = ledger.deliveries(&run()).await.unwrap();
    for (row, (_, outcome, state)) in rows.iter().zip(&outcomes) {
        assert_eq!((row.state, row.reason.as_deref()), (*state, outcome.reason()));
        assert_eq!(row.held_for, outcome.held_for());
    }
}

/// Neither begun nor settled, and neither silently.
pub async fn a_delivery_that_was_never_planned_is_unknown(ledger: &dyn Ledger) {
    assert_eq!(begin(ledger, &key("cfo"), "one", 0).await, Begun::Unknown);
    assert!(
        ledger
            .settle_delivery(&key("cfo"), 1, &Outcome::Expired, at(1))
            .await
            .is_err()
    );
    assert!(ledger.deliveries(&run()).await.unwrap().is_empty());
}

/// Of this run only.
pub async fn deliveries_are_listed_by_key(ledger: &dyn Ledger) {
    let other = DeliveryKey {
        run: "harbor.2026-11-19".parse().expect("a literal"),
        ..key("cfo")
    };
    for key in [
        key("cto"),
        key("ceo"),
        other,
        DeliveryKey {
            rid: Rid::archive(),
            ..key("cto")
        },
    ] {
        ledger
            .plan_delivery(&key, &input("x.eml"), at(3600), at(0))
            .await
            .unwrap();
    }
    let rows = ledger.deliveries(&run()).await.unwrap();
    let mut keys: Vec<_> = rows.iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0].document.as_str(), "ceo");
    let listed = keys.clone();
    keys.sort();
    assert_eq!(listed, keys);
}

/// Of one permission to mail; one in doubt is not at its end. More rows than a page has.
pub async fn a_run_has_open_deliveries_until_the_last_is_at_its_end(ledger: &dyn Ledger) {
    let open = async |epoch| {
        let open = ledger.has_open_deliveries(&run(), MailEpoch(epoch)).await;
        open.expect("answered")
    };
    assert!(!open(0).await, "there are none");
    let keys: Vec<DeliveryKey> = (0..60).map(|n| key(&format!("d{n:02}"))).collect();
    for key in &keys {
        ledger
            .plan_delivery(key, &input("x.eml"), at(3600), at(0))
            .await
            .unwrap();
    }
    // The first in the order of keys is open longest, and then the last.
    for order in [1..60, 0..1] {
        for key in &keys[order] {
            assert!(open(0).await && !open(1).await);
            begun(ledger, key, "one", 1).await;
            ledger
                .settle_delivery(key, 1, &accepted("ses"), at(2))
                .await
                .unwrap();
        }
    }
    assert!(!open(0).await);
    let doubtful = key("doubtful");
    ledger
        .plan_delivery(&doubtful, &input("x.eml"), at(3600), at(0))
        .await
        .unwrap();
    begun(ledger, &doubtful, "one", 1).await;
    begin(ledger, &doubtful, "two", 1 + LEASE).await;
    assert!(open(0).await, "the mail service may say its word");
}
