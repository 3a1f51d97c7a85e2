//! Header values that cannot leave their header.

use std::fmt;

/// One line of text for a header: no control characters (so no CR, LF or NUL), at most 200 characters, something in it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderText(String);

/// Why a text cannot be a header's. Without the text: it may be a subject, which no log may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It would end the header and begin another.
    #[error("a header value has a line break, NUL or another control character")]
    Control,
    /// Longer than a mail client shows.
    #[error("a header value is longer than 200 characters")]
    TooLong,
    /// Nothing in it.
    #[error("a header value is empty")]
    Empty,
}

impl HeaderText {
    /// Checks a text.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        if text.chars().any(char::is_control) {
            return Err(HeaderError::Control);
        }
        if text.chars().count() > 200 {
            return Err(HeaderError::TooLong);
        }
        if text.trim().is_empty() {
            return Err(HeaderError::Empty);
        }
        Ok(Self(text.to_owned()))
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderText(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_cannot_begin_another_header() {
        for bad in [
            "a\r\nBcc: x@example.com",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{85}b",
            "a\tb",
        ] {
            assert_eq!(HeaderText::parse(bad), Err(HeaderError::Control), "{bad:?}");
        }
        assert_eq!(HeaderText::parse(" "), Err(HeaderError::Empty));
        assert_eq!(HeaderText::parse(&"x".repeat(201)), Err(HeaderError::TooLong));
        assert_eq!(HeaderText::parse("Käse — 12 %").unwrap().as_str(), "Käse — 12 %");
    }

    #[test]
    fn neither_debug_output_nor_the_error_shows_the_text() {
        let shown = format!(
            "{:?} {:?}",
            HeaderText::parse("Runway 3 months"),
            HeaderText::parse("Runway\n")
        );
        assert!(!shown.contains("Runway"), "{shown}");
    }
}
