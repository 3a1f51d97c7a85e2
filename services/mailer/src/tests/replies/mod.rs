//! Answers to a night that was mailed. The fixture is written from the field list of SES's documentation (see
//! [`crate::replies::wire`]); [`Reply`] makes one be of a mail.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use shared::{
    ledger::{Decisions, LedgerDecision},
    notice::{Notice, Notices},
    objects::Objects,
    portfolio::EXAMPLE,
};

use super::world::World;
use crate::replies;

mod applied;
mod faults;
mod forged;
mod forwarded;
mod logs;

pub const CEO: &str = "ceo@example.com";
/// Gets the audit of the rental beside the CEO.
pub const RENTAL: &str = "rental@example.com";

/// A mail that somebody sends to us, and what SES says of it.
pub struct Reply {
    /// From, as the header has it.
    pub from: String,
    /// Of the envelope.
    pub to: String,
    /// SES's id.
    pub id: String,
    /// The sender's program's.
    pub message_id: String,
    /// Further headers, each with its line's end.
    pub headers: String,
    /// Content-Type.
    pub kind: String,
    pub body: String,
    /// What is different in the notification, by JSON pointer.
    pub told: Vec<(&'static str, Value)>,
}

impl Reply {
    pub fn new(from: &str, to: &str, body: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            id: "d6iitobk75ur44p8kdnnp7g2n800".to_owned(),
            message_id: "<reply-1@mail.example.com>".to_owned(),
            headers: String::new(),
            kind: "text/plain; charset=utf-8".to_owned(),
            body: body.to_owned(),
            told: Vec::new(),
        }
    }

    pub fn raw(&self) -> String {
        let Self {
            from,
            to,
            message_id,
            headers,
            kind,
            body,
            ..
        } = self;
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: Re: Harbor: four months of runway\r\nMessage-ID: {message_id}\r\n\
             {headers}MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}\r\n"
        )
    }

    pub fn notification(&self) -> Value {
        let mut notification = fixture();
        notification["mail"]["messageId"] = json!(self.id);
        notification["mail"]["source"] = json!("sender@example.com");
        notification["receipt"]["recipients"] = json!([self.to, "office@example.com"]);
        for (pointer, value) in &self.told {
            *notification.pointer_mut(pointer).unwrap() = value.clone();
        }
        notification
    }
}

/// The fixture as it is.
pub fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/received.json")).unwrap()
}

/// What the owner was told, and how often telling is to fail.
#[derive(Default)]
pub struct Owner(pub Mutex<Vec<Notice>>, pub AtomicUsize);

#[async_trait]
impl Notices for Owner {
    async fn tell(&self, notice: &Notice) -> anyhow::Result<()> {
        let fails = self
            .1
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        anyhow::ensure!(fails.is_err(), "SNS answered 500: no code");
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

/// A night whose mails ask for answers, and the inbox for them.
pub struct Answered {
    pub world: World,
    pub owner: Arc<Owner>,
    pub deps: replies::Deps,
}

impl Answered {
    pub async fn night() -> Self {
        let portfolio = EXAMPLE.replacen("[mail]\n", "[mail]\nreply_domain = \"reply.example.com\"\n", 1);
        let world = World::night_of(&portfolio, None).await;
        world.until_quiet().await;
        let (ledger, key) = (world.deps.ledger.clone(), world.deps.rid_key.clone());
        let owner = Arc::<Owner>::default();
        let deps = replies::Deps {
            owner: Some(owner.clone()),
            ..replies::Deps::new(ledger, Objects::memory(), key)
        };
        Self { world, owner, deps }
    }

    /// Where the mail of a document to somebody asks to be answered: the first address of its Reply-To.
    pub async fn address(&self, document: &str, of: &str) -> String {
        let row = self.world.row(document, of).await;
        let raw = self.world.deps.objects.get_checked(&row.mail).await.unwrap();
        let mail = mail_parser::MessageParser::new().parse(&raw).unwrap();
        let answers: Vec<_> = mail
            .reply_to()
            .unwrap()
            .iter()
            .map(|a| a.address().unwrap())
            .collect();
        assert_eq!(answers[1..], ["office@example.com"]);
        answers[0].to_owned()
    }

    /// An answer of the CEO's to the CEO brief.
    pub async fn ceos(&self, body: &str) -> Reply {
        Reply::new(CEO, &self.address("ceo", CEO).await, body)
    }

    /// Puts a mail into the inbox, as SES does before it notifies.
    pub async fn store(&self, reply: &Reply) {
        let key = format!("replies/{}", reply.id);
        self.deps.inbox.replace(&key, reply.raw().into()).await.unwrap();
    }

    /// Stores it and hands its notification over; answers how many records failed.
    pub async fn receive(&self, reply: &Reply) -> usize {
        self.store(reply).await;
        self.told([reply.notification().to_string()]).await
    }

    /// What was forwarded.
    pub fn forwarded(&self) -> Vec<Notice> {
        self.owner.0.lock().unwrap().clone()
    }

    /// Hands bodies over, in one batch; answers how many records failed.
    pub async fn told<T: Into<String>>(&self, bodies: impl IntoIterator<Item = T>) -> usize {
        let message = |(number, body): (usize, T)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("r{number}"));
            message.body = Some(body.into());
            message
        };
        let mut event = SqsEvent::default();
        event.records = bodies.into_iter().enumerate().map(message).collect();
        replies::handle(&self.deps, event).await.batch_item_failures.len()
    }

    pub async fn decisions(&self) -> Vec<LedgerDecision> {
        let portfolio = "harbor".parse().unwrap();
        self.world.ledger.decisions(&portfolio).await.unwrap()
    }

    /// What is on the ledger that no answer may change if it is not believed: but for the quarantine, all.
    pub async fn everything(&self) -> String {
        format!("{} {:?}", self.done().await, self.world.rows().await)
    }

    /// What answers change.
    pub async fn done(&self) -> String {
        let mut lists = Vec::new();
        for address in [CEO, RENTAL, "stranger@example.com"] {
            let key = b"a key of this test";
            let rid = shared::mail::Rid::of(key, &address.parse().unwrap());
            lists.push(self.deps.ledger.suppression(&rid).await.unwrap());
        }
        format!(
            "{:?} {lists:?} {:?}",
            self.decisions().await,
            self.world.audit_events().await
        )
    }

    /// The day of the mails that were not believed.
    pub async fn quarantined(&self) -> Vec<String> {
        let rows = self.world.quarantine().await;
        rows.into_iter().map(|row| row.reason).collect()
    }
}
