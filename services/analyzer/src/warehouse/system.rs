//! `entities`, `targets`, `history` and `fact_history`: what the portfolio and earlier nights say, as tables.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray},
    datatypes::{DataType, SchemaRef},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use shared::{
    facts::{Unit, Value},
    portfolio::Portfolio,
};

use super::{OpenError, Warehouse};
use crate::{
    catalog::{Catalog, tables::schema},
    engine::SqlError,
    functions::epoch_days,
    history::Past,
};

/// Type of `value` in `targets`, `history` and `kpis`.
pub const VALUE: DataType = DataType::Decimal128(38, 6);

pub fn register(warehouse: &Warehouse, portfolio: &Portfolio) -> Result<(), OpenError> {
    let entities = &portfolio.entities;
    let texts =
        |of: &dyn Fn(&shared::portfolio::Entity) -> String| text(entities.iter().map(|e| Some(of(e))));
    put(
        warehouse,
        "entities",
        vec![
            ("id", texts(&|e| e.id.to_string())),
            ("title", texts(&|e| e.title.clone())),
            ("kind", texts(&|e| e.kind.clone())),
            ("stage", texts(&|e| e.stage.clone())),
            ("owner", texts(&|e| e.owner.clone())),
            ("currency", texts(&|e| e.currency.to_string())),
        ],
    )?;
    put(warehouse, "targets", targets(&known(warehouse)))?;
    put(warehouse, "history", nights(&warehouse.history().kpis()))?;
    let facts = warehouse.history().facts().clone();
    warehouse.put("fact_history", facts.schema(), vec![facts])?;
    Ok(())
}

/// `targets` and `history` once more, where entities count in several currencies: all in the portfolio's, and in the books
/// those of their entities. A target is worth what it is at the night's rate, an earlier value what it was at its own.
pub fn in_currencies(warehouse: &Warehouse, catalog: &Catalog) -> Result<(), SqlError> {
    let (known, history) = (known(warehouse), warehouse.history().kpis());
    let is_money = |id: &str| {
        let kpi = catalog.kpis.iter().find(|kpi| kpi.id.get_ref() == id);
        kpi.is_some_and(|kpi| kpi.unit == Unit::Money)
    };
    let targets_here: Vec<Target<'_>> = known
        .iter()
        .map(|target| {
            let worth = |value| warehouse.worth(value, target.entity, None);
            let value = match target.value {
                Some(value) if is_money(target.kpi) => worth(value),
                value => value,
            };
            Target { value, ..*target }
        })
        .collect();
    let history_here: Vec<Past> = history
        .iter()
        .filter_map(|past| {
            Some(Past {
                value: warehouse.in_portfolio(&past.value, Some(past.date))?,
                ..past.clone()
            })
        })
        .collect();
    for (name, columns) in [
        ("targets", targets(&targets_here)),
        ("history", nights(&history_here)),
    ] {
        let (schema, batch) = table(columns)?;
        warehouse.put_here(name, schema, vec![batch])?;
    }
    for books in warehouse.books() {
        let own = |entity: Option<&str>, money: bool| !money || books.has(entity);
        let theirs = known.iter().filter(|t| own(t.entity, is_money(t.kpi)));
        let theirs: Vec<Target<'_>> = theirs.copied().collect();
        let past = history
            .iter()
            .filter(|p| own(p.entity.as_deref(), p.value.as_money().is_some()));
        let past: Vec<Past> = past.cloned().collect();
        for (name, columns) in [("targets", targets(&theirs)), ("history", nights(&past))] {
            let (schema, batch) = table(columns)?;
            warehouse.put_in(books, name, schema, vec![batch])?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Target<'a> {
    kpi: &'a str,
    entity: Option<&'a str>,
    value: Option<Decimal>,
}

fn known(warehouse: &Warehouse) -> Vec<Target<'_>> {
    let targets = warehouse.settings().targets.iter();
    targets
        .map(|(key, value)| {
            let (kpi, entity) = split(key);
            let value = value.as_ref().ok().copied();
            Target { kpi, entity, value }
        })
        .collect()
}

fn targets(targets: &[Target<'_>]) -> Columns {
    vec![
        ("kpi", text(targets.iter().map(|t| Some(t.kpi.to_owned())))),
        (
            "entity",
            text(targets.iter().map(|t| t.entity.map(str::to_owned))),
        ),
        ("value", values(targets.iter().map(|t| t.value))),
    ]
}

fn nights(history: &[Past]) -> Columns {
    vec![
        ("kpi", text(history.iter().map(|p| Some(p.kpi.clone())))),
        ("entity", text(history.iter().map(|p| p.entity.clone()))),
        ("business_date", days(history.iter().map(|p| Some(p.date)))),
        ("value", values(history.iter().map(|p| amount(&p.value)))),
    ]
}

/// `id@entity`, or `id` for the portfolio's row.
fn split(key: &str) -> (&str, Option<&str>) {
    key.split_once('@')
        .map_or((key, None), |(kpi, entity)| (kpi, Some(entity)))
}

/// A value as a number: money in major units.
pub fn amount(value: &Value) -> Option<Decimal> {
    match value {
        Value::Money { .. } => value.as_money().map(|m| m.to_decimal()),
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Number(n) => Decimal::try_from(*n).ok(),
        Value::Null | Value::Bool(_) | Value::Text(_) => None,
    }
}

/// Names and arrays.
pub type Columns = Vec<(&'static str, ArrayRef)>;

/// Registers a table from its columns.
pub fn put(warehouse: &Warehouse, name: &str, columns: Columns) -> Result<(), SqlError> {
    let (schema, batch) = table(columns)?;
    warehouse.put(name, schema, vec![batch])
}

/// A table of its columns.
pub fn table(columns: Columns) -> Result<(SchemaRef, RecordBatch), SqlError> {
    let schema = schema(
        columns
            .iter()
            .map(|(name, array)| (*name, array.data_type().clone())),
    );
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        columns.into_iter().map(|(_, array)| array).collect(),
    );
    let batch = batch.map_err(datafusion::common::DataFusionError::from)?;
    Ok((schema, batch))
}

/// A text column.
pub fn text(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

/// A DECIMAL(38,6) column.
pub fn values(values: impl Iterator<Item = Option<Decimal>>) -> ArrayRef {
    let scaled = values.map(|v| {
        let mut v = v?.round_dp(6);
        v.rescale(6);
        Some(v.mantissa())
    });
    Arc::new(Decimal128Array::from_iter(scaled).with_data_type(VALUE))
}

/// A date column.
pub fn days(days: impl Iterator<Item = Option<Date>>) -> ArrayRef {
    Arc::new(Date32Array::from_iter(days.map(|d| d.map(epoch_days))))
}
