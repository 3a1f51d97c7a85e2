//! Results as plain rows: exact decimals, jiff dates, text.

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, RecordBatch},
        compute::cast,
        datatypes::{
            DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimeUnit,
            TimestampMicrosecondType,
        },
        util::display::{ArrayFormatter, FormatOptions},
    },
    common::{DataFusionError, Result},
};
use jiff::{
    Span, Timestamp,
    civil::{Date, date},
};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Answer, SqlError};

/// One value of a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// NULL.
    Null,
    /// BOOLEAN.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// Any decimal, exactly; as text in JSON.
    Decimal(Decimal),
    /// A float.
    Float(f64),
    /// DATE.
    Date(Date),
    /// TIMESTAMP, UTC.
    Instant(Timestamp),
    /// Text, and whatever else there is as text.
    Text(String),
}

impl Cell {
    /// The text, if it is one and not blank.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }
    /// The number, if it is one.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Int(n) => Some(Decimal::from(*n)),
            Self::Decimal(d) => Some(*d),
            Self::Float(f) => Decimal::try_from(*f).ok(),
            _ => None,
        }
    }
    /// The whole number, if it is one.
    pub fn int(&self) -> Option<i64> {
        use rust_decimal::prelude::ToPrimitive;
        self.decimal().filter(|d| d.fract().is_zero())?.to_i64()
    }
    /// The day, if it is one.
    pub fn date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            Self::Instant(instant) => Some(jiff::tz::TimeZone::UTC.to_datetime(*instant).date()),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// A result's columns and rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Rows {
    /// Names, in order.
    pub columns: Vec<String>,
    /// Cells, in column order.
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// The position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }
    /// A cell; NULL where there is no such column.
    pub fn cell<'a>(&'a self, row: &'a [Cell], name: &str) -> &'a Cell {
        self.column(name)
            .and_then(|at| row.get(at))
            .unwrap_or(&Cell::Null)
    }
}

impl Answer {
    /// As plain rows.
    ///
    /// # Errors
    /// If a value has no plain form.
    pub fn rows(&self) -> Result<Rows, SqlError> {
        rows(&self.schema, &self.batches).map_err(SqlError::from)
    }
}

fn rows(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Rows> {
    let columns = schema.fields().iter().map(|f| f.name().clone()).collect();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let cells = batch
            .columns()
            .iter()
            .map(column_cells)
            .collect::<Result<Vec<_>>>()?;
        let mut iterators: Vec<_> = cells.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            rows.push(
                iterators
                    .iter_mut()
                    .map(|i| i.next().unwrap_or(Cell::Null))
                    .collect(),
            );
        }
    }
    Ok(Rows { columns, rows })
}

fn column_cells(array: &ArrayRef) -> Result<Vec<Cell>> {
    let as_type = |to: &DataType| cast(array, to).map_err(DataFusionError::from);
    Ok(match array.data_type() {
        DataType::Null => vec![Cell::Null; array.len()],
        DataType::Boolean => cells(array.as_boolean().iter(), Cell::Bool),
        t if t.is_integer() => cells(
            as_type(&DataType::Int64)?.as_primitive::<Int64Type>().iter(),
            Cell::Int,
        ),
        t if t.is_floating() => cells(
            as_type(&DataType::Float64)?.as_primitive::<Float64Type>().iter(),
            Cell::Float,
        ),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            cells(array.as_primitive::<Decimal128Type>().iter(), |v| {
                decimal(v, scale)
            })
        }
        DataType::Decimal32(_, s) | DataType::Decimal64(_, s) | DataType::Decimal256(_, s) => {
            return column_cells(&as_type(&DataType::Decimal128(38, *s))?);
        }
        DataType::Date32 => cells(array.as_primitive::<Date32Type>().iter(), day),
        DataType::Date64 => return column_cells(&as_type(&DataType::Date32)?),
        DataType::Timestamp(_, zone) => {
            let micro = as_type(&DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
            cells(micro.as_primitive::<TimestampMicrosecondType>().iter(), |v| {
                Timestamp::from_microsecond(v).map_or(Cell::Null, Cell::Instant)
            })
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            cells(as_type(&DataType::Utf8)?.as_string::<i32>().iter(), |t| {
                Cell::Text(t.to_owned())
            })
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(array, &options)?;
            let text = |row| {
                if array.is_null(row) {
                    Cell::Null
                } else {
                    Cell::Text(formatter.value(row).to_string())
                }
            };
            (0..array.len()).map(text).collect()
        }
    })
}

fn cells<T>(values: impl Iterator<Item = Option<T>>, cell: impl Fn(T) -> Cell) -> Vec<Cell> {
    values.map(|v| v.map_or(Cell::Null, &cell)).collect()
}

fn day(days: i32) -> Cell {
    // A day that no calendar has is none.
    let days = Span::new().try_days(days);
    days.and_then(|days| date(1970, 1, 1).checked_add(days))
        .map_or(Cell::Null, Cell::Date)
}

/// Digits that do not fit 96 bits are behind the twentieth or so: they are dropped, the value stays.
fn decimal(value: i128, scale: i8) -> Cell {
    let (mut value, mut scale) = (value, i32::from(scale));
    if scale < 0 {
        value = value.saturating_mul(10_i128.pow(scale.unsigned_abs()));
        scale = 0;
    }
    loop {
        match Decimal::try_from_i128_with_scale(value, scale.unsigned_abs()) {
            Ok(decimal) => return Cell::Decimal(decimal.normalize()),
            Err(_) if scale > 0 => (value, scale) = (value / 10, scale - 1),
            Err(_) => return Cell::Text(value.to_string()),
        }
    }
}
