//! The parts of a document: sections of paragraphs, charts, tables and ranked items.

use serde::{Deserialize, Serialize};

use super::{Mark, Picture, Tone};
use crate::format::NBSP;

/// A part of a document.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// What it is about, small.
    pub topic: String,
    /// The finding.
    pub heading: String,
    /// How the finding stands.
    pub mark: Option<Mark>,
    /// In order.
    pub blocks: Vec<Block>,
    /// Whether half of a page's width is enough for it.
    pub half: bool,
    /// How many of its first rows an owner must act on: they stay, however short the document has to be.
    pub keep: usize,
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// Words.
    Paragraph {
        /// Them.
        text: String,
    },
    /// The gap, in words.
    Gap {
        /// Them.
        text: String,
    },
    /// Small words: method, caveat, what is not shown.
    Note {
        /// Them.
        text: String,
    },
    /// A chart.
    Chart(Box<ChartBlock>),
    /// A table.
    Table(Table),
    /// Ranked items: each a heading line with a figure, a text and a line of small print.
    Items(Items),
}

/// Why a document shows fewer rows than its specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Mail programs clip what is too long.
    Mail,
    /// The specification limits the pages.
    Page,
}

/// `First 8 of 20 rows; all are in analysis.json.`, or nothing where all are shown.
pub fn count(shown: usize, all: usize, what: &str, cut: Option<Cut>) -> Option<String> {
    let rest = all.checked_sub(shown).filter(|n| *n > 0)?;
    let first = if shown == 1 {
        "First".to_owned()
    } else {
        format!("First {shown}")
    };
    let (why, more) = match cut {
        None => return Some(format!("{first} of {all} {what}; all are in analysis.json.")),
        Some(Cut::Mail) => ("as mail programs clip long mails", "its text part"),
        Some(Cut::Page) => ("to keep to the page", "the mail"),
    };
    Some(format!(
        "{first} of {all} {what}, {why}; and {rest} more: see {more}, or analysis.json."
    ))
}

impl Block {
    /// Cuts a table or a list to so many rows; it says so itself.
    pub(super) fn shorten(&mut self, rows: usize, cut: Cut) {
        match self {
            Self::Table(table) => table.shorten(rows, cut),
            Self::Items(list) => list.shorten(rows, cut),
            _ => {}
        }
    }

    /// Rows of a table or a list.
    pub(super) fn row_count(&self) -> usize {
        match self {
            Self::Table(table) => table.rows.len(),
            // An item is as long as two rows.
            Self::Items(list) => list.items.len() * 2,
            _ => 0,
        }
    }
}

/// A chart with its words.
#[derive(Debug, Clone, Serialize)]
pub struct ChartBlock {
    /// The finding, where it is not the section's heading.
    pub title: Option<String>,
    /// What is plotted, unit, period.
    pub subtitle: Option<String>,
    /// Source and as-of.
    pub source: String,
    /// The image.
    pub picture: Picture,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A column's heading.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// Label.
    pub label: String,
    /// Unit of the cells, where they do not carry it.
    pub unit: Option<String>,
    /// Words or figures.
    pub align: Align,
    /// Whether mail and text show it; the PDF shows all.
    pub mail: bool,
}

impl Head {
    /// The label with its unit, from which no line parts it.
    pub fn with_unit(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{},{NBSP}{unit}", self.label),
            None => self.label.clone(),
        }
    }
}

/// A cell.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// Its tone, for a mark; then `text` is the word.
    pub tone: Option<Tone>,
    /// Whether it is a gap.
    pub gap: bool,
    /// Below, small.
    pub sub: Option<String>,
}

impl Cell {
    /// Words or a figure.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
    /// A mark.
    pub fn mark(mark: Mark) -> Self {
        Self {
            text: mark.word,
            tone: Some(mark.tone),
            ..Self::default()
        }
    }
    /// The gap with its word.
    pub fn gap(word: &str) -> Self {
        Self {
            text: word.to_owned(),
            gap: true,
            ..Self::default()
        }
    }
    /// With small print below.
    #[must_use]
    pub fn small(mut self, sub: Option<String>) -> Self {
        self.sub = sub;
        self
    }
}

/// A row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// In column order.
    pub cells: Vec<Cell>,
    /// Whether it is the totals row.
    pub total: bool,
    /// Fact id, where the row is a fact of its own.
    pub fact: Option<String>,
}

/// A table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Columns.
    pub heads: Vec<Head>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether a phone is too narrow for it, so that its cells stack there.
    pub stack: bool,
    /// Whether most of its columns are figures: stacked, they stand side by side.
    pub figures: bool,
    /// How many rows there are, shown or not, without the total.
    pub all: usize,
    /// What its rows are: `rows`, `remarks`.
    pub what: String,
    /// Below, where fewer are shown.
    pub count: Option<String>,
    /// Below: method.
    pub notes: Vec<String>,
    /// Below, in mail and text only: which columns the PDF has besides.
    pub more: Vec<String>,
    /// Fact id of the whole.
    pub fact: Option<String>,
}

impl Table {
    fn shorten(&mut self, rows: usize, cut: Cut) {
        let shown = self.rows.iter().filter(|r| !r.total).count();
        if shown <= rows {
            return;
        }
        let mut seen = 0;
        self.rows.retain(|r| {
            seen += usize::from(!r.total);
            r.total || seen <= rows
        });
        self.count = count(rows, self.all, &self.what, Some(cut));
    }
}

/// A ranked list.
#[derive(Debug, Clone, Serialize)]
pub struct Items {
    /// Those shown.
    pub items: Vec<Item>,
    /// How many there are, shown or not.
    pub all: usize,
    /// What they are: `shortfalls`.
    pub what: String,
    /// Below, where fewer are shown.
    pub count: Option<String>,
}

impl Items {
    /// The first of `all`.
    pub fn new(items: Vec<Item>, all: usize, what: &str) -> Self {
        Self {
            count: count(items.len(), all, what, None),
            items,
            all,
            what: what.to_owned(),
        }
    }

    fn shorten(&mut self, rows: usize, cut: Cut) {
        if self.items.len() > rows {
            self.items.truncate(rows);
            self.count = count(rows, self.all, &self.what, Some(cut));
        }
    }
}

/// A ranked item.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its mark.
    pub mark: Option<Mark>,
    /// The finding.
    pub title: String,
    /// The figure on the right, and what it is.
    pub figure: Option<String>,
    /// Below the figure.
    pub figure_note: Option<String>,
    /// Evidence.
    pub text: Option<String>,
    /// What to do.
    pub action: Option<String>,
    /// A command, set in a fixed pitch.
    pub command: Option<String>,
    /// Entity, owner, date, effort.
    pub meta: Vec<String>,
    /// Fact id.
    pub fact: String,
}
