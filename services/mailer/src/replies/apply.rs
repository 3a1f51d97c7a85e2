//! Does what an answer asks for. Start at [`apply`].
//!
//! Each step may be repeated without changing anything: a decision is stored once under a name that is made of the sender
//! and the mail's own Message-ID, so the same mail that comes twice, or by two ways, is one, and so is that somebody was
//! unsubscribed; times are SES's. A death between any two steps costs a redelivery.

use anyhow::Context;
use jiff::civil::Date;
use secrecy::ExposeSecret;
use shared::{
    id::Sha256,
    ledger::{
        AuditEntry, DecidedBy, DeliveryKey, LedgerDecision,
        feedback::{FeedbackId, FeedbackRow, Quarantined, Suppression, Verdict},
    },
    mail::reply::ReplyClaim,
    metrics::{self, Metric},
    portfolio::{Decision, zone},
};

use super::{
    Deps,
    command::{self, Answer, Command, Wrong},
    forward::{Undone, forward},
    mail::{self, Mail},
    matching,
    sender::{self, Disbelief},
    wire::Received,
};

/// What became of a mail.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No person wrote it; nothing was done.
    Automatic(&'static str),
    /// Not believed; nothing was done, and a row says so.
    Quarantined(Disbelief),
    /// Read.
    Read(Read),
}

/// What was read, and done.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    /// Which delivery was answered.
    pub delivery: DeliveryKey,
    /// What was asked for. All of it was done, now or when the mail came first.
    pub commands: Vec<Command>,
    /// How much of it is new.
    pub new: usize,
    /// What was not understood; a line of the run's audit says so.
    pub wrong: Vec<Wrong>,
}

/// Handles a mail.
///
/// # Errors
/// The ledger's and the inbox's: the message then comes back.
pub async fn apply(deps: &Deps, received: &Received) -> anyhow::Result<Outcome> {
    let claims = match matching::claims(&received.recipients) {
        Ok(claims) => claims,
        Err(disbelief) => {
            let claims = matching::all_claims(&received.recipients);
            return quarantine(deps, received, &claims, None, disbelief).await;
        }
    };
    let raw = deps.inbox.get_first(&received.object(), mail::MAX_BYTES).await;
    let Some(mail) = mail::read(&raw.context("failed to read the mail")?) else {
        return quarantine(deps, received, &claims, None, Disbelief::NoMail).await;
    };
    let automatic = received.is_bounce.then_some("it is a bounce").or(mail.automatic);
    if let Some(why) = automatic {
        tracing::info!(why, "automatic mail, nothing done");
        return Ok(Outcome::Automatic(why));
    }
    let (delivery, today) = match believed(deps, received, &claims, &mail).await? {
        Ok(believed) => believed,
        Err(disbelief) => return quarantine(deps, received, &claims, Some(&mail), disbelief).await,
    };
    describe(&delivery);
    let answer = command::read(mail.text.as_deref().unwrap_or_default(), today);
    carry_out(deps, received, &mail, delivery, answer)
        .await
        .map(Outcome::Read)
}

/// The delivery that is answered and the day on which it is, in the portfolio's zone; or why that is not believed.
async fn believed(
    deps: &Deps,
    received: &Received,
    claims: &[ReplyClaim],
    mail: &Mail,
) -> anyhow::Result<Result<(DeliveryKey, Date), Disbelief>> {
    let key = deps.rid_key.expose_secret().as_bytes();
    let rid = match sender::proven(&received.verdicts).and_then(|()| sender::rid(mail, key)) {
        Ok(rid) => rid,
        Err(disbelief) => return Ok(Err(disbelief)),
    };
    let delivery = match matching::delivery(&*deps.ledger, claims, &rid, key).await? {
        Ok(delivery) => delivery,
        Err(disbelief) => return Ok(Err(disbelief)),
    };
    let run = deps
        .ledger
        .run(&delivery.run)
        .await
        .context("failed to read the run")?;
    let run = run.with_context(|| format!("run {} was never planned", delivery.run))?;
    let zone = zone(&run.plan.tz).context("the run's time zone is not known")?;
    let today = received.at.to_zoned(zone).date();
    Ok(matching::still_answered(&delivery, today).map(|()| (delivery, today)))
}

/// Fills in the record's span.
fn describe(delivery: &DeliveryKey) {
    let span = tracing::Span::current();
    span.record("run", tracing::field::display(&delivery.run));
    span.record("document", delivery.document.as_str());
    span.record("rid", delivery.rid.as_str());
}

async fn carry_out(
    deps: &Deps,
    received: &Received,
    mail: &Mail,
    delivery: DeliveryKey,
    answer: Answer,
) -> anyhow::Result<Read> {
    let name = name(received, mail, &delivery);
    let mut new = 0;
    for (number, command) in answer.commands.iter().enumerate() {
        // Two digits, so that the order of the names is that of the lines.
        let id = format!("{name}/{number:02}");
        let is_new = match command {
            Command::Decide(decision) => decide(deps, received, &delivery, id, decision).await?,
            Command::Unsubscribe => unsubscribe(deps, received, &delivery, &FeedbackId::of(&id)).await?,
        };
        new += usize::from(is_new);
        let detail = format!("{command} {}", by(&delivery));
        audit(deps, received, &delivery, "reply", detail).await?;
        if is_new {
            metrics::count(delivery.run.portfolio(), Metric::RepliesApplied);
        }
    }
    note(deps, received, mail, &delivery, &answer, &name).await?;
    tracing::info!(
        commands = answer.commands.len(),
        new,
        wrong = answer.wrong.len(),
        "reply read"
    );
    Ok(Read {
        delivery,
        commands: answer.commands,
        new,
        wrong: answer.wrong,
    })
}

/// Of the mail, by its sender: the Message-ID that the sender's program gave it, or else SES's id. With the sender in it,
/// nobody can take a name that another's mail is going to have.
fn name(received: &Received, mail: &Mail, delivery: &DeliveryKey) -> String {
    let id = mail.message_id.as_deref().unwrap_or(&received.id);
    let digest = Sha256::of(format!("{}\n{id}", delivery.rid).as_bytes());
    format!("reply:{}", &digest.as_str()[..32])
}

async fn decide(
    deps: &Deps,
    received: &Received,
    delivery: &DeliveryKey,
    id: String,
    decision: &Decision,
) -> anyhow::Result<bool> {
    let decision = LedgerDecision {
        id,
        portfolio: delivery.run.portfolio().clone(),
        decision: decision.clone(),
        by: DecidedBy::Recipient(delivery.rid.clone()),
        at: received.at,
    };
    deps.ledger
        .decide(&decision)
        .await
        .context("failed to store the decision")
}

/// From all reports of the deployment: the list knows people, not reports. Once a mail: an operator may have taken them off
/// the list again when it comes once more. Answers whether they were not on it.
async fn unsubscribe(
    deps: &Deps,
    received: &Received,
    delivery: &DeliveryKey,
    id: &FeedbackId,
) -> anyhow::Result<bool> {
    let done = deps.ledger.feedback(id).await;
    if done.context("failed to look for the command")?.is_some() {
        return Ok(false);
    }
    let suppression = Suppression {
        verdict: Verdict::Suppress,
        reason: "asked to be unsubscribed".to_owned(),
        since: received.at,
    };
    let before = deps.ledger.suppression(&delivery.rid).await;
    let before = before.context("failed to read the suppression list")?;
    let done = deps.ledger.suppress(&delivery.rid, &suppression).await;
    done.context("failed to unsubscribe the recipient")?;
    let row = FeedbackRow {
        id: id.clone(),
        delivery: delivery.clone(),
        kind: "Reply unsubscribe".to_owned(),
        at: received.at,
        handled_at: received.at,
    };
    // Last: what is stored is never done again.
    let stored = deps.ledger.record_feedback(&row).await;
    stored.context("failed to store the command")?;
    Ok(before.is_none_or(|before| before.verdict != Verdict::Suppress))
}

fn by(delivery: &DeliveryKey) -> String {
    format!("by {}, who answered document {}", delivery.rid, delivery.document)
}

/// Keeps and forwards what was not understood.
async fn note(
    deps: &Deps,
    received: &Received,
    mail: &Mail,
    delivery: &DeliveryKey,
    answer: &Answer,
    name: &str,
) -> anyhow::Result<()> {
    let what = if !answer.wrong.is_empty() {
        let lines = answer
            .wrong
            .iter()
            .map(|wrong| format!("line {} {}", wrong.line, wrong.why));
        lines.collect::<Vec<_>>().join("; ")
    } else if !answer.commands.is_empty() {
        return Ok(());
    } else if mail.text.is_none() {
        "it has no plain text".to_owned()
    } else {
        "it asks for nothing that is known".to_owned()
    };
    let detail = format!("{what}; {}; the mail is {}", by(delivery), received.object());
    audit(deps, received, delivery, "reply_not_understood", detail).await?;
    tracing::warn!(
        id = received.id,
        wrong = answer.wrong.len(),
        "reply not understood"
    );
    metrics::count(delivery.run.portfolio(), Metric::RepliesNotUnderstood);
    let done: Vec<String> = answer.commands.iter().map(ToString::to_string).collect();
    let undone = Undone::NotUnderstood {
        name,
        done: &done,
        why: &what,
    };
    match &deps.owner {
        Some(owner) => forward(&**owner, &*deps.ledger, received, Some(mail), delivery, undone).await,
        None => Ok(()),
    }
}

async fn audit(
    deps: &Deps,
    received: &Received,
    delivery: &DeliveryKey,
    event: &str,
    detail: String,
) -> anyhow::Result<()> {
    let entry = AuditEntry {
        at: received.at,
        event: event.to_owned(),
        detail,
    };
    let written = deps.ledger.audit(&delivery.run, &entry).await;
    written.context("failed to write the audit")
}

/// Notes a mail that is not believed, and forwards it if it knows of a delivery. Its name there is its object's in the inbox, so
/// that the owner can read it.
async fn quarantine(
    deps: &Deps,
    received: &Received,
    claims: &[ReplyClaim],
    mail: Option<&Mail>,
    disbelief: Disbelief,
) -> anyhow::Result<Outcome> {
    let row = Quarantined {
        id: FeedbackId::of(&received.id),
        at: received.at,
        kind: "Reply".to_owned(),
        run: claims.first().map(|claim| claim.run.clone()),
        reason: disbelief.to_string(),
    };
    // Before the owner is told: whether that is possible or not, the row stands.
    let new = deps.ledger.quarantine(&row).await;
    let is_new = new.context("failed to quarantine the mail")?;
    if is_new {
        tracing::warn!(id = %row.id, reason = row.reason, "reply quarantined, nothing done");
    }
    let key = deps.rid_key.expose_secret().as_bytes();
    // Whoever finds the domain can write to it, and guess at addresses: nobody is told of that, and it counts as nothing.
    let Some(delivery) = matching::addressed(&*deps.ledger, claims, key).await? else {
        return Ok(Outcome::Quarantined(disbelief));
    };
    describe(&delivery);
    if is_new {
        metrics::count_unowned(Metric::RepliesQuarantined);
    }
    if let Some(owner) = &deps.owner {
        let undone = Undone::NotBelieved(disbelief);
        forward(&**owner, &*deps.ledger, received, mail, &delivery, undone).await?;
    }
    Ok(Outcome::Quarantined(disbelief))
}
