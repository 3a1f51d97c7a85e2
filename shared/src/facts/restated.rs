//! Which rows of the past are not what they were, where a figure for days that are over is another than it was.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Unit, Value};

/// The rows behind a restated figure that are not what they were the night before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Restated {
    /// Five of them at most: those dated within the figure's days first, then by how much money it is about.
    pub rows: Vec<RestatedRow>,
    /// How many there are beside those.
    pub more: u64,
    /// Why nobody knows of all rows whether they changed; none: all were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// It is there now, and was not.
    Added,
    /// It was there, and is not.
    Removed,
    /// It is there under the same key, with other values.
    Changed,
}

/// A row that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RestatedRow {
    /// The canonical or collected table.
    pub table: String,
    /// Its key without the entity, parts apart by ` / `; none where the table has none, or it may name a person.
    pub key: Option<String>,
    /// Whose it is, where it is one entity's.
    pub entity: Option<String>,
    /// Its day: the first of its dates, as they are now.
    pub day: Option<Date>,
    /// What became of it.
    pub what: RowChange,
    /// What changed, in the table's order; of a row that was added or removed all that is shown of it.
    pub columns: Vec<RestatedColumn>,
    /// Columns that changed too, whose values are words that somebody wrote and are not repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unshown: Vec<String>,
}

/// A value of a row that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RestatedColumn {
    /// Of the table.
    pub column: String,
    /// Of both values.
    pub unit: Unit,
    /// The night before; null where it was empty, or the row was not there.
    pub before: Value,
    /// Now; null where it is empty, or the row is not there.
    pub after: Value,
}
