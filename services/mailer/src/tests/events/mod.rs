//! SES's events over a night that was mailed. The fixtures are written from the field lists of SES's documentation (see
//! [`crate::events::wire`]), one of every kind; [`of`] makes one be of a delivery.

use serde_json::{Value, json};
use shared::ledger::DeliveryRow;

use super::world::World;
use crate::attempt;

mod applied;
mod forged;
mod orders;

macro_rules! fixtures {
    ($($name:ident),+ $(,)?) => {
        /// All of them, by name.
        pub const FIXTURES: &[(&str, &str)] =
            &[$((stringify!($name), include_str!(concat!("fixtures/", stringify!($name), ".json")))),+];
    };
}
fixtures!(
    send,
    delivery,
    delivery_delay,
    bounce,
    bounce_notification,
    bounce_transient,
    bounce_undetermined,
    complaint,
    complaint_several,
    complaint_not_spam,
    complaint_on_suppression_list,
    reject,
    rendering_failure,
    open,
    click,
    subscription,
);

/// A fixture as it is.
pub fn fixture(name: &str) -> Value {
    let (_, text) = FIXTURES.iter().find(|(fixture, _)| *fixture == name).unwrap();
    serde_json::from_str(text).unwrap()
}

/// A fixture about a delivery, to this address, under the id that the service gave the mail.
pub fn of(name: &str, row: &DeliveryRow, address: &str) -> Value {
    let mut event = fixture(name);
    for (tag, value) in attempt::tags(&row.key, row.attempt) {
        event["mail"]["tags"][tag] = json!([value]);
    }
    if let Some(id) = &row.message_id {
        event["mail"]["messageId"] = json!(id);
    }
    let text = event.to_string().replace("recipient@example.com", address);
    serde_json::from_str(&text).unwrap()
}

/// As SNS delivers it to a queue without raw message delivery.
pub fn wrapped(event: &Value) -> String {
    let notification = json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:quarterdeck-test-mail-events",
        "Subject": "Amazon SES Email Event Notification",
        "Message": event.to_string(),
        "Timestamp": "2026-11-21T10:31:10.000Z",
        "SignatureVersion": "1",
        "Signature": "c2lnbmF0dXJl",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/cert.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    });
    notification.to_string()
}

/// A night that was mailed whole.
pub async fn mailed() -> World {
    let world = World::night(None).await;
    world.until_quiet().await;
    world
}

pub const CEO: &str = "ceo@example.com";
