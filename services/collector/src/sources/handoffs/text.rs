//! Inline Markdown as plain text, and what marks a line as part of a list.

use std::borrow::Cow;

use comrak::{Arena, Options, nodes::NodeValue, parse_document};

/// The text of one line without its markup. HTML stays visible as text: nothing here is trusted or interpreted.
pub fn plain(raw: &str) -> Cow<'_, str> {
    let raw = raw.trim();
    if !raw.contains(['*', '_', '`', '[', '<', '&', '\\', '~', '!']) {
        return Cow::Borrowed(raw);
    }
    // The word in front keeps the line a paragraph: `- 500` or `# 3` are texts here, not blocks.
    let (arena, options) = (Arena::new(), options());
    let root = parse_document(&arena, &format!("x {raw}"), &options);
    let mut text = String::with_capacity(raw.len() + 2);
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(piece) => text.push_str(piece),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::HtmlInline(html) => text.push_str(html),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    Cow::Owned(text.strip_prefix('x').unwrap_or(&text).trim().to_owned())
}

/// What the parser reads: GitHub's tables, and no more. Checkboxes are read by [`super::tasks`], which forgives more.
pub fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options
}

/// A line without the whitespace and quote marks in front of it.
pub fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || c == '>')
}

/// A line without its list markers, if it has any: `- `, `* `, `+ `, `1. `, `2) `, also several (`- 1. `).
pub fn without_markers(line: &str) -> Option<&str> {
    let mut rest = unquoted(line);
    let mut found = false;
    while let Some(after) = marker(rest) {
        (rest, found) = (after.trim_start(), true);
    }
    found.then_some(rest)
}

fn marker(text: &str) -> Option<&str> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = match digits {
        0 => text.strip_prefix(['-', '*', '+'])?,
        1..=9 => text[digits..].strip_prefix(['.', ')'])?,
        _ => return None,
    };
    (after.is_empty() || after.starts_with([' ', '\t'])).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_text_stays() {
        assert_eq!(
            plain("  **Key**: `a | b` [site](https://example.com) ~~no~~"),
            "Key: a | b site no"
        );
        assert_eq!(plain("- 500 & more"), "- 500 & more");
        assert_eq!(plain("# 3 * 4"), "# 3 * 4");
        assert_eq!(plain("<b onclick=x>hi</b> a_b_c"), "<b onclick=x>hi</b> a_b_c");
        assert_eq!(plain(r"1 \* 2"), "1 * 2");
    }

    #[test]
    fn markers_are_taken_off() {
        assert_eq!(without_markers("> - 1. x"), Some("x"));
        assert_eq!(without_markers("  2) x"), Some("x"));
        assert_eq!(without_markers("-x"), None);
        assert_eq!(without_markers("2026-01-01 x"), None);
    }
}
