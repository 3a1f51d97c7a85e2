//! Answers that are believed.

use serde_json::json;
use shared::{
    ledger::{DecidedBy, Feedback, feedback::Verdict},
    portfolio::Decided,
};

use super::{super::events::wrapped, Answered, RENTAL, Reply};

const THREE: &str = "Good morning,\r\n\r\ndone A7K2QX\r\nsnooze a01111 2w\r\n\
                     accept A22222 until 2027-03-31: budgeted for the first quarter\r\n\r\nJo\r\n\r\n\
                     On Sat, 21 Nov 2026 at 02:31, Quarterdeck <reports@example.com> wrote:\r\n> unsubscribe\r\n";

#[tokio::test]
async fn an_answer_becomes_decisions_on_the_ledger_by_its_sender() {
    let night = Answered::night().await;
    let reply = night.ceos(THREE).await;
    assert_eq!(night.receive(&reply).await, 0);
    let decisions = night.decisions().await;
    let read = decisions
        .iter()
        .map(|of| (of.decision.action.to_string(), of.decision.decided));
    let (until, accepted) = ("2026-12-05".parse().unwrap(), "2027-03-31".parse().unwrap());
    assert_eq!(
        read.collect::<Vec<_>>(),
        [
            ("A7K2QX".to_owned(), Decided::Done),
            ("A01111".to_owned(), Decided::Snoozed(until)),
            ("A22222".to_owned(), Decided::Accepted(accepted)),
        ],
        "in the order of the text"
    );
    let ceo = night.world.row("ceo", super::CEO).await.key.rid;
    for decision in &decisions {
        assert_eq!(decision.by, DecidedBy::Recipient(ceo.clone()));
        assert_eq!(decision.at, "2026-11-21T16:05:00Z".parse().unwrap(), "SES's time");
        assert_eq!(
            decision.decision.on,
            "2026-11-21".parse().unwrap(),
            "the portfolio's day"
        );
    }
    assert_eq!(
        decisions[2].decision.reason.as_deref(),
        Some("budgeted for the first quarter")
    );
    let audit = night.world.audit_events().await;
    let by = format!("by {ceo}, who answered document ceo");
    for line in [
        format!("A7K2QX done {by}"),
        format!("A01111 snoozed until 2026-12-05 {by}"),
        format!("A22222 accepted until 2027-03-31 {by}"),
    ] {
        assert!(audit.contains(&line), "{audit:?} lacks {line:?}");
    }
    assert_eq!(night.quarantined().await, [""; 0]);
}

/// Nobody decides by the archive, whose rid is every portfolio's.
#[tokio::test]
async fn the_archives_copy_asks_for_no_decisions() {
    let night = Answered::night().await;
    let row = night.world.row("ceo", "archive@example.com").await;
    let raw = night.world.deps.objects.get_checked(&row.mail).await.unwrap();
    let raw = String::from_utf8(raw.into()).unwrap();
    assert!(
        raw.contains("office@example.com") && !raw.contains("reply.example.com"),
        "{raw}"
    );
}

/// Midnight is the portfolio's: 03:00 UTC is the evening before in Los Angeles.
#[tokio::test]
async fn an_answer_counts_from_the_day_that_it_is_in_the_portfolios_zone() {
    let night = Answered::night().await;
    let mut reply = night.ceos("snooze A7K2QX 1d").await;
    reply.told = vec![("/mail/timestamp", json!("2026-11-23T03:00:00.000Z"))];
    assert_eq!(night.receive(&reply).await, 0);
    let decision = night.decisions().await.remove(0).decision;
    assert_eq!(decision.on, "2026-11-22".parse().unwrap());
    assert_eq!(decision.decided, Decided::Snoozed("2026-11-23".parse().unwrap()));
}

/// Delivered twice by the queue, and twice by the sender's server, which gives it another id at SES.
#[tokio::test]
async fn a_reply_that_comes_twice_is_one_decision() {
    let night = Answered::night().await;
    let mut reply = night.ceos("done A7K2QX").await;
    assert_eq!(night.receive(&reply).await, 0);
    let (once, audit) = (night.decisions().await, night.world.audit_events().await);
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.world.audit_events().await, audit, "nor a second line");
    reply.id = "another".to_owned();
    reply.told = vec![("/mail/timestamp", json!("2026-11-21T16:06:00.000Z"))];
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.decisions().await, once);
    assert_eq!(once.len(), 1);
}

#[tokio::test]
async fn a_notification_is_read_as_sns_wraps_it_too() {
    let night = Answered::night().await;
    let reply = night.ceos("done A7K2QX").await;
    night.store(&reply).await;
    assert_eq!(night.told([wrapped(&reply.notification())]).await, 0);
    assert_eq!(night.decisions().await.len(), 1);
}

#[tokio::test]
async fn of_several_commands_a_wrong_one_is_noted_and_the_others_count() {
    let night = Answered::night().await;
    let reply = night.ceos("done A7K2QX\r\nsnooze A01111\r\ndone A22222").await;
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.decisions().await.len(), 2);
    let ceo = night.world.row("ceo", super::CEO).await.key.rid;
    let noted = format!(
        "line 2 does not say until when, such as 2w or 2027-03-31; by {ceo}, who answered document ceo; \
         the mail is replies/{}",
        reply.id
    );
    let audit = night.world.audit_events().await;
    assert!(audit.contains(&noted), "{audit:?}");
}

#[tokio::test]
async fn an_answer_without_a_command_does_nothing_and_is_noted_for_the_owner() {
    for (kind, body, why) in [
        (
            "text/plain",
            "Why is A7K2QX due so soon?",
            "it asks for nothing that is known",
        ),
        ("text/html", "<p>done A7K2QX</p>", "it has no plain text"),
    ] {
        let night = Answered::night().await;
        let mut reply = night.ceos(body).await;
        reply.kind = kind.to_owned();
        assert_eq!(night.receive(&reply).await, 0);
        assert_eq!(night.decisions().await, []);
        let audit = night.world.audit_events().await;
        let noted = audit
            .iter()
            .filter(|line| line.starts_with(why) && line.ends_with(&reply.id));
        assert_eq!(noted.count(), 1, "{audit:?}");
    }
}

#[tokio::test]
async fn whoever_asks_for_it_is_unsubscribed_and_gets_no_more_mail() {
    let night = Answered::night().await;
    let address = night.address("audit-rental", RENTAL).await;
    let reply = Reply::new("The Tenant <RENTAL@example.com>", &address, "Unsubscribe\r\n");
    assert_eq!(night.receive(&reply).await, 0);
    let row = night.world.row("audit-rental", RENTAL).await;
    let listed = night
        .world
        .ledger
        .suppression(&row.key.rid)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (listed.verdict, listed.reason.as_str()),
        (Verdict::Suppress, "asked to be unsubscribed")
    );
    let ceo = night.world.row("ceo", super::CEO).await.key.rid;
    assert_eq!(night.world.ledger.suppression(&ceo).await.unwrap(), None);
    let outcome = crate::suppression::outcome(&night.world.deps, &row.key.rid)
        .await
        .unwrap();
    assert!(
        matches!(outcome, Some(shared::ledger::Outcome::Suppressed { .. })),
        "{outcome:?}"
    );
}

/// A redrive, or a copy that the sender's server sends later, is the same mail.
#[tokio::test]
async fn a_mail_unsubscribes_once_whatever_an_operator_does_after_it() {
    let night = Answered::night().await;
    let mut reply = night.ceos("unsubscribe").await;
    assert_eq!(night.receive(&reply).await, 0);
    let ceo = night.world.row("ceo", super::CEO).await.key.rid;
    let ledger = &night.world.ledger;
    assert!(ledger.unsuppress(&ceo).await.unwrap(), "it was on the list");
    assert_eq!(night.receive(&reply).await, 0);
    reply.id = "another".to_owned();
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(ledger.suppression(&ceo).await.unwrap(), None);
    reply.message_id = "<reply-2@mail.example.com>".to_owned();
    assert_eq!(night.receive(&reply).await, 0);
    assert!(
        ledger.suppression(&ceo).await.unwrap().is_some(),
        "another mail of theirs"
    );
}

/// A holiday's answer would else be noted, and one day be a command.
#[tokio::test]
async fn automatic_mail_does_nothing() {
    let bounce = vec![("/mail/source", json!("<>"))];
    for (headers, told) in [
        ("Auto-Submitted: auto-replied\r\n", Vec::new()),
        ("Auto-Submitted: auto-generated; x=y\r\n", Vec::new()),
        ("Precedence: bulk\r\n", Vec::new()),
        ("Precedence: Auto_Reply\r\n", Vec::new()),
        ("List-Id: <list.example.com>\r\n", Vec::new()),
        ("Return-Path: <>\r\n", Vec::new()),
        ("", bounce),
    ] {
        let night = Answered::night().await;
        let before = night.everything().await;
        let mut reply = night.ceos("done A7K2QX\r\nunsubscribe\r\ndone").await;
        reply.headers = headers.to_owned();
        reply.told = told;
        assert_eq!(night.receive(&reply).await, 0);
        assert_eq!(night.everything().await, before, "{headers:?}");
        assert_eq!(night.quarantined().await, [""; 0], "{headers:?}");
    }
    let night = Answered::night().await;
    let mut reply = night.ceos("done A7K2QX").await;
    reply.headers = "Auto-Submitted: no\r\n".to_owned();
    night.receive(&reply).await;
    assert_eq!(night.decisions().await.len(), 1, "a person may say so");
}

/// SES's word when the topic is set up is no mail; anything else that is none goes to the DLQ.
#[tokio::test]
async fn what_is_no_notification_fails_alone() {
    let night = Answered::night().await;
    let reply = night.ceos("done A7K2QX").await;
    night.store(&reply).await;
    let mut odd = reply.notification();
    odd["mail"]["messageId"] = json!("../runs/harbor.2026-11-20/g0/analysis.json");
    let mut sent = reply.notification();
    sent["notificationType"] = json!("Delivery");
    let failed = night
        .told([
            "mail for ceo@example.com".to_owned(),
            "Successfully validated SNS topic for Amazon SES email receiving.".to_owned(),
            odd.to_string(),
            sent.to_string(),
            reply.notification().to_string(),
        ])
        .await;
    assert_eq!(failed, 3);
    assert_eq!(night.decisions().await.len(), 1);
}

/// SES stores the mail first, so this is a fault: the message comes back.
#[tokio::test]
async fn a_mail_that_is_not_in_the_inbox_is_asked_for_again() {
    let night = Answered::night().await;
    let reply = night.ceos("done A7K2QX").await;
    assert_eq!(night.told([reply.notification().to_string()]).await, 1);
    assert_eq!(night.receive(&reply).await, 0);
    assert_eq!(night.decisions().await.len(), 1);
}
