//! The pipeline's own earlier nights, as the tables `pipeline_*`, and what people decided since the configuration was pushed,
//! as `action_decision`. Start at [`collect`]; [`rows`] makes the tables of what was read.
//!
//! Only what the ledger says goes in, and no instant at which a run planned, ended or sent anything: the same ledger gives the
//! same bytes, on whatever machine. Runs of earlier business dates are read and no others, so neither the one under way nor,
//! when an old night is collected again, one after it. What became of a mail may change after its night, and then the night
//! that is collected again says so. People are rids.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use jiff::{Timestamp, ToSpan, civil::Date};
use shared::{
    id::RunId,
    ledger::{Brake, DeliveryRow, Ledger, LedgerDecision, LedgerError, RunRow, feedback::Suppression},
    mail::Rid,
};

use super::{
    Collected, Delivery, SourceError,
    objects::{answer, unlisted},
};
use crate::snapshot::PartFolder;

pub mod rows;

/// How many days before the business date are looked at: those that a KPI's history has.
const DAYS: i64 = 30;

/// What the ledger says of the nights before one.
#[derive(Debug, Clone)]
pub struct Past {
    /// First day that was looked at.
    pub first: Date,
    /// Last day that was looked at: the one before the business date.
    pub last: Date,
    /// The runs of these days with their deliveries, oldest first.
    pub nights: Vec<(RunRow, Vec<DeliveryRow>)>,
    /// Whom of their recipients nothing was mailed to, by the time that the night was due.
    pub recipients: BTreeMap<Rid, Suppression>,
    /// The brake as it was pulled last, if that was before the night was due and nobody released it.
    pub brake: Option<Brake>,
    /// Decisions that count by the business date, oldest first.
    pub decisions: Vec<LedgerDecision>,
}

/// Reads the ledger and writes the tables. On a first night they are there and, but for `pipeline_ledger`, have no rows.
///
/// # Errors
/// [`SourceError::Later`] when the ledger may be readable at the next delivery, [`SourceError::Other`] when the snapshot cannot
/// be written. A ledger that cannot be read is no empty one: at the last delivery the part has failed and brings no table.
pub async fn collect(
    ledger: &dyn Ledger,
    run: &RunId,
    scheduled_at: Timestamp,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    let past = read(ledger, run, scheduled_at).await;
    match answer(past.context("earlier nights are unknown"), delivery)? {
        Ok(past) => Ok(rows::tables(&past).write(folder).await?),
        Err(reason) => Ok(unlisted(reason)),
    }
}

/// What the ledger says of the nights before a run that was due at an instant.
///
/// # Errors
/// The ledger's; one row that cannot be read is enough.
pub async fn read(ledger: &dyn Ledger, run: &RunId, scheduled_at: Timestamp) -> Result<Past, LedgerError> {
    let today = run.date().0;
    let (first, last) = (today.saturating_sub(DAYS.days()), today.saturating_sub(1.days()));
    let mut runs = ledger.runs_between(run.portfolio(), first, last).await?;
    runs.reverse();
    let mut nights = Vec::with_capacity(runs.len());
    for row in runs {
        let deliveries = ledger.deliveries(&row.plan.run).await?;
        nights.push((row, deliveries));
    }
    let mailed = nights.iter().flat_map(|(_, deliveries)| deliveries);
    let rids: BTreeSet<&Rid> = mailed.map(|delivery| &delivery.key.rid).collect();
    let mut recipients = BTreeMap::new();
    for rid in rids {
        let found = ledger.suppression(rid).await?;
        recipients.extend(
            found
                .filter(|found| found.since <= scheduled_at)
                .map(|found| (rid.clone(), found)),
        );
    }
    let brake = ledger.brake().await?;
    let mut decisions = ledger.decisions(run.portfolio()).await?;
    decisions.retain(|made| made.decision.on <= today);
    Ok(Past {
        first,
        last,
        nights,
        recipients,
        brake: brake.filter(|brake| brake.since <= scheduled_at),
        decisions,
    })
}

#[cfg(test)]
mod tests;
