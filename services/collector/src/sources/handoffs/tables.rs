//! Tables, from their lines as they stand: Markdown readers drop the cells beyond the header, and do not see a table at
//! all when the line below the header has another number of columns. Here nothing is dropped, and the author is told.

use super::{
    codes::Code,
    document::{Cell, Lint},
    lint, text,
};

/// Characters of a column's header.
const LONGEST: usize = 100;

/// Cells and lints of a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Row by row; none for cells that a row lacks.
    pub cells: Vec<Cell>,
    /// What to mend.
    pub lints: Vec<Lint>,
}

/// Whether `lines` (a paragraph, for the Markdown parser) were meant to be a table: the second one rules off columns.
pub fn looks_like_one(lines: &[&str]) -> bool {
    lines.len() >= 2 && lines[0].contains('|') && is_delimiter(lines[1])
}

fn is_delimiter(line: &str) -> bool {
    let cells = split(line);
    let dashes = |cell: &String| {
        let inner = cell.trim_matches(':');
        !inner.is_empty() && inner.bytes().all(|b| b == b'-')
    };
    line.contains('|') && cells.iter().all(dashes)
}

/// Reads the lines of a table, the first of which is line number `line` and its header.
pub fn read(line: usize, lines: &[&str], table_no: usize, section: Option<&str>) -> Table {
    let mut table = Table::default();
    let Some(first) = lines.first() else { return table };
    let header: Vec<String> = split(text::without_markers(first).unwrap_or(first))
        .iter()
        .map(|cell| text::plain(cell).into_owned())
        .collect();
    if header.iter().any(|name| name.chars().nth(LONGEST).is_some()) {
        let message = format!("a column's header is longer than {LONGEST} characters and is cut");
        table.lints.push(lint::lint(line, Code::TableHeader, message));
    }
    // The header is in every cell below it.
    let header: Vec<String> = header.iter().map(|name| lint::cut_to(name, LONGEST)).collect();
    if lines.len() <= 2 {
        let message = format!("the table {:?} has no rows", lint::cut(first.trim()));
        table.lints.push(lint::lint(line, Code::TableEmpty, message));
    }
    let ruled = lines.get(1).map_or(0, |ruled| split(ruled).len());
    if ruled != header.len() {
        table.lints.push(lint::delimiter(line + 1, ruled, header.len()));
    }
    for (row, raw) in lines.iter().enumerate().skip(2) {
        let cells = split(raw);
        if cells.len() != header.len() {
            let missing = header.get(cells.len()).map(String::as_str);
            let ragged = lint::ragged(line + row, cells.len(), header.len(), missing);
            table.lints.push(ragged);
        }
        for (column, value) in cells.iter().enumerate() {
            let named = header.get(column).filter(|name| !name.is_empty());
            table.cells.push(Cell {
                line: line + row,
                section: section.map(str::to_owned),
                table_no,
                row_no: row - 1,
                header: named.cloned().unwrap_or_else(|| format!("column {}", column + 1)),
                value: text::plain(value).into_owned(),
            });
        }
    }
    table
}

/// The cells of a line: `|` at both ends is no cell, `\|` is no end of one.
fn split(line: &str) -> Vec<String> {
    let line = text::unquoted(line).trim_end();
    let line = line.strip_prefix('|').unwrap_or(line);
    let (mut cells, mut cell, mut escaped) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '|' if escaped => {
                cell.pop();
                cell.push('|');
            }
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            c => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    // What follows the last bar is a cell, unless the line ended with it.
    if !cell.trim().is_empty() || cells.is_empty() {
        cells.push(cell.trim().to_owned());
    }
    cells
}

#[cfg(test)]
mod tests;
