//! Headings as they stand in a file, and lines that were meant as one.

use super::{sections, text};

/// A line that its author meant as a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant<'a> {
    /// 1 to 6.
    pub level: u8,
    /// With its inline markup.
    pub raw: &'a str,
}

/// The text of a heading's line, without its `#`.
pub fn without_hashes(line: &str) -> &str {
    line.trim_start_matches('#').trim_end().trim_end_matches('#')
}

/// Whether a line of a paragraph was meant as a heading: `##Risks`, `####### Risks`, and the known names also as `#risks`
/// and `**Risks**`. Other words after one `#` are a tag, other bold lines are just loud.
pub fn meant(line: &str) -> Option<Meant<'_>> {
    let line = text::unquoted(line).trim_end();
    let hashes = line.len() - line.trim_start_matches('#').len();
    let level = u8::try_from(hashes.min(6)).unwrap_or(6);
    let raw = match hashes {
        0 => {
            let inner = |mark| line.strip_prefix(mark)?.strip_suffix(mark);
            let raw = inner("**").or_else(|| inner("__")).unwrap_or_default();
            // Nothing tells how deep it is; below all others it cannot end a section that it is part of.
            return sections::is_name(raw).then_some(Meant { level: 6, raw });
        }
        _ => without_hashes(line).trim(),
    };
    let is_meant = raw.starts_with(char::is_alphabetic) && (hashes > 1 || sections::is_name(raw));
    is_meant.then_some(Meant { level, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_headings_are_told_from_texts() {
        for (line, level, raw) in [
            ("##Risks", 2, "Risks"),
            ("> ###Local SEO ###", 3, "Local SEO"),
            ("####### Risks", 6, "Risks"),
            ("#risks", 1, "risks"),
            ("**Next steps:**", 6, "Next steps:"),
        ] {
            assert_eq!(meant(line), Some(Meant { level, raw }), "{line}");
        }
        for line in [
            "#1 in search",
            "#boats",
            "**Sold out**",
            "**Risks**: none",
            "Risks",
            "##",
            "",
            "****",
        ] {
            assert_eq!(meant(line), None, "{line:?}");
        }
    }
}
