//! Targets and parameters: those that `portfolio.toml` has, and those that the snapshot has because the portfolio reads
//! them elsewhere. Start at [`Settings::of`].
//!
//! What could not be read is unknown: never a zero, and never the default of a parameter either, for the owner said that it
//! is another. A query that asks for it fails with the reason, as one does whose table is not there.

use std::collections::BTreeMap;

use datafusion::{
    arrow::{
        array::{Array, AsArray},
        datatypes::DataType,
    },
    common::DataFusionError,
};
use rust_decimal::Decimal;
use shared::{
    facts::{EnvironmentValue, QueryProblem},
    portfolio::{ENVIRONMENT_TABLE, FILE, Portfolio, ValueSource},
};

use super::{LocalTable, tables::align};
use crate::{
    catalog::{Catalog, tables::schema},
    engine::SqlError,
};

/// A number, or where it was to be read and why it is unknown: `environment variable X is not set`.
pub type Known = Result<Decimal, String>;

/// What a night is measured by.
#[derive(Debug, Default)]
pub struct Settings {
    /// All targets, by KPI id or `id@entity`.
    pub targets: BTreeMap<String, Known>,
    /// Parameters that are read elsewhere.
    pub parameters: BTreeMap<String, Known>,
    /// All that is read elsewhere, for `analysis.json`.
    pub read: Vec<EnvironmentValue>,
}

impl Settings {
    /// The portfolio's, with the values that a snapshot has.
    ///
    /// # Errors
    /// If the table of values cannot be read.
    pub fn of(portfolio: &Portfolio, tables: &[LocalTable]) -> Result<Self, SqlError> {
        let found = values(tables)?;
        let known = |place: &ValueSource| {
            let key = (place.kind().to_owned(), place.name().to_owned());
            found
                .get(&key)
                .cloned()
                .unwrap_or_else(|| Err("was not read".to_owned()))
        };
        let mut settings = Self::planned(portfolio);
        let source = &portfolio.sources.environment;
        let sections = [
            ("targets", &source.targets, &mut settings.targets),
            ("parameters", &source.parameters, &mut settings.parameters),
        ];
        for (section, places, into) in sections {
            for (key, place) in places {
                let value = known(place);
                settings.read.push(EnvironmentValue {
                    setting: format!("{section}.{key}"),
                    source: place.kind().to_owned(),
                    name: place.name().to_owned(),
                    value: value.as_ref().ok().map(ToString::to_string),
                    reason: value.as_ref().err().cloned(),
                });
                into.insert(key.clone(), value.map_err(|why| format!("{place} {why}")));
            }
        }
        Ok(settings)
    }

    /// Those that are known before anything was read.
    fn planned(portfolio: &Portfolio) -> Self {
        let here = portfolio.targets.iter();
        Self {
            targets: here.map(|(key, value)| (key.clone(), Ok(*value))).collect(),
            ..Self::default()
        }
    }

    /// For planning queries: a parameter that is read elsewhere is a number, whichever.
    pub fn unread(portfolio: &Portfolio, catalog: &Catalog) -> Self {
        let read = portfolio.sources.environment.parameters.keys();
        let bare = read.filter(|name| !catalog.parameters.contains_key(*name));
        Self {
            parameters: bare.map(|name| (name.clone(), Ok(Decimal::ONE))).collect(),
            ..Self::planned(portfolio)
        }
    }

    /// What could not be read, and so is unknown.
    pub fn problems(&self) -> impl Iterator<Item = QueryProblem> {
        let unknown =
            |(key, value): (&String, &Known)| value.as_ref().err().map(|why| (key.clone(), why.clone()));
        let targets = self.targets.iter().filter_map(unknown);
        let targets = targets.map(|(key, why)| {
            (
                format!("targets.{key}"),
                format!("the target of {key} is unknown: {why}"),
            )
        });
        let parameters = self.parameters.iter().filter_map(unknown);
        let parameters =
            parameters.map(|(key, why)| (format!("parameters.{key}"), format!("${key} is unknown: {why}")));
        targets.chain(parameters).map(|(entry, message)| QueryProblem {
            file: FILE.to_owned(),
            entry: Some(entry),
            line: None,
            message,
            suggestion: None,
        })
    }
}

/// The rows of the collected table, by source and name.
fn values(tables: &[LocalTable]) -> Result<BTreeMap<(String, String), Known>, SqlError> {
    let columns = ["source", "name", "value", "reason"];
    let schema = schema(columns.map(|name| (name, DataType::Utf8)));
    let mut found = BTreeMap::new();
    let batches = tables
        .iter()
        .filter(|t| t.collected && t.name == ENVIRONMENT_TABLE);
    for batch in batches.flat_map(|table| &table.batches) {
        let batch = align(batch, &schema).map_err(DataFusionError::from)?;
        let cells = columns.map(|name| batch.column_by_name(name).map(|array| array.as_string::<i32>()));
        for row in 0..batch.num_rows() {
            let [source, name, value, reason] = cells.map(|cells| {
                let cells = cells.filter(|cells| cells.is_valid(row))?;
                Some(cells.value(row).to_owned())
            });
            let value = value.and_then(|text| text.parse().ok());
            let value = value.ok_or_else(|| reason.unwrap_or_else(|| "was not read".to_owned()));
            found.insert((source.unwrap_or_default(), name.unwrap_or_default()), value);
        }
    }
    Ok(found)
}
