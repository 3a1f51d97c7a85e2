//! What an answer could not do reaches the owner, once.

use serde_json::json;

use super::{Answered, CEO, RENTAL, Reply};

#[tokio::test]
async fn what_is_not_understood_is_forwarded_with_its_words_and_what_was_done() {
    let night = Answered::night().await;
    let reply = night
        .ceos("done A7K2QX\r\nsnooze A01111\r\nPlease call me.")
        .await;
    assert_eq!(night.receive(&reply).await, 0);
    let forwarded = night.forwarded();
    assert_eq!(forwarded.len(), 1);
    assert_eq!(
        forwarded[0].subject,
        "Quarterdeck: harbor.2026-11-20 answer not understood"
    );
    let ceo = night.world.row("ceo", CEO).await.key.rid;
    assert_eq!(
        forwarded[0].text,
        format!(
            "{ceo} answered the document ceo of harbor.2026-11-20: line 2 does not say until when, such as 2w or 2027-03-31.\n\
             Done of it: A7K2QX done.\n\
             The mail: replies/d6iitobk75ur44p8kdnnp7g2n800 in the inbox, for thirty days.\n\n\
             From: ceo@example.com, which is proven\n\
             > Subject: Re: Harbor: four months of runway\n>\n\
             > done A7K2QX\n> snooze A01111\n> Please call me.\n\n\
             What to do: docs/OPERATIONS.md, \"Answers by mail\".\n"
        )
    );
}

#[tokio::test]
async fn an_answer_that_was_carried_out_is_forwarded_to_nobody() {
    let night = Answered::night().await;
    night.receive(&night.ceos("done A7K2QX").await).await;
    let mut automatic = night.ceos("I am on holiday.").await;
    automatic.headers = "Auto-Submitted: auto-replied\r\n".to_owned();
    night.receive(&automatic).await;
    assert_eq!(night.forwarded(), []);
}

/// By the queue, and by the sender's server.
#[tokio::test]
async fn a_mail_that_comes_twice_is_forwarded_once_and_another_one_again() {
    let night = Answered::night().await;
    let mut reply = night.ceos("Why so soon?").await;
    night.receive(&reply).await;
    night.receive(&reply).await;
    reply.id = "another".to_owned();
    night.receive(&reply).await;
    assert_eq!(night.forwarded().len(), 1);
    reply.message_id = "<reply-2@mail.example.com>".to_owned();
    night.receive(&reply).await;
    assert_eq!(night.forwarded().len(), 2);
}

/// The assistant of whom the report went to, say. Whoever has old reports of somebody's can make one notice of a day.
#[tokio::test]
async fn an_answer_that_is_not_believed_is_forwarded_once_a_day_for_each_recipient() {
    let night = Answered::night().await;
    let mut reply = Reply::new(
        "assistant@example.com",
        &night.address("ceo", CEO).await,
        "done A7K2QX",
    );
    for (id, at) in [
        ("first", "2026-11-21T16:05:00.000Z"),
        ("second", "2026-11-21T23:59:00.000Z"),
        ("third", "2026-11-22T00:00:00.000Z"),
    ] {
        reply.id = id.to_owned();
        reply.told = vec![("/mail/timestamp", json!(at))];
        assert_eq!(night.receive(&reply).await, 0);
    }
    let forwarded = night.forwarded();
    let named: Vec<_> = forwarded
        .iter()
        .map(|of| {
            (
                of.text.contains("replies/first"),
                of.text.contains("replies/third"),
            )
        })
        .collect();
    assert_eq!(named, [(true, false), (false, true)]);
    assert_eq!(
        forwarded[0].subject,
        "Quarterdeck: harbor.2026-11-20 answer not believed"
    );
    for part in [
        "its sender has had no mail that is answered at this address.\nNothing of it was done.\n",
        "From: assistant@example.com, which is proven\n",
        "> done A7K2QX\n",
    ] {
        assert!(
            forwarded[0].text.contains(part),
            "{part:?} is not in {}",
            forwarded[0].text
        );
    }
    let other = Reply::new(
        "assistant@example.com",
        &night.address("audit-rental", RENTAL).await,
        "done A7K2QX",
    );
    night.receive(&other).await;
    assert_eq!(night.forwarded().len(), 3, "another recipient's address");
    let mut unproven = night.ceos("done A7K2QX").await;
    unproven.told = vec![
        ("/mail/timestamp", json!("2026-11-23T00:00:00.000Z")),
        ("/receipt/dmarcVerdict", json!({ "status": "GRAY" })),
    ];
    night.receive(&unproven).await;
    let text = night.forwarded().remove(3).text;
    assert!(
        text.contains("From: ceo@example.com, as the mail says; that is not proven\n"),
        "{text}"
    );
}

#[tokio::test]
async fn spam_and_viruses_are_told_of_without_a_word_of_theirs() {
    for pointer in ["/receipt/spamVerdict", "/receipt/virusVerdict"] {
        let night = Answered::night().await;
        let mut reply = night.ceos("Cheap boats").await;
        reply.told = vec![
            (pointer, json!({ "status": "FAIL" })),
            ("/receipt/dmarcVerdict", json!({ "status": "FAIL" })),
        ];
        night.receive(&reply).await;
        let text = night.forwarded().remove(0).text;
        assert!(
            text.contains("Its words are left out") && !text.contains("Cheap") && !text.contains('@'),
            "{text}"
        );
    }
}

#[tokio::test]
async fn who_guesses_at_addresses_is_heard_by_nobody() {
    let night = Answered::night().await;
    let real = night.address("ceo", CEO).await;
    assert!(real.starts_with("harbor.20261120."), "{real}");
    for address in [
        "office@reply.example.com".to_owned(),
        format!("harbor.20261120.{}@reply.example.com", "0".repeat(20)),
        real.replacen("20261120", "20261119", 1),
    ] {
        let reply = Reply::new("stranger@example.com", &address, "hello");
        assert_eq!(night.receive(&reply).await, 0);
    }
    assert_eq!(night.forwarded(), []);
    night
        .receive(&Reply::new("stranger@example.com", &real, "hello"))
        .await;
    assert_eq!(night.forwarded().len(), 1, "who has one is");
}

/// The row stands, and the mail comes again until somebody could be told.
#[tokio::test]
async fn a_notice_that_fails_is_tried_again_and_changes_nothing_else() {
    let night = Answered::night().await;
    let mut stranger = Reply::new("stranger@example.com", &night.address("ceo", CEO).await, "hello");
    stranger.id = "stranger".to_owned();
    let answer = night.ceos("done A7K2QX\r\nsnooze").await;
    night.owner.1.store(2, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(night.receive(&stranger).await, 1);
    assert_eq!(night.receive(&answer).await, 1);
    assert_eq!(night.quarantined().await.len(), 1);
    let before = night.done().await;
    assert_eq!(night.decisions().await.len(), 1);
    assert_eq!(
        (night.receive(&stranger).await, night.receive(&answer).await),
        (0, 0)
    );
    assert_eq!(night.forwarded().len(), 2);
    assert_eq!((night.done().await, night.quarantined().await.len()), (before, 1));
}

/// Its commands are carried out for none of them, so somebody has to know.
#[tokio::test]
async fn an_answer_to_several_portfolios_is_told_of() {
    let night = Answered::night().await;
    let mut reply = night.ceos("done A7K2QX").await;
    let other = reply.to.replacen("harbor.", "other.", 1);
    reply.told = vec![("/receipt/recipients", json!([reply.to, other]))];
    night.receive(&reply).await;
    let text = night.forwarded().remove(0).text;
    assert!(
        text.contains("it answers reports of several portfolios at once.\nNothing of it was done.\n"),
        "{text}"
    );
}
