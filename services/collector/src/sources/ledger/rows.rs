//! What the ledger says, as rows of text. Pure. Start at [`tables`].
//!
//! In a row an empty text means that there is none, and a cell that is not there that it is unknown, as in every collected table.
//! A rid is made with the deployment's key, so deliveries are counted and not listed by it: the same nights are the same bytes
//! under another key too. Only of a recipient to whom nothing is mailed the rid is told, for a person who is to act on it.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    id::{BusinessDate, DocumentId, MailEpoch},
    ledger::{DecidedBy, DeliveryRow, DeliveryState, HeldFor, LedgerDecision, RunRow, feedback::FeedbackId},
    mail::Rid,
    manifest::DECISIONS_TABLE,
    portfolio::Decided,
};

use super::{super::inventory::tables::Tables, Past};

/// What was looked at, in one row; also when there is no earlier night.
const LEDGER: &str = "pipeline_ledger";
const RUN: &str = "pipeline_run";
const PART: &str = "pipeline_part";
const DELIVERY: &str = "pipeline_delivery";
const RECIPIENT: &str = "pipeline_recipient";
/// All of them: each is read, whether it has rows or not.
const ALL: [&str; 6] = [LEDGER, RUN, PART, DELIVERY, RECIPIENT, DECISIONS_TABLE];

/// A row's cells, by column.
type Cells<const N: usize> = [(&'static str, Option<String>); N];

/// The tables of what was read.
pub fn tables(past: &Past) -> Tables {
    let mut tables = Tables::default();
    for table in ALL {
        tables.read(table);
    }
    tables.row(LEDGER, ledger(past));
    for (row, deliveries) in &past.nights {
        tables.row(RUN, run(row));
        for (part, result) in &row.parts {
            if let Some(failure) = &result.failure {
                tables.row(PART, unread(row, part.as_str(), "failed", Some(failure)));
            }
        }
        for part in &row.missing_parts {
            let state = if row.late_parts.contains(part) {
                "late"
            } else {
                "missing"
            };
            tables.row(PART, unread(row, part.as_str(), state, None));
        }
        let mut alike: BTreeMap<Alike<'_>, Vec<&DeliveryRow>> = BTreeMap::new();
        for row in deliveries {
            alike.entry(Alike::of(row)).or_default().push(row);
        }
        for (key, rows) in alike {
            tables.row(DELIVERY, deliveries_alike(row, &key, &rows));
        }
    }
    for (rid, found) in &past.recipients {
        for (document, last) in documents_of(past, rid) {
            tables.row(
                RECIPIENT,
                [
                    text("rid", rid),
                    text("document", document),
                    text("last_date", last),
                    text("verdict", found.verdict.as_str()),
                    text("reason", &found.reason),
                    text("since", found.since),
                ],
            );
        }
    }
    for (n, made) in past.decisions.iter().enumerate() {
        tables.row(DECISIONS_TABLE, decision(n + 1, made));
    }
    tables
}

fn text(name: &'static str, value: impl ToString) -> (&'static str, Option<String>) {
    (name, Some(value.to_string()))
}

/// Empty where there is none.
fn maybe(name: &'static str, value: Option<impl ToString>) -> (&'static str, Option<String>) {
    let value = value.map(|value| value.to_string());
    (name, Some(value.unwrap_or_default()))
}

fn ledger(past: &Past) -> Cells<7> {
    let brake = past.brake.as_ref();
    let mailed = past.nights.iter().flat_map(|(_, deliveries)| deliveries);
    let recipients: BTreeSet<&Rid> = mailed.map(|row| &row.key.rid).collect();
    [
        text("first_date", past.first),
        text("last_date", past.last),
        text("nights", past.nights.len()),
        text("recipients", recipients.len()),
        maybe("brake_reason", brake.map(|brake| &brake.reason)),
        maybe("brake_since", brake.map(|brake| brake.since)),
        maybe("brake_until", brake.map(|brake| brake.until)),
    ]
}

fn run(row: &RunRow) -> Cells<11> {
    let failed = row.parts.values().filter(|part| part.failure.is_some()).count();
    [
        text("run", &row.plan.run),
        text("business_date", row.plan.run.date()),
        text("generation", row.plan.generation.0),
        text("mail_epoch", row.plan.mail_epoch.0),
        text("state", row.state),
        text("parts", row.plan.parts.len()),
        text("parts_failed", failed),
        text("parts_missing", row.missing_parts.len()),
        text("parts_late", row.late_parts.len()),
        text("documents", row.documents.len()),
        text("documents_missing", row.missing_documents.len()),
    ]
}

fn unread(row: &RunRow, part: &str, state: &str, reason: Option<&String>) -> Cells<5> {
    [
        text("run", &row.plan.run),
        text("business_date", row.plan.run.date()),
        text("part", part),
        text("state", state),
        ("reason", reason.map(|reason| without_addresses(reason))),
    ]
}

/// A source's words may have an address in them: AWS names who was refused, by SSO with the address.
fn without_addresses(text: &str) -> String {
    let words = text.split(char::is_whitespace);
    let shown = words.map(|word| if word.contains('@') { "[address]" } else { word });
    shown.collect::<Vec<_>>().join(" ")
}

/// What deliveries of a run have in common that are one row.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'a> {
    mail_epoch: MailEpoch,
    document: &'a DocumentId,
    state: DeliveryState,
    held_for: Option<HeldFor>,
    reason: Option<&'a str>,
}

impl<'a> Alike<'a> {
    fn of(row: &'a DeliveryRow) -> Self {
        Self {
            mail_epoch: row.key.mail_epoch,
            document: &row.key.document,
            state: row.state,
            held_for: row.held_for,
            reason: row.reason.as_deref(),
        }
    }
}

fn deliveries_alike(run: &RunRow, key: &Alike<'_>, rows: &[&DeliveryRow]) -> Cells<10> {
    let attempts: u64 = rows.iter().map(|row| u64::from(row.attempt)).sum();
    let twice = rows.iter().filter(|row| row.possible_duplicate).count();
    [
        text("run", &run.plan.run),
        text("business_date", run.plan.run.date()),
        text("mail_epoch", key.mail_epoch.0),
        text("document", key.document),
        text("state", key.state),
        maybe("held_for", key.held_for.map(|cause| cause.as_str())),
        maybe("reason", key.reason),
        text("mails", rows.len()),
        text("attempts", attempts),
        text("possible_duplicates", twice),
    ]
}

/// The documents that were to be mailed to a recipient, each with the last night of which it was.
fn documents_of<'a>(past: &'a Past, rid: &Rid) -> BTreeMap<&'a DocumentId, BusinessDate> {
    // Oldest first, so the last one stands.
    let mailed = past.nights.iter().flat_map(|(_, deliveries)| deliveries);
    let own = mailed.filter(|row| row.key.rid == *rid);
    own.map(|row| (&row.key.document, row.key.run.date())).collect()
}

fn decision(seq: usize, made: &LedgerDecision) -> Cells<9> {
    let decision = &made.decision;
    let (state, until) = match decision.decided {
        Decided::Done => ("done", None),
        Decided::Snoozed(until) => ("snoozed", Some(until)),
        Decided::Accepted(until) => ("accepted", Some(until)),
    };
    let (by, rid) = match &made.by {
        DecidedBy::Operator => ("operator", None),
        DecidedBy::Recipient(rid) => ("recipient", Some(rid)),
    };
    [
        text("seq", seq),
        // A mail's id may look like an address.
        text("id", FeedbackId::of(&made.id)),
        text("action", &decision.action),
        text("state", state),
        text("decided_on", decision.on),
        maybe("until", until),
        maybe("reason", decision.reason.as_ref()),
        text("decided_by", by),
        maybe("rid", rid),
    ]
}
