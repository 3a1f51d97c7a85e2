//! Sentences about the mail service's events and the suppression list.

use super::*;
use crate::{
    ledger::{
        Begun, DeliveryKey, DeliveryRow, DeliveryState, Outcome, Settled,
        feedback::{FeedbackId, FeedbackRow, Quarantined, Report, Reporting, Suppression, Verdict},
    },
    mail::{Mailbox, Rid},
};

fn rid() -> Rid {
    let cfo: Mailbox = "cfo@example.com".parse().expect("a literal");
    Rid::of(b"a key", &cfo)
}

fn key() -> DeliveryKey {
    DeliveryKey {
        run: run(),
        document: "cfo".parse().expect("a literal"),
        rid: rid(),
        mail_epoch: MailEpoch(0),
    }
}

fn report(state: DeliveryState) -> Report {
    Report {
        state,
        message_id: "ses-1".to_owned(),
        reason: (state == DeliveryState::Bounced).then(|| "Permanent/NoEmail".to_owned()),
    }
}

/// A delivery that is being sent, under a lease until second 60.
async fn sending(ledger: &dyn Ledger) {
    let (key, mail) = (key(), input("cfo.eml"));
    ledger
        .plan_delivery(&key, &mail, at(3600), at(0))
        .await
        .expect("planned");
    let begun = ledger
        .begin_delivery(&key, "one", at(1), at(60))
        .await
        .expect("begun");
    assert!(matches!(begun, Begun::Yours(_)));
}

async fn accepted(ledger: &dyn Ledger) {
    sending(ledger).await;
    let outcome = Outcome::Accepted {
        message_id: "ses-1".to_owned(),
        by_fallback: false,
    };
    ledger
        .settle_delivery(&key(), 1, &outcome, at(2))
        .await
        .expect("settled");
}

async fn tell(ledger: &dyn Ledger, state: DeliveryState) -> Reporting {
    ledger
        .report_delivery(&key(), &report(state), at(9))
        .await
        .expect("told")
}

async fn row(ledger: &dyn Ledger) -> DeliveryRow {
    ledger.delivery(&key()).await.expect("read").expect("there")
}

/// Scenario 29: the second copy changes nothing, whatever it says.
pub async fn an_event_is_stored_once_under_its_name(ledger: &dyn Ledger) {
    let id = FeedbackId::of("0100-feedback");
    assert_eq!(ledger.feedback(&id).await.unwrap(), None);
    let first = FeedbackRow {
        id: id.clone(),
        delivery: key(),
        kind: "Bounce Permanent/NoEmail".to_owned(),
        at: at(5),
        handled_at: at(6),
    };
    assert!(ledger.record_feedback(&first).await.unwrap());
    let second = FeedbackRow {
        kind: "Complaint".to_owned(),
        handled_at: at(7),
        ..first.clone()
    };
    assert!(!ledger.record_feedback(&second).await.unwrap());
    assert_eq!(ledger.feedback(&id).await.unwrap(), Some(first));
}

/// Scenario 29: by rank, in whichever order events come.
pub async fn an_event_moves_a_delivery_forward_and_never_back(ledger: &dyn Ledger) {
    accepted(ledger).await;
    assert_eq!(tell(ledger, DeliveryState::Delivered).await, Reporting::Moved);
    for late in [
        DeliveryState::Accepted,
        DeliveryState::Delayed,
        DeliveryState::Delivered,
    ] {
        assert!(
            matches!(tell(ledger, late).await, Reporting::Stood(row) if row.state == DeliveryState::Delivered)
        );
    }
    assert_eq!(tell(ledger, DeliveryState::Bounced).await, Reporting::Moved);
    assert!(matches!(
        tell(ledger, DeliveryState::Complained).await,
        Reporting::Stood(_)
    ));
    let row = row(ledger).await;
    assert_eq!(
        (row.state, row.reason.as_deref()),
        (DeliveryState::Bounced, Some("Permanent/NoEmail"))
    );
    assert_eq!(
        (row.message_id.as_deref(), row.updated_at),
        (Some("ses-1"), at(9))
    );
}

/// The event overtakes the answer to the send.
pub async fn an_event_of_an_attempt_under_way_ends_it_and_its_owner_finds_it_settled(ledger: &dyn Ledger) {
    sending(ledger).await;
    assert_eq!(tell(ledger, DeliveryState::Delivered).await, Reporting::Moved);
    let told = row(ledger).await;
    assert_eq!((told.state, told.lease_until), (DeliveryState::Delivered, None));
    let outcome = Outcome::Accepted {
        message_id: "ses-1".to_owned(),
        by_fallback: false,
    };
    let settled = ledger.settle_delivery(&key(), 1, &outcome, at(10)).await.unwrap();
    assert_eq!(settled, Settled::Yes);
    assert_eq!(
        row(ledger).await.state,
        DeliveryState::Delivered,
        "and it is not moved back"
    );
    assert!(matches!(
        ledger
            .begin_delivery(&key(), "two", at(99), at(199))
            .await
            .unwrap(),
        Begun::Done(_)
    ));
}

/// Scenario 1: it proves that the mail was taken.
pub async fn a_send_event_resolves_a_delivery_in_doubt(ledger: &dyn Ledger) {
    sending(ledger).await;
    ledger
        .begin_delivery(&key(), "two", at(61), at(121))
        .await
        .unwrap();
    assert_eq!(row(ledger).await.state, DeliveryState::Unknown);
    assert_eq!(tell(ledger, DeliveryState::Accepted).await, Reporting::Moved);
    let row = row(ledger).await;
    let expected = (DeliveryState::Accepted, Some("ses-1"), None);
    assert_eq!((row.state, row.message_id.as_deref(), row.reason), expected);
}

/// Nor is it said to have stood: the event contradicts the row.
pub async fn an_event_of_another_mail_or_of_no_mail_moves_nothing(ledger: &dyn Ledger) {
    accepted(ledger).await;
    let before = row(ledger).await;
    let other = Report {
        message_id: "ses-2".to_owned(),
        ..report(DeliveryState::Bounced)
    };
    let answer = ledger.report_delivery(&key(), &other, at(9)).await.unwrap();
    assert!(matches!(answer, Reporting::Refused(_)), "{answer:?}");
    // No event reports a state of ours.
    assert!(matches!(
        tell(ledger, DeliveryState::Queued).await,
        Reporting::Refused(_)
    ));
    assert_eq!(row(ledger).await, before);
    let unsent = DeliveryKey {
        document: "cto".parse().expect("a literal"),
        ..key()
    };
    ledger
        .plan_delivery(&unsent, &input("cto.eml"), at(3600), at(0))
        .await
        .unwrap();
    ledger
        .begin_delivery(&unsent, "one", at(1), at(60))
        .await
        .unwrap();
    let outcome = Outcome::Suppressed {
        reason: "complained".to_owned(),
    };
    ledger.settle_delivery(&unsent, 1, &outcome, at(2)).await.unwrap();
    let told = ledger
        .report_delivery(&unsent, &report(DeliveryState::Delivered), at(9))
        .await
        .unwrap();
    assert!(matches!(told, Reporting::Refused(row) if row.state == DeliveryState::Suppressed));
}

/// Neither silently nor by making one.
pub async fn an_event_of_no_delivery_says_so(ledger: &dyn Ledger) {
    assert_eq!(tell(ledger, DeliveryState::Accepted).await, Reporting::NoDelivery);
    assert_eq!(ledger.delivery(&key()).await.unwrap(), None);
}

/// Scenario 30: for the operator to look at.
pub async fn a_quarantined_event_is_listed_by_its_day_once(ledger: &dyn Ledger) {
    let first = Quarantined {
        id: FeedbackId::of("forged"),
        at: at(5),
        kind: "Bounce".to_owned(),
        run: Some(run()),
        reason: "its recipient is not the delivery's".to_owned(),
    };
    assert!(ledger.quarantine(&first).await.unwrap());
    let again = Quarantined {
        at: at(6),
        ..first.clone()
    };
    assert!(!ledger.quarantine(&again).await.unwrap());
    let other = Quarantined {
        id: FeedbackId::of("foreign"),
        run: None,
        ..first.clone()
    };
    assert!(ledger.quarantine(&other).await.unwrap());
    let day = jiff::civil::date(2026, 11, 21);
    assert_eq!(ledger.quarantined(day).await.unwrap(), [other, first]);
    assert!(
        ledger
            .quarantined(jiff::civil::date(2026, 11, 20))
            .await
            .unwrap()
            .is_empty()
    );
}

/// A copy of an event is no second bounce.
pub async fn transient_bounces_are_counted_once_an_event(ledger: &dyn Ledger) {
    let note = async |id: &str, second| {
        let id = FeedbackId::of(id);
        let mut all = ledger.transient_bounce(&rid(), &id, at(second)).await.unwrap();
        all.sort();
        all
    };
    assert_eq!(note("a", 1).await, [at(1)]);
    assert_eq!(note("a", 1).await, [at(1)]);
    assert_eq!(note("b", 3).await, [at(1), at(3)]);
    let other = ledger
        .transient_bounce(&Rid::archive(), &FeedbackId::of("c"), at(2))
        .await
        .unwrap();
    assert_eq!(other, [at(2)], "each recipient has their own");
    assert_eq!(
        ledger.suppression(&rid()).await.unwrap(),
        None,
        "counting alone suppresses nobody"
    );
}

/// What the operator reads is why it began.
pub async fn the_first_reason_on_the_list_stands_but_a_suppression_replaces_a_hold(ledger: &dyn Ledger) {
    let of = |verdict, reason: &str, second| Suppression {
        verdict,
        reason: reason.to_owned(),
        since: at(second),
    };
    let hold = of(Verdict::Hold, "three transient bounces", 1);
    let suppress = of(Verdict::Suppress, "a complaint", 3);
    let steps = [
        (hold.clone(), &hold),
        (of(Verdict::Hold, "again", 2), &hold),
        (suppress.clone(), &suppress),
        (of(Verdict::Suppress, "a bounce", 4), &suppress),
        (hold.clone(), &suppress),
    ];
    for (number, (given, stands)) in steps.iter().enumerate() {
        ledger.suppress(&rid(), given).await.unwrap();
        assert_eq!(
            ledger.suppression(&rid()).await.unwrap().as_ref(),
            Some(*stands),
            "step {number}"
        );
    }
}

/// Otherwise the next transient bounce would put them on hold again.
pub async fn whoever_is_taken_off_the_list_starts_afresh(ledger: &dyn Ledger) {
    let hold = Suppression {
        verdict: Verdict::Hold,
        reason: "three transient bounces".to_owned(),
        since: at(1),
    };
    for id in ["a", "b"] {
        ledger
            .transient_bounce(&rid(), &FeedbackId::of(id), at(1))
            .await
            .unwrap();
    }
    ledger.suppress(&rid(), &hold).await.unwrap();
    assert!(ledger.unsuppress(&rid()).await.unwrap());
    assert_eq!(ledger.suppression(&rid()).await.unwrap(), None);
    let noted = ledger
        .transient_bounce(&rid(), &FeedbackId::of("c"), at(2))
        .await
        .unwrap();
    assert_eq!(noted, [at(2)]);
    assert!(
        !ledger.unsuppress(&rid()).await.unwrap(),
        "there was nothing to take off"
    );
}
