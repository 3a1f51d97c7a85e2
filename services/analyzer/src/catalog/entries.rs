//! The entries of the catalog, as their TOML files hold them.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use shared::facts::{Better, Severity, Unit};
use toml::Spanned;

use super::file::Entry;

/// A query in a TOML file.
pub type Sql = Spanned<String>;

/// How many days an entry looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Seven days.
    #[serde(rename = "last_7d")]
    Last7d,
    /// Thirty days.
    #[serde(rename = "last_30d")]
    Last30d,
    /// Ninety days.
    #[serde(rename = "last_90d")]
    Last90d,
    /// The month to date.
    Mtd,
    /// The last complete month.
    LastMonth,
    /// The year to date.
    Ytd,
    /// Twelve months.
    Ttm,
    /// A point in time.
    #[default]
    None,
}

/// What a day without a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// Nothing happened on it.
    #[default]
    Zero,
    /// Nobody knows.
    Unknown,
}

/// Rows per entity, or one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A row per entity; the portfolio's has entity NULL.
    Entity,
    /// One row.
    #[default]
    Portfolio,
}

macro_rules! entry {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $sample:literal, { $($(#[$fdoc:meta])* $(@$default:ident)? $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            /// `area.name`.
            #[schemars(with = "String")]
            pub id: Spanned<String>,
            /// Short.
            pub title: String,
            /// Tables, or `table.column`s, without which it cannot be computed.
            #[serde(default)]
            #[schemars(with = "Vec<String>")]
            pub needs: Vec<Spanned<String>>,
            /// Only for portfolios with an entity of such a kind.
            #[serde(default)]
            pub kinds: Vec<String>,
            /// The query: one SELECT of DataFusion's SQL.
            #[schemars(with = "String")]
            pub sql: Sql,
            /// The file it is in.
            #[serde(skip)]
            pub file: String,
            $($(#[$fdoc])* $(#[serde($default)])? pub $field: $type,)*
        }
        impl Entry for $name {
            const KIND: &'static str = $kind;
            const KEYS: &'static [&'static str] = &["id", "title", "needs", "kinds", "sql", $(stringify!($field),)*];
            const SAMPLE: &'static str = $sample;
            fn id(&self) -> &Spanned<String> {
                &self.id
            }
            fn file(&self) -> &str {
                &self.file
            }
            fn set_file(&mut self, file: &str) {
                self.file = file.to_owned();
            }
        }
    };
}

entry! {
    /// A KPI.
    Kpi, "kpi",
    "id = \"area.name\"\ntitle = \"Title\"\nsql = \"select 1\"\nunit = \"money\"\nblocks = \"the decision that waits for it\"\nfix = \"what to supply\"\n", {
        /// Of its values.
        unit: Unit,
        /// Which way is better.
        @default better: Better,
        /// Rows per entity, or one.
        @default grain: Grain,
        /// Who reads it.
        @default roles: Vec<String>,
        /// What it looks at.
        @default period: Period,
        /// The decision that it blocks when missing.
        blocks: String,
        /// What to supply.
        fix: String,
        /// Who can.
        @default owner: Option<String>,
    }
}

entry! {
    /// A rule that finds money at stake.
    Shortfall, "shortfall",
    "id = \"area.name\"\ntitle = \"Title\"\nsql = \"select 1\"\nrole = \"cfo\"\nseverity = \"high\"\neffort_days = 1.0\nprobability = 0.8\nconfidence = 0.7\nremedy = \"what to do\"\ndue_days = 14\n", {
        /// Who owns it.
        role: String,
        /// How bad.
        severity: Severity,
        /// Person-days.
        effort_days: f64,
        /// That the remedy works.
        probability: f64,
        /// In the estimate.
        confidence: f64,
        /// What to do.
        remedy: String,
        /// Days from the night that it was first seen.
        due_days: i64,
    }
}

entry! {
    /// An infrastructure check.
    Check, "check",
    "id = \"area.name\"\ntitle = \"Title\"\nsql = \"select 1\"\nseverity = \"high\"\narea = \"security\"\nrisk = \"what could happen\"\nfix = \"the command that mends it\"\neffort_days = 0.1\n", {
        /// How bad.
        severity: Severity,
        /// security, reliability, cost or delivery.
        area: String,
        /// The public check that is its equal.
        @default equivalent: Option<String>,
        /// What could happen.
        risk: String,
        /// Command that mends it; `{resource}` is the row's.
        fix: String,
        /// Command that undoes it.
        @default rollback: String,
        /// Person-days.
        effort_days: f64,
    }
}

entry! {
    /// A table that documents show.
    Model, "model",
    "id = \"area.name\"\ntitle = \"Title\"\nsql = \"select 1\"\ncolumns = [{ name = \"month\", label = \"Month\", unit = \"text\" }]\n", {
        /// Of the table.
        columns: Vec<ModelColumn>,
        /// The finding, in one sentence, over the table `model`.
        #[schemars(with = "Option<String>")]
        @default headline_sql: Option<Sql>,
        /// Below the table.
        @default note: Option<String>,
        /// Whether money and counts are added up in a last row.
        @default total: bool,
        /// Who reads it.
        @default roles: Vec<String>,
    }
}

entry! {
    /// A figure that reaches readers by several ways, and must be the same by each.
    Invariant, "invariant",
    "id = \"area.name\"\ntitle = \"Title\"\nsql = \"select 1\"\n", {
        /// Whose documents are held when it is broken; none named: all.
        @default roles: Vec<String>,
    }
}

entry! {
    /// One value a day, to be judged and looked ahead from.
    Series, "series",
    "id = \"area.daily\"\ntitle = \"Title\"\nsql = \"select 1\"\nunit = \"count\"\nleast = 3.0\n", {
        /// Of its values.
        unit: Unit,
        /// Which way is better.
        @default better: Better,
        /// Who reads it.
        @default roles: Vec<String>,
        /// What a day without a row is.
        @default absent: Absent,
        /// The least difference from what is usual that anybody would act on, in the unit.
        least: f64,
    }
}

/// A column of a model.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ModelColumn {
    /// In the query.
    pub name: String,
    /// Heading.
    pub label: String,
    /// Of the cells.
    pub unit: Unit,
}

/// Where a place of a query lies in its TOML file: `at` is line and column in the query, from 1.
pub fn place(text: &str, sql: &Sql, at: Option<(u64, u64)>) -> Range<usize> {
    let span = sql.span();
    let Some(start) = content_start(text, sql) else {
        return span;
    };
    let Some((line, column)) = at else {
        return start..start + first_line(sql.get_ref());
    };
    let inside = offset(sql.get_ref(), line, column);
    start + inside.start..start + inside.end
}

/// Where the query's text begins, if it stands in the file without escapes.
fn content_start(text: &str, sql: &Sql) -> Option<usize> {
    let raw = text.get(sql.span())?;
    let inner = raw.strip_prefix("\"\"\"").or_else(|| raw.strip_prefix("'''"));
    let skipped = match inner {
        Some(rest) if rest.starts_with("\r\n") => 5,
        Some(rest) if rest.starts_with('\n') => 4,
        Some(_) => 3,
        None => 1,
    };
    raw.get(skipped..)?
        .starts_with(sql.get_ref().as_str())
        .then_some(sql.span().start + skipped)
}

fn first_line(sql: &str) -> usize {
    sql.trim_end().find('\n').unwrap_or(sql.trim_end().len())
}

/// Bytes of the word at a line and column of a query, from 1; columns are characters.
pub fn offset(sql: &str, line: u64, column: u64) -> Range<usize> {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let before: usize = sql.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = &sql[before.min(sql.len())..];
    let start = rest
        .char_indices()
        .nth(column - 1)
        .map_or(rest.len(), |(at, _)| at);
    let word = rest[start..]
        .find(|c: char| !(c.is_alphanumeric() || "_.$\"".contains(c)))
        .unwrap_or(rest.len() - start);
    before + start..before + start + word.max(1).min(rest.len() - start)
}
