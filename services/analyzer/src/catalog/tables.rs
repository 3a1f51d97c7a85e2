//! `schema.toml`, `collected.toml` and `parameters.toml`: which tables, columns and parameters there are.

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Deserialize;
use shared::{
    catalog::{CatalogFile, CatalogFiles},
    portfolio::Parameter,
    problem::Problem,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    file::{of_toml, table},
    money::Money,
};
use crate::functions::money::{RATE_PRECISION, RATE_SCALE};

/// The type of a canonical column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
    Text,
    /// DATE.
    Date,
    /// TIMESTAMP, UTC.
    Timestamp,
    /// BIGINT.
    Int,
    /// DECIMAL(38,4).
    Decimal,
    /// DECIMAL(18,6).
    Ratio,
    /// DECIMAL(24,12).
    Rate,
    /// BOOLEAN.
    Bool,
}

impl ColumnType {
    /// In Arrow.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Int => DataType::Int64,
            Self::Decimal => DataType::Decimal128(38, 4),
            Self::Ratio => DataType::Decimal128(18, 6),
            Self::Rate => DataType::Decimal128(RATE_PRECISION, RATE_SCALE),
            Self::Bool => DataType::Boolean,
        }
    }
    /// The function that reads it from text.
    pub fn reader(self) -> Option<&'static str> {
        Some(match self {
            Self::Text => return None,
            Self::Date => "day",
            Self::Timestamp => "instant",
            Self::Int => "whole",
            Self::Decimal => "money",
            Self::Ratio => "ratio",
            Self::Rate => "rate",
            Self::Bool => "flag",
        })
    }
}

/// A canonical table.
#[derive(Debug, Clone)]
pub struct CanonicalTable {
    /// Columns in the order of the file.
    pub columns: Vec<(String, ColumnType)>,
    /// Columns whose values are from a list.
    pub values: BTreeMap<String, Vec<String>>,
    /// Columns that together are of one row only.
    pub key: Vec<String>,
    /// Columns that a row should fill, and what is taken for a row that does not.
    pub expected: BTreeMap<String, String>,
    /// Which of its columns are money; none where nobody said.
    pub money: Option<Money>,
    /// Derived views of its rows that are converted as a whole, and what is money in them.
    pub whole: BTreeMap<String, Money>,
}

impl CanonicalTable {
    /// In Arrow.
    pub fn schema(&self) -> SchemaRef {
        schema(self.columns.iter().map(|(name, t)| (name.as_str(), t.arrow())))
    }
}

/// Nullable columns.
pub fn schema<'a>(columns: impl IntoIterator<Item = (&'a str, DataType)>) -> SchemaRef {
    Schema::new(
        columns
            .into_iter()
            .map(|(name, t)| Field::new(name, t, true))
            .collect::<Vec<_>>(),
    )
    .into()
}

#[derive(Deserialize)]
struct RawTable<'a> {
    #[serde(borrow)]
    columns: BTreeMap<Spanned<std::borrow::Cow<'a, str>>, ColumnType>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    expected: BTreeMap<String, String>,
    #[serde(default)]
    money: Option<Money>,
    #[serde(default)]
    whole: BTreeMap<String, Money>,
}

/// The canonical tables of all layers.
pub fn canonical(files: &CatalogFiles, problems: &mut Vec<Problem>) -> BTreeMap<String, CanonicalTable> {
    let read = |value: Spanned<DeValue<'_>>| {
        let raw = RawTable::deserialize(ValueDeserializer::from(value))?;
        let mut columns: Vec<_> = raw.columns.into_iter().collect();
        columns.sort_by_key(|(name, _)| name.span().start);
        let columns: Vec<(String, ColumnType)> = columns
            .into_iter()
            .map(|(name, t)| (name.into_inner().into_owned(), t))
            .collect();
        let named = raw.money.iter().flat_map(Money::names);
        for name in named {
            if !columns.iter().any(|(known, _)| known == name) {
                let text = format!("money: the table has no column {name}");
                return Err(<toml::de::Error as serde::de::Error>::custom(text));
            }
        }
        Ok(CanonicalTable {
            columns,
            values: raw.values,
            key: raw.key,
            expected: raw.expected,
            money: raw.money,
            whole: raw.whole,
        })
    };
    by_name(files, "catalog/schema.toml", read, problems)
}

/// Columns by collected table.
type Columns = BTreeMap<String, Vec<String>>;

/// The collected tables of all layers, and the keys of those that have one.
pub fn collected(files: &CatalogFiles, problems: &mut Vec<Problem>) -> (Columns, Columns) {
    #[derive(Deserialize)]
    struct Collected {
        columns: Vec<String>,
        #[serde(default)]
        key: Vec<String>,
    }
    let read = |value: Spanned<DeValue<'_>>| Collected::deserialize(ValueDeserializer::from(value));
    let (mut columns, mut keys) = (Columns::new(), Columns::new());
    for (name, table) in by_name(files, "catalog/collected.toml", read, problems) {
        if !table.key.is_empty() {
            keys.insert(name.clone(), table.key);
        }
        columns.insert(name, table.columns);
    }
    (columns, keys)
}

/// The parameters of all layers, with their defaults.
pub fn parameters(files: &CatalogFiles, problems: &mut Vec<Problem>) -> BTreeMap<String, Parameter> {
    let read = |value: Spanned<DeValue<'_>>| {
        let default = value.get_ref().get("default").map(|v| (v.get_ref(), v.span()));
        default.and_then(|(value, _)| parameter(value)).ok_or_else(|| {
            let text = "a parameter has a default: a number, a text or a date";
            <toml::de::Error as serde::de::Error>::custom(text)
        })
    };
    by_name(files, "catalog/parameters.toml", read, problems)
}

/// A number is taken digit by digit, so that 0.1 is a tenth.
fn parameter(value: &DeValue<'_>) -> Option<Parameter> {
    match value {
        DeValue::String(text) => Some(Parameter::Text(text.to_string())),
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
            .ok()
            .map(|n| Parameter::Number(n.into())),
        DeValue::Float(f) => f.as_str().parse().ok().map(Parameter::Number),
        DeValue::Datetime(at) => at.to_string().parse().ok().map(Parameter::Date),
        _ => None,
    }
}

/// The tables of one file in all layers; a later layer's replaces an earlier one's.
fn by_name<T>(
    files: &CatalogFiles,
    path: &str,
    read: impl Fn(Spanned<DeValue<'_>>) -> Result<T, toml::de::Error>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, T> {
    let mut found = BTreeMap::new();
    for file in files.layers(path, "") {
        let tables: DeTable<'_> = table(file, problems);
        for (name, value) in tables {
            let span = value.span();
            match read(value) {
                Ok(table) => _ = found.insert(name.into_inner().into_owned(), table),
                Err(error) => problems.push(placed(file, &error, span)),
            }
        }
    }
    found
}

fn placed(file: CatalogFile<'_>, error: &toml::de::Error, span: std::ops::Range<usize>) -> Problem {
    let problem = of_toml(file, error, "bad-table");
    if problem.span.is_some() {
        problem
    } else {
        problem.at(file.text, span)
    }
}
