//! A DynamoDB table as a source: which, whose, and how it is read.

use crate::id::EntityId;

/// A DynamoDB table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSource {
    /// Its name.
    pub table: String,
    /// Whose, unless shared.
    pub entity: Option<EntityId>,
    /// Whether mail is held when it fails.
    pub core: bool,
    /// Columns that must exist even when no item has them; those of `project` among them.
    pub attributes: Vec<String>,
    /// The attributes that are read, beside the key; all of them where there are none.
    pub project: Vec<String>,
    /// Which of its items, and from where.
    pub from: ReadFrom,
    /// Its region, if it is not the deployment's.
    pub region: Option<String>,
    /// ARN of the role to read it under, if it is in another account.
    pub role: Option<String>,
    /// At most so many read units are consumed in a second. None: half of what is provisioned; no limit on demand.
    pub read_units_per_second: Option<u32>,
}

/// Which items of a table are read, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReadFrom {
    /// All of them, from the table.
    #[default]
    Scan,
    /// Those of some days, by an index.
    Query(TableQuery),
    /// All of them as of the newest export to S3 below this path of the portfolio's inputs.
    Export(String),
}

/// The items of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableQuery {
    /// A secondary index.
    pub index: String,
    /// The attribute that has the day, as text that begins with `2026-11-20`. The index's sort key where there are
    /// `values`; else its partition key, which then has the day and no more.
    pub date: String,
    /// The index's partition key, and the values of it to ask for.
    pub partition: Option<(String, Vec<String>)>,
    /// How many days, up to the business date and with it.
    pub days: i64,
    /// How many days after the business date.
    pub days_ahead: i64,
}
