//! How a value is found in an answer: [JMESPath](https://jmespath.org), the language of the AWS command's `--query`, with a
//! few functions of our own. Start at [`Expression`]; [`FUNCTIONS`] lists ours.

use std::sync::{Arc, LazyLock};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jmespath::{
    Context, ErrorReason, JmespathError, Rcvar, Runtime, SearchResult, Variable, ast::Ast, interpret,
};
use serde::{Deserialize, Deserializer, de::Error};

use super::documents;

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    ast: Ast,
}

/// A function's arguments to its value, or what is wrong with them.
type Body = fn(&[Rcvar]) -> Result<Variable, String>;

/// Our functions and how many arguments each takes. All but `list` and `count` answer null for a first argument that is null.
const FUNCTIONS: [(&str, usize, Body); 15] = [
    // null is no element, an array its elements, anything else one: XML does not tell a list of one from a value.
    ("list", 1, |a| Ok(Variable::Array(elements(&a[0])))),
    ("count", 1, |a| Ok(number(elements(&a[0]).len()))),
    // In order, each once.
    ("distinct", 1, |a| {
        let mut texts: Vec<String> = elements(&a[0]).iter().filter_map(|value| cell(value)).collect();
        texts.sort();
        texts.dedup();
        Ok(Variable::Array(
            texts
                .into_iter()
                .map(|text| Arc::new(Variable::String(text)))
                .collect(),
        ))
    }),
    // Epoch seconds, or an ISO or HTTP time, as YYYY-MM-DD or as an ISO instant in UTC.
    ("day", 1, |a| Ok(Variable::String(utc(&a[0])?.date().to_string()))),
    ("instant", 1, |a| {
        Ok(Variable::String(format!("{:.0}", instant(&a[0])?)))
    }),
    ("add_days", 2, |a| {
        let days = a[1].as_number().ok_or("the second argument is no number")? as i64;
        let moved = date(&a[0])?
            .checked_add(jiff::Span::new().days(days))
            .map_err(|e| e.to_string())?;
        Ok(Variable::String(moved.to_string()))
    }),
    ("month_start", 1, |a| {
        Ok(Variable::String(date(&a[0])?.first_of_month().to_string()))
    }),
    ("after_last", 2, |a| {
        let (text, separator) = (string(&a[0])?, string(&a[1])?);
        Ok(Variable::String(
            text.rsplit(separator).next().unwrap_or(text).to_owned(),
        ))
    }),
    ("trim_end", 2, |a| {
        Ok(Variable::String(
            string(&a[0])?.trim_end_matches(string(&a[1])?).to_owned(),
        ))
    }),
    ("parse_json", 1, |a| Variable::from_json(string(&a[0])?)),
    ("percent_decode", 1, |a| {
        let decoded = percent_encoding::percent_decode_str(string(&a[0])?).decode_utf8();
        Ok(Variable::String(decoded.map_err(|e| e.to_string())?.into_owned()))
    }),
    // What an ARN names: its last part, of a function without the alias or version that may follow.
    ("arn_name", 1, |a| {
        let arn = string(&a[0])?;
        let parts: Vec<&str> = arn.split(':').collect();
        let name = match parts[..] {
            [_, _, "lambda", _, _, "function", name, ..] => name,
            _ => parts.last().unwrap_or(&arn),
        };
        Ok(Variable::String(name.to_owned()))
    }),
    ("allows_all", 1, |a| {
        Ok(Variable::Bool(documents::allows_all(&json(&a[0])?)?))
    }),
    ("allows_anyone", 1, |a| {
        Ok(Variable::Bool(documents::allows_anyone(&json(&a[0])?)?))
    }),
    // Bytes, as a number or its text, in GB of 10^9, to the MB.
    ("gigabytes", 1, |a| {
        let bytes = match &*a[0] {
            Variable::String(text) => text.parse().map_err(|_| format!("{text:?} is no number"))?,
            other => other.as_number().ok_or("neither a number nor text")?,
        };
        Ok(Variable::String(format!("{:.3}", bytes / 1e9)))
    }),
];

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    for (name, arity, body) in FUNCTIONS {
        let call = move |arguments: &[Rcvar], context: &mut Context<'_>| -> SearchResult {
            let wrong = |message: String| {
                let reason = ErrorReason::Parse(format!("{name}: {message}"));
                JmespathError::new(context.expression, context.offset, reason)
            };
            if arguments.len() != arity {
                return Err(wrong(format!("takes {arity} arguments")));
            }
            if arguments[0].is_null() && !matches!(name, "list" | "count") {
                return Ok(Arc::new(Variable::Null));
            }
            body(arguments).map(Arc::new).map_err(wrong)
        };
        runtime.register_function(name, Box::new(call));
    }
    runtime
});

impl Expression {
    /// Compiles it.
    ///
    /// # Errors
    /// When it is no JMESPath, or calls a function that is neither JMESPath's nor of [`FUNCTIONS`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let ast = jmespath::parse(text).map_err(|e| e.to_string())?;
        for (at, _) in text.match_indices('(') {
            let name_of = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name = text[..at].rsplit(|c| !name_of(c)).next().unwrap_or_default();
            if !name.is_empty() && RUNTIME.get_function(name).is_none() {
                return Err(format!("{text:?} calls {name}(), which is not there"));
            }
        }
        let text = text.to_owned();
        Ok(Self { text, ast })
    }

    /// What it finds; null where there is nothing.
    ///
    /// # Errors
    /// When the data are not of the type that one of its functions takes.
    pub fn find(&self, data: &Rcvar) -> Result<Rcvar, JmespathError> {
        interpret(data, &self.ast, &mut Context::new(&self.text, &RUNTIME))
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The elements of a list that may be null, or one value alone.
pub fn elements(value: &Rcvar) -> Vec<Rcvar> {
    match &**value {
        Variable::Null => Vec::new(),
        Variable::Array(elements) => elements.clone(),
        _ => vec![Arc::clone(value)],
    }
}

/// A value as a cell: text as it is, whole numbers without a point, lists and objects as JSON with sorted keys.
pub fn cell(value: &Variable) -> Option<String> {
    match value {
        Variable::Null | Variable::Expref(_) => None,
        Variable::String(text) => Some(text.clone()),
        Variable::Number(number) => match number.as_f64() {
            // Exact below 2^53, and such a number prints as it would as an integer.
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => Some(format!("{float:.0}")),
            _ => Some(number.to_string()),
        },
        other => serde_json::to_string(other).ok(),
    }
}

fn number(count: usize) -> Variable {
    Variable::Number(count.into())
}
fn json(value: &Variable) -> Result<serde_json::Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}
fn string(value: &Variable) -> Result<&str, String> {
    value
        .as_string()
        .map(String::as_str)
        .ok_or_else(|| "it is no text".to_owned())
}
fn date(value: &Variable) -> Result<Date, String> {
    string(value)?.parse().map_err(|e: jiff::Error| e.to_string())
}
fn utc(value: &Variable) -> Result<jiff::Zoned, String> {
    Ok(instant(value)?.to_zoned(TimeZone::UTC))
}

fn instant(value: &Variable) -> Result<Timestamp, String> {
    if let Some(seconds) = value.as_number() {
        return Timestamp::from_millisecond((seconds * 1000.0) as i64).map_err(|e| e.to_string());
    }
    let text = string(value)?;
    let iso = text.parse::<Timestamp>();
    iso.or_else(|_| jiff::fmt::rfc2822::parse(text).map(|zoned| zoned.timestamp()))
        .map_err(|_| format!("{text:?} is no instant"))
}

#[cfg(test)]
mod tests;
