//! The join: work that was fanned out comes together without a counter, for parts and for documents alike.
//!
//! One conditional update takes the item off the pending set and records its result, so of two that finish together
//! exactly one sees the set absent. Whoever sees it absent, with the next message not noted as sent, sends that
//! message and notes it ([`Join::sent`]). A worker that dies in between is made good by its own redelivery: its
//! condition fails, the row is read, and the same question is asked again. A counter would count a duplicate twice.

use std::{collections::BTreeSet, fmt::Display};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    super::{
        DynamoLedger, Write,
        item::{self, Item, Row, instant, n, s},
        run_pk,
    },
    META, meta,
};
use crate::{
    id::{Generation, RunId},
    ledger::{Completed, LedgerError, PartRef, RunState},
};

/// The attributes and states of one join.
pub(in super::super) struct Join {
    what: &'static str,
    pending: &'static str,
    results: &'static str,
    late: &'static str,
    missing: &'static str,
    sent_at: &'static str,
    /// While it is open.
    open: RunState,
    /// After it was given up, and before the next stage answered.
    over: RunState,
}

/// Parts come together for the analysis.
pub(in super::super) const PARTS: Join = Join {
    what: "complete a part",
    pending: "pending_parts",
    results: "parts",
    late: "late_parts",
    missing: "missing_parts",
    sent_at: "analyze_sent_at",
    open: RunState::Collecting,
    over: RunState::Analyzing,
};

/// Documents come together for the mail.
pub(in super::super) const DOCUMENTS: Join = Join {
    what: "complete a document",
    pending: "pending_documents",
    results: "documents",
    late: "late_documents",
    missing: "missing_documents",
    sent_at: "mail_sent_at",
    open: RunState::Rendering,
    over: RunState::Mailing,
};

impl Join {
    pub(in super::super) async fn complete(
        &self,
        ledger: &DynamoLedger,
        run: &RunId,
        generation: Generation,
        id: &str,
        result: &PartRef,
    ) -> Result<Completed, LedgerError> {
        let request = meta(ledger, run)
            .update_expression("SET #results.#id = :result DELETE #pending :one")
            .condition_expression("#gen = :gen AND #state = :open AND contains(#pending, :id)")
            .expression_attribute_names("#results", self.results)
            .expression_attribute_names("#id", id)
            .expression_attribute_names("#pending", self.pending)
            .expression_attribute_names("#gen", "gen")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":result", item::part_ref(result))
            .expression_attribute_values(":one", AttributeValue::Ss(vec![id.to_owned()]))
            .expression_attribute_values(":id", s(id))
            .expression_attribute_values(":gen", n(generation.0))
            .expression_attribute_values(":open", s(self.open.as_str()));
        match ledger.update(self.what, request).await? {
            Write::Done(item) => Ok(self.recorded(&Row::new(&item))),
            Write::Refused(item) => {
                let item = current(ledger, run, self.what, item).await?;
                self.refused(ledger, run, generation, id, &Row::new(&item)).await
            }
        }
    }

    fn recorded(&self, row: &Row<'_>) -> Completed {
        Completed::Recorded {
            last: !row.has(self.pending),
            next_sent: row.has(self.sent_at),
        }
    }

    /// Why the condition failed: read from the row, never guessed.
    async fn refused(
        &self,
        ledger: &DynamoLedger,
        run: &RunId,
        generation: Generation,
        id: &str,
        row: &Row<'_>,
    ) -> Result<Completed, LedgerError> {
        let stands = Generation(row.number("gen")?);
        if stands > generation {
            return Ok(Completed::Stale);
        }
        if stands < generation {
            return Err(row.malformed(format!(
                "is at {stands}, but was told of {generation} before it was planned"
            )));
        }
        if row.results::<String>(self.results)?.contains_key(id) {
            return Ok(self.recorded(row));
        }
        if row.get::<RunState>("state")? == self.open {
            return Err(row.malformed(format!("{id} is not among its planned work")));
        }
        let request = meta(ledger, run)
            .update_expression("ADD #late :one")
            .condition_expression("#gen = :gen")
            .expression_attribute_names("#late", self.late)
            .expression_attribute_names("#gen", "gen")
            .expression_attribute_values(":one", AttributeValue::Ss(vec![id.to_owned()]))
            .expression_attribute_values(":gen", n(generation.0));
        match ledger.update(self.what, request).await? {
            Write::Done(_) => Ok(Completed::Late),
            Write::Refused(_) => Ok(Completed::Stale),
        }
    }

    /// Moves what is pending to what is missing, and the run on: from then on it is late. Answers what was given up.
    pub(in super::super) async fn give_up<T>(
        &self,
        ledger: &DynamoLedger,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<T>, LedgerError>
    where
        T: DeserializeOwned + Display + Ord,
    {
        // One that comes in between changes the set; then it is read again. Each round has one fewer.
        loop {
            let item = current(ledger, run, self.what, None).await?;
            let row = Row::new(&item);
            let of_generation = row.number::<u32>("gen")? == generation.0;
            let pending: BTreeSet<T> = row.set(self.pending)?;
            let Some(set) = item::set(&pending) else {
                return row.set(self.missing);
            };
            if !of_generation || row.get::<RunState>("state")? != self.open {
                return Ok(BTreeSet::new());
            }
            // Within a generation the set only loses members, so the same size is the same set.
            let request = meta(ledger, run)
                .update_expression(
                    "SET #state = :over, given_up_at = :now, #missing = :pending REMOVE #pending",
                )
                .condition_expression("#gen = :gen AND #state = :open AND size(#pending) = :size")
                .expression_attribute_names("#gen", "gen")
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#missing", self.missing)
                .expression_attribute_names("#pending", self.pending)
                .expression_attribute_values(":over", s(self.over.as_str()))
                .expression_attribute_values(":open", s(self.open.as_str()))
                .expression_attribute_values(":now", instant(now))
                .expression_attribute_values(":pending", set)
                .expression_attribute_values(":gen", n(generation.0))
                .expression_attribute_values(":size", n(pending.len() as u64));
            if let Write::Done(_) = ledger.update("give up what never came", request).await? {
                return Ok(pending);
            }
        }
    }

    /// Notes that the next stage's message was sent, and moves the run on if the next stage has not done so itself:
    /// it may well be faster than this note.
    pub(in super::super) async fn sent(
        &self,
        ledger: &DynamoLedger,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let request = |move_on: bool| {
            let (update, condition) = if move_on {
                (", #state = :over", " AND #state IN (:open, :over)")
            } else {
                ("", " AND NOT #state IN (:open, :over)")
            };
            meta(ledger, run)
                .update_expression(format!("SET #sent = :now{update}"))
                .condition_expression(format!("#gen = :gen AND attribute_not_exists(#sent){condition}"))
                .expression_attribute_names("#sent", self.sent_at)
                .expression_attribute_names("#gen", "gen")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":now", instant(now))
                .expression_attribute_values(":gen", n(generation.0))
                .expression_attribute_values(":open", s(self.open.as_str()))
                .expression_attribute_values(":over", s(self.over.as_str()))
        };
        for move_on in [true, false] {
            match ledger.update(self.what, request(move_on)).await? {
                Write::Done(_) => return Ok(()),
                Write::Refused(item) => {
                    let item = current(ledger, run, self.what, item).await?;
                    let row = Row::new(&item);
                    if row.has(self.sent_at) || row.number::<u32>("gen")? != generation.0 {
                        return Ok(());
                    }
                }
            }
        }
        // Both conditions failed, yet nothing was noted: the state changed between the two. The message comes back.
        Err(LedgerError::Malformed {
            row: run_pk(run),
            reason: format!("changed twice while {} was noted; try again", self.sent_at),
        })
    }
}

async fn current(
    ledger: &DynamoLedger,
    run: &RunId,
    what: &'static str,
    refused: Option<Item>,
) -> Result<Item, LedgerError> {
    match refused {
        Some(item) => Ok(item),
        None => ledger
            .get(what, &run_pk(run), META)
            .await?
            .ok_or_else(|| LedgerError::NoRun(run.clone())),
    }
}
