//! `entities`, `targets`, `history` and `fact_history`: what the portfolio and earlier nights say, as tables.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray},
        datatypes::DataType,
    },
    common::DataFusionError,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use shared::{facts::Value, portfolio::Portfolio};

use super::{OpenError, Warehouse};
use crate::{catalog::tables::schema, engine::SqlError, functions::epoch_days};

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
    let targets: Vec<_> = warehouse
        .settings()
        .targets
        .iter()
        .map(|(key, value)| (split(key), value.as_ref().ok().copied()))
        .collect();
    put(
        warehouse,
        "targets",
        vec![
            (
                "kpi",
                text(targets.iter().map(|((kpi, _), _)| Some((*kpi).to_owned()))),
            ),
            (
                "entity",
                text(targets.iter().map(|((_, entity), _)| entity.map(str::to_owned))),
            ),
            ("value", values(targets.iter().map(|(_, value)| *value))),
        ],
    )?;
    let (facts, kpis) = (warehouse.history().facts().clone(), warehouse.history().kpis());
    let kpis = kpis.map_err(|error| SqlError::from(DataFusionError::from(error)))?;
    let column = |name: &str| kpis.column_by_name(name).cloned();
    let named = [
        ("kpi", "id"),
        ("entity", "entity"),
        ("business_date", "night"),
        ("value", "value"),
    ];
    let columns = named
        .into_iter()
        .filter_map(|(name, of)| Some((name, column(of)?)));
    put(warehouse, "history", columns.collect())?;
    warehouse.put("fact_history", facts.schema(), vec![facts])?;
    Ok(())
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

/// Registers a table from its columns.
pub fn put(warehouse: &Warehouse, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<(), SqlError> {
    let schema = schema(
        columns
            .iter()
            .map(|(name, array)| (*name, array.data_type().clone())),
    );
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        columns.into_iter().map(|(_, array)| array).collect(),
    );
    warehouse.put(name, schema, vec![batch.map_err(DataFusionError::from)?])
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
