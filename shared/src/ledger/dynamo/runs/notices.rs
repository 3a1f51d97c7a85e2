//! What of a run the operator has to be told, on the run's own row: an end that is not well, and mail that came back.
//!
//! `came_back` is the set of documents of which mail came back and nobody was told; `came_back_told` those that a notice after
//! the run's end was about, once each; `end_told` the end that was told. An event may come while the run ends, and while its
//! notice is written. So it is put into the set first, whatever the run is at: then either who ends the run finds the set,
//! or who put it there finds the run ended; and who notes the notice takes only that off which the notice was about.

use jiff::Timestamp;

use super::{
    super::{
        DynamoLedger, Write,
        item::{self, instant, s},
    },
    BindIf, current, meta, open, parse,
};
use crate::{
    id::{DocumentId, RunId},
    ledger::{LedgerError, RunRow, control},
};

const WHAT: &str = "note that mail came back";

pub(in super::super) async fn came_back(
    ledger: &DynamoLedger,
    run: &RunId,
    document: &DocumentId,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let request = meta(ledger, run)
        .update_expression("ADD came_back :documents")
        .condition_expression(
            "attribute_exists(PK) AND NOT contains(came_back, :document) AND NOT contains(came_back_told, :document)",
        )
        .expression_attribute_values(":document", s(document))
        .set_expression_attribute_values_if(":documents", item::set([document]));
    let row = match ledger.update(WHAT, request).await? {
        Write::Done(item) => parse(&item)?,
        // Told already, or noted before: who did that may have died before the run was put on the index.
        Write::Refused(item) => current(ledger, run, item).await?,
    };
    let is_late = |ended: Timestamp| now.duration_since(ended) > control::LATE;
    if !row.came_back.contains(document) || row.finished_at.is_none_or(is_late) {
        return Ok(());
    }
    let request = meta(ledger, run)
        // Ended and off the index, it ended well or was told of; rows that an earlier build told of do not say so.
        .update_expression("SET #open = :notice, due_at = :due, end_told = finished_at")
        .condition_expression("attribute_exists(finished_at) AND attribute_not_exists(#open)")
        .expression_attribute_names("#open", open::OPEN)
        .expression_attribute_values(":notice", s(open::NOTICE))
        .expression_attribute_values(
            ":due",
            instant(now.saturating_add(control::GATHER).unwrap_or(now)),
        );
    // Refused: it is on the index, for its notice or because it was opened again.
    ledger.update(WHAT, request).await.map(|_| ())
}

pub(in super::super) async fn due(ledger: &DynamoLedger, now: Timestamp) -> Result<Vec<RunRow>, LedgerError> {
    let rows = open::due(ledger, "list the notices", open::NOTICE, now).await?;
    Ok(rows.into_iter().filter(|row| row.state.is_end()).collect())
}

pub(in super::super) async fn claim(
    ledger: &DynamoLedger,
    ended: &RunRow,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let Some(finished_at) = ended.finished_at else {
        return Ok(false);
    };
    // `due_at = :until`: this very claim, whose answer was lost.
    let request = meta(ledger, &ended.plan.run)
        .update_expression("SET due_at = :until")
        .condition_expression(
            "#open = :notice AND finished_at = :finished AND (due_at <= :now OR due_at = :until)",
        )
        .expression_attribute_names("#open", open::OPEN)
        .expression_attribute_values(":notice", s(open::NOTICE))
        .expression_attribute_values(":finished", instant(finished_at))
        .expression_attribute_values(":until", instant(until))
        .expression_attribute_values(":now", instant(now));
    Ok(matches!(
        ledger.update("claim a notice", request).await?,
        Write::Done(_)
    ))
}

pub(in super::super) async fn told(ledger: &DynamoLedger, ended: &RunRow) -> Result<(), LedgerError> {
    // All that it owes, or, if more came back meanwhile, all but that.
    if !note(ledger, ended, true).await? {
        note(ledger, ended, false).await?;
    }
    // Refused both times: it was noted, or the run was taken up again, whose new end is told anew.
    Ok(())
}

/// Notes what was told. With `is_all` the run leaves the index, if nothing was added to what it owes.
async fn note(ledger: &DynamoLedger, ended: &RunRow, is_all: bool) -> Result<bool, LedgerError> {
    let Some(finished_at) = ended.finished_at else {
        return Ok(false);
    };
    let told = item::set(&ended.came_back);
    let mut condition = "#open = :notice AND finished_at = :finished".to_owned();
    let (mut update, mut clauses) = ("SET end_told = :finished".to_owned(), String::new());
    match (&told, is_all) {
        (Some(_), true) => condition.push_str(" AND came_back = :told"),
        (None, true) => condition.push_str(" AND attribute_not_exists(came_back)"),
        (Some(_), false) => clauses.push_str(" DELETE came_back :told"),
        (None, false) => {}
    }
    if is_all {
        update.push_str(" REMOVE #open, due_at, came_back");
    }
    // What is told with an end that was not well may be told of once more after it.
    if told.is_some() && !ended.owes_end() {
        clauses.push_str(" ADD came_back_told :told");
    }
    let request = meta(ledger, &ended.plan.run)
        .update_expression(format!("{update}{clauses}"))
        .condition_expression(condition)
        .expression_attribute_names("#open", open::OPEN)
        .expression_attribute_values(":notice", s(open::NOTICE))
        .expression_attribute_values(":finished", instant(finished_at))
        .set_expression_attribute_values_if(":told", told);
    Ok(matches!(
        ledger.update("note a notice", request).await?,
        Write::Done(_)
    ))
}

#[cfg(all(test, feature = "embedded"))]
mod tests;
