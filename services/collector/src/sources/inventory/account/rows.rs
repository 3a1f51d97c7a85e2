//! What a reading of the account comes to: rows, and gaps where a call had no answer. Start at [`Inventory`].

use std::collections::BTreeMap;

use super::{
    client::CallError,
    reach::{Unknown, reach},
};
use crate::sources::inventory::tables::{GAPS, columns_of};

/// A row: text by column. A column that is absent or `None` is unknown; an empty text means that there is none.
pub type Row = BTreeMap<String, Option<String>>;

/// A call that had no answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// As in the call table.
    pub service: String,
    /// Or `global`; `other` is all that could not be listed.
    pub region: String,
    /// The call's name.
    pub operation: String,
    /// [`CallError`], in one word.
    pub error: String,
}

impl Gap {
    /// Of a call.
    pub fn new(service: &str, region: &str, operation: &str, error: &CallError) -> Self {
        Self {
            service: service.to_owned(),
            region: region.to_owned(),
            operation: operation.to_owned(),
            error: error.to_string(),
        }
    }
}

/// What was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Rows by table, sorted. A table that is not here was not read anywhere; one without rows was read and has none.
    pub tables: BTreeMap<&'static str, Vec<Row>>,
    /// Calls without an answer, and of how many resources (1 where it is a list).
    pub gaps: BTreeMap<Gap, u64>,
    /// The account's id, where it could be asked for.
    pub account: Option<String>,
    /// The regions that were read.
    pub regions: Vec<String>,
}

impl Inventory {
    /// Counts a gap.
    pub fn gap(&mut self, gap: Gap) {
        *self.gaps.entry(gap).or_default() += 1;
    }
    /// The rows of a table, or none.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map(Vec::as_slice).unwrap_or_default()
    }
    /// The same, to change; none where the table was not read.
    pub fn rows_mut(&mut self, table: &str) -> &mut [Row] {
        self.tables
            .get_mut(table)
            .map(Vec::as_mut_slice)
            .unwrap_or_default()
    }
    /// What a gap leaves unknown, as a JSON list; of cells, those columns that are NULL in any row.
    fn concerns(&self, gap: &Gap) -> Option<String> {
        let open = |unknown: &Unknown| match unknown {
            Unknown::Rows(_) => true,
            Unknown::Cells(table, column) => self.rows(table).iter().any(|row| text(row, column).is_none()),
        };
        let unknown = reach(gap)?
            .into_iter()
            .filter(open)
            .map(|unknown| unknown.to_string());
        serde_json::to_string(&unknown.collect::<Vec<_>>()).ok()
    }
    /// Sorted, so that the same account gives the same bytes in whatever order its answers came; gaps as a table of their own.
    pub fn settle(&mut self) {
        if !self.gaps.is_empty() {
            let rows = self.gaps.iter().map(|(gap, resources)| {
                let cells = [
                    ("service", Some(gap.service.clone())),
                    ("region", Some(gap.region.clone())),
                    ("operation", Some(gap.operation.clone())),
                    ("error", Some(gap.error.clone())),
                    ("resources", Some(resources.to_string())),
                    ("concerns", self.concerns(gap)),
                ];
                cells.map(|(name, text)| (name.to_owned(), text)).into()
            });
            let rows = rows.collect();
            self.tables.insert(GAPS, rows);
        }
        for (table, rows) in &mut self.tables {
            // What names a resource comes first among the columns.
            let columns = columns_of(table).unwrap_or_default();
            rows.sort_by(|a, b| {
                columns
                    .iter()
                    .map(|c| a.get(c))
                    .cmp(columns.iter().map(|c| b.get(c)))
            });
        }
    }
}

/// A cell's text; `None` where it is unknown.
pub fn text<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    row.get(column)?.as_deref()
}

/// Sets a cell.
pub fn set(row: &mut Row, column: &str, text: Option<String>) {
    row.insert(column.to_owned(), text);
}
