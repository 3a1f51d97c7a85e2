//! A body of the events queue, read. Pure; start at [`read`].
//!
//! Field lists: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html> (event
//! publishing, `eventType`) and <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html> (feedback of an
//! identity, `notificationType`). SES reserves the right to add fields, so unknown ones are ignored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use shared::{ledger::feedback::FeedbackId, mail::Mailbox};

/// A body.
#[derive(Debug)]
pub enum Body {
    /// An event.
    Event(Box<Event>),
    /// What SES and SNS say of themselves when they are set up.
    Nothing(&'static str),
}

/// An event, with nothing believed yet. Its texts are the sender's; `Debug` shows no address.
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub id: FeedbackId,
    /// SES's id of the mail.
    pub message_id: String,
    /// When it happened, where it says so.
    pub at: Option<Timestamp>,
    /// Message tags, one value each: ours, and SES's own.
    pub tags: BTreeMap<String, String>,
    /// Whom it is about. What is no address is left out.
    pub recipients: Vec<Mailbox>,
    /// What happened.
    pub kind: Kind,
}

/// What happened, in SES's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// SES took the mail.
    Send,
    /// The recipient's server took it.
    Delivery,
    /// Not yet; with the type of the delay.
    DeliveryDelay(String),
    /// It came back.
    Bounce {
        /// `Permanent`, `Transient`, `Undetermined`.
        kind: String,
        /// E.g. `NoEmail`.
        subkind: String,
    },
    /// The recipient complained; with the type of the feedback, where there is one.
    Complaint(Option<String>),
    /// SES took the mail and then found it harmful.
    Reject,
    /// A template of SES's could not be filled in. We use none.
    RenderingFailure,
    /// Opened, clicked, changed a subscription: nobody asked.
    Ignored,
    /// None of these.
    Other(String),
}

/// Why a body is no event: the record fails and ends in the DLQ. The body's own text is not in it, because it may be
/// anything.
#[derive(Debug, thiserror::Error)]
#[error("the body is no {expected}: {path} cannot be read (line {line}, column {column})")]
pub struct WireError {
    expected: &'static str,
    path: String,
    line: usize,
    column: usize,
}

/// Reads a body: an event, or an SNS notification with one in it.
///
/// # Errors
/// [`WireError`] for what is neither.
pub fn read(body: &str) -> Result<Body, WireError> {
    let body = body.trim();
    if body.starts_with(VALIDATED) {
        return Ok(Body::Nothing("SES has checked its topic"));
    }
    let outer: Outer = json("SNS notification or SES event", body)?;
    match (outer.sns, outer.message) {
        (Some(sns), Some(message)) if sns == "Notification" => read_event(&message),
        _ => read_event(body),
    }
}

/// What SES publishes, as plain text, when a topic becomes an event destination.
pub(crate) const VALIDATED: &str = "Successfully validated SNS topic for Amazon SES";
/// The same for an identity's feedback.
const SUBSCRIBED: &str = "AmazonSnsSubscriptionSucceeded";

fn read_event(text: &str) -> Result<Body, WireError> {
    if text.starts_with(VALIDATED) {
        return Ok(Body::Nothing("SES has checked its topic"));
    }
    let expected = "SES event";
    let head: Head = json(expected, text)?;
    let Some(name) = head.event_type.or(head.notification_type) else {
        return Err(WireError::of(expected, "eventType"));
    };
    if name == SUBSCRIBED {
        return Ok(Body::Nothing("SES has subscribed a topic"));
    }
    let wire: Wire = json(expected, text)?;
    event(&name, wire).map(|event| Body::Event(Box::new(event)))
}

fn event(name: &str, wire: Wire) -> Result<Event, WireError> {
    let missing = |part: &'static str| move || WireError::of("SES event", part);
    let mail = wire.mail;
    let everybody = mail.destination;
    let (kind, at, recipients, feedback_id) = match name {
        "Send" => (Kind::Send, mail.timestamp, everybody, None),
        "Delivery" => {
            let delivery = wire.delivery.ok_or_else(missing("delivery"))?;
            (Kind::Delivery, delivery.timestamp, delivery.recipients, None)
        }
        "DeliveryDelay" => {
            let delay = wire.delivery_delay.ok_or_else(missing("deliveryDelay"))?;
            let kind = Kind::DeliveryDelay(delay.delay_type.unwrap_or_default());
            (kind, delay.timestamp, addresses(delay.delayed_recipients), None)
        }
        "Bounce" => {
            let bounce = wire.bounce.ok_or_else(missing("bounce"))?;
            let kind = Kind::Bounce {
                kind: bounce.bounce_type,
                subkind: bounce.bounce_sub_type.unwrap_or_default(),
            };
            (
                kind,
                bounce.timestamp,
                addresses(bounce.bounced_recipients),
                Some(bounce.feedback_id),
            )
        }
        "Complaint" => {
            let complaint = wire.complaint.ok_or_else(missing("complaint"))?;
            let kind = Kind::Complaint(complaint.complaint_feedback_type);
            let recipients = addresses(complaint.complained_recipients);
            (kind, complaint.timestamp, recipients, Some(complaint.feedback_id))
        }
        "Reject" => (Kind::Reject, mail.timestamp, everybody, None),
        "Rendering Failure" => (Kind::RenderingFailure, mail.timestamp, everybody, None),
        "Open" | "Click" | "Subscription" => (Kind::Ignored, mail.timestamp, everybody, None),
        other => (Kind::Other(other.to_owned()), mail.timestamp, everybody, None),
    };
    let id = feedback_id.unwrap_or_else(|| {
        // A delay may be told several times, each with its time; of the others there is one a mail.
        let time = at.filter(|_| matches!(kind, Kind::DeliveryDelay(_)));
        let time = time.map_or_else(String::new, |at| format!(".{}", at.as_millisecond()));
        format!("{}.{}{time}", mail.message_id, name.replace(' ', ""))
    });
    let first = |(name, values): (String, Vec<String>)| Some((name, values.into_iter().next()?));
    Ok(Event {
        id: FeedbackId::of(&id),
        message_id: mail.message_id,
        at,
        tags: mail.tags.into_iter().filter_map(first).collect(),
        recipients: recipients.iter().filter_map(|text| text.parse().ok()).collect(),
        kind,
    })
}

fn addresses(recipients: Vec<Recipient>) -> Vec<String> {
    recipients
        .into_iter()
        .map(|recipient| recipient.email_address)
        .collect()
}

/// Reads a text, or says where it is not what is expected.
pub(crate) fn json<T: DeserializeOwned>(expected: &'static str, text: &str) -> Result<T, WireError> {
    let mut de = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut de).map_err(|error| {
        // The path has the names of tags, which are the sender's; the error's own text has values and is left out.
        let path = crate::attempt::redact(&error.path().to_string());
        WireError::at(expected, path, error.inner())
    })?;
    de.end()
        .map_err(|error| WireError::at(expected, "its end".to_owned(), &error))?;
    Ok(value)
}

impl WireError {
    fn at(expected: &'static str, path: String, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self {
            expected,
            path,
            line,
            column,
        }
    }
    pub(crate) fn of(expected: &'static str, path: &str) -> Self {
        Self {
            expected,
            path: path.to_owned(),
            line: 0,
            column: 0,
        }
    }
}

/// The notification around an event, where the subscription has no raw delivery.
#[derive(Deserialize)]
pub(crate) struct Outer {
    #[serde(rename = "Type")]
    pub(crate) sns: Option<String>,
    #[serde(rename = "Message")]
    pub(crate) message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    event_type: Option<String>,
    notification_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    mail: Mail,
    delivery: Option<Delivery>,
    delivery_delay: Option<DeliveryDelay>,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    timestamp: Option<Timestamp>,
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    timestamp: Option<Timestamp>,
    #[serde(default)]
    recipients: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryDelay {
    timestamp: Option<Timestamp>,
    delay_type: Option<String>,
    #[serde(default)]
    delayed_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounce_sub_type: Option<String>,
    timestamp: Option<Timestamp>,
    feedback_id: String,
    #[serde(default)]
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
    timestamp: Option<Timestamp>,
    feedback_id: String,
    #[serde(default)]
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}
