//! Text from data, made harmless before it reaches any template.
//!
//! [`analysis`] cleans every string of an analysis once, at the door: nothing behind it has to remember to. Escaping is
//! a matter of the output format (templates autoescape, typst takes data as data); this is about characters that no
//! escaping helps against: bidi overrides, zero-width and control characters, and walls of text.

use std::ops::Deref;

use serde_json::Value as Json;
use shared::facts::Analysis;

/// Longer texts are cut, with an ellipsis: a 10 KB note is not a table cell.
pub const MAX_CHARS: usize = 600;

/// Cleans one text: invisible characters go, every run of white space is one blank, and what is too long is cut.
pub fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len().min(MAX_CHARS * 4));
    let mut blank = false;
    let mut count = 0;
    for c in raw.chars() {
        if is_invisible(c) {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            blank = !out.is_empty();
            continue;
        }
        if count >= MAX_CHARS {
            out.push('…');
            return out;
        }
        if blank {
            out.push(' ');
            count += 1;
            blank = false;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// Characters that change how others look, or hide: none has a place in a report.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
        || (c.is_control() && !c.is_whitespace())
}

/// An analysis of which every text is clean.
#[derive(Debug, Clone)]
pub struct Clean(Analysis);

impl Clean {
    /// The analysis.
    pub fn into_inner(self) -> Analysis {
        self.0
    }
}

impl Deref for Clean {
    type Target = Analysis;
    fn deref(&self) -> &Analysis {
        &self.0
    }
}

/// The analysis with every text of it cleaned.
///
/// # Errors
/// Only if an analysis does not survive JSON, which its own tests rule out.
pub fn analysis(analysis: &Analysis) -> Result<Clean, serde_json::Error> {
    cleaned(serde_json::to_value(analysis)?)
}

/// `analysis.json`, cleaned while it is read.
///
/// # Errors
/// If it is no analysis.
pub fn parse(bytes: &[u8]) -> Result<Clean, serde_json::Error> {
    cleaned(serde_json::from_slice(bytes)?)
}

fn cleaned(mut json: Json) -> Result<Clean, serde_json::Error> {
    clean_json(&mut json);
    serde_json::from_value(json).map(Clean)
}

fn clean_json(json: &mut Json) {
    match json {
        Json::String(s) => {
            let cleaned = text(s);
            if cleaned != *s {
                *s = cleaned;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(clean_json),
        Json::Object(fields) => fields.values_mut().for_each(clean_json),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A mail's subject: one line of at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The most characters that a subject has.
    pub const MAX: usize = 200;

    /// Cleans a text into a subject: no CR, LF, NUL or other control character survives [`text`].
    pub fn new(raw: &str) -> Self {
        let cleaned = text(raw);
        if cleaned.chars().count() <= Self::MAX {
            return Self(cleaned);
        }
        let mut cut: String = cleaned.chars().take(Self::MAX - 1).collect();
        cut.truncate(cut.trim_end().len());
        cut.push('…');
        Self(cut)
    }
    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
