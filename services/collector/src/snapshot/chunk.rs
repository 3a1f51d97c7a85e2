//! Rows of text cells in one arena: a schemaless table in memory, bounded, without an allocation per cell.

use std::collections::HashMap;

/// A column of a table, by order of first appearance. Never shown: what is written is sorted by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ColumnId(u32);

impl ColumnId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
    pub(super) fn to_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }
    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }
}

/// The columns that a table has shown so far.
#[derive(Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    ids: HashMap<String, ColumnId>,
}

impl Columns {
    /// The column of that name, new or known.
    pub fn id(&mut self, name: &str) -> ColumnId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = ColumnId(index(self.names.len()));
        self.names.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }
    /// The columns of these names, in this order.
    pub fn from_names(names: impl IntoIterator<Item = String>) -> Self {
        let mut columns = Self::default();
        for name in names {
            columns.id(&name);
        }
        columns
    }
    /// All names, by id.
    pub fn names(&self) -> &[String] {
        &self.names
    }
    /// Its name.
    pub fn name(&self, id: ColumnId) -> &str {
        &self.names[id.index()]
    }
    /// How many there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    column: ColumnId,
    start: u32,
    end: u32,
}

/// `start` of a cell that is there and null, as DynamoDB's NULL is.
const NULL: u32 = u32::MAX;

/// At most so many rows in a chunk, and so in a file.
pub const MAX_ROWS: usize = 65_536;
/// A chunk is full at so many bytes of text and cells; the row that crosses the limit still fits.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// And at so many places of its table, rows times columns: a file has four bytes for each, whether there is a value or not.
const MAX_PLACES: usize = 128 * MAX_ROWS;

/// Some rows of a table.
#[derive(Debug, Default)]
pub struct Chunk {
    text: String,
    cells: Vec<Cell>,
    rows: Vec<(u32, u32)>,
    seen: Vec<bool>,
    columns: usize,
}

impl Chunk {
    /// Starts a row; the cells that follow are its own. A column may come once in a row.
    pub fn begin_row(&mut self) {
        let at = index(self.cells.len());
        self.rows.push((at, at));
    }

    /// Adds a cell to the row begun last; `write` appends its text and answers whether there is a value at all.
    pub fn cell<E>(
        &mut self,
        column: ColumnId,
        write: impl FnOnce(&mut String) -> Result<bool, E>,
    ) -> Result<(), E> {
        let start = index(self.text.len());
        let cell = match write(&mut self.text)? {
            true => Cell {
                column,
                start,
                end: index(self.text.len()),
            },
            false => Cell {
                column,
                start: NULL,
                end: NULL,
            },
        };
        self.cells.push(cell);
        if self.seen.len() <= column.index() {
            self.seen.resize(column.index() + 1, false);
        }
        if !std::mem::replace(&mut self.seen[column.index()], true) {
            self.columns += 1;
        }
        if let Some(row) = self.rows.last_mut() {
            row.1 = index(self.cells.len());
        }
        Ok(())
    }

    /// Adds a cell with a text, or null.
    pub fn text_cell(&mut self, column: ColumnId, text: Option<&str>) {
        let written: Result<(), std::convert::Infallible> = self.cell(column, |out| {
            out.push_str(text.unwrap_or_default());
            Ok(text.is_some())
        });
        let Ok(()) = written;
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// Whether it is time to write it. Says the same of the same rows, whatever was before them.
    pub fn is_full(&self) -> bool {
        let bytes = self.text.len() + self.cells.len() * size_of::<Cell>();
        self.rows.len() >= MAX_ROWS || bytes >= MAX_BYTES || self.rows.len() * self.columns >= MAX_PLACES
    }

    /// The cells of a row, in the order they were added.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (ColumnId, Option<&str>)> {
        let (start, end) = self.rows[row];
        self.cells[start as usize..end as usize]
            .iter()
            .map(|cell| (cell.column, self.text_of(*cell)))
    }

    /// Orders the rows by the texts of their first `keys` cells, which every row has in the same order. Of rows that have
    /// all of them in common the last stands: an item that was read twice, because it moved in an index meanwhile.
    pub fn sort_by_leading_cells(&mut self, keys: usize) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.reverse();
        rows.sort_by(|a, b| self.leading(*a, keys).cmp(self.leading(*b, keys)));
        if keys > 0 {
            rows.dedup_by(|b, a| self.leading(*a, keys).eq(self.leading(*b, keys)));
        }
        self.rows = rows;
    }

    /// The texts of a row's first `keys` cells.
    pub fn key(&self, row: usize, keys: usize) -> impl Iterator<Item = Option<&str>> {
        self.leading(self.rows[row], keys)
    }

    fn leading(&self, (start, end): (u32, u32), keys: usize) -> impl Iterator<Item = Option<&str>> {
        self.cells[start as usize..end as usize]
            .iter()
            .take(keys)
            .map(|cell| self.text_of(*cell))
    }

    fn text_of(&self, cell: Cell) -> Option<&str> {
        (cell.start != NULL).then(|| &self.text[cell.start as usize..cell.end as usize])
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a chunk is cut at 32 MiB, long before an index needs more than 32 bits")
}

#[cfg(test)]
mod tests;
