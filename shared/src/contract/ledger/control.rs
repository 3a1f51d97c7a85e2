//! Sentences about what stops mail and lets it go.

use super::{
    deliveries::{LEASE, begin, begun, only, queued},
    *,
};
use crate::{
    ledger::{
        AuditEntry, Begun, Brake, DeliveryRow, DeliveryState, HeldFor, Outcome, RunState, Settled,
        control::Verdict,
        feedback::{Report, Reporting, Suppression, Verdict as Listed},
    },
    mail::Rid,
};

fn brake(reason: &str, from: i64, to: i64) -> Brake {
    Brake {
        reason: reason.to_owned(),
        since: at(from),
        until: at(to),
    }
}

/// A delivery that an attempt left HELD.
async fn held(ledger: &dyn Ledger, cause: HeldFor) -> DeliveryRow {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 1).await;
    let outcome = Outcome::Held {
        cause,
        reason: "because".to_owned(),
    };
    let settled = ledger.settle_delivery(&key, 1, &outcome, at(2)).await.unwrap();
    assert_eq!(settled, Settled::Yes);
    only(ledger).await
}

/// A delivery that an attempt left UNKNOWN.
async fn doubtful(ledger: &dyn Ledger) -> DeliveryRow {
    let key = queued(ledger).await;
    begun(ledger, &key, "one", 1).await;
    assert!(matches!(
        begin(ledger, &key, "two", 1 + LEASE).await,
        Begun::Done(_)
    ));
    let row = only(ledger).await;
    assert_eq!(row.state, DeliveryState::Unknown);
    row
}

/// The first reason stands while it is on; the same call again is the same brake.
pub async fn the_brake_that_is_on_stands_and_one_that_is_over_is_replaced(ledger: &dyn Ledger) {
    assert_eq!(ledger.brake().await.unwrap(), None);
    let first = brake("quota", 10, 100);
    assert!(ledger.pull_brake(&first).await.unwrap());
    assert!(
        ledger.pull_brake(&first).await.unwrap(),
        "its answer may have been lost"
    );
    assert!(!ledger.pull_brake(&brake("paused", 99, 200)).await.unwrap());
    assert_eq!(ledger.brake().await.unwrap(), Some(first.clone()));
    assert!(first.is_on(at(99)) && !first.is_on(at(100)));
    let second = brake("paused", 100, 200);
    assert!(ledger.pull_brake(&second).await.unwrap());
    assert_eq!(ledger.brake().await.unwrap(), Some(second));
}

/// Whoever looks at an old screen does not release what was pulled since.
pub async fn only_the_brake_that_was_seen_is_released(ledger: &dyn Ledger) {
    let (old, new) = (brake("quota", 10, 20), brake("paused", 30, 200));
    for pulled in [&old, &new] {
        assert!(ledger.pull_brake(pulled).await.unwrap());
    }
    assert!(!ledger.release_brake(&old).await.unwrap());
    assert_eq!(ledger.brake().await.unwrap(), Some(new.clone()));
    assert!(ledger.release_brake(&new).await.unwrap());
    assert!(ledger.release_brake(&new).await.unwrap(), "repeated, it is off");
    assert_eq!(ledger.brake().await.unwrap(), None);
}

/// By the row that was seen: of two operators one lets it go.
pub async fn a_held_delivery_is_let_go_once_and_says_so(ledger: &dyn Ledger) {
    let row = held(ledger, HeldFor::Account).await;
    assert!(ledger.release(&row, at(50)).await.unwrap());
    assert!(ledger.release(&row, at(50)).await.unwrap(), "the same call again");
    assert!(!ledger.release(&row, at(51)).await.unwrap(), "another's");
    let now = only(ledger).await;
    assert_eq!((now.state, now.held_for), (DeliveryState::Queued, None));
    assert_eq!(
        (now.released_at, now.reason, now.possible_duplicate),
        (Some(at(50)), None, false)
    );
    let again = begun(ledger, &row.key, "two", 60).await;
    assert_eq!(again.attempt, 2);
    assert!(!ledger.release(&row, at(61)).await.unwrap(), "it is being sent");
}

/// The flag stays, whatever comes of it.
pub async fn a_delivery_held_in_doubt_is_flagged_when_it_is_let_go(ledger: &dyn Ledger) {
    let row = doubtful(ledger).await;
    let hold = Verdict::Hold {
        reason: "nobody knows".to_owned(),
    };
    assert!(ledger.end_doubt(&row, &hold, at(100)).await.unwrap());
    let row = only(ledger).await;
    assert_eq!(
        (row.state, row.held_for, row.possible_duplicate),
        (DeliveryState::Held, Some(HeldFor::Doubt), false)
    );
    assert!(ledger.release(&row, at(200)).await.unwrap());
    let attempt = begun(ledger, &row.key, "two", 201).await;
    assert!(attempt.possible_duplicate);
    let accepted = Outcome::Accepted {
        message_id: "ses-2".to_owned(),
        by_fallback: false,
    };
    ledger
        .settle_delivery(&row.key, 2, &accepted, at(202))
        .await
        .unwrap();
    let row = only(ledger).await;
    assert_eq!(
        (row.state, row.possible_duplicate),
        (DeliveryState::Accepted, true)
    );
}

/// Once, by whoever is first; and never a second time.
pub async fn a_doubt_ends_once_and_a_resend_is_once(ledger: &dyn Ledger) {
    let row = doubtful(ledger).await;
    assert!(ledger.end_doubt(&row, &Verdict::Resend, at(100)).await.unwrap());
    assert!(ledger.end_doubt(&row, &Verdict::Resend, at(100)).await.unwrap());
    assert!(!ledger.end_doubt(&row, &Verdict::Resend, at(101)).await.unwrap());
    let again = only(ledger).await;
    assert_eq!(
        (again.state, again.possible_duplicate),
        (DeliveryState::Queued, true)
    );
    assert!(!again.was_never_begun(), "it may have been sent");
    begun(ledger, &row.key, "two", 110).await;
    begin(ledger, &row.key, "three", 110 + LEASE).await;
    let row = only(ledger).await;
    assert_eq!((row.state, row.attempt), (DeliveryState::Unknown, 2));
    assert!(!ledger.end_doubt(&row, &Verdict::Resend, at(300)).await.unwrap());
    let hold = Verdict::Hold {
        reason: "twice in doubt".to_owned(),
    };
    assert!(ledger.end_doubt(&row, &hold, at(300)).await.unwrap());
    assert_eq!(only(ledger).await.state, DeliveryState::Held);
}

/// Scenario 1: what the mail service says comes before any policy.
pub async fn a_send_event_ends_a_doubt_for_good(ledger: &dyn Ledger) {
    let row = doubtful(ledger).await;
    let report = Report {
        state: DeliveryState::Accepted,
        message_id: "ses-1".to_owned(),
        reason: None,
    };
    let moved = ledger.report_delivery(&row.key, &report, at(90)).await.unwrap();
    assert_eq!(moved, Reporting::Moved);
    assert!(!ledger.end_doubt(&row, &Verdict::Resend, at(100)).await.unwrap());
    let row = only(ledger).await;
    assert_eq!(
        (row.state, row.possible_duplicate),
        (DeliveryState::Accepted, false)
    );
}

/// As MAILING, on the index of open runs; and it can end again.
pub async fn a_run_is_opened_again_at_its_generation_only(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    assert!(
        !ledger.reopen(&run(), G0, at(5)).await.unwrap(),
        "it has no mail yet"
    );
    ledger
        .finish_run(&run(), G0, RunState::Degraded, at(10))
        .await
        .unwrap();
    assert!(!ledger.reopen(&run(), Generation(1), at(20)).await.unwrap());
    for _ in 0..2 {
        assert!(ledger.reopen(&run(), G0, at(20)).await.unwrap());
    }
    let row = ledger.run(&run()).await.unwrap().unwrap();
    assert_eq!((row.state, row.finished_at), (RunState::Mailing, None));
    assert!(ledger.open_runs(at(19)).await.unwrap().is_empty());
    assert_eq!(ledger.open_runs(at(20)).await.unwrap().len(), 1);
    ledger
        .finish_run(&run(), G0, RunState::Failed, at(30))
        .await
        .unwrap();
    assert!(
        !ledger.reopen(&run(), G0, at(40)).await.unwrap(),
        "a run that failed has nothing to mail"
    );
}

/// By rid; who was taken off is not on it.
pub async fn the_suppression_list_is_listed(ledger: &dyn Ledger) {
    let rid = |name: &str| {
        Rid::of(
            b"a key",
            &format!("{name}@example.com").parse().expect("a literal"),
        )
    };
    let listed = |verdict| Suppression {
        verdict,
        reason: "Complaint abuse".to_owned(),
        since: at(1),
    };
    for (name, verdict) in [
        ("a", Listed::Suppress),
        ("b", Listed::Hold),
        ("c", Listed::Suppress),
    ] {
        ledger.suppress(&rid(name), &listed(verdict)).await.unwrap();
    }
    ledger.unsuppress(&rid("c")).await.unwrap();
    queued(ledger).await;
    let expected = [
        (rid("a"), listed(Listed::Suppress)),
        (rid("b"), listed(Listed::Hold)),
    ];
    assert_eq!(ledger.suppressed().await.unwrap(), expected.into());
}

/// The last lines, oldest first.
pub async fn the_deployments_audit_is_kept_apart_from_the_runs(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let line = |second| AuditEntry {
        at: at(second),
        event: "brake".to_owned(),
        detail: format!("line {second}"),
    };
    for second in [3, 1, 2, 2] {
        ledger.control_audit(&line(second)).await.unwrap();
    }
    assert_eq!(ledger.control_audits(2).await.unwrap(), [line(2), line(3)]);
    assert_eq!(ledger.control_audits(9).await.unwrap().len(), 3);
    assert!(ledger.audits(&run()).await.unwrap().is_empty());
    assert_eq!(ledger.brake().await.unwrap(), None);
}
