use super::*;

const RAW: &[u8] = b"From: reports@example.com\r\nTo: cfo@example.com\r\nSubject: x\r\n\r\nhello\r\n";

fn mailbox(text: &str) -> Mailbox {
    text.parse().unwrap()
}

async fn send(outbox: &Outbox, raw: &[u8], tags: &[(&'static str, String)]) -> Result<Accepted, MailError> {
    let (from, to) = (
        mailbox("Reports <reports@example.com>"),
        mailbox("cfo@example.com"),
    );
    outbox
        .send(OutgoingMail {
            from: &from,
            to: &to,
            raw_mime: raw,
            tags,
        })
        .await
}

fn tags() -> Vec<(&'static str, String)> {
    [
        ("run", "harbor_2026-11-20"),
        ("document", "cfo"),
        ("rid", "archive"),
        ("epoch", "e0"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

#[tokio::test]
async fn a_message_becomes_a_file_that_its_tags_name_and_a_second_one_does_not_overwrite_it() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::new(folder.path());
    send(&outbox, RAW, &tags()).await.unwrap();
    send(&outbox, RAW, &tags()).await.unwrap();
    for name in ["cfo.archive.e0.eml", "cfo.archive.e0-2.eml"] {
        let file = folder.path().join("harbor_2026-11-20").join(name);
        assert_eq!(std::fs::read(file).unwrap(), RAW);
    }
    assert_eq!(outbox.sent(), 2);
}

#[tokio::test]
async fn ids_are_the_same_in_every_run_and_differ_within_one() {
    let ids = async || {
        let outbox = Outbox::memory();
        [
            send(&outbox, RAW, &tags()).await.unwrap(),
            send(&outbox, RAW, &tags()).await.unwrap(),
        ]
    };
    let first = ids().await;
    assert_eq!(first, ids().await);
    assert_ne!(first[0], first[1]);
}

#[tokio::test]
async fn the_script_goes_before_the_rules_and_both_before_acceptance() {
    let outbox = Outbox::memory();
    outbox.always(&mailbox("CFO@example.com"), Behaviour::Reject);
    outbox.script([
        Behaviour::Throttle,
        Behaviour::Account,
        Behaviour::AcceptUnanswered,
        Behaviour::Accept,
    ]);
    assert!(matches!(
        send(&outbox, RAW, &[]).await,
        Err(MailError::Throttled(_))
    ));
    assert!(matches!(
        send(&outbox, RAW, &[]).await,
        Err(MailError::Account(_))
    ));
    assert!(matches!(
        send(&outbox, RAW, &[]).await,
        Err(MailError::Ambiguous(_))
    ));
    assert!(send(&outbox, RAW, &[]).await.is_ok());
    assert!(matches!(
        send(&outbox, RAW, &[]).await,
        Err(MailError::Rejected { .. })
    ));
    assert_eq!(
        (outbox.calls(), outbox.sent()),
        (5, 2),
        "what was taken unanswered was taken"
    );
}

#[tokio::test]
async fn what_ses_would_refuse_is_refused() {
    let outbox = Outbox::memory();
    let other = b"From: somebody@example.com\r\nSubject: x\r\n\r\nhello\r\n";
    for (raw, tag) in [
        (&other[..], "ok"),
        (b"Subject: x\r\n\r\nhello\r\n", "ok"),
        (RAW, "a.b"),
        (RAW, ""),
    ] {
        let refused = send(&outbox, raw, &[("tag", tag.to_owned())]).await;
        assert!(matches!(refused, Err(MailError::Rejected { .. })), "{refused:?}");
    }
    assert_eq!(outbox.sent(), 0);
}
