//! Mail on SES v2's protocol.

use shared::{
    contract::mail::Bench,
    mail::{MailError, Mailbox, OutgoingMail, Transport, ses::Ses},
};

struct OverTheWire {
    ses: Ses,
    endpoint: String,
}

#[async_trait::async_trait]
impl Bench for OverTheWire {
    fn transport(&self) -> &dyn Transport {
        &self.ses
    }
    /// What the service keeps of a message: not the MIME, but what it read out of it.
    async fn arrived(&self, to: &Mailbox) -> Vec<Vec<u8>> {
        let answer = super::http::request(&self.endpoint, "GET", "/_ministack/ses/messages");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let accounts = answer["messages"]
            .as_object()
            .expect("messages by account")
            .values();
        let messages = accounts.filter_map(|messages| messages.as_array()).flatten();
        let ours = messages.filter(|message| message["To"][0] == to.address());
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        ours.map(|message| {
            format!(
                "Subject: {}\r\n\r\n{}",
                text(&message["Subject"]),
                text(&message["BodyText"])
            )
            .into_bytes()
        })
        .collect()
    }
}

/// SES with the sender of the suite verified.
async fn mail() -> Option<OverTheWire> {
    let (endpoint, config) = (super::endpoint()?, super::config().await?);
    let client = aws_sdk_sesv2::Client::new(&config);
    // Another test may have made it.
    let _ = client
        .create_email_identity()
        .email_identity("reports@example.com")
        .send()
        .await;
    Some(OverTheWire {
        ses: Ses::new(&config, None),
        endpoint,
    })
}

shared::mail_contract!(mail());

async fn send(ses: &Ses, from: &str) -> Result<shared::mail::Accepted, MailError> {
    let (from, to): (Mailbox, Mailbox) = (
        from.parse().expect("a literal"),
        "cfo@example.com".parse().expect("a literal"),
    );
    let raw = format!("From: {}\r\nSubject: x\r\n\r\nx\r\n", from.address());
    ses.send(OutgoingMail {
        from: &from,
        to: &to,
        raw_mime: raw.as_bytes(),
        tags: &[],
    })
    .await
}

#[tokio::test]
async fn an_unverified_sender_stops_the_account_not_the_recipient() {
    let Some(bench) = mail().await else { return };
    let refused = send(&bench.ses, "stranger@example.com").await;
    assert!(matches!(refused, Err(MailError::Account(_))), "{refused:?}");
}

#[tokio::test]
async fn a_refused_connection_is_certainly_not_sent() {
    if super::endpoint().is_none() {
        return;
    }
    // The discard port: nothing listens there.
    let nowhere = shared::cloud::https::loader()
        .endpoint_url("http://127.0.0.1:9")
        .load()
        .await;
    let refused = send(&Ses::new(&nowhere, None), "reports@example.com").await;
    assert!(matches!(refused, Err(MailError::Throttled(_))), "{refused:?}");
}
