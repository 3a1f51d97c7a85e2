//! The mail port: one raw MIME message to one recipient. Retries are the ledger's, never the transport's.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use hmac::{KeyInit, Mac};
use serde::{Deserialize, Serialize};

use crate::id::IdError;

pub mod account_list;
mod address;
pub mod failover;
#[cfg(all(feature = "contract", feature = "embedded"))]
pub mod fake;
#[cfg(feature = "embedded")]
pub mod outbox;
pub mod reply;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(any(feature = "embedded", feature = "ses"))]
mod tags;
pub use address::{AddressError, Mailbox};

/// HMAC-SHA256 of a text, in hex.
///
/// # Panics
/// Never: HMAC takes keys of any length.
fn mac(key: &[u8], text: &[u8]) -> String {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).expect("HMAC takes any key length");
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// A recipient, as logs, keys and the ledger know it: the first 128 bits of HMAC-SHA256(key, normalised address) in
/// hex, or `archive`. Plain SHA-256 of an address would be a look-up table for whoever has a customer list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rid(String);

impl Rid {
    /// The archive copy's.
    pub fn archive() -> Self {
        Self("archive".to_owned())
    }
    /// A recipient's, under the deployment's key.
    pub fn of(key: &[u8], mailbox: &Mailbox) -> Self {
        Self(mac(key, mailbox.normalised().as_bytes())[..32].to_owned())
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl FromStr for Rid {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        let hex = value.len() == 32 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex || value == "archive" {
            return Ok(Self(value.to_owned()));
        }
        Err(IdError {
            kind: "rid",
            value: value.to_owned(),
            reason: "use 32 hex digits, or archive",
        })
    }
}
impl TryFrom<String> for Rid {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}
impl From<Rid> for String {
    fn from(rid: Rid) -> String {
        rid.0
    }
}
impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One send.
#[derive(Debug, Clone)]
pub struct OutgoingMail<'a> {
    /// The verified sender, as in the MIME's From.
    pub from: &'a Mailbox,
    /// The one recipient of the envelope.
    pub to: &'a Mailbox,
    /// The whole message; what is archived is what is sent.
    pub raw_mime: &'a [u8],
    /// SES message tags: names and values of `[A-Za-z0-9_-]`, at most 256 characters. They come back in every event.
    pub tags: &'a [(&'static str, String)],
}

/// What an account may send, as the service says: SES's
/// [`SendQuota`](https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html), which counts recipients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Account {
    /// Recipients a second.
    pub max_send_rate: f64,
    /// Recipients in any 24 hours; none for no limit.
    pub daily_quota: Option<f64>,
    /// Of these, used in the last 24 hours.
    pub sent_last_day: f64,
}

/// What the service answered to a send that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// SES's message id (not the Message-ID header as we wrote it: SES overwrites that).
    pub message_id: String,
    /// Whether it was the fallback, because the first service's account cannot send; see [`failover`].
    pub by_fallback: bool,
}

impl Accepted {
    /// By the service that was asked.
    pub fn under(message_id: impl Into<String>) -> Self {
        Self {
            message_id: message_id.into(),
            by_fallback: false,
        }
    }
}

/// Why a send was not, or may not have been, taken. The variants are the ledger's transitions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Definitely not sent, and may go later: rate throttle, connection refused.
    #[error("not sent, try later: {0}")]
    Throttled(String),
    /// Definitely not sent, and never will be: the address or the content is refused.
    #[error("refused: {code}: {text}")]
    Rejected {
        /// The service's error code.
        code: String,
        /// Its text.
        text: String,
    },
    /// Definitely not sent, and no other will be either until somebody acts: daily quota, paused account, sandbox,
    /// unverified sender.
    #[error("the account cannot send: {0}")]
    Account(String),
    /// May have been sent: timeout after the write, reset, 5xx, unreadable answer. Never to be retried blindly.
    #[error("unknown whether it was sent: {0}")]
    Ambiguous(String),
}

/// Sends mail.
///
/// Contract: one call is at most one message to one recipient; the transport itself never retries. The same mail
/// given twice is sent twice: SES has no idempotency token, so not doing that is the ledger's work. An error is classified
/// as [`MailError`] says, and what cannot be classified is [`MailError::Ambiguous`].
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one message.
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError>;
    /// What the account may send. Sends nothing.
    async fn account(&self) -> Result<Account, MailError>;
}
