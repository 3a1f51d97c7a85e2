//! Logs know who answers by rid only, and nothing of what is written.

use shared::contract::logs::Captured;

use super::{Answered, CEO, RENTAL, Reply};

const BODY: &str = "done A7K2QX: secret reason\r\nsnooze secret plan\r\naccept A01111 1m: ask secret@example.com\r\n\
                    unsubscribe\r\nsecret talk\r\n";

async fn answers() {
    let night = Answered::night().await;
    let reply = night.ceos(BODY).await;
    night.receive(&reply).await;
    night.receive(&reply).await;
    let address = night.address("ceo", CEO).await;
    for (id, from) in [
        "Secret Stranger <secret@example.com>",
        RENTAL,
        "a@example.com, b@example.com",
    ]
    .iter()
    .enumerate()
    {
        let mut forged = Reply::new(from, &address, BODY);
        forged.id = format!("forged{id}");
        night.receive(&forged).await;
    }
    let mut automatic = night.ceos(BODY).await;
    automatic.id = "automatic".to_owned();
    automatic.headers = "Auto-Submitted: auto-replied (secret)\r\n".to_owned();
    night.receive(&automatic).await;
    let mut lost = night.ceos(BODY).await;
    lost.id = "lost".to_owned();
    night.told([lost.notification().to_string()]).await;
    let garbage = r#"{"notificationType":"Received","receipt":{"recipients":["ceo@example.com"]},"mail":{"messageId":"secret@example.com"}}"#;
    night.told([garbage, "mail for ceo@example.com"]).await;
}

fn logged(level: tracing::Level) -> String {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(captured.clone())
        .finish();
    captured.of(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(answers());
    });
    captured.text()
}

/// A reason is the ledger's, so what is written there may be in a trace of its client; nothing else is anywhere.
#[test]
fn no_address_and_no_word_of_an_answer_is_in_any_log() {
    let (trace, info) = (logged(tracing::Level::TRACE), logged(tracing::Level::INFO));
    for expected in [
        "reply read",
        "reply not understood",
        "reply quarantined, nothing done",
        "automatic mail, nothing done",
        "record failed",
        "RepliesApplied=1",
        "RepliesNotUnderstood=1",
        "RepliesQuarantined=1",
    ] {
        assert!(
            info.contains(expected) && trace.contains(expected),
            "the log was not captured: no {expected:?}"
        );
    }
    for secret in [
        "@example.com",
        "secret plan",
        "secret talk",
        "Secret Stranger",
        "(secret)",
    ] {
        let line = trace.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is in the log");
    }
    assert!(!info.to_lowercase().contains("secret"), "{info}");
}
