//! Days: what yesterday brought against what such a day usually brings, what the next days should bring, and how well that
//! was said before.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Unit, Value};
use crate::id::Sha256;

/// The last day of a series of days, judged by the days before it; or the total of its last 7 or 28 days, where too little
/// happens on most days, judged by as many days before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DayReport {
    /// Fact id.
    pub fact: String,
    /// Catalog id of the series.
    pub series: String,
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
    /// The last day that is known.
    pub day: Date,
    /// Days that the value is the total of, up to that one: 1, 7 or 28.
    pub days: u32,
    /// What they brought; null is unknown.
    pub value: Value,
    /// What such days usually bring; none with fewer than 14 of them before, or where even 28 days mostly bring nothing.
    pub usual: Option<Value>,
    /// Three spreads below that.
    pub low: Option<Value>,
    /// Three spreads above it.
    pub high: Option<Value>,
    /// By what it was judged: `weekday`, `all_days` or `stl`.
    pub by: Option<String>,
    /// Such days, or weeks, before that are known.
    pub n: u32,
    /// Whether the value is outside of low and high, and far enough from the usual to matter.
    pub surprise: bool,
    /// Why the value is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// The total of some days to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Fact id: `forecast:<series>[@entity]#<days>d`.
    pub fact: String,
    /// Catalog id of the series.
    pub series: String,
    /// Whose; none is the portfolio's.
    pub entity: Option<String>,
    /// Title of the series.
    pub title: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Who reads it.
    pub roles: Vec<String>,
    /// The night that it was made.
    pub made_on: Date,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The total.
    pub value: Value,
    /// The total was above this, and below `high`, on four of five earlier evenings; none with fewer than five.
    pub low: Option<Value>,
    /// See `low`.
    pub high: Option<Value>,
    /// `seasonal_naive`, or what has missed by less: `weekday_mean`, `year_ago`, `stl`.
    pub method: String,
    /// What the last week repeated says.
    pub naive: Value,
    /// Earlier evenings that the methods were tried on.
    pub origins: u32,
    /// Mean absolute miss on these.
    pub miss: Option<Value>,
    /// The same of the last week repeated.
    pub naive_miss: Option<Value>,
}

/// A forecast of an earlier night whose days are over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grade {
    /// As it was made.
    pub forecast: Forecast,
    /// What the days brought, as tonight's records have it.
    pub actual: Value,
    /// actual - forecast.
    pub miss: Value,
    /// actual - what the last week repeated said.
    pub naive_miss: Value,
    /// Whether it lay within low and high; none where there was no band.
    pub within: Option<bool>,
}

/// The file that remembers every night's facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryRef {
    /// Digest of `history.parquet` beside this analysis.
    #[schemars(with = "String")]
    pub sha256: Sha256,
    /// Its bytes.
    pub bytes: u64,
    /// Facts in it, of all nights.
    pub rows: u64,
    /// Its first night.
    pub since: Date,
}
