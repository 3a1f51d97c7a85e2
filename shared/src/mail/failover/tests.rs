use std::sync::Arc;

use super::*;
use crate::{
    clock::SystemClock,
    mail::{
        Mailbox,
        fake::{Answer, FakeSes},
    },
};

fn service() -> FakeSes {
    FakeSes::new(Arc::new(SystemClock))
}

/// How often the first and the second were asked, and what came of it.
async fn sent(first: Answer, second: Option<Answer>) -> (usize, usize, Result<Accepted, MailError>) {
    let (one, two) = (service(), service());
    one.next([first]);
    let fallback = second.is_some();
    two.next(second);
    let failover = Failover::new(one, fallback.then_some(two));
    let mailbox: Mailbox = "cfo@example.com".parse().unwrap();
    let mail = OutgoingMail {
        from: &mailbox,
        to: &mailbox,
        raw_mime: b"x",
        tags: &[],
    };
    let answer = failover.send(mail).await;
    let calls = failover.second.as_ref().map_or(0, FakeSes::calls);
    (failover.first.calls(), calls, answer)
}

#[tokio::test]
async fn the_fallback_sends_what_the_account_cannot_and_nothing_that_may_have_been_sent() {
    let quota = || Answer::account("Daily message quota exceeded.");
    let cases = [
        (Answer::Accept, 0),
        (quota(), 1),
        (Answer::throttle(), 0),
        (Answer::reject(), 0),
        (Answer::drop_the_connection(), 0),
        (Answer::server_error(true), 0),
        (Answer::server_error(false), 0),
    ];
    for (answer, expected) in cases {
        let what = format!("{answer:?}");
        let (first, second, result) = sent(answer, Some(Answer::Accept)).await;
        assert_eq!((first, second), (1, expected), "{what}");
        assert_eq!(result.is_ok(), expected == 1 || what == "Accept", "{what}");
        if let Ok(taken) = result {
            assert_eq!(taken.by_fallback, expected == 1, "{what}");
        }
    }
}

#[tokio::test]
async fn where_neither_can_send_both_reasons_are_told_and_without_a_fallback_the_one() {
    let quota = || Answer::account("quota");
    let (_, _, both) = sent(quota(), Some(Answer::account("sandbox"))).await;
    assert_eq!(
        both,
        Err(MailError::Account("quota; the fallback: sandbox".to_owned()))
    );
    let (_, _, alone) = sent(quota(), None).await;
    assert_eq!(alone, Err(MailError::Account("quota".to_owned())));
    let (_, _, doubtful) = sent(quota(), Some(Answer::drop_the_connection())).await;
    assert!(matches!(doubtful, Err(MailError::Ambiguous(_))), "{doubtful:?}");
}
