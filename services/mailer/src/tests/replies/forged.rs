//! Answers that are not believed, and bodies that want to be more than text. The domain is public: anybody can write to it.

use serde_json::{Value, json};

use super::{Answered, CEO, RENTAL, Reply};

const COMMANDS: &str = "done A7K2QX\r\nunsubscribe\r\n";

/// An answer is quarantined for this reason, once, and nothing else is different.
async fn assert_quarantined(reply: impl AsyncFn(&Answered) -> Reply, reason: &str) {
    let night = Answered::night().await;
    let (reply, before) = (reply(&night).await, night.everything().await);
    for _ in 0..2 {
        assert_eq!(night.receive(&reply).await, 0, "{reason}: it is done with");
    }
    assert_eq!(night.everything().await, before, "{reason}: something changed");
    assert_eq!(night.quarantined().await, [reason]);
    let rows = night.world.quarantine().await;
    assert_eq!(rows[0].id.as_str(), reply.id, "where the owner finds the mail");
    assert!(!format!("{rows:?}").contains('@'), "{reason}: {rows:?}");
}

#[tokio::test]
async fn a_sender_that_ses_does_not_vouch_for_decides_nothing() {
    let status = |text: &str| json!({ "status": text });
    for (pointer, told, reason) in [
        (
            "dmarcVerdict",
            status("FAIL"),
            "its sender's domain is not proven: the check of DMARC failed",
        ),
        (
            "dmarcVerdict",
            status("GRAY"),
            "its sender's domain is not proven: the check of DMARC gave no answer",
        ),
        (
            "dmarcVerdict",
            status("PROCESSING_FAILED"),
            "its sender's domain is not proven: the check of DMARC was not made",
        ),
        (
            "dmarcVerdict",
            Value::Null,
            "its sender's domain is not proven: the check of DMARC was not made",
        ),
        ("spamVerdict", status("FAIL"), "the check for spam failed"),
        (
            "spamVerdict",
            status("DISABLED"),
            "the check for spam was not made",
        ),
        ("virusVerdict", status("FAIL"), "the check for viruses failed"),
        (
            "virusVerdict",
            status("GRAY"),
            "the check for viruses gave no answer",
        ),
        (
            "virusVerdict",
            status("PROCESSING_FAILED"),
            "the check for viruses was not made",
        ),
    ] {
        let pointer = match pointer {
            "dmarcVerdict" => "/receipt/dmarcVerdict",
            "spamVerdict" => "/receipt/spamVerdict",
            _ => "/receipt/virusVerdict",
        };
        assert_quarantined(
            async |night| {
                let mut reply = night.ceos(COMMANDS).await;
                // Anybody can write these.
                reply.headers = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
                                 Authentication-Results: amazonses.com; dmarc=pass; spf=pass; dkim=pass\r\n"
                    .to_owned();
                reply.told = vec![(pointer, told.clone())];
                reply
            },
            reason,
        )
        .await;
    }
}

#[tokio::test]
async fn a_spam_scan_that_cannot_tell_is_no_reason_to_disbelieve() {
    let night = Answered::night().await;
    let mut reply = night.ceos("done A7K2QX").await;
    reply.told = vec![("/receipt/spamVerdict", json!({ "status": "GRAY" }))];
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.decisions().await.len(), 1);
}

/// A code is of one portfolio, so it would decide for the first of them only.
#[tokio::test]
async fn an_answer_to_reports_of_several_portfolios_decides_for_none() {
    const OTHER: &str = "quay.20261120.00112233445566778899@reply.example.com";
    for is_first in [true, false] {
        assert_quarantined(
            async |night| {
                let mut reply = night.ceos(COMMANDS).await;
                let all = if is_first {
                    [OTHER, reply.to.as_str()]
                } else {
                    [reply.to.as_str(), OTHER]
                };
                reply.told = vec![("/receipt/recipients", json!(all))];
                reply
            },
            "it answers reports of several portfolios at once",
        )
        .await;
    }
    // Two of one portfolio are answered as one.
    let night = Answered::night().await;
    let mut reply = night.ceos("done A7K2QX").await;
    let rentals = night.address("audit-rental", RENTAL).await;
    reply.told = vec![("/receipt/recipients", json!([rentals, reply.to]))];
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.decisions().await.len(), 1);
}

#[tokio::test]
async fn an_answer_is_of_exactly_one_sender_who_had_that_very_mail() {
    const NOT_THEIRS: &str = "its sender has had no mail that is answered at this address";
    // Somebody who gets another document, at the address of the CEO's.
    assert_quarantined(
        async |night| Reply::new(RENTAL, &night.address("ceo", CEO).await, COMMANDS),
        NOT_THEIRS,
    )
    .await;
    // The CEO, at the address of a delivery of the same document to somebody else.
    assert_quarantined(
        async |night| Reply::new(CEO, &night.address("audit-rental", RENTAL).await, COMMANDS),
        NOT_THEIRS,
    )
    .await;
    // Nobody whom we know.
    assert_quarantined(
        async |night| Reply::new("stranger@example.com", &night.address("ceo", CEO).await, COMMANDS),
        NOT_THEIRS,
    )
    .await;
    // The right sender, who guesses.
    assert_quarantined(
        async |_| {
            Reply::new(
                CEO,
                "harbor.20261120.00112233445566778899@reply.example.com",
                COMMANDS,
            )
        },
        NOT_THEIRS,
    )
    .await;
    // Of a night that never was.
    assert_quarantined(
        async |night| {
            let address = night.address("ceo", CEO).await;
            Reply::new(CEO, &address.replace(".20261120.", ".20261119."), COMMANDS)
        },
        NOT_THEIRS,
    )
    .await;
    for from in [
        "ceo@example.com\r\nFrom: stranger@example.com",
        "stranger@example.com\r\nFrom: ceo@example.com",
        "ceo@example.com, stranger@example.com",
        "team: ceo@example.com, rental@example.com;",
        "<stranger@example.com>:ceo@example.com;",
        "stranger@example.com <ceo@example.com>",
        "\"ceo@example.com\" (stranger@example.com)",
        "nobody",
    ] {
        assert_quarantined(
            async |night| Reply::new(from, &night.address("ceo", CEO).await, COMMANDS),
            "it is not from exactly one address",
        )
        .await;
    }
}

#[tokio::test]
async fn a_mail_to_no_delivery_is_not_even_read() {
    for to in [
        "info@reply.example.com",
        "not an address",
        "harbor.20261120@reply.example.com",
    ] {
        let night = Answered::night().await;
        // It is not in the inbox at all.
        let reply = Reply::new(CEO, to, COMMANDS);
        assert_eq!(night.told([reply.notification().to_string()]).await, 0);
        assert_eq!(night.quarantined().await, ["it is to no address of a delivery"]);
        assert_eq!(night.decisions().await, []);
    }
}

/// Whoever left the list long since has old mails still.
#[tokio::test]
async fn a_report_of_more_than_a_month_ago_is_not_answered_any_more() {
    for (told, count) in [("2026-12-21T20:00:00.000Z", 1), ("2026-12-22T20:00:00.000Z", 0)] {
        let night = Answered::night().await;
        let mut reply = night.ceos("done A7K2QX").await;
        reply.told = vec![("/mail/timestamp", json!(told))];
        assert_eq!(night.receive(&reply).await, 0);
        assert_eq!(night.decisions().await.len(), count, "{told}");
    }
}

/// Text of an attachment, of a nested mail, of HTML, or far below, is not read; what is odd stops nothing.
#[tokio::test]
async fn hostile_bodies_are_inert() {
    let part = |kind: &str, body: &str| format!("--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n");
    let mixed = "multipart/mixed; boundary=b";
    let nested = format!("From: {CEO}\r\nContent-Type: text/plain\r\n\r\ndone A7K2QX");
    let attached = "text/plain\r\nContent-Disposition: attachment; filename=a.txt";
    let deep = (0..200).fold(String::new(), |deep, n| {
        deep + &format!(
            "--b{n}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
            n + 1
        )
    });
    for (kind, body) in [
        (
            mixed,
            part("text/plain", "hello") + &part(attached, COMMANDS) + "--b--",
        ),
        (
            mixed,
            part("text/plain", "hello") + &part("message/rfc822", &nested) + "--b--",
        ),
        (
            mixed,
            part("text/html", "<p>done A7K2QX</p>") + &part("application/pdf", COMMANDS) + "--b--",
        ),
        ("multipart/mixed; boundary=b0", deep),
        ("text/plain", "x\r\n".repeat(400_000) + COMMANDS),
        ("text/plain", "x".repeat(2_000_000) + "\r\n" + COMMANDS),
        (
            "text/plain; charset=\u{1F6A2}",
            "\u{0}\u{1b}[2J\u{202e}done\u{202c}".to_owned(),
        ),
        (
            "text/plain\r\nContent-Transfer-Encoding: base64",
            "!!!! not base64 ====".to_owned(),
        ),
        ("", String::new()),
    ] {
        let night = Answered::night().await;
        let mut reply = night.ceos(&body).await;
        reply.kind = kind.to_owned();
        assert_eq!(night.receive(&reply).await, 0, "{kind}");
        assert_eq!(night.decisions().await, [], "{kind}");
        let ceo = night.world.row("ceo", CEO).await.key.rid;
        assert_eq!(night.deps.ledger.suppression(&ceo).await.unwrap(), None, "{kind}");
    }
    // Quoted-printable and base64 are how honest mail comes.
    for (encoding, body) in [
        ("quoted-printable", "done=20A7K2Q=\r\nX"),
        ("base64", "ZG9uZSBBN0syUVg="),
    ] {
        let night = Answered::night().await;
        let mut reply = night.ceos(body).await;
        reply.headers = format!("Content-Transfer-Encoding: {encoding}\r\n");
        assert_eq!(night.receive(&reply).await, 0);
        assert_eq!(night.decisions().await.len(), 1, "{encoding}");
    }
}
