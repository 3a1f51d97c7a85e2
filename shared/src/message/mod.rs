//! The envelope: the one shape of every message on every queue. Start at [`Envelope::parse`]. What begins a night is
//! smaller, a [`Start`]: the schedule that sends it knows no more.
//!
//! At most 4 KiB, no personal data, inputs by reference. Unknown extra fields are ignored; an unknown version, or a
//! type that is not the queue's, fails the record (it ends in the DLQ, never deleted silently).

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{BusinessDate, DocumentId, Generation, MailEpoch, PartId, RunId, Sha256},
    queue::Stage,
};

mod night;
mod start;
pub use night::{Night, carry_on};
pub use start::{Start, StartType, ToCollect};

/// The only envelope version there is.
pub const VERSION: u32 = 1;
/// The largest body that is sent or accepted, in bytes.
pub const MAX_BYTES: usize = 4096;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Task {
    /// Collector: plan the parts of a run and send them.
    Plan,
    /// Collector: collect one part.
    Part {
        /// Which.
        part: PartId,
    },
    /// Analyzer: the parts are complete, or as complete as they get.
    Analyze,
    /// Renderer: make one document.
    Render {
        /// Which.
        document: DocumentId,
    },
    /// Mailer: write the deliveries of one document on the ledger and send one message for each.
    Mail {
        /// Which.
        document: DocumentId,
    },
    /// Mailer: one delivery.
    Deliver {
        /// Which document.
        document: DocumentId,
        /// To whom: an HMAC, or `archive`.
        rid: crate::mail::Rid,
    },
}

impl Task {
    /// The queue that takes it.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Plan | Self::Part { .. } => Stage::Collect,
            Self::Analyze => Stage::Analyze,
            Self::Render { .. } => Stage::Render,
            Self::Mail { .. } | Self::Deliver { .. } => Stage::Mail,
        }
    }
}

/// A reference to an object that the task reads; the digest is checked after reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Object key.
    pub key: String,
    /// Digest of the bytes.
    pub sha256: Sha256,
    /// Their number.
    pub bytes: u64,
}

/// Who started the chain that this message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The nightly schedule.
    Schedule,
    /// The stage before.
    Stage,
    /// An operator, through the command.
    Requeue,
    /// A redrive of the DLQ.
    Redrive,
    /// The sweeper.
    Sweeper,
}

/// Why the message was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What kind of cause.
    pub origin: Origin,
    /// A service or an operator's role; never an address.
    pub by: String,
    /// In words.
    pub reason: String,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// [`VERSION`].
    pub v: u32,
    /// What is asked for.
    #[serde(flatten)]
    pub task: Task,
    /// For which run.
    pub run: RunId,
    /// In which generation.
    #[serde(rename = "gen")]
    pub generation: Generation,
    /// Under which permission to mail.
    pub mail_epoch: MailEpoch,
    /// The work item's name; recomputed and compared on arrival.
    pub key: String,
    /// What to read: the portfolio bundle for plan, part and mail; `analysis.json` for render; …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input: Option<Input>,
    /// The documents to make, where it is not all of the portfolio's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub only: Option<BTreeSet<DocumentId>>,
    /// The portfolio bundle (configuration, catalog, templates) as of the plan.
    pub portfolio: Input,
    /// The day reported on.
    pub business_date: BusinessDate,
    /// IANA zone of the portfolio.
    pub tz: String,
    /// The scheduled time: the "as of" of every document, so that a late run says the same as a punctual one.
    pub scheduled_at: Timestamp,
    /// Nothing is mailed after this.
    pub not_after: Timestamp,
    /// When this message was made.
    pub issued_at: Timestamp,
    /// Why.
    pub cause: Cause,
}

/// Why a body is not a message for this queue. Every variant ends in the DLQ.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// More than [`MAX_BYTES`].
    #[error("body has {0} bytes, more than {MAX_BYTES}")]
    TooLarge(usize),
    /// Not JSON, or a field is missing or malformed.
    #[error("body is no envelope: {path}: {source}")]
    Malformed {
        /// Where in the JSON.
        path: String,
        /// What is wrong there.
        source: serde_json::Error,
    },
    /// From a newer or a foreign sender.
    #[error("envelope version {0} is unknown; this build reads version {VERSION}")]
    Version(u32),
    /// A render message on the mail queue, say.
    #[error("a message for {found} came to the {expected} queue")]
    WrongQueue {
        /// The queue it came from.
        expected: Stage,
        /// The queue of its type.
        found: Stage,
    },
    /// Somebody changed a field and not the key, or the other way round.
    #[error("key {found:?} does not match the message, whose key is {expected:?}")]
    Key {
        /// What the fields say.
        expected: String,
        /// What the message says.
        found: String,
    },
}

impl Envelope {
    /// Reads and checks a body that came from the queue of `stage`.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    pub fn parse(stage: Stage, body: &str) -> Result<Self, EnvelopeError> {
        check(body)?;
        let envelope: Self = read(body)?;
        let found = envelope.task.stage();
        if found != stage {
            return Err(EnvelopeError::WrongQueue {
                expected: stage,
                found,
            });
        }
        let expected = envelope.computed_key();
        if expected != envelope.key {
            return Err(EnvelopeError::Key {
                expected,
                found: envelope.key,
            });
        }
        Ok(envelope)
    }

    /// The follow-up message of this one: same run, counters, portfolio and dates; another task, input and cause.
    #[must_use]
    pub fn follow(&self, task: Task, input: Option<Input>, by: &str, reason: &str, now: Timestamp) -> Self {
        let mut next = Self {
            task,
            input,
            issued_at: now,
            cause: Cause {
                origin: Origin::Stage,
                by: by.to_owned(),
                reason: reason.to_owned(),
            },
            ..self.clone()
        };
        next.key = next.computed_key();
        next
    }

    /// The work item's name, from the fields.
    pub fn computed_key(&self) -> String {
        KeyOf(self).to_string()
    }

    /// As sent.
    ///
    /// # Panics
    /// Never: all fields serialise.
    pub fn to_body(&self) -> String {
        serde_json::to_string(self).expect("an envelope has string keys only")
    }
}

/// Size and version. The version is read first: a newer message may have fields that this build cannot read.
fn check(body: &str) -> Result<(), EnvelopeError> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    if body.len() > MAX_BYTES {
        return Err(EnvelopeError::TooLarge(body.len()));
    }
    let Versioned { v } = serde_json::from_str(body).map_err(|source| EnvelopeError::Malformed {
        path: "v".to_owned(),
        source,
    })?;
    if v == VERSION {
        Ok(())
    } else {
        Err(EnvelopeError::Version(v))
    }
}

/// Reads a body of any shape, naming the place where it is not of that shape.
fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, EnvelopeError> {
    let de = &mut serde_json::Deserializer::from_str(body);
    serde_path_to_error::deserialize(de).map_err(|e| EnvelopeError::Malformed {
        path: e.path().to_string(),
        source: e.into_inner(),
    })
}

struct KeyOf<'a>(&'a Envelope);

impl fmt::Display for KeyOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Envelope {
            run,
            task,
            generation,
            mail_epoch,
            ..
        } = self.0;
        match task {
            Task::Plan => write!(f, "{run}/plan@{generation}"),
            Task::Part { part } => write!(f, "{run}/part/{part}@{generation}"),
            Task::Analyze => write!(f, "{run}/analyze@{generation}"),
            Task::Render { document } => write!(f, "{run}/render/{document}@{generation}"),
            Task::Mail { document } => write!(f, "{run}/mail/{document}@{generation}.{mail_epoch}"),
            Task::Deliver { document, rid } => {
                write!(f, "{run}/deliver/{document}/{rid}@{generation}.{mail_epoch}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample;
