//! Exchange rates: what one unit of a currency is worth in the portfolio's own, by day. Start at [`Rates::of`].
//!
//! An amount of a day takes the newest rate on or before that day that is not too old; none is no rate, never one of
//! another day, and never 1. A day to come takes the night's. Converted amounts are rounded to the minor unit of the
//! portfolio's currency, half away from zero, each by itself: what is added up later are cents, as in every other table.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, Decimal128Type},
};
use jiff::{Span, ToSpan, civil::Date};
use shared::money::Currency;

use crate::functions::{format, money::RATE_SCALE};

/// The canonical table.
pub const TABLE: &str = "exchange_rates";

/// A rate as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// In units of 10^-12.
    per_unit: i128,
    /// Its day.
    pub day: Date,
    /// Who published it, if anybody said.
    pub source: Option<String>,
}

/// All usable rates of a night.
#[derive(Debug)]
pub struct Rates {
    /// The portfolio's currency.
    into: Currency,
    as_of: Date,
    /// Days that a rate is good for.
    days: i64,
    of: BTreeMap<Currency, BTreeMap<Date, Rate>>,
    /// Why there is none at all, or not all there should be.
    why: Option<String>,
}

impl Rates {
    /// The rates of the table, and what is wrong with others of its rows, as sentences.
    pub fn of(
        batches: &[RecordBatch],
        (into, as_of, days): (Currency, Date, i64),
        why: Option<String>,
    ) -> (Self, Vec<String>) {
        let (mut of, mut wrong) = (BTreeMap::<Currency, BTreeMap<Date, Rate>>::new(), Vec::new());
        let mut twice = BTreeSet::new();
        for (code, rate) in batches.iter().flat_map(rows) {
            let on = format::day(rate.day);
            let Ok(currency) = code.parse::<Currency>() else {
                wrong.push(format!(
                    "{code:?} is no currency: use an ISO 4217 code such as EUR"
                ));
                continue;
            };
            if currency == into && rate.per_unit != 10_i128.pow(RATE_SCALE.unsigned_abs().into()) {
                wrong.push(format!(
                    "the rate of {code} for {on} is not 1, and {code} is the portfolio's own currency; it is not used"
                ));
            } else if rate.per_unit <= 0 {
                wrong.push(format!(
                    "the rate of {code} for {on} is zero or less; it is not used"
                ));
            } else {
                let known = of.entry(currency).or_default();
                match known.get(&rate.day).map(|first| first.per_unit == rate.per_unit) {
                    None => _ = known.insert(rate.day, rate),
                    Some(true) => {}
                    Some(false) => _ = twice.insert((currency, rate.day)),
                }
            }
        }
        for (currency, day) in twice {
            of.entry(currency).or_default().remove(&day);
            let on = format::day(day);
            wrong.push(format!(
                "there are two rates of {currency} for {on}; neither is used"
            ));
        }
        let rates = Self {
            into,
            as_of,
            days,
            of,
            why,
        };
        (rates, wrong)
    }

    /// The portfolio's currency.
    pub fn into(&self) -> Currency {
        self.into
    }

    /// The rate for a day: none given, or one to come, is the night's.
    pub fn on(&self, currency: Currency, day: Option<Date>) -> Option<&Rate> {
        let day = self.valued(day);
        let (found, rate) = self.of.get(&currency)?.range(..=day).next_back()?;
        (found.saturating_add(self.days.days()) >= day).then_some(rate)
    }

    /// The day that an amount is valued at.
    pub fn valued(&self, day: Option<Date>) -> Date {
        day.map_or(self.as_of, |day| day.min(self.as_of))
    }

    /// Why a day has no rate: `no exchange rate of EUR for 14 Nov 2026`.
    pub fn lack(&self, currency: Currency, day: Date) -> String {
        let known = self.of.get(&currency).and_then(|of| of.range(..=day).next_back());
        let text = match known {
            Some((newest, _)) => format!(
                "no exchange rate of {currency} for {}: the newest is of {}, more than {} days before",
                format::day(day),
                format::day(*newest),
                self.days
            ),
            None => format!("no exchange rate of {currency} for {}", format::day(day)),
        };
        match &self.why {
            Some(why) => format!("{text} ({why})"),
            None => text,
        }
    }

    /// An amount with `scale` digits behind the point, converted: the same scale. `None` beyond 38 digits.
    pub fn convert(&self, amount: i128, scale: u32, rate: &Rate) -> Option<i128> {
        let product = amount.checked_mul(rate.per_unit)?;
        let minor = self.into.exponent().min(scale);
        let unit = 10_i128.checked_pow(u32::from(RATE_SCALE.unsigned_abs()) + scale - minor)?;
        let (whole, rest) = (product / unit, product % unit);
        let away = rest.unsigned_abs() >= unit.unsigned_abs() - rest.unsigned_abs();
        let rounded = whole + if away { product.signum() } else { 0 };
        rounded.checked_mul(10_i128.checked_pow(scale - minor)?)
    }
}

/// The rows that have a day, a currency and a rate; those that lack one are reported as of every table.
fn rows(batch: &RecordBatch) -> Vec<(String, Rate)> {
    let columns = (
        batch
            .column_by_name("day")
            .and_then(|c| c.as_primitive_opt::<Date32Type>()),
        batch
            .column_by_name("currency")
            .and_then(|c| c.as_string_opt::<i32>()),
        batch
            .column_by_name("rate")
            .and_then(|c| c.as_primitive_opt::<Decimal128Type>()),
    );
    let (Some(days), Some(currencies), Some(rates)) = columns else {
        return Vec::new();
    };
    let sources = batch
        .column_by_name("source")
        .and_then(|c| c.as_string_opt::<i32>());
    let row = |at: usize| {
        if days.is_null(at) || currencies.is_null(at) || rates.is_null(at) {
            return None;
        }
        let source = sources
            .filter(|texts| texts.is_valid(at))
            .map(|texts| texts.value(at));
        let rate = Rate {
            per_unit: rates.value(at),
            day: day_of(days.value(at))?,
            source: source.filter(|text| !text.trim().is_empty()).map(str::to_owned),
        };
        Some((currencies.value(at).trim().to_owned(), rate))
    };
    (0..batch.num_rows()).filter_map(row).collect()
}

/// A DATE; none for one that no calendar has.
pub fn day_of(days: i32) -> Option<Date> {
    let days = Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1).checked_add(days).ok()
}

#[cfg(test)]
mod tests;
