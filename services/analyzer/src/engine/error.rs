//! What is wrong with a query: in words that name its tables and columns, with the place and what was probably meant.

use datafusion::{
    arrow::error::ArrowError,
    common::{Column, DataFusionError, SchemaError},
    prelude::SessionContext,
    sql::sqlparser::parser::ParserError,
};
use strsim::jaro_winkler;

/// What kind of mistake a query has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// It does not parse.
    Syntax,
    /// A table that is not there.
    UnknownTable,
    /// A column that is not there.
    UnknownColumn,
    /// A column that several tables have.
    AmbiguousColumn,
    /// A function that is not there.
    UnknownFunction,
    /// A `$parameter` that is not there.
    UnknownParameter,
    /// A column of another type than its table wants.
    WrongType,
    /// It takes more memory or time than a query may.
    Limit,
    /// Anything else: types that do not fit, say.
    #[default]
    Other,
}

impl Kind {
    /// As in a [`shared::problem::Problem`].
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax => "sql-syntax",
            Self::UnknownTable => "unknown-table",
            Self::UnknownColumn => "unknown-column",
            Self::AmbiguousColumn => "ambiguous-column",
            Self::UnknownFunction => "unknown-function",
            Self::UnknownParameter => "unknown-parameter",
            Self::WrongType => "wrong-type",
            Self::Limit => "limit",
            Self::Other => "sql",
        }
    }
}

/// A query that does not parse, plan or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// What is wrong.
    pub message: String,
    /// Line and column in the query, from 1, where they are known.
    pub at: Option<(u64, u64)>,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// What kind of mistake it is.
    pub kind: Kind,
}

impl SqlError {
    /// Without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: None,
            suggestion: None,
            kind: Kind::Other,
        }
    }

    /// The message with its suggestion, for where there is one line only.
    pub fn in_one_line(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("{}; {suggestion}", self.message),
            None => self.message.clone(),
        }
    }

    pub(super) fn syntax(error: &ParserError) -> Self {
        let text = match error {
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
            ParserError::RecursionLimitExceeded => "it is nested too deeply".into(),
        };
        // sqlparser says the place at the end of its text only.
        let (message, at) = match text.split_once(" at Line: ") {
            Some((message, place)) => {
                let mut numbers = place
                    .split(|c: char| !c.is_ascii_digit())
                    .filter_map(|n| n.parse().ok());
                (message.to_owned(), numbers.next().zip(numbers.next()))
            }
            None => (text, None),
        };
        Self {
            message,
            at,
            suggestion: None,
            kind: Kind::Syntax,
        }
    }

    /// An error of planning, with suggestions from the session's tables.
    pub(super) fn of(error: DataFusionError, ctx: &SessionContext) -> Self {
        let mut found = Self::from(error);
        if let Some(table) = found
            .message
            .strip_prefix("there is no table ")
            .map(str::to_owned)
        {
            found.kind = Kind::UnknownTable;
            found.suggestion = suggest(&table, &tables(ctx));
        }
        if let Some(function) = found
            .message
            .strip_prefix("there is no function ")
            .map(str::to_owned)
        {
            let mut names: Vec<String> = ctx.state().scalar_functions().keys().cloned().collect();
            names.extend(ctx.state().aggregate_functions().keys().cloned());
            names.sort();
            found.kind = Kind::UnknownFunction;
            found.suggestion = suggest(&function, &names);
        }
        found
    }
}

impl From<ArrowError> for SqlError {
    fn from(error: ArrowError) -> Self {
        DataFusionError::from(error).into()
    }
}

impl From<DataFusionError> for SqlError {
    fn from(error: DataFusionError) -> Self {
        let span = error
            .diagnostic()
            .and_then(|d| d.span)
            .map(|s| (s.start.line, s.start.column));
        let at = span.filter(|(line, _)| *line > 0);
        match error.find_root() {
            DataFusionError::SchemaError(schema, _) => {
                let (message, suggestion) = schema_error(schema);
                Self {
                    message,
                    at,
                    suggestion,
                    kind: match schema.as_ref() {
                        SchemaError::FieldNotFound { .. } => Kind::UnknownColumn,
                        SchemaError::AmbiguousReference { .. } => Kind::AmbiguousColumn,
                        _ => Kind::Other,
                    },
                }
            }
            DataFusionError::SQL(parser, _) => Self::syntax(parser),
            root => Self {
                message: plain(root),
                at,
                suggestion: None,
                kind: Kind::Other,
            },
        }
    }
}

fn schema_error(error: &SchemaError) -> (String, Option<String>) {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let near = match &field.relation {
                Some(relation) => {
                    let of = |c: &&Column| c.relation.as_ref().is_some_and(|r| r.table() == relation.table());
                    valid_fields.iter().filter(of).map(|c| c.name.clone()).collect()
                }
                None => Vec::new(),
            };
            let names = if near.is_empty() {
                valid_fields.iter().map(|c| c.name.clone()).collect()
            } else {
                near
            };
            (
                format!(
                    "there is no column {}",
                    field.flat_name().replace("datafusion.", "")
                ),
                suggest(&field.name, &names),
            )
        }
        SchemaError::AmbiguousReference { field } => {
            let message = format!("column {} is in more than one table", field.name);
            (message, Some(format!("say which table's: t.{}", field.name)))
        }
        other => (other.to_string(), None),
    }
}

/// DataFusion's text without its prefixes, and in this product's words where it matters.
fn plain(error: &DataFusionError) -> String {
    let text = error.message().into_owned();
    let text = text.split("\n\nbacktrace").next().unwrap_or_default().trim();
    let quoted = |prefix: &str, suffix: &str| {
        let rest = text.strip_prefix(prefix)?;
        rest.split_once(suffix)
            .map(|(name, _)| name.replace("datafusion.public.", "").replace("datafusion.", ""))
    };
    if let Some(table) = quoted("table '", "' not found") {
        return format!("there is no table {table}");
    }
    if let Some(function) = quoted("Invalid function '", "'") {
        return format!("there is no function {function}");
    }
    text.lines().next().unwrap_or_default().to_owned()
}

fn tables(ctx: &SessionContext) -> Vec<String> {
    let mut names = Vec::new();
    for (schema, prefix) in [("public", ""), (super::RAW, "raw.")] {
        let provider = ctx.catalog("datafusion").and_then(|c| c.schema(schema));
        names.extend(
            provider
                .into_iter()
                .flat_map(|p| p.table_names())
                .map(|n| format!("{prefix}{n}")),
        );
    }
    names.sort();
    names
}

/// `did you mean x?`, or what there is.
pub fn suggest(given: &str, names: &[String]) -> Option<String> {
    let given = given.to_ascii_lowercase();
    let score = |name: &String| jaro_winkler(&given, &name.to_ascii_lowercase());
    let best =
        names
            .iter()
            .map(|n| (score(n), n))
            .fold(None, |best: Option<(f64, &String)>, new| match best {
                Some(old) if old.0 >= new.0 => Some(old),
                _ => Some(new),
            });
    match best {
        Some((score, name)) if score >= 0.8 => Some(format!("did you mean {name}?")),
        _ if names.is_empty() => None,
        _ if names.len() > 40 => None,
        _ => Some(format!("there are: {}", names.join(", "))),
    }
}
