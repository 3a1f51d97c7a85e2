//! Mail without a mail service: every message becomes an `.eml` file in a folder, and what SES may answer can be
//! scripted. Start at [`Outbox`]. It is held to the contract that SES is held to, and refuses what SES would refuse.

use std::{
    collections::{BTreeMap, VecDeque},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

use super::{Accepted, Account, MailError, Mailbox, OutgoingMail, Transport, tags};
use crate::id::Sha256;

/// What SES v2 takes at most, after encoding.
const MAX_BYTES: usize = 40 * 1024 * 1024;

/// How a send goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// Taken and answered.
    #[default]
    Accept,
    /// Not taken: too many a second.
    Throttle,
    /// Not taken: this recipient or content is refused for good.
    Reject,
    /// Not taken: the daily quota is used up.
    Account,
    /// Taken, and the answer lost on the way.
    AcceptUnanswered,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The id that was, or would have been, answered.
    pub message_id: String,
    /// The recipient of the envelope.
    pub to: Mailbox,
    /// The message tags.
    pub tags: BTreeMap<String, String>,
    /// Its file, if there is a folder.
    pub file: Option<PathBuf>,
    /// The message, if there is no folder.
    pub raw: Option<Bytes>,
}

/// The outbox.
#[derive(Debug, Default)]
pub struct Outbox {
    folder: Option<PathBuf>,
    rate: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Behaviour>,
    rules: BTreeMap<String, Behaviour>,
    calls: usize,
    sent: Vec<Sent>,
    /// How often a name was used, where there is no folder to tell.
    names: BTreeMap<String, u32>,
}

impl Outbox {
    /// In a folder, which is made when the first message comes: `<run>/<document>.<rid>.<epoch>.eml`, from the tags.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: Some(folder.to_owned()),
            ..Self::default()
        }
    }
    /// In memory: messages are in [`Sent::raw`].
    pub fn memory() -> Self {
        Self::default()
    }
    /// With another rate than 14 a second, which is what a new production account has.
    #[must_use]
    pub fn with_rate(self, rate: f64) -> Self {
        Self {
            rate: Some(rate),
            ..self
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the next sends go, one each, in this order; after them the rules hold again.
    pub fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.state().script.extend(behaviours);
    }
    /// How every send to this recipient goes, unless the script says otherwise.
    pub fn always(&self, to: &Mailbox, behaviour: Behaviour) {
        self.state().rules.insert(to.normalised(), behaviour);
    }
    /// How often `send` was called.
    pub fn calls(&self) -> usize {
        self.state().calls
    }
    /// How many messages were taken.
    pub fn sent(&self) -> usize {
        self.state().sent.len()
    }
    /// How many of them for this recipient.
    pub fn sent_to(&self, to: &Mailbox) -> usize {
        let to = to.normalised();
        self.state()
            .sent
            .iter()
            .filter(|mail| mail.to.normalised() == to)
            .count()
    }
    /// The messages that were taken, in the order they came.
    pub fn mails(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    fn behaviour(&self, to: &Mailbox) -> Behaviour {
        let mut state = self.state();
        state.calls += 1;
        let rule = state.rules.get(&to.normalised()).copied();
        state.script.pop_front().or(rule).unwrap_or_default()
    }

    /// Keeps the message; answers its id. The same mail has the same id in every run; sent again, it gets `-2`.
    async fn take(&self, mail: &OutgoingMail<'_>) -> Result<String, std::io::Error> {
        let digest = Sha256::of(mail.raw_mime);
        let id = format!(
            "outbox-{}-{}",
            digest.short(),
            Sha256::of(mail.to.normalised().as_bytes()).short()
        );
        let stem = stem(mail).unwrap_or_else(|| id.clone());
        let (file, count) = match &self.folder {
            Some(folder) => {
                let (file, count) = store(folder, &stem, mail.raw_mime).await?;
                (Some(file), count)
            }
            None => {
                let mut state = self.state();
                let count = state.names.entry(stem).or_default();
                *count += 1;
                (None, *count)
            }
        };
        let message_id = if count == 1 { id } else { format!("{id}-{count}") };
        let raw = file.is_none().then(|| Bytes::copy_from_slice(mail.raw_mime));
        let tags = mail
            .tags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        self.state().sent.push(Sent {
            message_id: message_id.clone(),
            to: mail.to.clone(),
            tags,
            file,
            raw,
        });
        Ok(message_id)
    }
}

/// Where the file lies, below the folder and without its ending; none if the tags do not say.
fn stem(mail: &OutgoingMail<'_>) -> Option<String> {
    let tag = |name| {
        mail.tags
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.as_str())
    };
    Some(format!(
        "{}/{}.{}.{}",
        tag("run")?,
        tag("document")?,
        tag("rid")?,
        tag("epoch")?
    ))
}

/// Writes under the first free name; answers the file and which it was.
async fn store(folder: &Path, stem: &str, raw: &[u8]) -> Result<(PathBuf, u32), std::io::Error> {
    let mut count = 1;
    loop {
        let suffix = if count == 1 {
            String::new()
        } else {
            format!("-{count}")
        };
        let file = folder.join(format!("{stem}{suffix}.eml"));
        if let Some(parent) = file.parent() {
            tokio::fs::create_dir_all(parent).await?;
        }
        match tokio::fs::File::create_new(&file).await {
            Ok(mut open) => {
                open.write_all(raw).await?;
                open.flush().await?;
                return Ok((file, count));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => count += 1,
            Err(error) => return Err(error),
        }
    }
}

/// What SES would not take from anybody.
fn check(mail: &OutgoingMail<'_>) -> Result<(), MailError> {
    let rejected = |text: &str| MailError::Rejected {
        code: "MessageRejected".to_owned(),
        text: text.to_owned(),
    };
    tags::check(mail.tags)?;
    if mail.raw_mime.len() > MAX_BYTES {
        return Err(rejected("the message has more than 40 MiB"));
    }
    let message = mail_parser::MessageParser::default().parse_headers(mail.raw_mime);
    let message = message.ok_or_else(|| rejected("the message is no MIME"))?;
    let from = message
        .from()
        .and_then(|from| from.first())
        .and_then(|from| from.address());
    match from {
        Some(from) if from.eq_ignore_ascii_case(mail.from.address()) => Ok(()),
        Some(_) => Err(rejected("the message's From is not the sender")),
        None => Err(rejected("the message has no From")),
    }
}

#[async_trait]
impl Transport for Outbox {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        let behaviour = self.behaviour(mail.to);
        check(&mail)?;
        match behaviour {
            Behaviour::Throttle => Err(MailError::Throttled("Maximum sending rate exceeded.".to_owned())),
            Behaviour::Account => Err(MailError::Account("Daily message quota exceeded.".to_owned())),
            Behaviour::Reject => Err(MailError::Rejected {
                code: "MessageRejected".to_owned(),
                text: "the recipient is refused".to_owned(),
            }),
            Behaviour::Accept | Behaviour::AcceptUnanswered => {
                // A full disk is nobody's bad address; the file may be there in part, so it is not simply "not sent".
                let taken = self.take(&mail).await;
                let message_id = taken.map_err(|error| MailError::Ambiguous(format!("outbox: {error}")))?;
                if behaviour == Behaviour::AcceptUnanswered {
                    return Err(MailError::Ambiguous(
                        "the connection was reset after the request".to_owned(),
                    ));
                }
                Ok(Accepted::under(message_id))
            }
        }
    }

    async fn account(&self) -> Result<Account, MailError> {
        Ok(Account {
            max_send_rate: self.rate.unwrap_or(14.0),
            daily_quota: None,
            sent_last_day: 0.0,
        })
    }
}

#[cfg(test)]
mod tests;
