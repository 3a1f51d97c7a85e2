use super::*;

fn key(document: &str) -> DeliveryKey {
    let rid = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let (run, document) = ("harbor.2026-11-20".parse().unwrap(), document.parse().unwrap());
    DeliveryKey {
        run,
        document,
        rid,
        mail_epoch: Default::default(),
    }
}

#[test]
fn tags_hold_only_what_ses_allows() {
    let tags = tags(&key("audit-rental"), 3);
    let shown = tags
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect::<Vec<_>>()
        .join(" ");
    let expected =
        "run=harbor_2026-11-20 document=audit-rental rid=0123456789abcdef0123456789abcdef epoch=e0 attempt=3";
    assert_eq!(shown, expected);
}

#[test]
fn waits_grow_are_the_same_in_a_replay_and_differ_between_deliveries() {
    let waits = (1..=12)
        .map(|n| wait(&key("ceo"), n).as_secs_f64())
        .collect::<Vec<_>>();
    for (n, wait) in waits.iter().enumerate() {
        let step = (5.0 * 2_f64.powi(n as i32)).min(300.0);
        assert!((step / 2.0..=step).contains(wait), "attempt {}: {wait}", n + 1);
    }
    assert_eq!(wait(&key("ceo"), 1), wait(&key("ceo"), 1));
    assert_ne!(wait(&key("ceo"), 1), wait(&key("cfo"), 1));
}

#[test]
fn an_error_goes_to_the_state_that_its_class_names_without_its_addresses() {
    let now = "2026-11-21T10:30:00Z".parse().unwrap();
    let outcome = |error| outcome(&error, &key("ceo"), 1, now);
    let text = || "not verified: <ceo@example.com>, region".to_owned();
    let rejected = MailError::Rejected {
        code: "MessageRejected".to_owned(),
        text: text(),
    };
    let reason = "refused: MessageRejected: not verified: <address> region".to_owned();
    assert_eq!(outcome(rejected), Outcome::Failed { reason });
    assert!(
        matches!(outcome(MailError::Account(text())), Outcome::Held { reason, .. } if !reason.contains('@'))
    );
    assert!(matches!(
        outcome(MailError::Ambiguous(text())),
        Outcome::Unknown { .. }
    ));
    let Outcome::Retry { next_at, .. } = outcome(MailError::Throttled(text())) else {
        panic!("no retry")
    };
    assert!(next_at > now);
}
