//! What is wrong with a file that a person wrote: `portfolio.toml`, a catalog entry, a template, a handoff.
//!
//! A [`Problem`] is a compiler's diagnostic: where, what, and what to write instead. Checks collect them and go on;
//! nobody should have to run a check once per mistake. Build one with [`Problem::error`] or [`Problem::warning`],
//! place it with [`Problem::at`], and show all of them with [`render_problems`] or [`problems_json`]. Files in TOML are
//! read through [`reader`], which builds the problems of their shape by itself.
//!
//! A problem quotes the file, which may hold addresses: it is for the person who asked for the check, not for a log.

use std::{fmt, ops::Range};

use serde::Serialize;

pub mod kinds;
mod near;
pub mod reader;
mod render;
pub use near::nearest;
pub use render::{problems_json, render_problems, render_with};

/// Whether the file can be used in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// Another place that belongs to a problem: where an id was first used, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Path in the bundle.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What is there.
    pub message: String,
}

/// One mistake. `Display` is one line: `portfolio.toml:4:12: error[bad-zone]: …`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// What kind, e.g. `unknown-key`: stable, for scripts and tests.
    pub code: &'static str,
    /// Path in the bundle.
    pub file: String,
    /// From 1; 0 where the problem is the file's as a whole.
    pub line: usize,
    /// From 1, in characters; 0 where the problem is the file's as a whole.
    pub column: usize,
    /// Bytes of the file; `None` where the problem is the file's as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong, naming the field and the value.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Other places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

impl Problem {
    /// An error of a file, not yet placed in it.
    pub fn error(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, file, message.into())
    }
    /// A warning about a file, not yet placed in it.
    pub fn warning(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, file, message.into())
    }
    fn new(severity: Severity, code: &'static str, file: &str, message: String) -> Self {
        let (file, span, suggestion, related) = (file.to_owned(), None, None, Vec::new());
        Self {
            severity,
            code,
            file,
            line: 0,
            column: 0,
            span,
            message,
            suggestion,
            related,
        }
    }

    /// Places it: `span` are bytes of `text`, the file's whole text. A span that leaves the text, or cuts a character,
    /// is narrowed until it does not.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>) -> Self {
        let span = clamp(text, span);
        (self.line, self.column) = position(text, span.start);
        self.span = Some(span);
        self
    }
    /// Places it on a whole line, for parsers that know no more; from 1.
    #[must_use]
    pub fn at_line(self, text: &str, line: usize) -> Self {
        let mut start = 0;
        for (number, content) in text.split_inclusive('\n').enumerate() {
            if number + 1 == line {
                let indent = content.len() - content.trim_start().len();
                return self.at(text, start + indent..start + content.trim_end().len());
            }
            start += content.len();
        }
        self.at(text, text.len()..text.len())
    }
    /// Says what to do.
    #[must_use]
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }
    /// Points at another place, of any file.
    #[must_use]
    pub fn related(mut self, file: &str, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let span = clamp(text, span);
        let (line, column) = position(text, span.start);
        self.related.push(Related {
            file: file.to_owned(),
            line,
            column,
            span,
            message: message.into(),
        });
        self
    }
    /// Whether the file cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {level}[{}]: {}", self.code, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Puts problems in the order in which a reader meets them: by file, place and code.
pub fn sort(problems: &mut [Problem]) {
    problems.sort_by(|a, b| {
        let place = |p: &Problem| (p.file.clone(), p.span.as_ref().map_or(0, |s| s.start), p.code);
        place(a).cmp(&place(b)).then_with(|| a.message.cmp(&b.message))
    });
}

fn clamp(text: &str, span: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests;
