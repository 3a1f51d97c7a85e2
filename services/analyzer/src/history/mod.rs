//! Every fact of every night, in one Parquet file that each night hands on to the next: `history.parquet` beside its
//! `analysis.json`, which has its digest.
//!
//! A night reads the file of the night before, adds its own facts and writes the whole anew: one object to read, none ever
//! changed. What is too old to be looked at is left out; it stands in the files of its own time. Start at [`History`];
//! [`rows`] makes rows of facts, [`forecasts`] finds forecasts that can be graded.

use std::collections::HashMap;

use bytes::Bytes;
use datafusion::arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::{concat_batches, filter_record_batch},
    datatypes::{Date32Type, Decimal128Type},
    error::ArrowError,
};
use jiff::{Span, civil::Date};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};
use rust_decimal::Decimal;
use shared::{
    facts::{Analysis, HistoryRef, Value},
    id::Sha256,
    message::Input,
    money::Money,
};

pub mod forecasts;
pub mod rows;
#[cfg(test)]
mod tests;

use crate::functions::epoch_days;

/// The file's name.
pub const FILE: &str = "history.parquet";
/// Nights that a file goes back: thirteen months, so that the same day of the year before is in it.
const NIGHTS: i32 = 400;
/// Rows of a file, so that reading it stays within the analyzer's memory: 400 nights of 5,000 facts.
const ROWS: usize = 2_000_000;
/// The compression level that the collector's files have too.
const ZSTD: i32 = 3;

/// What earlier nights found, oldest first.
#[derive(Debug, Clone)]
pub struct History {
    facts: RecordBatch,
}

impl Default for History {
    fn default() -> Self {
        Self {
            facts: RecordBatch::new_empty(rows::schema()),
        }
    }
}

impl History {
    /// What an analysis itself remembers: its own facts, and its KPIs' last nights. For a night before which there is no file.
    ///
    /// # Errors
    /// Never for rows of [`rows::of`]; Arrow's checks are not skipped.
    pub fn of(previous: &Analysis) -> Result<Self, ArrowError> {
        let mut rows = rows::remembered(previous);
        rows.extend(rows::of(previous));
        Ok(Self {
            facts: rows::batch(&rows)?,
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it is no Parquet, or of other columns.
    pub fn read(bytes: Bytes) -> Result<Self, ParquetError> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()?;
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        let schema = rows::schema();
        let facts = concat_batches(&schema, &batches)?;
        Ok(Self { facts })
    }

    /// Without what no night before `as_of` knew, and what is too old to be looked at.
    ///
    /// # Errors
    /// Arrow's.
    pub fn before(self, as_of: Date) -> Result<Self, ArrowError> {
        let today = epoch_days(as_of);
        let nights = self.nights();
        let oldest = nights
            .iter()
            .rev()
            .nth(ROWS)
            .copied()
            .flatten()
            .map_or(i32::MIN, |night| night + 1)
            .max(today - NIGHTS);
        let kept = nights
            .iter()
            .map(|n| Some(n.is_some_and(|n| n >= oldest && n < today)));
        let kept: BooleanArray = kept.collect();
        Ok(Self {
            facts: filter_record_batch(&self.facts, &kept)?,
        })
    }

    /// With a night's own facts.
    ///
    /// # Errors
    /// Arrow's.
    pub fn and(&self, analysis: &Analysis) -> Result<Self, ArrowError> {
        let own = rows::batch(&rows::of(analysis))?;
        Ok(Self {
            facts: concat_batches(&rows::schema(), [&self.facts, &own])?,
        })
    }

    /// As a file, and what an analysis says of it. The same facts are the same bytes.
    ///
    /// # Errors
    /// What Parquet says; not expected.
    pub fn to_parquet(&self) -> Result<(Vec<u8>, Option<HistoryRef>), ParquetError> {
        let level = ZstdLevel::try_new(ZSTD)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .build();
        let mut writer = ArrowWriter::try_new(Vec::new(), self.facts.schema(), Some(properties))?;
        writer.write(&self.facts)?;
        let bytes = writer.into_inner()?;
        let reference = self
            .nights()
            .into_iter()
            .flatten()
            .min()
            .and_then(day)
            .map(|since| HistoryRef {
                sha256: Sha256::of(&bytes),
                bytes: bytes.len() as u64,
                rows: self.facts.num_rows() as u64,
                since,
            });
        Ok((bytes, reference))
    }

    /// All facts, as the table `fact_history`.
    pub fn facts(&self) -> &RecordBatch {
        &self.facts
    }

    /// Values of KPIs, oldest first, without parts of values: what the table `history` has.
    pub fn kpis(&self) -> Vec<Past> {
        let kinds = self.texts("kind");
        let own = (0..self.facts.num_rows()).filter(|at| kinds.is_some_and(|k| k.value(*at) == "kpi"));
        let own = own.filter(|at| !self.is_part(*at));
        own.filter_map(|at| {
            let value = self.value("value", at)?;
            let currency = self.text("currency", at).and_then(|code| code.parse().ok());
            Some(Past {
                kpi: self.text("id", at)?,
                entity: self.text("entity", at),
                date: self.date("night", at)?,
                value: match currency {
                    Some(currency) => Money::from_decimal(value, currency).ok()?.into(),
                    None => Value::number(value),
                },
            })
        })
        .collect()
    }

    /// Earlier values of KPIs by fact, oldest first, in major units; parts of values are none.
    pub fn points(&self) -> Points {
        use rust_decimal::prelude::ToPrimitive;
        let (kinds, facts) = (self.texts("kind"), self.texts("fact"));
        let mut points = Points::new();
        for (at, night) in self.nights().into_iter().enumerate() {
            let is_kpi = kinds.is_some_and(|k| k.value(at) == "kpi") && !self.is_part(at);
            let value = self.value("value", at).filter(|_| is_kpi);
            let point = night.and_then(day).zip(value.and_then(|v| v.to_f64()));
            if let (Some(facts), Some(point)) = (facts, point) {
                match points.get_mut(facts.value(at)) {
                    Some(own) => own.push(point),
                    None => _ = points.insert(facts.value(at).to_owned(), vec![point]),
                }
            }
        }
        points
    }

    fn texts(&self, name: &str) -> Option<&datafusion::arrow::array::StringArray> {
        self.facts.column_by_name(name)?.as_string_opt::<i32>()
    }

    fn text(&self, name: &str, at: usize) -> Option<String> {
        let texts = self.texts(name)?;
        texts.is_valid(at).then(|| texts.value(at).to_owned())
    }

    fn value(&self, name: &str, at: usize) -> Option<Decimal> {
        let values = self
            .facts
            .column_by_name(name)?
            .as_primitive_opt::<Decimal128Type>()?;
        if values.is_null(at) {
            return None;
        }
        Decimal::try_from_i128_with_scale(values.value(at), 6).ok()
    }

    fn date(&self, name: &str, at: usize) -> Option<Date> {
        let dates = self
            .facts
            .column_by_name(name)?
            .as_primitive_opt::<Date32Type>()?;
        dates.is_valid(at).then(|| dates.value(at)).and_then(day)
    }

    fn is_part(&self, at: usize) -> bool {
        let parts = self.facts.column_by_name("part").and_then(|c| c.as_boolean_opt());
        parts.is_some_and(|p| p.is_valid(at) && p.value(at))
    }

    fn nights(&self) -> Vec<Option<i32>> {
        let nights = self.facts.column_by_name("night");
        let nights = nights.and_then(|c| c.as_primitive_opt::<Date32Type>());
        nights.map(|n| n.iter().collect()).unwrap_or_default()
    }
}

/// Nights and values, by fact.
pub type Points = HashMap<String, Vec<(Date, f64)>>;

/// A KPI's value on an earlier night.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Catalog id.
    pub kpi: String,
    /// Whose; none is the portfolio's.
    pub entity: Option<String>,
    /// The night.
    pub date: Date,
    /// A number, or money.
    pub value: Value,
}

/// Where the file of an analysis is: beside it.
pub fn beside(analysis: &str, reference: &HistoryRef) -> Input {
    let folder = analysis.rsplit_once('/').map_or("", |(folder, _)| folder);
    Input {
        key: format!("{folder}/{FILE}"),
        sha256: reference.sha256.clone(),
        bytes: reference.bytes,
    }
}

/// Days since 1970 as a day of the calendar.
fn day(days: i32) -> Option<Date> {
    let span = Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1).checked_add(span).ok()
}
