//! Takes a run up again from one of its stages, as its next generation. What is made anew goes to the new generation's own
//! objects; what is kept is referred to where it is. Deliveries are rows of their own and are not touched: nobody is mailed
//! again because a document was rendered again.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    super::{
        DynamoLedger, Write,
        item::{self, Item, Row, instant, n, s},
        run_pk,
    },
    META, meta, open, parse,
};
use crate::{
    id::DocumentId,
    ledger::{Again, LedgerError, Requeue, Requeued, RunRow, RunState},
};

const WHAT: &str = "requeue a run";
/// What the analysis and everything after it leave on the row.
const ANALYSIS: &str = "analysis, analyze_sent_at, documents, pending_documents, missing_documents";
/// What collecting leaves beside its parts.
const COLLECTING: &str = "missing_parts, late_parts, given_up_at";

/// The stage's own part of the update.
struct Change {
    state: RunState,
    /// Assignments, each with a comma before it.
    set: &'static str,
    /// Attributes that go, beside those that every requeue removes.
    remove: String,
    /// Further clauses, such as ADD.
    more: &'static str,
    values: Vec<(&'static str, AttributeValue)>,
    document: Option<DocumentId>,
}

pub(in super::super) async fn requeue(
    ledger: &DynamoLedger,
    requeue: &Requeue,
) -> Result<Requeued, LedgerError> {
    let Some(item) = ledger.get(WHAT, &run_pk(&requeue.run), META).await? else {
        return Err(LedgerError::NoRun(requeue.run.clone()));
    };
    let row = parse(&item)?;
    if row.plan.generation != requeue.expected {
        return answer(&item, requeue);
    }
    let change = match change(&row, &requeue.from) {
        Ok(change) => change,
        Err(reason) => return Ok(Requeued::Unfit(reason)),
    };
    match update(ledger, requeue, &row, change).await? {
        Write::Done(item) => Ok(Requeued::Now(Box::new(parse(&item)?))),
        Write::Refused(item) => {
            let item = match item {
                Some(item) => item,
                None => ledger
                    .get(WHAT, &run_pk(&requeue.run), META)
                    .await?
                    .unwrap_or_default(),
            };
            answer(&item, requeue)
        }
    }
}

/// The generation is not the one that was expected: our own earlier call, whose answer was lost, or somebody else's.
fn answer(item: &Item, requeue: &Requeue) -> Result<Requeued, LedgerError> {
    let row = parse(item)?;
    let stands = row.plan.generation;
    if stands == requeue.expected {
        // The condition failed, and the generation is the one expected: the run moved on from one state to the next.
        return Ok(Requeued::Unfit(format!(
            "it is {} now and has just moved on; ask again",
            row.state
        )));
    }
    let ours = Row::new(item).maybe::<String>("requeued_by")?.as_ref() == Some(&requeue.by);
    Ok(if ours && stands == requeue.expected.next() {
        Requeued::Now(Box::new(row))
    } else {
        Requeued::Moved(stands)
    })
}

/// What the stage changes, or why the run cannot be taken up from there.
fn change(row: &RunRow, from: &Again) -> Result<Change, String> {
    let plain = |state, remove: &str| Change {
        state,
        set: "",
        remove: remove.to_owned(),
        more: "",
        values: Vec::new(),
        document: None,
    };
    match from {
        Again::Collect { parts } => {
            let parts = item::set(parts).ok_or("the configuration has no sources")?;
            Ok(Change {
                set: ", planned_parts = :parts, pending_parts = :parts, parts = :none",
                values: vec![(":parts", parts), (":none", AttributeValue::M(Item::new()))],
                ..plain(RunState::Collecting, &format!("{ANALYSIS}, {COLLECTING}"))
            })
        }
        Again::Analyze if row.pending_parts.is_empty() => Ok(plain(RunState::Analyzing, ANALYSIS)),
        Again::Analyze => Err(format!("{} parts are pending still", row.pending_parts.len())),
        Again::Render { .. } if row.analysis.is_none() => Err("it has no analysis to render from".to_owned()),
        Again::Render { document: None } => {
            let all = documents(row);
            let pending = item::set(&all).ok_or("it has no documents")?;
            Ok(Change {
                set: ", pending_documents = :pending, documents = :none",
                values: vec![(":pending", pending), (":none", AttributeValue::M(Item::new()))],
                ..plain(RunState::Rendering, "missing_documents")
            })
        }
        Again::Render { document: Some(one) } if documents(row).contains(one) => {
            let set = item::set([one]).ok_or("it has no documents")?;
            Ok(Change {
                // The others stay complete, with the manifests that they have.
                more: "ADD pending_documents :one DELETE missing_documents :one",
                values: vec![(":one", set)],
                document: Some(one.clone()),
                ..plain(RunState::Rendering, "documents.#document")
            })
        }
        Again::Render { document: Some(one) } => Err(format!("{one} is none of its documents")),
        Again::Mail if row.documents.is_empty() => Err("it has no documents".to_owned()),
        Again::Mail if !row.pending_documents.is_empty() => Err(format!(
            "{} documents are pending still",
            row.pending_documents.len()
        )),
        Again::Mail => Ok(plain(RunState::Mailing, "")),
    }
}

/// All documents of the run, made or not.
fn documents(row: &RunRow) -> BTreeSet<DocumentId> {
    let made = row.documents.keys();
    let rest = row.pending_documents.iter().chain(&row.missing_documents);
    made.chain(rest).cloned().collect()
}

async fn update(
    ledger: &DynamoLedger,
    requeue: &Requeue,
    row: &RunRow,
    change: Change,
) -> Result<Write, LedgerError> {
    let comma = if change.remove.is_empty() { "" } else { ", " };
    let mut request = meta(ledger, &requeue.run)
        .update_expression(format!(
            "SET #gen = :next, #state = :state, portfolio = :portfolio, planned_at = :now, requeued_by = :by, \
             collect_until = :look, #open = :run, due_at = :look{} \
             REMOVE mail_sent_at, finished_at, late_documents{comma}{} {}",
            change.set, change.remove, change.more
        ))
        .condition_expression("#gen = :expected AND #state = :seen")
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#open", open::OPEN)
        .expression_attribute_values(":next", n(requeue.expected.next().0))
        .expression_attribute_values(":expected", n(requeue.expected.0))
        .expression_attribute_values(":state", s(change.state.as_str()))
        .expression_attribute_values(":seen", s(row.state.as_str()))
        .expression_attribute_values(":portfolio", item::input(&requeue.portfolio))
        .expression_attribute_values(":by", s(&requeue.by))
        .expression_attribute_values(":now", instant(requeue.now))
        .expression_attribute_values(":look", instant(requeue.look_at))
        .expression_attribute_values(":run", s(open::RUN));
    if let Some(document) = &change.document {
        request = request.expression_attribute_names("#document", document.as_str());
    }
    for (name, value) in change.values {
        request = request.expression_attribute_values(name, value);
    }
    ledger.update(WHAT, request).await
}
