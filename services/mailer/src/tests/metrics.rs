//! What a night's mailing tells CloudWatch: captured as the function would write it, held to the format's rules.

use std::collections::BTreeMap;

use shared::{
    contract::logs::{metrics_of, sums},
    ledger::feedback::{Suppression, Verdict},
    mail::{MailError, Rid},
};

use super::{
    events,
    world::{SUBJECT, Step, World},
};

fn expected(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

#[test]
fn a_night_that_goes_well_tells_its_deliveries_its_end_and_how_late_it_was() {
    let lines = metrics_of(async || {
        let world = World::night(None).await;
        world.until_quiet().await;
        // What comes again is not counted again, but that it took its time.
        world.duplicate_deliver_messages().await;
        world.until_quiet().await;
    });
    let expected = expected(&[
        ("DeliveriesAccepted", 5.0),
        ("RunsFinished", 1.0),
        ("Lag", 120.0),
        ("Coverage", 100.0),
        ("StageDuration", 12.0),
    ]);
    assert_eq!(sums(&lines), expected);
    assert!(lines.iter().all(|line| line["Portfolio"] == "harbor"));
    assert!(
        lines
            .iter()
            .all(|line| line.get("StageDuration").is_none() || line["Stage"] == "mail")
    );
}

#[test]
fn deliveries_are_counted_by_how_they_ended() {
    let lines = metrics_of(async || {
        let world = World::night(None).await;
        let rid = Rid::of(b"a key of this test", &"rental@example.com".parse().unwrap());
        let suppression = Suppression {
            verdict: Verdict::Suppress,
            reason: "Complaint abuse".to_owned(),
            since: "2026-11-20T10:00:00Z".parse().unwrap(),
        };
        world.deps.ledger.suppress(&rid, &suppression).await.unwrap();
        let text = || "of ceo@example.com".to_owned();
        let rejected = MailError::Rejected {
            code: "MessageRejected".to_owned(),
            text: text(),
        };
        world.service.script.lock().unwrap().extend([
            Step::Refuse(rejected),
            Step::Refuse(MailError::Ambiguous(text())),
            Step::Accept,
            Step::Refuse(MailError::Account(text())),
        ]);
        world.until_quiet().await;
        world.doubt_is_over().await;
    });
    let mut sums = sums(&lines);
    sums.remove("StageDuration");
    let expected = expected(&[
        ("DeliveriesAccepted", 1.0),
        ("DeliveriesFailed", 1.0),
        // For the account, and then the one in doubt.
        ("DeliveriesHeld", 2.0),
        ("DeliveriesSuppressed", 1.0),
        ("DeliveriesUnknown", 1.0),
        ("RunsDegraded", 1.0),
        ("Lag", 3720.0),
        ("Coverage", 100.0),
    ]);
    assert_eq!(sums, expected);
}

#[test]
fn events_are_counted_once_and_what_is_not_believed_is_no_portfolios() {
    let lines = metrics_of(async || {
        let world = World::night(None).await;
        world.until_quiet().await;
        let row = world.row("ceo", events::CEO).await;
        let bounce = events::of("bounce", &row, events::CEO).to_string();
        let forged = events::of("complaint", &row, "victim@example.com").to_string();
        let unknown = events::of("bounce", &row, events::CEO)
            .to_string()
            .replace("NoEmail", "Tomorrow");
        world
            .told([
                bounce.clone(),
                bounce,
                forged.clone(),
                forged,
                unknown.replace("0001-", "0009-"),
            ])
            .await;
    });
    let sums = sums(&lines);
    for (metric, count) in [
        ("DeliveriesBounced", 2.0),
        ("EventsQuarantined", 1.0),
        ("EventsUnrecognised", 1.0),
    ] {
        assert_eq!(sums.get(metric), Some(&count), "{metric}: {sums:?}");
    }
    let quarantined = lines
        .iter()
        .find(|line| line.get("EventsQuarantined").is_some())
        .unwrap();
    assert_eq!(quarantined.get("Portfolio"), None);
    let text = serde_json::to_string(&lines).unwrap();
    assert!(!text.contains('@') && !text.contains(SUBJECT), "{text}");
}
