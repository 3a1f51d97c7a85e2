//! What a policy document lets whom do, read as far as its wording goes. Start at [`allows_all`] and [`allows_anyone`].
//!
//! The elements: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>. A `Deny` beside what is
//! allowed, a permissions boundary and an organisation's policies are not weighed: what is said here is what is granted.

use serde_json::Value;

/// Keys of conditions that say how a function is called and not by whom.
const NOT_ABOUT_WHO: [&str; 2] = ["lambda:functionurlauthtype", "lambda:invokedviafunctionurl"];

/// Whether a statement allows every action on every resource, or all but some that leave IAM: who may change IAM may do
/// everything in the end.
///
/// # Errors
/// When it is no policy document.
pub fn allows_all(document: &Value) -> Result<bool, String> {
    Ok(allowing(document)?.into_iter().any(|statement| {
        let all_but = |name: &str, too_much: fn(&str) -> bool| {
            statement
                .get(name)
                .is_some_and(|_| !texts(statement, name).any(too_much))
        };
        let actions = texts(statement, "Action").any(is_everything)
            || all_but("NotAction", |action| {
                is_everything(action) || action.eq_ignore_ascii_case("iam:*")
            });
        let resources =
            texts(statement, "Resource").any(is_everything) || all_but("NotResource", is_everything);
        actions && resources
    }))
}

/// Whether a statement of a function's policy lets everybody call it, also if only through its URL.
///
/// # Errors
/// When it is no policy document.
pub fn allows_anyone(document: &Value) -> Result<bool, String> {
    Ok(allowing(document)?.into_iter().any(|statement| {
        let anyone = match statement.get("Principal") {
            Some(Value::Object(kinds)) => kinds
                .keys()
                .any(|kind| texts(&statement["Principal"], kind).any(|id| id == "*")),
            Some(_) => texts(statement, "Principal").any(|id| id == "*"),
            None => statement.get("NotPrincipal").is_some(),
        };
        let conditions = statement.get("Condition").and_then(Value::as_object);
        let mut keys = conditions
            .into_iter()
            .flat_map(|operators| operators.values())
            .flat_map(|keys| keys.as_object().into_iter().flat_map(|keys| keys.keys()));
        anyone && keys.all(|key| NOT_ABOUT_WHO.contains(&key.to_ascii_lowercase().as_str()))
    }))
}

/// `*`, or `*:*`.
fn is_everything(pattern: &str) -> bool {
    pattern.contains('*') && pattern.chars().all(|c| matches!(c, '*' | ':'))
}

fn allowing(document: &Value) -> Result<Vec<&Value>, String> {
    let statements = document.get("Statement").ok_or("a policy has no Statement")?;
    let statements = statements
        .as_array()
        .map_or(std::slice::from_ref(statements), Vec::as_slice);
    Ok(statements
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .collect())
}

/// The texts of an element, which is one or a list.
fn texts<'a>(statement: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    let element = statement.get(name).unwrap_or(&Value::Null);
    let list = element
        .as_array()
        .map_or(std::slice::from_ref(element), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests;
