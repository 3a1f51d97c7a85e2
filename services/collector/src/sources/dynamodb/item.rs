//! An attribute as the snapshot's text: exactly as stored, nested values as JSON text that is the same every night.

use std::cmp::Ordering;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

/// An attribute type that this build does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an attribute has a type that this version of the collector does not know; upgrade it")]
pub struct UnknownType;

/// Appends the text of a top-level attribute; answers `false` for NULL.
///
/// Strings and numbers are as stored, booleans `true` and `false`, binary is base64; the others are JSON.
///
/// # Errors
/// [`UnknownType`].
pub fn write_cell(value: &AttributeValue, out: &mut String) -> Result<bool, UnknownType> {
    match value {
        AttributeValue::Null(_) => return Ok(false),
        AttributeValue::S(text) | AttributeValue::N(text) => out.push_str(text),
        AttributeValue::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        AttributeValue::B(bytes) => out.push_str(&base64(bytes)),
        nested => write_json(nested, out)?,
    }
    Ok(true)
}

fn write_json(value: &AttributeValue, out: &mut String) -> Result<(), UnknownType> {
    match value {
        AttributeValue::Null(_) => out.push_str("null"),
        AttributeValue::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        AttributeValue::S(text) => write_json_text(text, out),
        AttributeValue::N(number) => write_json_number(number, out),
        AttributeValue::B(bytes) => write_json_text(&base64(bytes), out),
        AttributeValue::L(items) => write_list(items, out, write_json)?,
        // DynamoDB keeps no order in a set: sorted, it reads the same every night.
        AttributeValue::Ss(texts) => {
            let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            texts.sort_unstable();
            write_list(texts, out, |text, out| {
                write_json_text(text, out);
                Ok(())
            })?;
        }
        AttributeValue::Ns(numbers) => {
            let mut numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
            numbers.sort_unstable_by(|a, b| by_number(a, b));
            write_list(numbers, out, |number, out| {
                write_json_number(number, out);
                Ok(())
            })?;
        }
        AttributeValue::Bs(blobs) => {
            let mut texts: Vec<String> = blobs.iter().map(base64).collect();
            texts.sort_unstable();
            write_list(texts, out, |text, out| {
                write_json_text(&text, out);
                Ok(())
            })?;
        }
        AttributeValue::M(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (n, (key, value)) in entries.into_iter().enumerate() {
                separate(n, out);
                write_json_text(key, out);
                out.push(':');
                write_json(value, out)?;
            }
            out.push('}');
        }
        _ => return Err(UnknownType),
    }
    Ok(())
}

fn write_list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    write: impl Fn(T, &mut String) -> Result<(), UnknownType>,
) -> Result<(), UnknownType> {
    out.push('[');
    for (n, item) in items.into_iter().enumerate() {
        separate(n, out);
        write(item, out)?;
    }
    out.push(']');
    Ok(())
}

fn separate(n: usize, out: &mut String) {
    if n > 0 {
        out.push(',');
    }
}

fn base64(bytes: &Blob) -> String {
    aws_smithy_types::base64::encode(bytes.as_ref())
}

fn by_number(a: &str, b: &str) -> Ordering {
    let value = |text: &str| text.parse().unwrap_or(f64::INFINITY);
    value(a).total_cmp(&value(b)).then_with(|| a.cmp(b))
}

/// The digits as stored (38 of them survive), or a JSON string where JSON has no such number.
fn write_json_number(number: &str, out: &mut String) {
    if is_json_number(number) {
        out.push_str(number);
    } else {
        write_json_text(number, out);
    }
}

/// RFC 8259, section 6.
fn is_json_number(text: &str) -> bool {
    fn digits(text: &str) -> (usize, &str) {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        (text.len() - rest.len(), rest)
    }
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, mut rest) = digits(text);
    if whole == 0 || (whole > 1 && text.starts_with('0')) {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let (length, after) = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = after;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let (length, after) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        return length > 0 && after.is_empty();
    }
    rest.is_empty()
}

/// As `serde_json` writes a string, straight into the arena.
pub fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            control => out.push_str(&format!("\\u{control:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests;
