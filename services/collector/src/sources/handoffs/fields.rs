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
mod tests {
    use super::*;

    fn pairs(raw: &str, colons: Colons) -> (String, Vec<(String, String)>) {
        let (left, found) = take(raw, colons);
        (left, found.into_iter().map(|f| (f.key, f.value)).collect())
    }
    fn of(left: &str, key: &str, value: &str) -> (String, Vec<(String, String)>) {
        (left.to_owned(), vec![(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_megabyte_of_brackets_is_a_title_and_a_field_may_be_as_long_as_it_says() {
        let (left, found) = take(&"[".repeat(1_000_000), Colons::Two);
        assert_eq!((left.len(), found.len()), (1_000_000, 0));
        let of = |len: usize| {
            let raw = format!("x [owner::{}]", "a".repeat(len - "owner::".len()));
            take(&raw, Colons::Two).1.len()
        };
        assert_eq!((of(LONGEST - 1), of(LONGEST)), (1, 0));
    }

    #[test]
    fn brackets_in_a_value_belong_to_it() {
        let found = pairs("x [owner:: [[ceo]]]", Colons::Two);
        assert_eq!(found, of("x", "owner", "[[ceo]]"));
        let found = pairs("x (cost:: $90 (once)) y", Colons::Two);
        assert_eq!(found, of("x y", "cost", "$90 (once)"));
    }

    #[test]
    fn one_colon_will_do_in_a_task_for_a_known_key_only() {
        assert_eq!(
            pairs("x [Owner: cmo]", Colons::OneWillDo),
            of("x", "owner", "cmo")
        );
        for (raw, colons) in [
            ("x (cost: $90)", Colons::Two),
            ("x [see: above]", Colons::OneWillDo),
        ] {
            assert_eq!(pairs(raw, colons), (raw.to_owned(), vec![]));
        }
    }
}
