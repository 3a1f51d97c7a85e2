//! What an event means, as a table: the state that it reports, and what follows for its recipient. Pure.
//!
//! Bounce types: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-bounce-types>.

use shared::ledger::DeliveryState;

use super::wire::Kind;

/// What an event means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// What it is, in words from this table, e.g. `Bounce Permanent/NoEmail`.
    pub label: String,
    /// The state of the delivery that it reports, if it does.
    pub state: Option<DeliveryState>,
    /// What follows for the recipient.
    pub consequence: Consequence,
    /// Whether this build knows the kind and subtype. One that it does not know suppresses nobody and is counted.
    pub recognised: bool,
}

/// What follows for the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    None,
    /// Nothing is mailed to them any more.
    Suppress,
    /// One more transient bounce; too many of them hold what is mailed to them.
    Count,
    /// Nothing for them: the mail was at fault, so it is ours to mend.
    OurDefect,
}

impl Meaning {
    fn new(label: impl Into<String>, state: Option<DeliveryState>, consequence: Consequence) -> Self {
        Self {
            label: label.into(),
            state,
            consequence,
            recognised: true,
        }
    }
    fn unrecognised(label: String, state: Option<DeliveryState>) -> Self {
        Self {
            recognised: false,
            ..Self::new(label, state, Consequence::None)
        }
    }
    /// What a row says of its state, where that is not a plain one.
    pub fn reason(&self) -> Option<String> {
        let plain = [
            None,
            Some(DeliveryState::Accepted),
            Some(DeliveryState::Delivered),
        ];
        (!plain.contains(&self.state)).then(|| self.label.clone())
    }
}

/// The table.
pub fn classify(kind: &Kind) -> Meaning {
    use Consequence::{None as Nothing, OurDefect, Suppress};
    use DeliveryState::{Accepted, Complained, Delayed, Delivered, Failed};
    match kind {
        Kind::Send => Meaning::new("Send", Some(Accepted), Nothing),
        Kind::Delivery => Meaning::new("Delivery", Some(Delivered), Nothing),
        Kind::DeliveryDelay(why) => {
            Meaning::new(format!("DeliveryDelay {}", word(why)), Some(Delayed), Nothing)
        }
        Kind::Bounce { kind, subkind } => bounce(kind, subkind),
        // "Not spam" takes an earlier verdict back; it is no complaint.
        Kind::Complaint(Some(why)) if why == "not-spam" => Meaning::new("Complaint not-spam", None, Nothing),
        // Whatever the type: somebody does not want these mails.
        Kind::Complaint(why) => {
            let why = why.as_deref().map_or("unspecified", word);
            Meaning::new(format!("Complaint {why}"), Some(Complained), Suppress)
        }
        Kind::Reject => Meaning::new("Reject", Some(Failed), OurDefect),
        Kind::RenderingFailure => Meaning::new("RenderingFailure", Some(Failed), OurDefect),
        Kind::Ignored => Meaning::new("ignored", None, Nothing),
        Kind::Other(name) => Meaning::unrecognised(word(name).to_owned(), None),
    }
}

fn bounce(kind: &str, subkind: &str) -> Meaning {
    let label = format!("Bounce {}/{}", word(kind), word(subkind));
    let state = Some(DeliveryState::Bounced);
    let consequence = match (kind, subkind) {
        ("Permanent", "General" | "NoEmail") => Consequence::Suppress,
        // Of a list of SES's own, or its check of addresses: it has sent nothing, and will not send the next one either.
        (
            "Permanent",
            "Suppressed"
            | "OnAccountSuppressionList"
            | "OnTenantSuppressionList"
            | "EmailValidationSuppressed",
        ) => Consequence::Suppress,
        ("Transient", "General" | "MailboxFull" | "CustomTimeoutExceeded") => Consequence::Count,
        ("Transient", "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Consequence::OurDefect,
        ("Undetermined", _) => Consequence::None,
        _ => return Meaning::unrecognised(label, state),
    };
    Meaning::new(label, state, consequence)
}

/// A word of SES's as it may stand on a row and in a log: the sender of a forged event could have written anything.
fn word(text: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ' ';
    if (1..=40).contains(&text.len()) && text.chars().all(plain) {
        text
    } else {
        "unreadable"
    }
}

#[cfg(test)]
mod tests;
