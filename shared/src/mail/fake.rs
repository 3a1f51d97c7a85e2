//! A mail service for tests that does what a script says, and tells of it as SES does. Start at [`FakeSes`].
//!
//! It is held to the contract that SES is held to. What real SES does and the script can ask for: throttle at a rate,
//! refuse an address or a content, take a mail and drop the connection, fail with or without having taken it, answer
//! slowly, kill the caller; and events that come late, twice and in any order.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Accepted, Account, MailError, Mailbox, OutgoingMail, Transport, tags};
use crate::clock::Clock;

/// What it does with a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Takes it and says so.
    Accept,
    /// Says so, and has not taken it.
    Refuse(MailError),
    /// Takes it, and says this instead.
    AcceptAnd(MailError),
    /// Takes it, and the caller dies before it hears of that.
    AcceptAndDie,
    /// Takes it and says so after a while.
    Slow(Duration),
}

impl Answer {
    /// Too many a second.
    pub fn throttle() -> Self {
        Self::Refuse(MailError::Throttled("Maximum sending rate exceeded.".to_owned()))
    }
    /// This address or content, for good.
    pub fn reject() -> Self {
        Self::Refuse(MailError::Rejected {
            code: "MessageRejected".to_owned(),
            text: "Address is on nobody's list.".to_owned(),
        })
    }
    /// Nothing goes from this account until somebody acts.
    pub fn account(text: &str) -> Self {
        Self::Refuse(MailError::Account(text.to_owned()))
    }
    /// The connection drops after the request was written; the mail is taken.
    pub fn drop_the_connection() -> Self {
        Self::AcceptAnd(MailError::Ambiguous("connection reset by peer".to_owned()))
    }
    /// A 5xx: the mail is taken, or it is not.
    pub fn server_error(taken: bool) -> Self {
        let error = MailError::Ambiguous("503 Service Unavailable".to_owned());
        if taken {
            Self::AcceptAnd(error)
        } else {
            Self::Refuse(error)
        }
    }
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The id that was, or would have been, answered.
    pub message_id: String,
    /// The recipient of the envelope.
    pub to: Mailbox,
    /// The message tags.
    pub tags: BTreeMap<String, String>,
    /// The message.
    pub raw: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

impl Taken {
    /// A tag's value.
    ///
    /// # Panics
    /// If the mail has not that tag.
    pub fn tag(&self, name: &str) -> &str {
        &self.tags[name]
    }

    /// An event of SES's about it, with the detail that its kind has: `("Send", json!({}))`.
    pub fn event(&self, kind: &str, detail: &Value) -> String {
        let field = match kind {
            "DeliveryDelay" => "deliveryDelay".to_owned(),
            other => other.to_lowercase(),
        };
        let tags: BTreeMap<&String, [&String; 1]> = self.tags.iter().map(|(k, v)| (k, [v])).collect();
        let mut event = json!({
            "eventType": kind,
            "mail": {
                "timestamp": self.at.to_string(),
                "messageId": self.message_id,
                "destination": [self.to.address()],
                "tags": tags,
            },
        });
        event[field] = detail.clone();
        event.to_string()
    }
}

/// The fake.
pub struct FakeSes {
    clock: Arc<dyn Clock>,
    account: Account,
    limit: Option<usize>,
    ids: String,
    /// How the next sends go, one each; after them the rules hold, and after these it accepts.
    pub script: Mutex<VecDeque<Answer>>,
    rules: Mutex<BTreeMap<String, Answer>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: Vec<Taken>,
    /// Sends of the last second.
    recent: VecDeque<Timestamp>,
    calls: usize,
    throttled: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeSes {
    /// Of a production account: 14 a second, 50,000 a day, none used. It enforces no rate.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            account: Account {
                max_send_rate: 14.0,
                daily_quota: Some(50_000.0),
                sent_last_day: 0.0,
            },
            limit: None,
            ids: "0100".to_owned(),
            script: Mutex::default(),
            rules: Mutex::default(),
            state: Mutex::default(),
        }
    }
    /// One that throttles what comes above its rate: more than that many in any second.
    #[must_use]
    pub fn throttling_at(self, a_second: u32) -> Self {
        let account = Account {
            max_send_rate: f64::from(a_second),
            ..self.account
        };
        Self {
            account,
            limit: usize::try_from(a_second).ok(),
            ..self
        }
    }
    /// One whose message ids begin so, where several of them share a ledger.
    #[must_use]
    pub fn with_ids(self, ids: &str) -> Self {
        Self {
            ids: ids.to_owned(),
            ..self
        }
    }
    /// How every send to this recipient goes, unless the script says otherwise.
    pub fn always(&self, to: &Mailbox, answer: Answer) {
        lock(&self.rules).insert(to.normalised(), answer);
    }
    /// How the next sends go, one each.
    pub fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.script).extend(answers);
    }
    /// How often it was asked to send.
    pub fn calls(&self) -> usize {
        lock(&self.state).calls
    }
    /// How often it said that this is too fast.
    pub fn throttled(&self) -> usize {
        lock(&self.state).throttled
    }
    /// The messages that it took, in the order they came.
    pub fn mails(&self) -> Vec<Taken> {
        lock(&self.state).taken.clone()
    }
    /// Document and recipient of each, sorted: `ceo ceo@example.com`.
    pub fn taken(&self) -> Vec<String> {
        let name = |mail: &Taken| format!("{} {}", mail.tag("document"), mail.to.address());
        let mut all: Vec<String> = lock(&self.state).taken.iter().map(name).collect();
        all.sort();
        all
    }

    /// Whether one more within this second is too many.
    fn is_too_fast(&self) -> bool {
        let Some(limit) = self.limit else {
            return false;
        };
        let now = self.clock.now();
        let mut state = lock(&self.state);
        while let Some(oldest) = state.recent.front()
            && now.duration_since(*oldest) >= SignedDuration::from_secs(1)
        {
            state.recent.pop_front();
        }
        if state.recent.len() >= limit {
            state.throttled += 1;
            return true;
        }
        state.recent.push_back(now);
        false
    }

    fn answer(&self, to: &Mailbox) -> Answer {
        lock(&self.state).calls += 1;
        let scripted = lock(&self.script).pop_front();
        let rule = || lock(&self.rules).get(&to.normalised()).cloned();
        scripted.or_else(rule).unwrap_or(Answer::Accept)
    }

    fn take(&self, mail: &OutgoingMail<'_>) -> Accepted {
        let mut state = lock(&self.state);
        let message_id = format!("{}-{}", self.ids, state.taken.len() + 1);
        let tags = mail.tags.iter();
        state.taken.push(Taken {
            message_id: message_id.clone(),
            to: mail.to.clone(),
            tags: tags
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            raw: mail.raw_mime.to_vec(),
            at: self.clock.now(),
        });
        Accepted::under(message_id)
    }
}

#[async_trait]
impl Transport for FakeSes {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        tags::check(mail.tags)?;
        let answer = self.answer(mail.to);
        if self.is_too_fast() {
            return Err(MailError::Throttled("Maximum sending rate exceeded.".to_owned()));
        }
        match answer {
            Answer::Accept => Ok(self.take(&mail)),
            Answer::Refuse(error) => Err(error),
            Answer::AcceptAnd(error) => {
                self.take(&mail);
                Err(error)
            }
            Answer::AcceptAndDie => {
                self.take(&mail);
                panic!("killed after the service took the mail")
            }
            Answer::Slow(time) => {
                let taken = self.take(&mail);
                tokio::time::sleep(time).await;
                Ok(taken)
            }
        }
    }
    async fn account(&self) -> Result<Account, MailError> {
        Ok(self.account)
    }
}
