//! The parts of a document: sections of paragraphs, charts, tables and ranked items.

use serde::{Deserialize, Serialize};

use super::{Mark, Picture, Tone};

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
    Items {
        /// Them.
        items: Vec<Item>,
    },
}

impl Block {
    /// Cuts a table or a list; answers what to say below a list that was cut (a table says it itself).
    pub(super) fn shorten(&mut self, rows: usize) -> Option<String> {
        match self {
            Self::Table(table) => table.shorten(rows),
            Self::Items { items } if items.len() > rows => {
                let all = items.len();
                items.truncate(rows);
                return Some(format!("{rows} of {all}; the others are in the PDF."));
            }
            _ => {}
        }
        None
    }

    /// Rows of a table or a list.
    pub(super) fn row_count(&self) -> usize {
        match self {
            Self::Table(table) => table.rows.len(),
            // An item is as long as two rows.
            Self::Items { items } => items.len() * 2,
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
    /// Below: method, what is not shown.
    pub notes: Vec<String>,
    /// Below, in mail and text only: which columns the PDF has besides.
    pub more: Vec<String>,
    /// Fact id of the whole.
    pub fact: Option<String>,
}

impl Table {
    fn shorten(&mut self, rows: usize) {
        let all = self.rows.iter().filter(|r| !r.total).count();
        if all <= rows {
            return;
        }
        let mut seen = 0;
        self.rows.retain(|r| {
            seen += usize::from(!r.total);
            r.total || seen <= rows
        });
        self.more
            .insert(0, format!("{rows} of {all} rows; the others are in the PDF."));
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
