//! `key: value` lines, and what is said without a key.

use super::{
    document::{Fact, NOTE},
    fields::{self, Colons},
    text,
};

/// The facts of a bullet or a paragraph, given its lines without markers: one per `key: value` line and per
/// `[key:: value]`; lines without a key make one note.
pub fn read(line: usize, lines: &[&str], section: Option<&str>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let fact = |line, key: String, value: String| Fact {
        line,
        section: section.map(str::to_owned),
        key,
        value,
    };
    for (n, raw) in lines.iter().enumerate() {
        let (left, fields) = fields::take(text::unquoted(raw), Colons::Two);
        let said = text::plain(&left);
        match (key_value(&said), facts.last_mut()) {
            _ if said.is_empty() => {}
            (Some((key, value)), _) => facts.push(fact(line + n, key.to_owned(), value.to_owned())),
            // A wrapped line belongs to the one above.
            (None, Some(above)) => {
                above.value.push(' ');
                above.value.push_str(&said);
            }
            (None, None) => facts.push(fact(line + n, NOTE.to_owned(), said.into_owned())),
        }
        facts.extend(
            fields
                .into_iter()
                .map(|field| fact(line + n, field.key, field.value)),
        );
    }
    facts
}

/// Splits `Occupancy: 85%`. A key is short, has a letter and no end of a sentence in it; `https://` is none.
fn key_value(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 60;
    let (key, value) = text.split_once(": ")?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = (1..=LONGEST).contains(&key.len())
        && key.split_whitespace().count() <= 8
        && key.contains(char::is_alphabetic)
        && !key.contains(['.', '?', '!', ';', ',', ':']);
    (is_key && !value.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(lines: &[&str]) -> Vec<(usize, String, String)> {
        read(5, lines, None)
            .into_iter()
            .map(|fact| (fact.line, fact.key, fact.value))
            .collect()
    }
    fn of(line: usize, key: &str, value: &str) -> (usize, String, String) {
        (line, key.to_owned(), value.to_owned())
    }

    #[test]
    fn keys_are_split_from_values() {
        assert_eq!(pairs(&["**CI**: none"]), [of(5, "CI", "none")]);
        assert_eq!(
            pairs(&["plaintext env file: `ledger/.env`"]),
            [of(5, "plaintext env file", "ledger/.env")]
        );
        assert_eq!(
            pairs(&["visits [source:: site]"]),
            [of(5, "note", "visits"), of(5, "source", "site")]
        );
    }

    #[test]
    fn sentences_are_notes_and_wrapped_lines_stay_together() {
        assert_eq!(
            pairs(&["Certificate lapsed. Note: it", "was old."]),
            [of(5, "note", "Certificate lapsed. Note: it was old.")]
        );
        assert_eq!(
            pairs(&["see https://example.com"]),
            [of(5, "note", "see https://example.com")]
        );
        assert_eq!(pairs(&["Known issues:"]), [of(5, "note", "Known issues:")]);
        assert_eq!(
            pairs(&["ADR: 240", "Occupancy: 85%"]),
            [of(5, "ADR", "240"), of(6, "Occupancy", "85%")]
        );
    }
}
