use jiff::SignedDuration;
use shared::{ledger::RunState, mail::MailError};

use super::world::{SUBJECT, Step, World};

/// Five deliveries: each document to its recipients and to the archive.
const ALL: [&str; 5] = [
    "audit-rental archive@example.com",
    "audit-rental ceo@example.com",
    "audit-rental rental@example.com",
    "ceo archive@example.com",
    "ceo ceo@example.com",
];

async fn night_with(script: impl IntoIterator<Item = Step>) -> World {
    let world = World::night(None).await;
    world.service.script.lock().unwrap().extend(script);
    world
}

#[tokio::test]
async fn every_recipient_and_the_archive_get_one_mail_and_the_run_is_finished() {
    let world = World::night(None).await;
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL);
    assert_eq!(world.run_state().await, RunState::Finished);
    assert_eq!(
        world.audit_events().await,
        [
            "FINISHED: 5 of 5 deliveries went out; 1 of 1 sources read, 3 rows, 2 documents; 120 s after its time"
        ]
    );
    for row in world.rows().await {
        let raw = world.deps.objects.get_checked(&row.mail).await.unwrap();
        let mail = mail_parser::MessageParser::default().parse(&raw[..]).unwrap();
        assert_eq!(mail.subject(), Some(SUBJECT));
        assert_eq!(
            mail.attachments()
                .filter(|part| part.contents() == b"%PDF-1.7 secret figure")
                .count(),
            1
        );
        assert!(row.message_id.is_some() && row.mail.key.ends_with(&format!("/{}.e0.eml", row.key.rid)));
    }
}

#[tokio::test]
async fn a_second_run_of_the_same_date_delivers_nothing_again() {
    let world = World::night(None).await;
    world.until_quiet().await;
    world.send_mail_messages();
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL);
    assert_eq!(world.audit_events().await.len(), 1, "and the run ends once");
}

#[tokio::test]
async fn the_same_delivery_message_twice_is_one_mail() {
    let world = World::night(None).await;
    world.turn().await;
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL);
}

#[tokio::test]
async fn a_held_document_stands_on_the_ledger_with_its_reason_and_nobody_gets_it() {
    let world = World::night(Some("core source dynamodb.ledger-transactions failed")).await;
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL[..3]);
    for row in world
        .rows()
        .await
        .iter()
        .filter(|row| row.key.document.as_str() == "ceo")
    {
        assert_eq!(row.state.as_str(), "HELD");
        assert_eq!(
            row.reason.as_deref(),
            Some("core source dynamodb.ledger-transactions failed")
        );
    }
    assert_eq!(world.run_state().await, RunState::Degraded);
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_eq!(
        world.service.taken().len(),
        3,
        "a stray message does not release it"
    );
}

#[tokio::test]
async fn a_throttled_delivery_goes_out_later_and_once() {
    let throttled = || Step::Refuse(MailError::Throttled("maximum sending rate exceeded".to_owned()));
    let world = night_with([throttled(), throttled()]).await;
    world.turn().await;
    assert_eq!(world.turn().await, 2, "two wait");
    let waiting = world
        .rows()
        .await
        .into_iter()
        .filter(|row| row.next_at.is_some())
        .collect::<Vec<_>>();
    assert!(
        waiting.iter().all(|row| row.state.as_str() == "QUEUED"),
        "{waiting:?}"
    );
    assert_eq!(world.turn().await, 2, "they are not begun before their time");
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL);
    assert_eq!(world.run_state().await, RunState::Finished);
}

#[tokio::test]
async fn a_refused_address_fails_alone_with_the_services_words() {
    let text = "Address <ceo@example.com> is blacklisted".to_owned();
    let world = night_with([Step::Refuse(MailError::Rejected {
        code: "MessageRejected".to_owned(),
        text,
    })])
    .await;
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 4);
    let failed = world
        .rows()
        .await
        .into_iter()
        .find(|row| row.state.as_str() == "FAILED")
        .unwrap();
    assert_eq!(
        failed.reason.as_deref(),
        Some("refused: MessageRejected: Address <address> is blacklisted")
    );
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn an_account_that_cannot_send_holds_the_delivery_instead_of_losing_it() {
    let world = night_with([Step::Refuse(MailError::Account(
        "daily message quota exceeded".to_owned(),
    ))])
    .await;
    world.until_quiet().await;
    let held = world
        .rows()
        .await
        .into_iter()
        .find(|row| row.state.as_str() == "HELD")
        .unwrap();
    assert_eq!(
        held.reason.as_deref(),
        Some("the account cannot send: daily message quota exceeded")
    );
}

#[tokio::test]
async fn an_ambiguous_answer_is_unknown_and_never_sent_again() {
    let world = night_with([Step::Refuse(MailError::Ambiguous(
        "timeout after the write".to_owned(),
    ))])
    .await;
    world.until_quiet().await;
    world.duplicate_deliver_messages().await;
    world.until_quiet().await;
    assert_eq!(world.service.taken().len(), 4);
    assert_eq!(
        world
            .states()
            .await
            .iter()
            .filter(|state| state.ends_with("UNKNOWN"))
            .count(),
        1
    );
    assert_eq!(
        world.run_state().await,
        RunState::Mailing,
        "the mail service may still say its word"
    );
    world.doubt_is_over().await;
    assert_eq!(world.service.taken().len(), 4, "the policy is to hold");
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn a_function_killed_after_the_service_took_the_mail_leaves_unknown_and_no_second_mail() {
    let world = night_with([Step::AcceptAndDie]).await;
    world.turn().await;
    assert_eq!(world.turn().await, 1, "the killed record comes back");
    assert_eq!(
        world
            .states()
            .await
            .iter()
            .filter(|state| state.ends_with("SENDING"))
            .count(),
        1
    );
    assert_ne!(
        world.run_state().await,
        RunState::Finished,
        "nobody may call this finished"
    );
    world.until_quiet().await;
    assert_eq!(world.service.taken(), ALL, "each once");
    assert_eq!(
        world
            .states()
            .await
            .iter()
            .filter(|state| state.ends_with("UNKNOWN"))
            .count(),
        1
    );
    world.doubt_is_over().await;
    assert_eq!(world.service.taken(), ALL, "each once");
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn a_message_that_comes_three_days_late_expires_instead_of_mailing() {
    let world = World::night(None).await;
    world.turn().await;
    world.clock.advance(SignedDuration::from_hours(72));
    world.until_quiet().await;
    assert!(world.service.taken().is_empty());
    assert!(
        world
            .states()
            .await
            .iter()
            .all(|state| state.ends_with("EXPIRED"))
    );
    assert_eq!(world.run_state().await, RunState::Degraded);
}

#[tokio::test]
async fn a_mail_to_somebody_else_than_its_delivery_is_not_sent() {
    let mut world = World::night(None).await;
    world.turn().await;
    world.deps.rid_key = "another key".to_owned().into();
    world.turn().await;
    let archives = world
        .service
        .taken()
        .iter()
        .all(|taken| taken.ends_with("archive@example.com"));
    assert!(archives, "only the archive's, which has no rid of its own");
    let waiting = world
        .rows()
        .await
        .into_iter()
        .find(|row| row.state.as_str() == "QUEUED")
        .unwrap();
    assert!(waiting.reason.unwrap().contains("was the rid key changed?"));
}

#[tokio::test]
async fn a_rid_key_that_changed_in_mid_run_is_refused_before_anybody_is_mailed_again() {
    let mut world = World::night(None).await;
    world.until_quiet().await;
    world.deps.rid_key = "another key of this test".to_owned().into();
    world.send_mail_messages();
    assert_eq!(world.turn().await, 2, "both documents' messages fail");
    assert_eq!(world.service.taken(), ALL);
    assert_eq!(world.rows().await.len(), ALL.len(), "and no row is added");
}
