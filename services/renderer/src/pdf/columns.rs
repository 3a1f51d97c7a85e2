//! What the columns of a page's tables ask for, counted in letters: the template makes widths of them, at every size it
//! tries. Counted here, as a script that counts the letters of every cell takes a tenth of a document's time.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Align, Cell, Head, Table};

/// A longer word may be broken in any column: an ARN, a path, what a customer leaned on the keyboard for.
const LONGEST_WORD: usize = 28;
/// A column of a novel is as wide as one of three lines.
const MOST_SHARE: usize = 90;
/// Codes are all capitals, a fifth wider than words.
const CAPITALS: f64 = 1.2;
/// Small print counts for less, in hundredths: it is set smaller.
const SMALL: usize = 88;

/// A column, in letters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Column {
    /// Whether it holds figures, which stay on one line.
    figures: bool,
    /// The longest word of its heading.
    head: usize,
    /// Its longest cell, small print under the words.
    under: f64,
    /// Its longest cell, small print beside them.
    beside: f64,
    /// The longest word of its cells, up to the longest that is not broken; 0 for figures.
    word: usize,
    /// Whether a cell has a mark.
    marked: bool,
    /// Its part of what room there is for words; 0 for figures.
    share: usize,
}

/// Adds `columns` to every table of a document as JSON: after the last change to its texts.
///
/// # Errors
/// A table that is none; not expected.
pub(super) fn add(document: &mut Value) -> Result<(), serde_json::Error> {
    let sections = document.get_mut("sections").and_then(Value::as_array_mut);
    let blocks = sections
        .into_iter()
        .flatten()
        .filter_map(|section| section.get_mut("blocks")?.as_array_mut());
    for block in blocks.flatten().filter(|block| block["kind"] == "table") {
        let table = Table::deserialize(&*block)?;
        let columns = table.heads.iter().enumerate();
        let cells = |at| table.rows.iter().filter_map(move |row| row.cells.get(at));
        let columns: Vec<_> = columns.map(|(at, head)| column(head, cells(at))).collect();
        block["columns"] = serde_json::to_value(columns)?;
    }
    Ok(())
}

fn column<'a>(head: &Head, cells: impl IntoIterator<Item = &'a Cell>) -> Column {
    let figures = head.align == Align::Right;
    let mut column = Column {
        figures,
        head: longest_word(&head.with_unit()),
        under: 0.0,
        beside: 0.0,
        word: 0,
        marked: false,
        share: 0,
    };
    cells.into_iter().for_each(|cell| column.widen(cell));
    column
}

impl Column {
    fn widen(&mut self, cell: &Cell) {
        let text = letters(&cell.text);
        let small = cell.sub.as_deref().map_or(0, |sub| letters(sub) * SMALL / 100);
        let capitals = !self.figures && cell.text == cell.text.to_uppercase();
        let wide = |letters: usize| letters as f64 * if capitals { CAPITALS } else { 1.0 };
        // Two letters' room between words and what stands beside them.
        let between = if cell.sub.is_some() { 2 } else { 0 };
        self.under = self.under.max(wide(text.max(small)));
        self.beside = self.beside.max(wide(text + between + small));
        self.marked |= cell.tone.is_some();
        if !self.figures {
            self.word = self.word.max(longest_word(&cell.text).min(LONGEST_WORD));
            self.share = self.share.max((text + small).min(MOST_SHARE));
        }
    }
}

/// As a reader counts them.
fn letters(text: &str) -> usize {
    text.graphemes(true).count()
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(letters).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head(align: Align, unit: Option<&str>) -> Head {
        Head {
            label: "Booked on".to_owned(),
            unit: unit.map(str::to_owned),
            align,
            mail: true,
        }
    }

    #[test]
    fn figures_ask_for_their_longest_and_share_nothing() {
        let cells = [Cell::text("$1,234.50"), Cell::gap("unknown")];
        let figures = column(&head(Align::Right, Some("USD")), &cells);
        assert_eq!((figures.under, figures.beside), (9.0, 9.0));
        assert_eq!((figures.word, figures.share), (0, 0));
        // "on, USD" is not broken before its unit.
        assert_eq!(figures.head, 7);
    }

    #[test]
    fn words_ask_for_a_word_at_least_and_share_by_length() {
        let small = Cell::text("Deposit").small(Some("of the first booking".to_owned()));
        let words = column(&head(Align::Left, None), &[small, Cell::text("é\u{301}l")]);
        assert_eq!((words.head, words.word), (6, 7));
        // 20 letters of small print count for 17.
        assert_eq!((words.under, words.beside, words.share), (17.0, 26.0, 24));
        let long = "x".repeat(300);
        let novel = column(&head(Align::Left, None), &[Cell::text(long)]);
        assert_eq!((novel.under, novel.word, novel.share), (300.0, 28, 90));
    }

    #[test]
    fn capitals_are_wider_and_a_mark_is_noted() {
        let code = [Cell::text("DELIVERIES")];
        assert_eq!(column(&head(Align::Left, None), &code).under, 12.0);
        assert_eq!(column(&head(Align::Right, None), &code).under, 10.0);
        let marked = Cell {
            tone: Some(crate::document::Tone::Bad),
            ..Cell::text("Late")
        };
        assert!(column(&head(Align::Left, None), &[marked]).marked);
    }

    #[test]
    fn a_document_gets_them_at_its_tables_alone() {
        let mut document = json!({"sections": [
            {"blocks": [{"kind": "note", "text": "x"}]},
            {"blocks": [{"kind": "table", "heads": [head(Align::Left, None)], "rows": [], "stack": false,
                "figures": false, "all": 0, "what": "rows", "count": null, "notes": [], "more": [], "fact": null}]},
        ]});
        add(&mut document).unwrap();
        assert!(document["sections"][0]["blocks"][0].get("columns").is_none());
        assert_eq!(document["sections"][1]["blocks"][0]["columns"][0]["head"], 6);
        add(&mut json!({})).unwrap();
    }
}
