//! Local items: JSON objects, plain or in DynamoDB's own notation, and CSV records.

use std::collections::HashMap;

use dynoxide::{AttributeValue, Item};
use serde_json::{Map, Value};

/// The types of DynamoDB's JSON.
const TYPES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

/// Reads one item. `{"id": {"S": "a"}}` is DynamoDB's notation if every attribute looks like that (also below `Item`,
/// as an export to S3 writes it); anything else is plain JSON, where a number keeps its digits and null is NULL.
pub(super) fn json_item(text: &str) -> Result<Item, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Object(mut object) = value else {
        return Err("no JSON object".to_owned());
    };
    if object.len() == 1
        && let Some(Value::Object(inner)) = object.get_mut("Item")
        && is_dynamodb_json(inner)
    {
        object = std::mem::take(inner);
    }
    if is_dynamodb_json(&object) {
        return object
            .into_iter()
            .map(|(name, value)| Ok((name, attribute(value)?)))
            .collect();
    }
    Ok(object
        .into_iter()
        .map(|(name, value)| (name, plain(value)))
        .collect())
}

/// Reads one CSV record: every value is a string as it stands, also an empty one.
pub(super) fn csv_item(header: &csv::StringRecord, record: &csv::StringRecord) -> Item {
    let value = |text: &str| AttributeValue::S(text.to_owned());
    header
        .iter()
        .zip(record)
        .map(|(name, text)| (name.to_owned(), value(text)))
        .collect()
}

fn is_dynamodb_json(object: &Map<String, Value>) -> bool {
    let typed = |value: &Value| {
        let one = value
            .as_object()
            .filter(|inner| inner.len() == 1)
            .and_then(|inner| inner.keys().next());
        one.is_some_and(|key| TYPES.contains(&key.as_str()))
    };
    !object.is_empty() && object.values().all(typed)
}

/// A value with one member. A text, which most are, goes over as it is; for all else dynoxide looks at every way to write it.
fn attribute(mut value: Value) -> Result<AttributeValue, String> {
    if let Some(Value::String(text)) = value.get_mut("S") {
        return Ok(AttributeValue::S(std::mem::take(text)));
    }
    serde_json::from_value(value).map_err(|error| format!("no DynamoDB JSON: {error}"))
}

fn plain(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::NULL(true),
        Value::Bool(yes) => AttributeValue::BOOL(yes),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(plain).collect()),
        Value::Object(object) => {
            let fields: HashMap<_, _> = object
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect();
            AttributeValue::M(fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_keeps_its_types() {
        let item = json_item(r#"{"id":"a","n":840.75,"on":true,"gone":null,"log":[{"m":1}]}"#).unwrap();
        assert_eq!(item["n"], AttributeValue::N("840.75".to_owned()));
        assert_eq!(item["gone"], AttributeValue::NULL(true));
        let AttributeValue::L(log) = &item["log"] else {
            panic!("no list")
        };
        assert!(matches!(&log[0], AttributeValue::M(m) if m["m"] == AttributeValue::N("1".to_owned())));
    }

    #[test]
    fn dynamodb_json_is_recognised_also_as_an_export_writes_it() {
        let direct = json_item(r#"{"id":{"S":"a"},"tags":{"SS":["x","y"]}}"#).unwrap();
        let exported = json_item(r#"{"Item":{"id":{"S":"a"},"tags":{"SS":["x","y"]}}}"#).unwrap();
        assert_eq!(direct, exported);
        assert_eq!(
            direct["tags"],
            AttributeValue::SS(vec!["x".to_owned(), "y".to_owned()])
        );
    }

    #[test]
    fn one_plain_attribute_makes_the_item_plain() {
        let item = json_item(r#"{"id":"a","size":{"S":"small"}}"#).unwrap();
        assert!(matches!(&item["size"], AttributeValue::M(_)));
    }

    #[test]
    fn what_is_no_object_is_refused_in_words() {
        assert_eq!(json_item("[1]").unwrap_err(), "no JSON object");
        assert!(json_item("{").unwrap_err().starts_with("no JSON: "));
        for item in [r#"{"id":{"S":5}}"#, r#"{"id":{"S":"a"},"n":{"N":"1.5.2"}}"#] {
            let refused = json_item(item).unwrap_err();
            assert!(refused.starts_with("no DynamoDB JSON: "), "{refused}");
        }
    }
}
