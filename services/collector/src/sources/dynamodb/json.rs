//! DynamoDB's JSON, as exports have it: `{"id":{"S":"1"}}`. Also how a page's end is kept.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use super::pages::Item;

/// Reads an item, or a key.
///
/// # Errors
/// When it is none.
pub fn read_item(text: &str) -> Result<Item, serde_json::Error> {
    let item: HashMap<String, Value> = serde_json::from_str(text)?;
    Ok(unwrapped(item))
}

/// Reads a line of an export: `{"Item":{…}}`.
///
/// # Errors
/// When it is none.
pub fn read_line(line: &[u8]) -> Result<Item, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Line {
        #[serde(rename = "Item")]
        item: HashMap<String, Value>,
    }
    let line: Line = serde_json::from_slice(line)?;
    Ok(unwrapped(line.item))
}

/// Writes a key, whose attributes are strings, numbers or binary. The same key is the same text.
pub fn write_key(key: &Item) -> String {
    let mut names: Vec<_> = key.iter().collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    let fields = names.into_iter().map(|(name, value)| {
        let value = match value {
            AttributeValue::S(text) => serde_json::json!({ "S": text }),
            AttributeValue::N(number) => serde_json::json!({ "N": number }),
            AttributeValue::B(bytes) => serde_json::json!({ "B": aws_smithy_types::base64::encode(bytes) }),
            _ => serde_json::Value::Null,
        };
        (name.clone(), value)
    });
    serde_json::Value::Object(fields.collect()).to_string()
}

fn unwrapped(item: HashMap<String, Value>) -> Item {
    item.into_iter().map(|(name, value)| (name, value.0)).collect()
}

struct Value(AttributeValue);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Typed).map(Value)
    }
}

/// A map of one field, whose name is the type.
struct Typed;

impl<'de> Visitor<'de> for Typed {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute with its type, such as {\"S\":\"text\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AttributeValue, A::Error> {
        let kind: String = map
            .next_key()?
            .ok_or_else(|| A::Error::custom("an attribute has no type"))?;
        let binary = |text: String| {
            let bytes = aws_smithy_types::base64::decode(text);
            bytes.map(Blob::new).map_err(A::Error::custom)
        };
        let value = match kind.as_str() {
            "S" => AttributeValue::S(map.next_value()?),
            "N" => AttributeValue::N(map.next_value()?),
            "BOOL" => AttributeValue::Bool(map.next_value()?),
            "NULL" => AttributeValue::Null(map.next_value()?),
            "B" => AttributeValue::B(binary(map.next_value()?)?),
            "SS" => AttributeValue::Ss(map.next_value()?),
            "NS" => AttributeValue::Ns(map.next_value()?),
            "BS" => {
                let texts: Vec<String> = map.next_value()?;
                AttributeValue::Bs(texts.into_iter().map(binary).collect::<Result<_, _>>()?)
            }
            "L" => {
                let values: Vec<Value> = map.next_value()?;
                AttributeValue::L(values.into_iter().map(|value| value.0).collect())
            }
            "M" => AttributeValue::M(unwrapped(map.next_value()?)),
            other => return Err(A::Error::custom(format!("{other:?} is no type of an attribute"))),
        };
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("an attribute has two types")),
        }
    }
}

#[cfg(test)]
mod tests;
