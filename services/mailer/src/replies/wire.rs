//! A body of the replies queue, read: SES's notification of a mail that it received and stored. Pure; start at [`read`].
//!
//! Field list: <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>. Of the mail's own
//! headers, which the notification repeats, nothing is read here.

use jiff::Timestamp;
use serde::Deserialize;
use shared::mail::Mailbox;

use super::PREFIX;
use crate::events::wire::{Outer, VALIDATED, WireError, json};

/// A body.
#[derive(Debug)]
pub enum Body {
    /// A mail that was received.
    Mail(Box<Received>),
    /// What SES says of itself when it is set up.
    Nothing(&'static str),
}

/// A mail that SES received, and what SES says of it. `Debug` shows no address.
#[derive(Debug, Clone)]
pub struct Received {
    /// SES's id: the name of its object, too.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// Whom it was to, by the envelope; those of them that are ours, or may be. What is no address is left out.
    pub recipients: Vec<Mailbox>,
    /// Whether the envelope has no sender: a bounce.
    pub is_bounce: bool,
    /// SES's word on it.
    pub verdicts: Verdicts,
}

impl Received {
    /// Where the raw mail is, in the inbox.
    pub fn object(&self) -> String {
        format!("{PREFIX}/{}", self.id)
    }
}

/// SES's verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdicts {
    /// Whether SPF or DKIM vouch for the domain of From, as the domain's DMARC record asks.
    pub dmarc: Verdict,
    /// Whether it is no spam.
    pub spam: Verdict,
    /// Whether it has no virus.
    pub virus: Verdict,
}

impl Verdicts {
    /// All well, on the word of an operator.
    pub const VOUCHED: Self = Self {
        dmarc: Verdict::Pass,
        spam: Verdict::Pass,
        virus: Verdict::Pass,
    };
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Passed.
    Pass,
    /// Failed.
    Fail,
    /// The check says neither; of DMARC, the domain has no record.
    Gray,
    /// Not checked, or the check failed.
    Unknown,
}

impl Verdict {
    /// In a line for the operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Fail => "failed",
            Self::Gray => "gave no answer",
            Self::Unknown => "was not made",
        }
    }
}

/// Reads a body: a notification, or an SNS notification with one in it.
///
/// # Errors
/// [`WireError`] for what is neither.
pub fn read(body: &str) -> Result<Body, WireError> {
    let body = body.trim();
    if body.starts_with(VALIDATED) {
        return Ok(Body::Nothing("SES has checked its topic"));
    }
    let outer: Outer = json("SNS or SES notification", body)?;
    match (outer.sns, outer.message) {
        (Some(sns), Some(message)) if sns == "Notification" => read_received(&message),
        _ => read_received(body),
    }
}

const EXPECTED: &str = "SES notification of a received mail";

fn read_received(text: &str) -> Result<Body, WireError> {
    if text.starts_with(VALIDATED) {
        return Ok(Body::Nothing("SES has checked its topic"));
    }
    let wire: Wire = json(EXPECTED, text)?;
    if wire.notification_type != "Received" {
        return Err(WireError::of(EXPECTED, "notificationType"));
    }
    let (mail, receipt) = (wire.mail, wire.receipt);
    // It becomes a key.
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let id = mail.message_id;
    if !(1..=100).contains(&id.len()) || !id.chars().all(plain) {
        return Err(WireError::of(EXPECTED, "mail.messageId"));
    }
    let source = mail.source.unwrap_or_default();
    Ok(Body::Mail(Box::new(Received {
        id,
        at: mail.timestamp,
        recipients: receipt
            .recipients
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        is_bounce: source.trim_matches(['<', '>', ' ']).is_empty(),
        verdicts: Verdicts {
            dmarc: verdict(receipt.dmarc_verdict),
            spam: verdict(receipt.spam_verdict),
            virus: verdict(receipt.virus_verdict),
        },
    })))
}

fn verdict(status: Option<Status>) -> Verdict {
    match status.as_ref().map(|status| status.status.as_str()) {
        Some("PASS") => Verdict::Pass,
        Some("FAIL") => Verdict::Fail,
        Some("GRAY") => Verdict::Gray,
        // PROCESSING_FAILED, DISABLED, whatever is new, and none.
        _ => Verdict::Unknown,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    notification_type: String,
    mail: Mail,
    receipt: Receipt,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: Timestamp,
    message_id: String,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    recipients: Vec<String>,
    spam_verdict: Option<Status>,
    virus_verdict: Option<Status>,
    dmarc_verdict: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}
