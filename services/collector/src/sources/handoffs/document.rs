//! What one handoff file says, line by line: the rows of the `handoff_*` tables before they are text.

use super::codes::Code;

/// A file's content and head.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Whose, if anybody's.
    pub entity: Option<String>,
    /// From the front matter, else the first heading, else the file's name.
    pub title: String,
    /// From the front matter.
    pub owner: Option<String>,
    /// From the front matter.
    pub stage: Option<String>,
    /// As written in the front matter, else in a line `Last updated: ...`.
    pub updated_on: Option<String>,
    /// Whether it can be relied on.
    pub status: Status,
    /// Size of the file; none when it could not be fetched.
    pub bytes: Option<u64>,
    /// Digest of the file; none when it could not be fetched.
    pub sha256: Option<String>,
    /// Headings.
    pub sections: Vec<Section>,
    /// Checkboxes.
    pub tasks: Vec<Task>,
    /// Cells of tables.
    pub cells: Vec<Cell>,
    /// `key: value` lines, and everything else that is said.
    pub facts: Vec<Fact>,
    /// Entries of the deploy log.
    pub deploys: Vec<Deploy>,
    /// What its author should mend.
    pub lints: Vec<Lint>,
}

/// Whether a document can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Read, and recent enough or of unknown age.
    #[default]
    Ok,
    /// Not updated for longer than the portfolio allows.
    Stale,
    /// Some bytes of it are no text; the rest was read.
    Damaged,
    /// Nothing in it.
    Empty,
    /// It could not be read; its content is unknown.
    Unreadable,
}

impl Status {
    /// As in `handoff_document.status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Damaged => "damaged",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// 1-based.
    pub line: usize,
    /// 1 to 6.
    pub level: u8,
    /// Its text.
    pub heading: String,
    /// See [`super::sections`]; at most [`super::sections::LONGEST`] characters.
    pub section: String,
}

/// A checkbox. Values are as written; the views read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Task {
    /// 1-based.
    pub line: usize,
    /// Under which section.
    pub section: Option<String>,
    /// Its text without the `[key:: value]` fields.
    pub title: String,
    /// Whether it is ticked.
    pub done: bool,
    /// `[owner:: ...]`.
    pub owner: Option<String>,
    /// `[due:: ...]`.
    pub due: Option<String>,
    /// `[impact:: ...]`.
    pub impact: Option<String>,
    /// `[cost:: ...]`.
    pub cost: Option<String>,
    /// `[effort:: ...]`.
    pub effort: Option<String>,
    /// Line of the task that this one is part of, in a nested list.
    pub parent_line: Option<usize>,
}

/// A table's cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// 1-based.
    pub line: usize,
    /// Under which section.
    pub section: Option<String>,
    /// From 1, in the file.
    pub table_no: usize,
    /// From 1, without the header.
    pub row_no: usize,
    /// The header's text, or `column <n>` beyond it.
    pub header: String,
    /// Its text; may be empty.
    pub value: String,
}

/// Something said: `key: value`, or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// 1-based.
    pub line: usize,
    /// Under which section.
    pub section: Option<String>,
    /// [`NOTE`] where the text names none.
    pub key: String,
    /// The text.
    pub value: String,
}

/// Key of a text that names none.
pub const NOTE: &str = "note";

/// An entry of the deploy log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// 1-based.
    pub line: usize,
    /// Date and time as written.
    pub at: String,
    /// The rest.
    pub what: String,
}

/// Something for the author to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// 1-based.
    pub line: usize,
    /// What kind.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}
