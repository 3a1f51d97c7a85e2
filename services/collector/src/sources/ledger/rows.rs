//! What the ledger says, as rows of text. Pure. Start at [`tables`].
//!
//! In a row an empty text means that there is none, and a cell that is not there that it is unknown, as in every collected table.

use shared::{
    ledger::{DecidedBy, DeliveryRow, LedgerDecision, RunRow, feedback::FeedbackId},
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
        for row in deliveries {
            tables.row(DELIVERY, delivery(row));
        }
    }
    for (rid, found) in &past.recipients {
        tables.row(
            RECIPIENT,
            [
                text("rid", rid),
                text("verdict", found.verdict.as_str()),
                text("reason", &found.reason),
                text("since", found.since),
            ],
        );
    }
    for made in &past.decisions {
        tables.row(DECISIONS_TABLE, decision(made));
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

fn ledger(past: &Past) -> Cells<6> {
    let brake = past.brake.as_ref();
    [
        text("first_date", past.first),
        text("last_date", past.last),
        text("nights", past.nights.len()),
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
        ("reason", reason.cloned()),
    ]
}

fn delivery(row: &DeliveryRow) -> Cells<10> {
    let key = &row.key;
    [
        text("run", &key.run),
        text("business_date", key.run.date()),
        text("mail_epoch", key.mail_epoch.0),
        text("document", &key.document),
        text("rid", &key.rid),
        text("state", row.state),
        maybe("held_for", row.held_for.map(|cause| cause.as_str())),
        text("possible_duplicate", row.possible_duplicate),
        text("attempts", row.attempt),
        maybe("reason", row.reason.as_ref()),
    ]
}

fn decision(made: &LedgerDecision) -> Cells<8> {
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
