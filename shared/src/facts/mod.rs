//! `analysis.json`: the public contract between the analyzer, the renderer and whoever else reads a night.
//!
//! Start at [`Analysis`]. Fact ids: `kpi:<id>` or `kpi:<id>@<entity>`, `shortfall:<id>[@<entity>][#<key>]`,
//! `check:<id>:<resource>`, `model:<id>`, `action:<stable id>`, `rule:<id>`,
//! `invariant:<id>`, `day:<series>[@<entity>]`, `forecast:<series>[@<entity>]#<days>d`. A fact that cannot be computed is listed
//! as missing or unknown with its reason; it is never a zero.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod catalogued;
mod outlook;
mod restated;
mod value;
pub use catalogued::*;
pub use outlook::*;
pub use restated::*;
pub use value::{Unit, Value};

/// The schema's name and major version; additions keep it, removals and changes of meaning raise it.
pub const SCHEMA: &str = "quarterdeck.analysis/1";

/// Everything a night found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which night.
    pub run: RunInfo,
    /// The businesses, each with a verdict.
    pub entities: Vec<EntityReport>,
    /// What was collected, and how well.
    pub sources: Vec<SourceReport>,
    /// Values that a tolerant function could not read, per source and column.
    pub unreadable: Vec<Unreadable>,
    /// What of the catalog failed: view pieces, queries, columns.
    #[serde(default)]
    pub problems: Vec<QueryProblem>,
    /// How much of the catalog could be computed.
    pub coverage: Coverage,
    /// Targets and parameters that the portfolio reads elsewhere, with what was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<EnvironmentValue>,
    /// Computable KPIs, by id and entity (the portfolio's row first).
    pub kpis: Vec<Kpi>,
    /// KPIs that could not be computed, and what they need.
    pub missing_kpis: Vec<MissingKpi>,
    /// Ranked: the most money at stake first.
    pub shortfalls: Vec<Shortfall>,
    /// Infrastructure findings, worst first.
    pub findings: Vec<Finding>,
    /// The 30-day agenda, ranked.
    pub actions: Vec<Action>,
    /// The portfolio's non-negotiable rules.
    pub rules: Vec<RuleResult>,
    /// Figures that must be the same by every way that they reach a reader.
    #[serde(default)]
    pub invariants: Vec<InvariantResult>,
    /// Since the previous run.
    pub changes: Vec<Change>,
    /// Lint findings of the handoff documents, for their authors.
    pub handoff_lint: Vec<HandoffLint>,
    /// Tables for the documents, by model id.
    pub models: BTreeMap<String, Model>,
    /// The last day of each series, against what such a day usually brings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<DayReport>,
    /// What the next days should bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forecasts: Vec<Forecast>,
    /// Forecasts of earlier nights whose days were over tonight for the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
    /// Where every fact of every night is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryRef>,
}

/// Which night, made from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// Run id.
    pub id: String,
    /// Portfolio id.
    pub portfolio: String,
    /// Portfolio title.
    pub title: String,
    /// The last complete day, in `tz`.
    pub business_date: Date,
    /// IANA zone.
    pub tz: String,
    /// Reporting currency.
    pub currency: String,
    /// The scheduled time of the night.
    pub as_of: Timestamp,
    /// Generation.
    pub generation: u32,
    /// Digest over all parts of the snapshot.
    pub snapshot_sha256: String,
    /// Digest over catalog, views and parameters.
    pub catalog_sha256: String,
    /// The run compared with, if there was one.
    pub previous_run: Option<String>,
}

/// How a thing stands. Never colour alone: the word is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Good,
    /// To be watched.
    Watch,
    /// Needs a decision.
    Bad,
    /// Not known: neither a zero nor a pass.
    Unknown,
}

/// A business and its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntityReport {
    /// Entity id.
    pub id: String,
    /// Display name.
    pub title: String,
    /// Kind of business.
    pub kind: String,
    /// Stage of life.
    pub stage: String,
    /// The verdict.
    pub status: Status,
    /// The one reason for it.
    pub reason: String,
    /// The fact that the reason rests on.
    pub fact: Option<String>,
}

/// How a source was collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Read to its end.
    Ok,
    /// Read, and it has no rows.
    Empty,
    /// It is not there.
    Missing,
    /// It could not be read, or not to its end.
    Failed,
    /// It never came in time.
    Late,
}

/// A source and how well it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceReport {
    /// Part id, e.g. `dynamodb.jada-calendar`.
    pub id: String,
    /// `dynamodb`, `csv`, `handoffs`, `inventory`, `environment`, `ledger`.
    pub kind: String,
    /// Whose it is, where it is one entity's.
    pub entity: Option<String>,
    /// Whether mail is held when it fails.
    pub core: bool,
    /// How it went.
    pub state: SourceState,
    /// Rows collected.
    pub rows: u64,
    /// Bytes of Parquet written.
    pub bytes: u64,
    /// Why, where it is not `ok`; what to do.
    pub reason: Option<String>,
}

/// Values of one column that a tolerant function could not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unreadable {
    /// The view piece, KPI or other query that read it, e.g. `views/bookings.jada.sql`.
    pub source: String,
    /// The function.
    pub function: String,
    /// The column that it read, e.g. `charter_date`.
    #[serde(default)]
    pub column: String,
    /// How many values.
    pub count: u64,
    /// Out of how many non-blank ones.
    pub of: u64,
    /// Up to three, cut to 40 characters, control characters replaced.
    pub examples: Vec<String>,
}

/// A query of the catalog that failed, or answered less than it should. What rests on it is missing or unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueryProblem {
    /// Its file, e.g. `catalog/views/bookings.jada.sql`.
    pub file: String,
    /// The entry in it, where a file has several.
    pub entry: Option<String>,
    /// From 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub suggestion: Option<String>,
}

/// A target or a parameter that is read of an environment variable or an SSM parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentValue {
    /// What it is for: `targets.<kpi>[@<entity>]` or `parameters.<name>`.
    pub setting: String,
    /// `env` or `ssm`.
    pub source: String,
    /// Of the variable or the parameter.
    pub name: String,
    /// A decimal number as text; none is unknown.
    pub value: Option<String>,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// How much of the catalog could be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// KPIs with a value.
    pub computable: u32,
    /// KPIs in the catalog.
    pub total: u32,
    /// Sources read.
    pub sources_ok: u32,
    /// Sources configured.
    pub sources_total: u32,
}

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Was not there.
    New,
    /// Got worse.
    Worse,
    /// Got better.
    Better,
    /// Is gone, or done.
    Resolved,
    /// The past itself changed.
    Restated,
}

/// A difference to the previous run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// The fact it is about.
    pub fact: String,
    /// Whose, where it is one entity's.
    pub entity: Option<String>,
    /// The roles it concerns.
    pub roles: Vec<String>,
    /// The fact's title.
    pub title: String,
    /// Before, as in the previous analysis.
    pub before: Option<Value>,
    /// Now.
    pub after: Option<Value>,
    /// A sentence with both figures.
    pub text: String,
    /// For ordering: money at stake per 30 days, or the size of the change, in minor units; 0 where neither applies.
    pub weight: i64,
    /// Of a restated figure: which rows of the past are not what they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restated: Option<Restated>,
}

/// A lint finding of a handoff document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandoffLint {
    /// File name.
    pub file: String,
    /// Whose.
    pub entity: Option<String>,
    /// 1-based.
    pub line: u32,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `QUARTERDECK_WRITE_SCHEMA=1 cargo test` writes it anew; a change of meaning also raises [`SCHEMA`].
    #[test]
    fn the_published_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/analysis.schema.json");
        let mut schema = serde_json::to_string_pretty(&schemars::schema_for!(Analysis)).unwrap();
        schema.push('\n');
        if std::env::var_os("QUARTERDECK_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            published == schema,
            "docs/analysis.schema.json is not what the types say: write it anew"
        );
    }
}
