//! What every [`Transport`] does.

use async_trait::async_trait;

use crate::mail::{MailError, Mailbox, OutgoingMail, Transport};

/// A mail service under test, and a look into its recipients' mailboxes.
#[async_trait]
pub trait Bench: Send + Sync {
    /// It.
    fn transport(&self) -> &dyn Transport;
    /// The messages that it took for a recipient, oldest first.
    async fn arrived(&self, to: &Mailbox) -> Vec<Vec<u8>>;
}

/// Tests for a mail service: the argument is a future of `Option<impl Bench>`, with empty mailboxes for each test.
#[macro_export]
macro_rules! mail_contract {
    ($make:expr) => {
        use $crate::contract::mail as mail_sentences;
        $crate::contract_tests!(
            $make,
            mail_sentences,
            [
                a_mail_reaches_its_one_recipient_as_it_stands,
                the_same_mail_given_twice_is_sent_twice,
                a_tag_that_would_be_refused_is_refused_before_the_mail_leaves,
                the_account_has_a_positive_rate_and_no_more_used_than_there_is,
            ]
        );
    };
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().expect("a literal")
}

/// A recipient of this sentence only: suites may share a service.
fn recipient(sentence: &str) -> Mailbox {
    mailbox(&format!("{sentence}.{}@example.com", std::process::id()))
}

fn raw(to: &Mailbox) -> Vec<u8> {
    let head = "From: Quarterdeck <reports@example.com>\r\nTo: {}\r\nSubject: Runway: 9 months\r\nMIME-Version: 1.0\r\n";
    let body = "Content-Type: text/plain; charset=utf-8\r\n\r\nAhoy.\r\n";
    format!("{}{body}", head.replace("{}", to.address())).into_bytes()
}

async fn send(bench: &dyn Bench, to: &Mailbox, tag: &str) -> Result<String, MailError> {
    let (from, raw) = (mailbox("Quarterdeck <reports@example.com>"), raw(to));
    let tags = [("document", "cfo".to_owned()), ("run", tag.to_owned())];
    let mail = OutgoingMail {
        from: &from,
        to,
        raw_mime: &raw,
        tags: &tags,
    };
    bench
        .transport()
        .send(mail)
        .await
        .map(|accepted| accepted.message_id)
}

/// And is answered with an id.
pub async fn a_mail_reaches_its_one_recipient_as_it_stands(bench: &dyn Bench) {
    let (to, other) = (recipient("once"), recipient("nobody"));
    let id = send(bench, &to, "harbor_2026-11-20").await.unwrap();
    assert!(!id.is_empty());
    let arrived = bench.arrived(&to).await;
    assert_eq!(arrived.len(), 1);
    let text = String::from_utf8_lossy(&arrived[0]).into_owned();
    assert!(
        text.contains("Subject: Runway: 9 months") && text.contains("Ahoy."),
        "{text}"
    );
    assert!(bench.arrived(&other).await.is_empty());
}

/// Under two ids: not doing that is the ledger's work, and a transport that did it would hide the ledger's faults.
pub async fn the_same_mail_given_twice_is_sent_twice(bench: &dyn Bench) {
    let to = recipient("twice");
    let first = send(bench, &to, "harbor_2026-11-20").await.unwrap();
    let second = send(bench, &to, "harbor_2026-11-20").await.unwrap();
    assert_ne!(first, second);
    assert_eq!(bench.arrived(&to).await.len(), 2);
}

/// `.` is not allowed in one: a run id must be changed first.
pub async fn a_tag_that_would_be_refused_is_refused_before_the_mail_leaves(bench: &dyn Bench) {
    let to = recipient("tagged");
    let refused = send(bench, &to, "harbor.2026-11-20").await;
    assert!(matches!(refused, Err(MailError::Rejected { .. })), "{refused:?}");
    assert!(bench.arrived(&to).await.is_empty());
}

/// Pacing divides by the rate.
pub async fn the_account_has_a_positive_rate_and_no_more_used_than_there_is(bench: &dyn Bench) {
    let account = bench.transport().account().await.unwrap();
    assert!(
        account.max_send_rate > 0.0 && account.sent_last_day >= 0.0,
        "{account:?}"
    );
    let quota = account.daily_quota.unwrap_or(f64::INFINITY);
    assert!(account.sent_last_day <= quota, "{account:?}");
}
