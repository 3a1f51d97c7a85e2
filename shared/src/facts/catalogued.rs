//! Facts that an entry of the catalog defines.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Status, Unit, Value};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    #[default]
    None,
}

/// The days that a figure covers, both inclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// In words: `last 30 days`, `Nov 2026 to date`.
    pub label: String,
    /// Whether the period is not over.
    pub partial: bool,
}

/// One night's value, for sparklines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Business date.
    pub date: Date,
    /// Value, as in that night's analysis.
    pub value: Value,
}

/// A KPI with a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kpi {
    /// Fact id.
    pub fact: String,
    /// Catalog id.
    pub id: String,
    /// Whose; none is the portfolio's.
    pub entity: Option<String>,
    /// Title.
    pub title: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Who reads it.
    pub roles: Vec<String>,
    /// The value.
    pub value: Value,
    /// The same over the comparison period.
    pub previous: Option<Value>,
    /// value - previous, in the unit (points for ratios); none where either is missing.
    pub delta: Option<Value>,
    /// What `previous` is: `same days of Oct`, `30 days before`.
    pub compared_with: Option<String>,
    /// The same over every period that it is compared with, `previous` first; none for a point in time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<Comparison>,
    /// Last night's value of the same fact.
    pub last_night: Option<Value>,
    /// The target, if one is set.
    pub target: Option<Value>,
    /// Against the target, or `good` where there is none and nothing is wrong; `unknown` where the target could not be read.
    pub status: Status,
    /// Observations behind it, where the query says.
    pub n: Option<i64>,
    /// The period, unless it is a point in time.
    pub period: Option<Period>,
    /// A remark of the query.
    pub note: Option<String>,
    /// Why the value is unknown though the KPI is not missing, or holds only a part: a source that was not read, a ledger
    /// that has ended, sales without a price. Such a value is neither better nor worse than last night's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
    /// Earlier nights, oldest first, at most 30.
    pub history: Vec<Point>,
    /// Digest of the SQL.
    pub sql_sha256: String,
}

/// A KPI over an earlier period, as today's records tell it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Which period.
    pub with: ComparedWith,
    /// The same in words: `same days of Oct`.
    pub label: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// The value then; null where it is not known.
    pub value: Value,
    /// Now - then, in the unit (points for ratios); none where either is missing.
    pub delta: Option<Value>,
    /// Why it is not known, or whom it is without: records that begin later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An earlier period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparedWith {
    /// The equally long one that ends where this one begins.
    Previous,
    /// The same days a month before.
    SameDaysLastMonth,
    /// The same days a year before.
    YearAgo,
}

/// Why a KPI is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// No view gives the table, or it has no rows.
    NoTable,
    /// The column has no value in any row.
    NoColumn,
    /// The query answered nothing: not computable for this period.
    NoValue,
    /// The query failed.
    Error,
}

/// A KPI that could not be computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MissingKpi {
    /// Fact id that it would have.
    pub fact: String,
    /// Catalog id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Who would read it.
    pub roles: Vec<String>,
    /// Why.
    pub reason: MissingReason,
    /// The reason in words, with the table and field.
    pub detail: String,
    /// Tables and fields it needs.
    pub needs: Vec<String>,
    /// The decision that it blocks.
    pub blocks: String,
    /// What to supply.
    pub fix: String,
    /// Who can.
    pub owner: Option<String>,
    /// First night it was missing in a row.
    pub since: Date,
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Now.
    Critical,
    /// This week.
    High,
    /// This month.
    Medium,
    /// Some day.
    Low,
}

/// Money at stake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shortfall {
    /// Fact id.
    pub fact: String,
    /// Catalog id.
    pub id: String,
    /// From 1.
    pub rank: u32,
    /// Whose; none is the portfolio's.
    pub entity: Option<String>,
    /// Short title.
    pub title: String,
    /// The finding, with its figures.
    pub headline: String,
    /// Where it comes from.
    pub evidence: String,
    /// Role that owns it.
    pub role: String,
    /// How bad.
    pub severity: Severity,
    /// Money per 30 days; none is unknown.
    pub at_stake: Option<Value>,
    /// What to do.
    pub remedy: String,
    /// Person-days.
    pub effort_days: f64,
    /// Observations.
    pub n: Option<i64>,
    /// The higher ranked shortfall of the same business that the same money is at stake in: it is lost once, not twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// First night it was seen in a row.
    pub since: Date,
    /// Digest of the SQL.
    pub sql_sha256: String,
}

/// What a check says of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Passes.
    Ok,
    /// Fails.
    Alarm,
    /// Does not apply.
    Skip,
    /// Could not be seen.
    Unknown,
    /// Fails, and is accepted until a date.
    Accepted,
}

/// A check's result for one resource; only `alarm`, `unknown` and `accepted` ones are listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Fact id.
    pub fact: String,
    /// Check id.
    pub check: String,
    /// Check title.
    pub title: String,
    /// `security`, `reliability`, `cost` or `delivery`: documents show findings by area.
    pub area: String,
    /// How bad.
    pub severity: Severity,
    /// Resource name; `*` where the inventory of the whole service is unknown.
    pub resource: String,
    /// Whose.
    pub entity: Option<String>,
    /// How it stands.
    pub status: CheckStatus,
    /// In words.
    pub reason: String,
    /// What could happen.
    pub risk: String,
    /// Command that mends it.
    pub fix: String,
    /// Command that undoes it.
    pub rollback: String,
    /// The public check that is its equal.
    pub equivalent: Option<String>,
    /// Person-days.
    pub effort_days: f64,
    /// Money a month that mending it saves.
    pub savings_monthly: Option<Value>,
    /// First night it was seen in a row.
    pub since: Date,
}

/// Where an action comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionSource {
    /// A shortfall's remedy.
    Shortfall,
    /// A finding's fix.
    Finding,
    /// A task of a handoff document or table.
    Task,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// To do.
    Open,
    /// Its date has passed.
    Slipped,
    /// Put off until a day that is still to come.
    Snoozed,
    /// Its risk is taken until a day that is still to come.
    Accepted,
    /// Done.
    Done,
}

impl ActionState {
    /// Whether somebody has to do something: open or slipped.
    pub fn is_to_do(self) -> bool {
        matches!(self, Self::Open | Self::Slipped)
    }
}

/// What somebody decided about an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActionDecision {
    /// When.
    pub on: Date,
    /// The last day that it holds; none for what is done.
    pub until: Option<Date>,
    /// Why.
    pub reason: Option<String>,
}

/// One item of the agenda.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// Fact id, stable across nights.
    pub fact: String,
    /// From 1, by score.
    pub rank: u32,
    /// Where it comes from.
    pub source: ActionSource,
    /// What to do.
    pub title: String,
    /// Whose business.
    pub entity: Option<String>,
    /// Role that owns it; `unassigned` where nobody does.
    pub owner: String,
    /// By when.
    pub due: Option<Date>,
    /// Where it stands.
    pub state: ActionState,
    /// Money per 30 days.
    pub impact: Option<Value>,
    /// Money once.
    pub cost: Option<Value>,
    /// Person-days.
    pub effort_days: f64,
    /// $ at stake x probability x confidence / effort, times the deadline multiplier (reports rule 17).
    pub score: f64,
    /// How bad the cause is.
    pub severity: Severity,
    /// Command, where there is one.
    pub command: Option<String>,
    /// Command that undoes it.
    pub rollback: Option<String>,
    /// First night it was seen in a row.
    pub since: Date,
    /// What people call it: `A7K2QX`. The same every night.
    #[serde(default)]
    pub code: String,
    /// What was decided about it, where that still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<ActionDecision>,
    /// Of one that a decision says is done: its impact on the night before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// Of the same: by how much what is at stake has fallen since; none where it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Value>,
}

/// A non-negotiable rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleResult {
    /// Fact id.
    pub fact: String,
    /// Title.
    pub title: String,
    /// `good` is pass, `bad` is fail.
    pub status: Status,
    /// In words, with the figures.
    pub reason: String,
}

/// Figures that reach readers by several ways, and must be the same by each. Where they are not, the documents that show them
/// are held: nobody can tell which is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvariantResult {
    /// Fact id.
    pub fact: String,
    /// Title.
    pub title: String,
    /// Whose documents are held when it is broken; none: everybody's.
    pub roles: Vec<String>,
    /// `good`: all are equal; `bad`: some are not; `unknown`: there was nothing to compare, or not all of it is known.
    pub status: Status,
    /// In words, with the figures that differ.
    pub reason: String,
}

impl InvariantResult {
    /// Whether it is broken, and documents of this role show its figures.
    pub fn holds_back(&self, role: &str) -> bool {
        self.status == Status::Bad && (self.roles.is_empty() || self.roles.iter().any(|r| r == role))
    }
}

/// A column of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Name in the query.
    pub name: String,
    /// Heading.
    pub label: String,
    /// Unit of the cells.
    pub unit: Unit,
}

/// A table that documents show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Model {
    /// Fact id.
    pub fact: String,
    /// Title.
    pub title: String,
    /// The finding, in one sentence.
    pub headline: Option<String>,
    /// Of the finding; `unknown` where the model could not be computed.
    pub status: Status,
    /// Why it is unknown, or empty.
    pub reason: Option<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows of cells, in column order.
    pub rows: Vec<Vec<Value>>,
    /// The totals row.
    pub total: Option<Vec<Value>>,
    /// Below the table: method, source, caveat.
    pub note: Option<String>,
    /// Of a model about one kind of business, where several are of it: what it says of each, by entity id. An audit's
    /// heading is its own business's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_entity: BTreeMap<String, ModelOfEntity>,
    /// Digest of the SQL.
    pub sql_sha256: String,
}

/// What a model says of one business, from its rows alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelOfEntity {
    /// The finding, in one sentence.
    pub headline: Option<String>,
    /// Of the finding.
    pub status: Status,
    /// The totals row.
    pub total: Option<Vec<Value>>,
}
