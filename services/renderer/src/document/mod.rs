//! The typed document: what all three renderings show. Start at [`Document`].
//!
//! Every text is final: cleaned, formatted, in the reader's words. Templates place it and style it; they compute
//! nothing. It serialises for the templates; nobody reads it back.

use serde::{Deserialize, Serialize};
use shared::facts::Status;

use crate::chart::{Drawing, Size};

mod blocks;
pub use blocks::*;

/// A status as a reader meets it: a word and a shape, never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// As it should be.
    Good,
    /// To be watched.
    Watch,
    /// Needs a decision.
    Bad,
    /// Not known.
    Unknown,
    /// No judgement.
    Plain,
}

impl From<Status> for Tone {
    fn from(status: Status) -> Self {
        match status {
            Status::Good => Self::Good,
            Status::Watch => Self::Watch,
            Status::Bad => Self::Bad,
            Status::Unknown => Self::Unknown,
        }
    }
}

/// A word with its tone: `Bad`, `Critical`, `New`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Decides colour and shape.
    pub tone: Tone,
    /// The word.
    pub word: String,
}

impl Mark {
    /// A word in a tone.
    pub fn new(tone: Tone, word: impl Into<String>) -> Self {
        Self {
            tone,
            word: word.into(),
        }
    }
}
impl From<Status> for Mark {
    fn from(status: Status) -> Self {
        let word = match status {
            Status::Good => "Good",
            Status::Watch => "Watch",
            Status::Bad => "Bad",
            Status::Unknown => "Unknown",
        };
        Self::new(status.into(), word)
    }
}

/// A document.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// Document id, e.g. `cfo`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Portfolio's name.
    pub portfolio: String,
    /// Of the mail.
    pub subject: String,
    /// The line that a mail program shows beside the subject.
    pub preheader: String,
    /// The day reported on, `Fri 20 Nov 2026`.
    pub date: String,
    /// The same, `2026-11-20`.
    pub date_iso: String,
    /// `as of 21 Nov 2026, 05:00 America/Los_Angeles`.
    pub as_of: String,
    /// How much could be computed and read.
    pub coverage: String,
    /// Are we okay?
    pub verdict: Verdict,
    /// What the reader must know before any figure: failed sources, partial data.
    pub banners: Vec<Banner>,
    /// Up to five figures.
    pub strip: Vec<Figure>,
    /// Since last night.
    pub changes: Changes,
    /// What is asked of the reader; at most three.
    pub decisions: Vec<Decision>,
    /// How the mail is answered with decisions, where it may be.
    pub answering: Option<String>,
    /// The rest.
    pub sections: Vec<Section>,
    /// Where it all comes from.
    pub footer: Footer,
    /// How many pages the PDF may have.
    pub most_pages: Option<usize>,
}

/// The verdict line.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// How it stands.
    pub mark: Mark,
    /// The one sentence.
    pub headline: String,
    /// The reason, or what else there is to say.
    pub reason: Option<String>,
    /// What it rests on.
    pub fact: Option<String>,
}

/// A warning above everything.
#[derive(Debug, Clone, Serialize)]
pub struct Banner {
    /// Mark.
    pub mark: Mark,
    /// Words.
    pub text: String,
}

/// A KPI in the strip.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Title.
    pub label: String,
    /// Value with its unit; or the gap's word.
    pub value: String,
    /// Whether there is a value at all.
    pub known: bool,
    /// `+12.3 %`, with its tone.
    pub delta: Option<Mark>,
    /// What the delta compares with, or why there is no figure.
    pub against: String,
    /// Target, n and other remarks.
    pub notes: Vec<String>,
    /// How it stands, where it is judged.
    pub mark: Option<Mark>,
    /// Fact id.
    pub fact: String,
    /// The last nights.
    pub spark: Option<Picture>,
}

/// An image of a document, in its sizes.
#[derive(Debug, Clone, Serialize)]
pub struct Picture {
    /// Content id of the image for wide screens.
    pub cid: String,
    /// Of the one for phones, where there is one.
    pub narrow_cid: Option<String>,
    /// File name for the PDF.
    pub file: String,
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// CSS pixels of the narrow one.
    pub narrow_width: u32,
    /// CSS pixels of the narrow one.
    pub narrow_height: u32,
    /// The finding, for whoever cannot see it.
    pub alt: String,
    /// Where it stands in the PDF: over the text's width, or over half of it.
    #[serde(skip)]
    pub on_page: Size,
    /// What is drawn.
    #[serde(skip)]
    pub drawing: Drawing,
}

/// Since last night.
#[derive(Debug, Clone, Serialize)]
pub struct Changes {
    /// At most five.
    pub lines: Vec<ChangeLine>,
    /// How many are not shown, or why there are none.
    pub note: Option<String>,
}

/// One change.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeLine {
    /// New, worse, better, resolved, restated.
    pub mark: Mark,
    /// A sentence.
    pub text: String,
    /// Fact id.
    pub fact: String,
}

/// Something asked of the reader.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// What.
    pub text: String,
    /// Owner, date, money.
    pub meta: Vec<String>,
    /// Fact id.
    pub fact: String,
}

impl Document {
    /// The same with at most `rows` rows in each table and list, so that the longest lose most; the total of a table
    /// stays, and so does what an owner must act on ([`Section::keep`]). What was cut says so.
    #[must_use]
    pub fn shortened(&self, rows: usize, cut: Cut) -> Self {
        let mut short = self.clone();
        for section in &mut short.sections {
            let rows = rows.max(section.keep);
            section
                .blocks
                .iter_mut()
                .for_each(|block| block.shorten(rows, cut));
        }
        short
    }

    /// Rows of all tables and lists.
    pub fn row_count(&self) -> usize {
        self.sections
            .iter()
            .flat_map(|s| &s.blocks)
            .map(Block::row_count)
            .sum()
    }

    /// All images, in the order of the document.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        let sparks = self.strip.iter().filter_map(|f| f.spark.as_ref());
        let charts = self
            .sections
            .iter()
            .flat_map(|s| &s.blocks)
            .filter_map(|b| match b {
                Block::Chart(chart) => Some(&chart.picture),
                _ => None,
            });
        sparks.chain(charts)
    }
}

/// Where it all comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Footer {
    /// Run id.
    pub run: String,
    /// Generation, e.g. `g0`.
    pub generation: String,
    /// Snapshot digest, short.
    pub snapshot: String,
    /// Catalog digest, short.
    pub catalog: String,
    /// The run compared with.
    pub previous: Option<String>,
    /// Why one gets it and how to change that.
    pub why: String,
}
