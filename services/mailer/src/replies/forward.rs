//! What an answer could not do goes to the report's owner: a notice with the words of the mail, on the topic that tells of
//! everything else that needs a person. Start at [`forward`]; [`words`] is what it says, purely.
//!
//! Not as mail: this function reads what strangers write and has no leave to send. Once a mail where that is believed. Where
//! not, once a day for each recipient whose mail it answers, so that nobody who got hold of old reports can make a flood; and
//! without its words where SES calls it spam or a virus, which then are counted by themselves. Who dies between telling and
//! noting it tells once more, and so do two at the same moment.

use anyhow::Context;
use shared::{
    ledger::{
        DeliveryKey, Ledger,
        feedback::{FeedbackId, FeedbackRow},
    },
    notice::Notices,
};

use super::{
    mail::Mail,
    sender::{self, Disbelief},
    wire::Received,
};

mod words;

/// What became of a mail that is forwarded.
#[derive(Debug, Clone, Copy)]
pub enum Undone<'a> {
    /// Its sender is proven: what of it was done, in lines, and why the rest was not.
    NotUnderstood {
        /// Which mail.
        name: &'a str,
        /// Each command.
        done: &'a [String],
        /// Of the rest.
        why: &'a str,
    },
    /// Nothing was done.
    NotBelieved(Disbelief),
}

/// Tells the owner of a mail that answers this delivery, once.
///
/// # Errors
/// The ledger's and the notice's.
pub async fn forward(
    notices: &dyn Notices,
    ledger: &dyn Ledger,
    received: &Received,
    mail: Option<&Mail>,
    delivery: &DeliveryKey,
    undone: Undone<'_>,
) -> anyhow::Result<()> {
    let id = id(received, delivery, undone);
    let told = ledger.feedback(&id).await;
    if told.context("failed to look whether it was forwarded")?.is_some() {
        tracing::info!("reply not forwarded: once is enough");
        return Ok(());
    }
    let notice = words::notice(received, mail, delivery, undone);
    notices
        .tell(&notice)
        .await
        .context("failed to forward the mail to the owner")?;
    let row = FeedbackRow {
        id,
        delivery: delivery.clone(),
        kind: "Reply forwarded".to_owned(),
        at: received.at,
        handled_at: received.at,
    };
    let noted = ledger.record_feedback(&row).await;
    noted.context("failed to note that it was forwarded")?;
    tracing::warn!("reply forwarded to the owner");
    Ok(())
}

/// Of a mail that is believed, its own; of others, that of the recipient and the day (UTC), with words or without.
fn id(received: &Received, delivery: &DeliveryKey, undone: Undone<'_>) -> FeedbackId {
    match undone {
        Undone::NotUnderstood { name, .. } => FeedbackId::of(&format!("{name}/forward")),
        Undone::NotBelieved(_) => {
            let (portfolio, rid) = (delivery.run.portfolio(), &delivery.rid);
            let day = received.at.strftime("%F");
            let kind = if sender::harmless(&received.verdicts).is_ok() {
                "words"
            } else {
                "none"
            };
            FeedbackId::of(&format!("reply:{portfolio}/{rid}/{day}/{kind}/forward"))
        }
    }
}
