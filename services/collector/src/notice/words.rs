//! What a notice says, of what the ledger has: causes, counts, documents, recipients by rid. Pure; start at [`notice`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jiff::Timestamp;
use shared::{
    id::DocumentId,
    ledger::{DeliveryRow, DeliveryState, HeldFor, RunRow, Totals, feedback::Verdict},
    mail::Rid,
    notice::Notice,
};

/// How many recipients a line names.
const NAMED: usize = 5;

/// Of whom the suppression list has to be asked: the recipients whose mail came back.
pub(super) fn asked_of(row: &RunRow, deliveries: &[DeliveryRow]) -> BTreeSet<Rid> {
    let back = of_epoch(row, deliveries).filter(|delivery| came_back(delivery.state));
    back.map(|delivery| delivery.key.rid.clone()).collect()
}

/// The notice of a run's end, if that is owed, or else of the mail that came back after it. `listed` says what happens to
/// the recipients' mail from now on.
pub fn notice(
    row: &RunRow,
    deliveries: &[DeliveryRow],
    listed: &BTreeMap<Rid, Verdict>,
    now: Timestamp,
) -> Notice {
    let (run, state) = (&row.plan.run, row.state);
    let unwell = of_epoch(row, deliveries).filter(|delivery| !delivery.state.is_well_ended());
    let (subject, mut text) = if row.owes_end() {
        (format!("Quarterdeck: {run} {state}"), end(row, deliveries, now))
    } else {
        let text = format!("The run {run} had ended {state} when mail of it came back.\n");
        (format!("Quarterdeck: {run} mail came back"), text)
    };
    let is_told = |delivery: &&DeliveryRow| {
        row.owes_end() || (came_back(delivery.state) && row.came_back.contains(&delivery.key.document))
    };
    causes(&mut text, unwell.filter(is_told), listed);
    let id = run.portfolio();
    let _ = writeln!(text, "\nWhat waits for you: quarterdeck mail status --id {id}");
    text += "What to do: docs/OPERATIONS.md, \"Held and in doubt\" and \"Mail that came back\".\n";
    Notice { subject, text }
}

/// Deliveries of an earlier mail epoch are another night's.
fn of_epoch<'a>(row: &RunRow, deliveries: &'a [DeliveryRow]) -> impl Iterator<Item = &'a DeliveryRow> {
    let epoch = row.plan.mail_epoch;
    deliveries
        .iter()
        .filter(move |delivery| delivery.key.mail_epoch == epoch)
}

/// Whether the mail service, or the recipient, gave it back.
fn came_back(state: DeliveryState) -> bool {
    use DeliveryState::{Bounced, Complained, Failed};
    matches!(state, Bounced | Complained | Failed)
}

/// How the run ended, and what it is without.
fn end(row: &RunRow, deliveries: &[DeliveryRow], now: Timestamp) -> String {
    let (run, state) = (&row.plan.run, row.state);
    let totals = Totals::of(row, deliveries, row.finished_at.unwrap_or(now));
    let mut text = format!("The run {run} ended {state}: {totals}.\n");
    let parts = row.missing_parts.iter().map(|part| part.as_str());
    let documents = row.missing_documents.iter().map(|document| document.as_str());
    for (what, names) in [
        ("Parts that never came", parts.collect::<Vec<_>>()),
        ("Documents that were never made", documents.collect()),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "{what}: {}", names.join(", "));
        }
    }
    text
}

/// Which document, what became of it, why, and what follows.
type Cause<'a> = (&'a DocumentId, DeliveryState, &'a str, Option<Verdict>);

/// One line a document and cause: how many, what follows, and whom it is about where it is about somebody.
fn causes<'a>(
    text: &mut String,
    deliveries: impl Iterator<Item = &'a DeliveryRow>,
    listed: &BTreeMap<Rid, Verdict>,
) {
    let mut causes: BTreeMap<Cause<'a>, (usize, Vec<&'a Rid>)> = BTreeMap::new();
    for delivery in deliveries {
        let reason = delivery.reason.as_deref().unwrap_or("no reason recorded");
        let verdict = listed.get(&delivery.key.rid).copied();
        let verdict = verdict.filter(|_| came_back(delivery.state));
        let cause = (&delivery.key.document, delivery.state, reason, verdict);
        let (count, about) = causes.entry(cause).or_default();
        *count += 1;
        if is_about_somebody(delivery) {
            about.push(&delivery.key.rid);
        }
    }
    for ((document, state, reason, verdict), (count, about)) in causes {
        let follows = match verdict {
            Some(Verdict::Suppress) => "; nothing is mailed there any more",
            Some(Verdict::Hold) => "; what is mailed there is held",
            None => "",
        };
        let _ = write!(text, "{document}: {count} {state}: {reason}{follows}");
        let names: Vec<&str> = about.iter().take(NAMED).map(|rid| rid.as_str()).collect();
        if !names.is_empty() {
            let _ = write!(text, " ({})", names.join(", "));
        }
        let _ = match about.len().saturating_sub(NAMED) {
            0 => writeln!(text),
            more => writeln!(text, " and {more} more"),
        };
    }
}

/// Whether the cause is this recipient's, not the run's, the document's or the account's.
fn is_about_somebody(delivery: &DeliveryRow) -> bool {
    came_back(delivery.state)
        || delivery.state == DeliveryState::Suppressed
        || delivery.held_for == Some(HeldFor::Recipient)
}

#[cfg(test)]
mod tests;
