//! Items that no table should hold: of any types in any order, and whatever bytes make. `make fuzz` runs a million of each.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use proptest::prelude::*;
use serde_json::Value;

use super::item::write_cell;

/// Levels below the item that DynamoDB takes: "Service, account, and table quotas in Amazon DynamoDB", nested attribute depth.
const DEEPEST: usize = 32;

/// As DynamoDB stores numbers (38 digits, up to 1E+125), and what it would refuse.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "-?[1-9][0-9]{0,18}(\\.[0-9]{1,19})?",
        2 => "-?[1-9](\\.[0-9]{1,5})?E[+-]?[1-9][0-9]?",
        1 => prop::sample::select(vec!["", "-", ".5", "5.", "007", "-0", "0", "NaN", "1e", "1E+", "--1", "١"]).prop_map(str::to_owned),
    ]
}
fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => ".{0,12}", 1 => "[\\x00-\\x1f\"\\\\\u{2028}\u{202e}🚤]{0,12}"]
}
fn blob() -> impl Strategy<Value = Blob> {
    prop::collection::vec(any::<u8>(), 0..12).prop_map(Blob::new)
}

fn attribute() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        text().prop_map(AttributeValue::S),
        number().prop_map(AttributeValue::N),
        any::<bool>().prop_map(AttributeValue::Bool),
        any::<bool>().prop_map(AttributeValue::Null),
        blob().prop_map(AttributeValue::B),
        prop::collection::vec(text(), 0..4).prop_map(AttributeValue::Ss),
        prop::collection::vec(number(), 0..4).prop_map(AttributeValue::Ns),
        prop::collection::vec(blob(), 0..4).prop_map(AttributeValue::Bs),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
            prop::collection::hash_map(text(), inner, 0..4).prop_map(AttributeValue::M),
        ]
    })
}

/// An attribute made of bytes: each pushes a value, or wraps the last one. It may nest as deep as there are bytes.
fn built(bytes: &[u8]) -> AttributeValue {
    let mut value = AttributeValue::Null(true);
    for (n, byte) in bytes.iter().enumerate() {
        let rest = &bytes[n + 1..bytes.len().min(n + 9)];
        let text = String::from_utf8_lossy(rest).into_owned();
        value = match byte % 9 {
            0 => AttributeValue::S(text),
            1 => AttributeValue::N(text),
            2 => AttributeValue::B(Blob::new(rest)),
            3 => AttributeValue::Ss(vec![text.clone(), text]),
            4 => AttributeValue::Ns(vec![text, "1".to_owned()]),
            5 | 6 => AttributeValue::L(vec![value, AttributeValue::Bool(true)]),
            _ => AttributeValue::M(HashMap::from([
                (text, value),
                ("k".to_owned(), AttributeValue::Null(true)),
            ])),
        };
    }
    value
}

fn cell(value: &AttributeValue) -> Option<String> {
    let mut out = String::new();
    let is_there = write_cell(value, &mut out).expect("all these types are known");
    is_there.then_some(out)
}

/// Whether JSON says what an attribute holds.
fn agree(value: &AttributeValue, json: &Value) -> bool {
    let blobs = |blobs: &[Blob]| {
        blobs
            .iter()
            .map(aws_smithy_types::base64::encode)
            .collect::<Vec<_>>()
    };
    match (value, json) {
        (AttributeValue::Null(_), Value::Null) => true,
        (AttributeValue::Bool(a), Value::Bool(b)) => a == b,
        (AttributeValue::S(a), Value::String(b)) => a == b,
        (AttributeValue::N(a), _) => is_number(a, json),
        (AttributeValue::B(a), Value::String(b)) => aws_smithy_types::base64::encode(a) == *b,
        (AttributeValue::L(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (AttributeValue::M(a), Value::Object(b)) => {
            let keys: Vec<_> = b.keys().collect();
            a.len() == b.len()
                && keys.is_sorted()
                && b.iter().all(|(key, b)| a.get(key).is_some_and(|a| agree(a, b)))
        }
        (AttributeValue::Ss(a), Value::Array(b)) => same(a.clone(), b),
        (AttributeValue::Bs(a), Value::Array(b)) => same(blobs(a), b),
        (AttributeValue::Ns(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| is_number(a, b)))
        }
        _ => false,
    }
}
/// A number, or, where JSON has no such number, its text.
fn is_number(text: &str, json: &Value) -> bool {
    match json {
        Value::String(kept) => kept == text,
        // Both readers round digits beyond a double's, not always the same way.
        json => json
            .as_f64()
            .zip(text.parse::<f64>().ok())
            .is_some_and(|(a, b)| (a - b).abs() <= b.abs() * 1e-12),
    }
}
fn same(mut texts: Vec<String>, json: &[Value]) -> bool {
    texts.sort_unstable();
    json.iter()
        .map(Value::as_str)
        .eq(texts.iter().map(|text| Some(text.as_str())))
}
fn depth(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::L(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        AttributeValue::M(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
fn is_nested(value: &AttributeValue) -> bool {
    use AttributeValue::{Bs, L, M, Ns, Ss};
    matches!(value, L(_) | M(_) | Ss(_) | Ns(_) | Bs(_))
}

proptest! {
    #[test]
    fn every_attribute_is_its_text_or_json_that_says_the_same(value in attribute()) {
        let written = cell(&value);
        prop_assert_eq!(written.is_none(), matches!(value, AttributeValue::Null(_)));
        let written = written.unwrap_or_default();
        match &value {
            AttributeValue::S(text) | AttributeValue::N(text) => prop_assert_eq!(&written, text),
            value if is_nested(value) => {
                let json = serde_json::from_str(&written).map_err(|e| TestCaseError::fail(format!("{e}: {written}")))?;
                prop_assert!(agree(value, &json), "{written} is not {value:?}");
            }
            _ => {}
        }
    }

    #[test]
    fn no_bytes_make_an_attribute_that_stops_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let value = built(&bytes);
        let written = cell(&value).unwrap_or_default();
        if is_nested(&value) && depth(&value) <= DEEPEST {
            // Some of these numbers are too large for a double, which JSON itself does not mind.
            match serde_json::from_str(&written) {
                Ok(json) => prop_assert!(agree(&value, &json), "{written} is not {value:?}"),
                Err(e) => prop_assert!(e.to_string().contains("out of range"), "{e}: {written}"),
            }
        }
    }
}

#[test]
fn an_item_nested_far_deeper_than_dynamodb_takes_is_written() {
    let text = AttributeValue::S("x".to_owned());
    let deep = (0..64 * DEEPEST).fold(text, |inner, _| AttributeValue::L(vec![inner]));
    assert_eq!(cell(&deep).map(|json| json.len()), Some(3 + 2 * 64 * DEEPEST));
}
