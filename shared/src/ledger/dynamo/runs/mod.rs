//! `RUN#r`/`META`: the run from plan to end. Start at [`join`], the rule by which fanned-out work comes together.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::{
    operation::{put_item::builders::PutItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder},
    types::AttributeValue,
};
use jiff::{Timestamp, civil::Date};

use super::{
    DynamoLedger, Write,
    item::{self, Item, Row, instant, n, s},
    run_pk, unavailable,
};
use crate::{
    id::{DocumentId, Generation, MailEpoch, PortfolioId, RunId},
    ledger::{AnalysisRecorded, LedgerError, Planned, RunPlan, RunRow, RunState},
    message::Input,
};

pub(super) mod join;
pub(super) mod notices;
pub(super) mod open;
pub(super) mod requeue;

const META: &str = "META";

pub(super) async fn plan(ledger: &DynamoLedger, plan: &RunPlan) -> Result<Planned, LedgerError> {
    // The list's entry first: an entry without its run is skipped by whoever reads the list, a run without its entry
    // would never be found again.
    let portfolio = format!("PORTFOLIO#{}", plan.run.portfolio());
    let entry = ledger
        .client
        .put_item()
        .item("PK", s(portfolio))
        .item("SK", s(format!("RUN#{}", plan.run.date())));
    ledger.put("plan a run", entry.item("run", s(&plan.run))).await?;

    let parts = item::set(&plan.parts).ok_or_else(|| LedgerError::Malformed {
        row: run_pk(&plan.run),
        reason: "a run without parts cannot be planned".to_owned(),
    })?;
    let request = ledger
        .client
        .put_item()
        .item("PK", s(run_pk(&plan.run)))
        .item("SK", s(META))
        .item("run", s(&plan.run))
        .item("gen", n(plan.generation.0))
        .item("mail_epoch", n(plan.mail_epoch.0))
        .item("state", s(RunState::Collecting.as_str()))
        .item("planned_parts", parts.clone())
        .item("pending_parts", parts)
        .item("parts", AttributeValue::M(Item::new()))
        .item("portfolio", item::input(&plan.portfolio))
        .item("scheduled_at", instant(plan.scheduled_at))
        .item("not_after", instant(plan.not_after))
        .item("tz", s(&plan.tz))
        .item("planned_at", instant(plan.planned_at))
        .item("collect_until", instant(plan.collect_until))
        .item(open::OPEN, s(open::RUN))
        .item(open::DUE_AT, instant(plan.collect_until))
        .set_item_if("only", plan.only.as_ref().and_then(item::set))
        .condition_expression("attribute_not_exists(PK) OR #gen < :gen")
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_values(":gen", n(plan.generation.0));
    match ledger.put("plan a run", request).await? {
        Write::Done(_) => Ok(Planned::Now),
        Write::Refused(Some(row)) => Ok(Planned::Before(Box::new(parse(&row)?))),
        // A peer that does not return the old row with a refusal.
        Write::Refused(None) => match read(ledger, &plan.run).await? {
            Some(row) => Ok(Planned::Before(Box::new(row))),
            None => Err(LedgerError::NoRun(plan.run.clone())),
        },
    }
}

pub(super) async fn read(ledger: &DynamoLedger, run: &RunId) -> Result<Option<RunRow>, LedgerError> {
    ledger
        .get("read a run", &run_pk(run), META)
        .await?
        .as_ref()
        .map(parse)
        .transpose()
}

pub(super) async fn list(
    ledger: &DynamoLedger,
    portfolio: &PortfolioId,
    limit: usize,
) -> Result<Vec<RunRow>, LedgerError> {
    let request = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .consistent_read(true)
        .scan_index_forward(false);
    let request = request.key_condition_expression("PK = :pk AND begins_with(SK, :run)");
    let request = request.expression_attribute_values(":pk", s(format!("PORTFOLIO#{portfolio}")));
    let mut entries = request
        .expression_attribute_values(":run", s("RUN#"))
        .into_paginator()
        .items()
        .send();
    let mut rows = Vec::new();
    while rows.len() < limit
        && let Some(entry) = entries.next().await
    {
        let entry = entry.map_err(unavailable("list the runs"))?;
        rows.extend(read(ledger, &Row::new(&entry).get("run")?).await?);
    }
    Ok(rows)
}

pub(super) async fn between(
    ledger: &DynamoLedger,
    portfolio: &PortfolioId,
    first: Date,
    last: Date,
) -> Result<Vec<RunRow>, LedgerError> {
    // DynamoDB refuses a range that ends before it begins.
    if last < first {
        return Ok(Vec::new());
    }
    let request = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .consistent_read(true)
        .scan_index_forward(false)
        .key_condition_expression("PK = :pk AND SK BETWEEN :first AND :last")
        .expression_attribute_values(":pk", s(format!("PORTFOLIO#{portfolio}")))
        .expression_attribute_values(":first", s(format!("RUN#{first}")))
        .expression_attribute_values(":last", s(format!("RUN#{last}")));
    let mut entries = request.into_paginator().items().send();
    let mut rows = Vec::new();
    while let Some(entry) = entries.next().await {
        let entry = entry.map_err(unavailable("list the runs"))?;
        rows.extend(read(ledger, &Row::new(&entry).get("run")?).await?);
    }
    Ok(rows)
}

pub(super) async fn record_analysis(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    analysis: &Input,
    documents: &BTreeSet<DocumentId>,
) -> Result<AnalysisRecorded, LedgerError> {
    let pending = item::set(documents);
    let set = if pending.is_some() {
        ", pending_documents = :documents"
    } else {
        ""
    };
    let request = meta(ledger, run)
        .update_expression(format!(
            "SET #state = :rendering, analysis = :analysis, documents = :none{set}"
        ))
        .condition_expression(
            "#gen = :gen AND attribute_not_exists(analysis) AND #state IN (:collecting, :analyzing)",
        )
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":gen", n(generation.0))
        .expression_attribute_values(":rendering", s(RunState::Rendering.as_str()))
        .expression_attribute_values(":collecting", s(RunState::Collecting.as_str()))
        .expression_attribute_values(":analyzing", s(RunState::Analyzing.as_str()))
        .expression_attribute_values(":analysis", item::input(analysis))
        .expression_attribute_values(":none", AttributeValue::M(Item::new()))
        .set_expression_attribute_values_if(":documents", pending);
    let row = match ledger.update("record the analysis", request).await? {
        Write::Done(_) => {
            return Ok(AnalysisRecorded::Stands {
                pending: documents.clone(),
            });
        }
        Write::Refused(row) => current(ledger, run, row).await?,
    };
    if row.plan.generation > generation {
        return Ok(AnalysisRecorded::Stale);
    }
    match row.analysis {
        Some(stands) if stands.sha256 == analysis.sha256 => Ok(AnalysisRecorded::Stands {
            pending: row.pending_documents,
        }),
        Some(stands) => Ok(AnalysisRecorded::Differs {
            stands: stands.sha256,
        }),
        None => Err(LedgerError::Malformed {
            row: run_pk(run),
            reason: format!(
                "is {} at {}, so no analysis of {generation} is recorded; rerun it in a new generation",
                row.state.as_str(),
                row.plan.generation
            ),
        }),
    }
}

pub(super) async fn finish(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    state: RunState,
    now: Timestamp,
) -> Result<(), LedgerError> {
    if !state.is_end() {
        let reason = format!("{} is no end state of a run", state.as_str());
        return Err(LedgerError::Malformed {
            row: run_pk(run),
            reason,
        });
    }
    // One that did not end well stays on the index until the operator is told; so does one of which mail came back while it
    // ended, which is why the first try says that none has.
    let is_well = state == RunState::Finished;
    match end(ledger, run, generation, state, now, !is_well).await? {
        Write::Done(_) => Ok(()),
        Write::Refused(row) => {
            // A later generation, or an end already: nothing to do, but there must be a run.
            let row = current(ledger, run, row).await?;
            if is_well && !row.came_back.is_empty() {
                end(ledger, run, generation, state, now, true).await?;
            }
            Ok(())
        }
    }
}

/// Ends a run, with a notice that is due or without.
async fn end(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    state: RunState,
    now: Timestamp,
    is_notice_due: bool,
) -> Result<Write, LedgerError> {
    let is_open = "#gen = :gen AND NOT #state IN (:finished, :degraded, :failed)";
    let request = if is_notice_due {
        meta(ledger, run)
            .update_expression("SET #state = :state, finished_at = :now, #open = :notice, due_at = :now")
            .condition_expression(is_open)
            .expression_attribute_values(":notice", s(open::NOTICE))
    } else {
        meta(ledger, run)
            .update_expression("SET #state = :state, finished_at = :now REMOVE #open, due_at")
            .condition_expression(format!("{is_open} AND attribute_not_exists(came_back)"))
    };
    let request = request
        .expression_attribute_names("#open", open::OPEN)
        .expression_attribute_names("#gen", "gen")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":gen", n(generation.0))
        .expression_attribute_values(":state", s(state.as_str()))
        .expression_attribute_values(":now", instant(now))
        .expression_attribute_values(":finished", s(RunState::Finished.as_str()))
        .expression_attribute_values(":degraded", s(RunState::Degraded.as_str()))
        .expression_attribute_values(":failed", s(RunState::Failed.as_str()));
    ledger.update("finish a run", request).await
}

/// An update of the run's row.
fn meta(ledger: &DynamoLedger, run: &RunId) -> UpdateItemFluentBuilder {
    ledger
        .client
        .update_item()
        .key("PK", s(run_pk(run)))
        .key("SK", s(META))
}

/// The row behind a refused condition. A peer may not return it with the refusal; then it is read.
async fn current(ledger: &DynamoLedger, run: &RunId, refused: Option<Item>) -> Result<RunRow, LedgerError> {
    match refused {
        Some(row) => parse(&row),
        None => read(ledger, run)
            .await?
            .ok_or_else(|| LedgerError::NoRun(run.clone())),
    }
}

/// Binds a value only where the expression names it: DynamoDB refuses one that is not used.
trait BindIf {
    fn set_expression_attribute_values_if(self, name: &str, value: Option<AttributeValue>) -> Self;
}
impl BindIf for UpdateItemFluentBuilder {
    fn set_expression_attribute_values_if(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.expression_attribute_values(name, value),
            None => self,
        }
    }
}

/// Writes an attribute only where there is a value: an empty set is an absent one.
trait ItemIf {
    fn set_item_if(self, name: &str, value: Option<AttributeValue>) -> Self;
}
impl ItemIf for PutItemFluentBuilder {
    fn set_item_if(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.item(name, value),
            None => self,
        }
    }
}

fn parse(item: &Item) -> Result<RunRow, LedgerError> {
    let row = Row::new(item);
    let planned_at: Timestamp = row.get("planned_at")?;
    let only = row.set("only")?;
    let plan = RunPlan {
        run: row.get("run")?,
        generation: Generation(row.number("gen")?),
        mail_epoch: MailEpoch(row.number("mail_epoch")?),
        parts: row.set("planned_parts")?,
        portfolio: row.input("portfolio")?,
        scheduled_at: row.get("scheduled_at")?,
        not_after: row.get("not_after")?,
        // Rows of a build that had no sweeper lack these two.
        tz: row.maybe("tz")?.unwrap_or_else(|| "UTC".to_owned()),
        collect_until: row.maybe("collect_until")?.unwrap_or(planned_at),
        only: (!only.is_empty()).then_some(only),
        planned_at,
    };
    Ok(RunRow {
        plan,
        state: row.get("state")?,
        pending_parts: row.set("pending_parts")?,
        parts: row.results("parts")?,
        missing_parts: row.set("missing_parts")?,
        late_parts: row.set("late_parts")?,
        analyze_sent_at: row.maybe("analyze_sent_at")?,
        analysis: row.maybe_input("analysis")?,
        pending_documents: row.set("pending_documents")?,
        documents: row.results("documents")?,
        missing_documents: row.set("missing_documents")?,
        mail_sent_at: row.maybe("mail_sent_at")?,
        finished_at: row.maybe("finished_at")?,
        end_told: row.maybe("end_told")?,
        came_back: row.set("came_back")?,
    })
}
