//! Inline fields of a text: `[key:: value]`, and `[key: value]` where the key is one of a task's.

use super::{tasks, text};

/// A field, taken out of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// In lower case.
    pub key: String,
    /// Without markup; may be empty.
    pub value: String,
    /// Whether it has both colons.
    pub is_tidy: bool,
}

/// Bytes between the brackets of a field.
const LONGEST: usize = 500;

/// Which brackets are fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colons {
    /// Only those with two colons: in a sentence, `(cost: $90)` is a remark.
    Two,
    /// Also those with one, where the key is a task's.
    OneWillDo,
}

/// Takes `[key:: value]` and `(key:: value)` out of a text; answers what is left, and them.
pub fn take(raw: &str, colons: Colons) -> (String, Vec<Field>) {
    let (mut left, mut found, mut rest) = (String::new(), Vec::new(), raw);
    while let Some(at) = rest.find(['[', '(']) {
        let (open, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        let field = end(after, open).and_then(|end| Some((end, field(&after[..end], colons)?)));
        match field {
            Some((end, field)) => {
                left.push_str(rest[..at].trim_end());
                found.push(field);
                rest = &after[end + 1..];
            }
            None => {
                left.push_str(&rest[..=at]);
                rest = after;
            }
        }
    }
    left.push_str(rest);
    (left.trim().to_owned(), found)
}

/// Where the bracket closes that `open` opened before `after`; those inside of it count, as in `[owner:: [[ceo]]]`.
fn end(after: &str, open: u8) -> Option<usize> {
    let close = if open == b'[' { b']' } else { b')' };
    let mut inner = 0_usize;
    // A field is short; looking for its end in all that follows would take quadratic time on a line of brackets.
    for (at, byte) in after.bytes().take(LONGEST).enumerate() {
        if byte == open {
            inner += 1;
        } else if byte == close {
            if inner == 0 {
                return Some(at);
            }
            inner -= 1;
        }
    }
    None
}

fn field(inner: &str, colons: Colons) -> Option<Field> {
    let two = inner.split_once("::").filter(|(key, _)| is_key(key));
    let one = || {
        let known = |key: &str| colons == Colons::OneWillDo && tasks::is_field(&key.trim().to_lowercase());
        inner.split_once(':').filter(|(key, _)| known(key))
    };
    let (key, value) = two.or_else(one)?;
    Some(Field {
        key: key.trim().to_lowercase(),
        value: text::plain(value).into_owned(),
        is_tidy: two.is_some(),
    })
}

fn is_key(key: &str) -> bool {
    let key = key.trim();
    !key.is_empty()
        && key.len() <= 30
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'))
}

#[cfg(test)]
mod tests;
