//! Forecasts of earlier nights: those whose days are over and that nobody has graded.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::History;

/// A forecast as an earlier night made it, in major units.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Fact id.
    pub fact: String,
    /// Catalog id of the series.
    pub series: String,
    /// Whose.
    pub entity: Option<String>,
    /// The night.
    pub made_on: Date,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The total.
    pub value: Decimal,
    /// ISO 4217, of money.
    pub currency: Option<String>,
    /// The band.
    pub low: Option<Decimal>,
    /// The band.
    pub high: Option<Decimal>,
    /// What the last week repeated said.
    pub naive: Decimal,
    /// What the methods had missed by until then.
    pub miss: Option<Decimal>,
    /// The same of the last week repeated.
    pub naive_miss: Option<Decimal>,
    /// On so many evenings.
    pub origins: u32,
    /// By which method.
    pub method: String,
}

impl History {
    /// Forecasts whose last day is not after `as_of` and that no night has graded, by fact and night.
    pub fn due(&self, as_of: Date) -> Vec<Recorded> {
        let (mut made, mut graded) = (Vec::new(), BTreeSet::new());
        for at in 0..self.facts.num_rows() {
            let kind = self.texts("kind").map(|k| k.value(at));
            match kind {
                Some("forecast") => made.extend(self.recorded(at).filter(|r| r.to <= as_of)),
                Some("grade") => {
                    graded.extend(self.text("fact", at).zip(self.date("made_on", at)));
                }
                _ => {}
            }
        }
        made.retain(|r| !graded.contains(&(r.fact.clone(), r.made_on)));
        made.sort_by(|a, b| (&a.fact, a.made_on).cmp(&(&b.fact, b.made_on)));
        made
    }

    fn recorded(&self, at: usize) -> Option<Recorded> {
        Some(Recorded {
            fact: self.text("fact", at)?,
            series: self.text("id", at)?,
            entity: self.text("entity", at),
            made_on: self.date("made_on", at)?,
            from: self.date("from_day", at)?,
            to: self.date("to_day", at)?,
            value: self.value("value", at)?,
            currency: self.text("currency", at),
            low: self.value("low", at),
            high: self.value("high", at),
            naive: self.value("naive", at)?,
            miss: self.value("miss", at),
            naive_miss: self.value("naive_miss", at),
            origins: self.int("origins", at).and_then(|n| u32::try_from(n).ok())?,
            method: self.text("method", at)?,
        })
    }

    fn int(&self, name: &str, at: usize) -> Option<i64> {
        use datafusion::arrow::{
            array::{Array, AsArray},
            datatypes::Int64Type,
        };
        let ints = self.facts.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        ints.is_valid(at).then(|| ints.value(at))
    }
}
