//! What the typeface cannot draw. Mail and text hand such characters to the reader's machine; a page and a picture have
//! Inter alone (see [`crate::fonts`]), and a row of empty boxes says nothing: there they stand as a word in brackets.

use std::borrow::Cow;

use crate::fonts;

/// Blocks of Unicode by the name that a reader knows; the first that holds a character counts.
const SCRIPTS: [(u32, u32, &str); 24] = [
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x052F, "Cyrillic"),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x077F, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "Korean"),
    (0x1F00, 0x1FFF, "Greek"),
    (0x2190, 0x23FF, "symbol"),
    (0x2500, 0x25FF, "symbol"),
    (0x2600, 0x27BF, "emoji"),
    (0x2B00, 0x2BFF, "symbol"),
    (0x3040, 0x30FF, "Japanese"),
    (0x3400, 0x9FFF, "Chinese"),
    (0xAC00, 0xD7AF, "Korean"),
    (0xF900, 0xFAFF, "Chinese"),
    (0xFB50, 0xFEFC, "Arabic"),
    (0x1F000, 0x1F2FF, "emoji"),
    (0x1F300, 0x1FAFF, "emoji"),
    (0x20000, 0x3134F, "Chinese"),
];

fn script(c: char) -> &'static str {
    let at = u32::from(c);
    let found = SCRIPTS.iter().find(|(from, to, _)| (*from..=*to).contains(&at));
    found.map_or("other script", |(_, _, name)| name)
}

/// The text with what the typeface lacks as `[emoji]` or `[Chinese]`, one word for each run of a script; and how many
/// characters that concerns.
pub fn drawable(text: &str) -> (Cow<'_, str>, usize) {
    let lacks = |c: char| !c.is_whitespace() && !fonts::holds(c);
    if !text.contains(lacks) {
        return (Cow::Borrowed(text), 0);
    }
    let mut out = String::with_capacity(text.len());
    let mut run: Option<&str> = None;
    let mut count = 0;
    for c in text.chars() {
        if !lacks(c) {
            run = None;
            out.push(c);
            continue;
        }
        count += 1;
        let name = script(c);
        if run != Some(name) {
            out.push('[');
            out.push_str(name);
            out.push(']');
        }
        run = Some(name);
    }
    (Cow::Owned(out), count)
}

/// The same for every text of a document as JSON; answers how many characters it concerns.
pub fn drawable_json(json: &mut serde_json::Value) -> usize {
    use serde_json::Value;
    match json {
        Value::String(text) => {
            let (said, count) = drawable(text);
            if let Cow::Owned(said) = said {
                *text = said;
            }
            count
        }
        Value::Array(items) => items.iter_mut().map(drawable_json).sum(),
        Value::Object(fields) => fields.values_mut().map(drawable_json).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_typeface_holds_stays_as_it_is() {
        for text in ["Zoë Søren Łódź", "$1,234 – 12.5\u{00A0}% → ●", ""] {
            assert_eq!(drawable(text), (Cow::Borrowed(text), 0), "{text}");
        }
    }

    #[test]
    fn other_scripts_are_named_once_a_run_and_counted() {
        let (said, count) = drawable("Zoë 北京 שלום 🙂🙂, Анна");
        assert_eq!(said, "Zoë [Chinese] [Hebrew] [emoji], [Cyrillic]");
        assert_eq!(count, 2 + 4 + 2 + 4);
    }

    #[test]
    fn every_text_of_a_document_is_looked_at() {
        let mut json = serde_json::json!({"a": ["🙂", {"b": "x 北"}], "n": 3});
        assert_eq!(drawable_json(&mut json), 2);
        assert_eq!(
            json,
            serde_json::json!({"a": ["[emoji]", {"b": "x [Chinese]"}], "n": 3})
        );
    }
}
