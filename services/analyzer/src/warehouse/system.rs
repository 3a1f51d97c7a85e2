//! `entities`, `targets` and `history`: what the portfolio and earlier nights say, as tables.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray},
    datatypes::DataType,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use shared::{
    facts::{Analysis, Value},
    id::BusinessDate,
    portfolio::Portfolio,
};

use super::{OpenError, Warehouse};
use crate::{catalog::tables::schema, engine::SqlError, functions::epoch_days};

/// Type of `value` in `targets`, `history` and `kpis`.
pub const VALUE: DataType = DataType::Decimal128(38, 6);

pub fn register(
    warehouse: &Warehouse,
    portfolio: &Portfolio,
    as_of: BusinessDate,
    previous: Option<&Analysis>,
) -> Result<(), OpenError> {
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
    let history = history(as_of, previous);
    put(
        warehouse,
        "history",
        vec![
            ("kpi", text(history.iter().map(|p| Some(p.kpi.clone())))),
            ("entity", text(history.iter().map(|p| p.entity.clone()))),
            ("business_date", days(history.iter().map(|p| Some(p.date)))),
            ("value", values(history.iter().map(|p| Some(p.value)))),
        ],
    )?;
    Ok(())
}

/// `id@entity`, or `id` for the portfolio's row.
fn split(key: &str) -> (&str, Option<&str>) {
    key.split_once('@')
        .map_or((key, None), |(kpi, entity)| (kpi, Some(entity)))
}

struct Past {
    kpi: String,
    entity: Option<String>,
    date: Date,
    value: Decimal,
}

/// Earlier nights' values, from what the last analysis carries along; oldest first.
fn history(as_of: BusinessDate, previous: Option<&Analysis>) -> Vec<Past> {
    let mut past = Vec::new();
    for (kpi, night) in previous
        .into_iter()
        .flat_map(|a| a.kpis.iter().map(move |k| (k, a.run.business_date)))
    {
        let points = kpi
            .history
            .iter()
            .map(|p| (p.date, &p.value))
            .chain([(night, &kpi.value)]);
        past.extend(
            points
                .filter(|(date, _)| *date < as_of.0)
                .filter_map(|(date, value)| {
                    Some(Past {
                        kpi: kpi.id.clone(),
                        entity: kpi.entity.clone(),
                        date,
                        value: amount(value)?,
                    })
                }),
        );
    }
    past.sort_by(|a, b| (a.date, &a.kpi, &a.entity).cmp(&(b.date, &b.kpi, &b.entity)));
    past
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
    warehouse.put(
        name,
        schema,
        vec![batch.map_err(datafusion::common::DataFusionError::from)?],
    )
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
