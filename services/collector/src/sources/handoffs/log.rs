//! The deploy log: dated lines, list items, rows of a table, or items below a dated heading.

use super::{
    codes::Code,
    dates,
    document::{Cell, Deploy},
    lint::lint,
    text,
    walk::Walk,
};

/// Section whose entries are deploys.
const SECTION: &str = "deploy log";
/// Headers of a table's column of dates.
const WHEN: [&str; 7] = ["when", "at", "date", "time", "day", "deployed", "timestamp"];

/// What the nearest heading says of the entries below it.
#[derive(Debug, Default)]
pub enum Dated {
    /// Nothing.
    #[default]
    No,
    /// `### 2026-11-18`: when they were.
    Day(u8, String),
    /// `### 2026-11-18 api v3`: it is an entry itself, they are its details.
    Entry(u8),
}

impl Dated {
    fn level(&self) -> Option<u8> {
        match self {
            Self::No => None,
            Self::Day(level, _) | Self::Entry(level) => Some(*level),
        }
    }
}

impl Walk<'_> {
    /// Whether this point is in the log.
    pub(super) fn is_in_log(&self) -> bool {
        self.outline.is_in(SECTION)
    }

    /// A heading of the log, or of something else.
    pub(super) fn log_heading(&mut self, line: usize, level: u8, heading: &str) {
        if self.dated.level().is_some_and(|above| above >= level) {
            self.dated = Dated::No;
        }
        if let (true, Some((at, what))) = (self.is_in_log(), dates::stamp(heading)) {
            self.dated = match what {
                "" => Dated::Day(level, at.to_owned()),
                _ => {
                    self.enter(line, at, what);
                    Dated::Entry(level)
                }
            };
        }
    }

    /// Rows of a table: the date in the column that says so, else in the first.
    pub(super) fn log_table(&mut self, cells: &[Cell]) {
        for row in cells.chunk_by(|a, b| a.row_no == b.row_no) {
            let is_when = |cell: &Cell| WHEN.contains(&cell.header.to_lowercase().as_str());
            let when = row.iter().position(is_when).unwrap_or(0);
            let others = row.iter().enumerate().filter(|(n, _)| *n != when);
            let what: Vec<_> = others
                .map(|(_, cell)| cell.value.as_str())
                .filter(|value| !value.is_empty())
                .collect();
            self.log_entry(
                row[when].line,
                &[&format!("{} {}", row[when].value, what.join(", "))],
                false,
            );
        }
    }

    /// Lines of a paragraph: each dated one is an entry, the others are remarks.
    pub(super) fn log_lines(&mut self, start: usize, lines: &[&str]) {
        for (n, raw) in lines.iter().enumerate() {
            self.log_entry(start + n, &[raw], true);
        }
    }

    /// One entry, which may go on for several lines. Without a date of its own or its heading's it is a note; the author
    /// is told, unless it `may_be_remark`.
    pub(super) fn log_entry(&mut self, line: usize, lines: &[&str], may_be_remark: bool) {
        let raw = lines.join(" ");
        let said = text::plain(text::unquoted(&raw));
        if let Some((at, what)) = dates::stamp(&said) {
            return self.enter(line, at, what);
        }
        match &self.dated {
            Dated::Day(_, at) if !may_be_remark => {
                let at = at.clone();
                return self.enter(line, &at, &said);
            }
            Dated::No if !may_be_remark => {
                let message = "this entry of the deploy log has no date";
                self.document.lints.push(lint(line, Code::DeployNoTime, message));
            }
            Dated::No | Dated::Day(..) | Dated::Entry(_) => {}
        }
        self.fact(line, lines);
    }

    /// Lines of a code block: the dated ones.
    pub(super) fn log_code(&mut self, start: usize, literal: &str) {
        for (n, raw) in literal.lines().enumerate() {
            if let Some((at, what)) = dates::stamp(raw) {
                self.enter(start + n, at, what);
            }
        }
    }

    fn enter(&mut self, line: usize, at: &str, what: &str) {
        let (at, what) = (at.to_owned(), what.to_owned());
        self.document.deploys.push(Deploy { line, at, what });
    }
}
