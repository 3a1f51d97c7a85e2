//! The index `due`: runs that have not ended, by when somebody is to look at them, and runs that the operator has to be told
//! of ([`super::notices`]), by when that is due. Sparse: a run's row has the index's attributes from its plan to its end, so
//! whoever queries it reads what is under way and nothing of the past.

use jiff::Timestamp;

use super::{
    super::{
        DynamoLedger, Write,
        item::{Row, instant, n, s},
        unavailable,
    },
    meta, read,
};
use crate::{
    id::{Generation, RunId},
    ledger::{LedgerError, RunRow, RunState},
};

/// The index's name.
pub(in super::super) const INDEX: &str = "due";
/// Its hash key, on open rows only.
pub(super) const OPEN: &str = "open";
/// What a run's row says there.
pub(super) const RUN: &str = "run";
/// And what the row of a run says that the operator has to be told of, until that is done.
pub(super) const NOTICE: &str = "notice";
/// Its range key.
pub(super) const DUE_AT: &str = "due_at";

pub(in super::super) async fn list(
    ledger: &DynamoLedger,
    now: Timestamp,
) -> Result<Vec<RunRow>, LedgerError> {
    // An index lags behind its table: what has ended by now is no business of the caller's.
    let rows = due(ledger, "list the open runs", RUN, now).await?;
    Ok(rows.into_iter().filter(|row| !row.state.is_end()).collect())
}

/// The runs on the index under this name, read again.
pub(super) async fn due(
    ledger: &DynamoLedger,
    what: &'static str,
    kind: &str,
    now: Timestamp,
) -> Result<Vec<RunRow>, LedgerError> {
    let mut entries = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .index_name(INDEX)
        .key_condition_expression("#open = :kind AND due_at <= :now")
        .expression_attribute_names("#open", OPEN)
        .expression_attribute_values(":kind", s(kind))
        .expression_attribute_values(":now", instant(now))
        .into_paginator()
        .items()
        .send();
    let mut rows = Vec::new();
    while let Some(entry) = entries.next().await {
        let entry = entry.map_err(unavailable(what))?;
        let row = Row::new(&entry);
        let pk: String = row.get("PK")?;
        let run: RunId = pk
            .strip_prefix("RUN#")
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| row.malformed("is on the index of open runs and is no run"))?;
        rows.extend(read(ledger, &run).await?);
    }
    Ok(rows)
}

/// Back to MAILING, and on the index again.
pub(in super::super) async fn reopen(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    look_at: Timestamp,
) -> Result<bool, LedgerError> {
    let request = meta(ledger, run)
        .update_expression("SET #state = :mailing, #open = :run, due_at = :at REMOVE finished_at")
        .condition_expression("#gen = :gen AND #state IN (:mailing, :finished, :degraded)")
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#open", OPEN)
        .expression_attribute_values(":gen", n(generation.0))
        .expression_attribute_values(":run", s(RUN))
        .expression_attribute_values(":at", instant(look_at))
        .expression_attribute_values(":mailing", s(RunState::Mailing))
        .expression_attribute_values(":finished", s(RunState::Finished))
        .expression_attribute_values(":degraded", s(RunState::Degraded));
    Ok(matches!(
        ledger.update("open a run again", request).await?,
        Write::Done(_)
    ))
}

pub(in super::super) async fn look_again(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let request = meta(ledger, run)
        .update_expression("SET due_at = :at")
        .condition_expression("#gen = :gen AND #open = :run")
        .expression_attribute_values(":run", s(RUN))
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_names("#open", OPEN)
        .expression_attribute_values(":gen", n(generation.0))
        .expression_attribute_values(":at", instant(at));
    // Refused: it has ended, or somebody took it up anew; both have said when it is due.
    ledger.update("put off an open run", request).await.map(|_| ())
}
