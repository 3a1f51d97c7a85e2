//! Parameters as a form of the query protocols.

use serde_json::Value;

use super::encode as percent;

/// How a list's elements are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// `Name.member.1`.
    Member,
    /// `Name.1`.
    Numbered,
}

/// `Action=…&Version=…` and the parameters, nested ones with dots.
pub fn encode(operation: &str, version: &str, parameters: &Value, lists: Lists) -> String {
    let mut form = format!("Action={}&Version={}", percent(operation), percent(version));
    append(&mut form, "", parameters, lists);
    form
}

fn append(form: &mut String, name: &str, value: &Value, lists: Lists) {
    let below = |key: &str| {
        if name.is_empty() {
            key.to_owned()
        } else {
            format!("{name}.{key}")
        }
    };
    match value {
        Value::Null => {}
        Value::Object(named) => named
            .iter()
            .for_each(|(key, value)| append(form, &below(key), value, lists)),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                let key = match lists {
                    Lists::Member => format!("member.{}", index + 1),
                    Lists::Numbered => (index + 1).to_string(),
                };
                append(form, &below(&key), value, lists);
            }
        }
        Value::String(text) => *form += &format!("&{}={}", percent(name), percent(text)),
        other => *form += &format!("&{}={}", percent(name), percent(&other.to_string())),
    }
}
