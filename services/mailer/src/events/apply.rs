//! Does what an event says. Start at [`apply`].
//!
//! The order: first what follows for the recipient, then the delivery's state, then that somebody is to be told, then the
//! audit's line, and last the event's own row, after which it is never handled again. Each of them may be repeated without changing anything, so a
//! death between any two costs a redelivery. Times are the event's, so a repetition writes the same.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use shared::{
    id::PortfolioId,
    ledger::{
        AuditEntry, DeliveryKey, DeliveryState,
        feedback::{FeedbackRow, Quarantined, Report, Reporting, Suppression, Verdict, too_many_transient},
    },
    mail::Rid,
    metrics::{self, Metric},
};

use super::{
    Deps,
    claim::{self, Claim, Disbelief},
    classify::{Consequence, Meaning, classify},
    wire::{Event, Kind},
};

/// Handles an event; answers whose it was, if it is believed.
///
/// # Errors
/// The ledger's: the message then comes back.
pub async fn apply(deps: &Deps, event: &Event) -> anyhow::Result<Option<PortfolioId>> {
    let meaning = classify(&event.kind);
    if event.kind == Kind::Ignored {
        tracing::debug!("mail event that nobody asked for ignored");
        return Ok(None);
    }
    if !meaning.recognised {
        tracing::error!(kind = meaning.label, id = %event.id, "mail event of a kind that this build does not know");
        metrics::count_unowned(Metric::EventsUnrecognised);
    }
    if let Kind::Other(_) = event.kind {
        return Ok(None);
    }
    match believed(deps, event, &meaning).await? {
        Ok(claim) => {
            describe(&claim);
            carry_out(deps, event, &meaning, &claim).await?;
            Ok(Some(claim.key.run.portfolio().clone()))
        }
        Err(disbelief) => quarantine(deps, event, &meaning, disbelief).await.map(|()| None),
    }
}

/// The delivery that the event is of, or why that is not believed.
async fn believed(deps: &Deps, event: &Event, meaning: &Meaning) -> anyhow::Result<Result<Claim, Disbelief>> {
    let claim = match claim::claim(&event.tags) {
        Ok(claim) => claim,
        Err(disbelief) => return Ok(Err(disbelief)),
    };
    let row = deps
        .ledger
        .delivery(&claim.key)
        .await
        .context("failed to read the delivery")?;
    let Some(row) = row else {
        return Ok(Err(Disbelief::NoDelivery));
    };
    let key = deps.rid_key.expose_secret().as_bytes();
    Ok(claim::believe(event, meaning.state, &claim, &row, key).map(|()| claim))
}

/// Fills in the record's span.
fn describe(claim: &Claim) {
    let (span, key) = (tracing::Span::current(), &claim.key);
    span.record("run", tracing::field::display(&key.run));
    span.record("document", key.document.as_str());
    span.record("rid", key.rid.as_str());
}

async fn carry_out(deps: &Deps, event: &Event, meaning: &Meaning, claim: &Claim) -> anyhow::Result<()> {
    let (key, now) = (&claim.key, deps.clock.now());
    let at = event.at.unwrap_or(now);
    if deps
        .ledger
        .feedback(&event.id)
        .await
        .context("failed to look for the event")?
        .is_some()
    {
        tracing::info!(kind = meaning.label, "mail event was handled before");
        return Ok(());
    }
    let followed = follow(deps, event, meaning, key, at)
        .await
        .context("failed to note the recipient's part")?;
    let moved = match report(deps, event, meaning, key, now).await? {
        Ok(moved) => moved,
        Err(disbelief) => return quarantine(deps, event, meaning, disbelief).await,
    };
    if let Some(detail) = detail(meaning, key, followed) {
        let noted = deps.ledger.mail_came_back(&key.run, &key.document, now).await;
        noted.context("failed to have the report's owner told")?;
        let entry = AuditEntry {
            at,
            event: "mail_event".to_owned(),
            detail,
        };
        deps.ledger
            .audit(&key.run, &entry)
            .await
            .context("failed to write the audit")?;
    }
    let row = FeedbackRow {
        id: event.id.clone(),
        delivery: key.clone(),
        kind: meaning.label.clone(),
        at,
        handled_at: now,
    };
    let first = deps
        .ledger
        .record_feedback(&row)
        .await
        .context("failed to store the event")?;
    if first {
        told(meaning, key, claim.attempt, moved);
    }
    Ok(())
}

/// Puts the recipient on the list where the event asks for it. Answers what was done, in words.
async fn follow(
    deps: &Deps,
    event: &Event,
    meaning: &Meaning,
    key: &DeliveryKey,
    at: Timestamp,
) -> anyhow::Result<Option<&'static str>> {
    // The archive is the operator's own mailbox, and its rid is every portfolio's: it is told of, never suppressed.
    if key.rid == Rid::archive() {
        return Ok(None);
    }
    let (verdict, reason, words) = match meaning.consequence {
        Consequence::Suppress => (Verdict::Suppress, meaning.label.clone(), "suppressed"),
        Consequence::Count => {
            let all = deps.ledger.transient_bounce(&key.rid, &event.id, at).await?;
            if !too_many_transient(all) {
                return Ok(None);
            }
            (
                Verdict::Hold,
                "three transient bounces in seven days".to_owned(),
                "put on hold",
            )
        }
        Consequence::OurDefect => return Ok(Some("our own defect, nobody suppressed")),
        Consequence::None => return Ok(None),
    };
    let suppression = Suppression {
        verdict,
        reason,
        since: at,
    };
    deps.ledger.suppress(&key.rid, &suppression).await?;
    Ok(Some(words))
}

/// Moves the delivery. Answers whether it moved, or why the event is not believed after all.
async fn report(
    deps: &Deps,
    event: &Event,
    meaning: &Meaning,
    key: &DeliveryKey,
    now: Timestamp,
) -> anyhow::Result<Result<bool, Disbelief>> {
    let Some(state) = meaning.state else {
        return Ok(Ok(false));
    };
    let report = Report {
        state,
        message_id: event.message_id.clone(),
        reason: meaning.reason(),
    };
    let answer = deps
        .ledger
        .report_delivery(key, &report, now)
        .await
        .context("failed to move the delivery")?;
    Ok(match answer {
        Reporting::Moved => Ok(true),
        Reporting::Stood(row) => {
            tracing::info!(kind = meaning.label, state = %row.state, "mail event comes late, the delivery has got further");
            Ok(false)
        }
        Reporting::Refused(_) => Err(Disbelief::State),
        Reporting::NoDelivery => Err(Disbelief::NoDelivery),
    })
}

/// The audit's line: what the report's owner has to know of.
fn detail(meaning: &Meaning, key: &DeliveryKey, followed: Option<&'static str>) -> Option<String> {
    let is_trouble = matches!(
        meaning.state,
        Some(DeliveryState::Bounced | DeliveryState::Complained | DeliveryState::Failed)
    );
    let followed = followed.map_or_else(String::new, |words| format!("; {words}"));
    let DeliveryKey { document, rid, .. } = key;
    is_trouble.then(|| format!("{} of document {document} to {rid}{followed}", meaning.label))
}

/// Logs and counts an event that was handled, once.
fn told(meaning: &Meaning, key: &DeliveryKey, attempt: u32, moved: bool) {
    let kind = &meaning.label;
    match meaning.consequence {
        Consequence::OurDefect => tracing::error!(attempt, kind, moved, "mail came back for what is in it"),
        Consequence::Suppress | Consequence::Count => tracing::warn!(attempt, kind, moved, "mail came back"),
        Consequence::None => tracing::info!(attempt, kind, moved, "mail event handled"),
    }
    let metric = match meaning.state {
        Some(DeliveryState::Bounced) => Metric::DeliveriesBounced,
        Some(DeliveryState::Complained) => Metric::DeliveriesComplained,
        Some(DeliveryState::Failed) => Metric::DeliveriesFailed,
        _ => return,
    };
    metrics::count(key.run.portfolio(), metric);
}

/// Notes an event that is not believed. It changes nothing else, and the message is done.
async fn quarantine(
    deps: &Deps,
    event: &Event,
    meaning: &Meaning,
    disbelief: Disbelief,
) -> anyhow::Result<()> {
    let row = Quarantined {
        id: event.id.clone(),
        at: deps.clock.now(),
        kind: meaning.label.clone(),
        run: claim::run(&event.tags),
        reason: disbelief.to_string(),
    };
    let new = deps
        .ledger
        .quarantine(&row)
        .await
        .context("failed to quarantine the event")?;
    if new {
        tracing::warn!(id = %row.id, kind = row.kind, reason = row.reason, "mail event quarantined, nobody suppressed");
        metrics::count_unowned(Metric::EventsQuarantined);
    }
    Ok(())
}
