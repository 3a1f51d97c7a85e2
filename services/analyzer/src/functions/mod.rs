//! The functions that the catalog's SQL has besides DataFusion's: tolerant readers (`money`, `day`, `instant`, `whole`,
//! `ratio`, `rate`, `flag`), access to nested values (`json_get`, `json_list`, `json_keys`) and formats (`fmt_money`, …).
//!
//! Start at [`register`]. [`tolerant`] makes SQL functions of the readers and counts what they cannot read; the reading
//! itself is plain Rust in [`money`], [`day`], [`number`] and [`json`].

use std::sync::Arc;

use datafusion::prelude::SessionContext;
use jiff::tz::TimeZone;
use shared::money::Currency;

pub mod day;
pub mod format;
mod formatters;
pub mod json;
pub mod money;
pub mod number;
mod readers;
pub use readers::epoch_days;
pub mod tolerant;

/// How a portfolio writes: the zone of its bare times, and the currencies that its amounts may name.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Of times without a zone, and of the days that instants fall on.
    pub zone: TimeZone,
    /// The reporting currency first.
    pub currencies: Vec<Currency>,
}

impl Reading {
    fn currency(&self) -> Option<Currency> {
        self.currencies.first().copied()
    }
}

/// Gives a session all functions.
pub fn register(ctx: &SessionContext, reading: &Arc<Reading>) {
    for udf in readers::all(reading) {
        ctx.register_udf(udf);
    }
    for udf in formatters::all(reading) {
        ctx.register_udf(udf);
    }
}

/// Names of all functions, for suggestions.
pub const NAMES: [&str; 14] = [
    "day",
    "flag",
    "fmt_day",
    "fmt_int",
    "fmt_money",
    "fmt_pct",
    "instant",
    "json_get",
    "json_keys",
    "json_list",
    "money",
    "rate",
    "ratio",
    "whole",
];
