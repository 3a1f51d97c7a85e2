//! The tolerant readers as SQL functions.

use std::{collections::HashMap, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, ListBuilder,
            StringArray, StringBuilder, TimestampMicrosecondBuilder,
        },
        datatypes::{DataType, Field, TimeUnit},
    },
    common::hash_utils::RandomState,
    logical_expr::ScalarUDF,
};
use jiff::{
    civil::{Date, date},
    tz::TimeZone,
};

use super::{
    Reading, day, json,
    money::{self, MONEY_PRECISION, MONEY_SCALE, RATE_PRECISION, RATE_SCALE, RATIO_PRECISION, RATIO_SCALE},
    tolerant::{Read, Tally, udf},
};

/// All readers.
pub fn all(reading: &Arc<Reading>) -> Vec<ScalarUDF> {
    let scalar = |kind| {
        udf(Scalar {
            kind,
            reading: Arc::clone(reading),
        })
    };
    let mut readers: Vec<_> = [
        Kind::Money,
        Kind::Ratio,
        Kind::Rate,
        Kind::Whole,
        Kind::Flag,
        Kind::Day,
        Kind::Instant,
    ]
    .map(scalar)
    .into();
    readers.extend([udf(Nested::Get), udf(Nested::List), udf(Nested::Keys)]);
    readers
}

/// Days since 1970.
pub fn epoch_days(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}

/// Texts of a column that a day is remembered for: the days of bookings are a few hundred, however many rows there are, and reading
/// `1 July 2015` takes much longer than looking it up. Times are not remembered, as hardly one is there twice.
const REMEMBERED: usize = 2048;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Money,
    Ratio,
    Rate,
    Whole,
    Flag,
    Day,
    Instant,
}

#[derive(Debug)]
struct Scalar {
    kind: Kind,
    reading: Arc<Reading>,
}

/// Whether there is nothing but white space. What begins with a sign that can be seen is not looked at further.
fn is_blank(text: &str) -> bool {
    text.bytes().next().is_none_or(|b| !b.is_ascii_graphic()) && text.trim().is_empty()
}

/// Runs a reader over a column, feeding a builder and the tally.
macro_rules! each {
    ($texts:expr, $tally:expr, $builder:expr, $read:expr) => {{
        let mut builder = $builder;
        for text in $texts.iter() {
            match text.filter(|t| !is_blank(t)) {
                None => builder.append_null(),
                Some(text) => {
                    let value = $read(text);
                    $tally.count(text, value.is_some());
                    builder.append_option(value);
                }
            }
        }
        Arc::new(builder.finish()) as ArrayRef
    }};
}

impl Read for Scalar {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Money => "money",
            Kind::Ratio => "ratio",
            Kind::Rate => "rate",
            Kind::Whole => "whole",
            Kind::Flag => "flag",
            Kind::Day => "day",
            Kind::Instant => "instant",
        }
    }
    fn gives(&self) -> DataType {
        match self.kind {
            Kind::Money => DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE),
            Kind::Ratio => DataType::Decimal128(RATIO_PRECISION, RATIO_SCALE),
            Kind::Rate => DataType::Decimal128(RATE_PRECISION, RATE_SCALE),
            Kind::Whole => DataType::Int64,
            Kind::Flag => DataType::Boolean,
            Kind::Day => DataType::Date32,
            Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
    fn read(&self, texts: &[&StringArray], tally: &mut Tally) -> ArrayRef {
        let column = texts[0];
        let decimal = || Decimal128Builder::with_capacity(column.len()).with_data_type(self.gives());
        let Reading { zone, currencies } = &*self.reading;
        match self.kind {
            Kind::Money => each!(column, tally, decimal(), |t: &str| money::money(t, currencies)),
            Kind::Ratio => each!(column, tally, decimal(), money::ratio),
            Kind::Rate => each!(column, tally, decimal(), money::rate),
            Kind::Whole => each!(column, tally, Int64Builder::new(), money::whole),
            Kind::Flag => each!(column, tally, BooleanBuilder::new(), money::flag),
            Kind::Day => {
                let mut known = HashMap::with_hasher(RandomState::default());
                let days = Date32Builder::with_capacity(column.len());
                each!(column, tally, days, |t| remembered(&mut known, t, zone))
            }
            Kind::Instant => each!(column, tally, TimestampMicrosecondBuilder::new(), |t: &str| {
                day::instant(t, zone).map(|i| i.as_microsecond())
            }),
        }
    }
}

/// The day of a text, of those known or read anew.
fn remembered<'a>(
    known: &mut HashMap<&'a str, Option<i32>, RandomState>,
    text: &'a str,
    zone: &TimeZone,
) -> Option<i32> {
    if let Some(day) = known.get(text) {
        return *day;
    }
    let day = day::day(text, zone).map(epoch_days);
    if known.len() < REMEMBERED {
        known.insert(text, day);
    }
    day
}

#[derive(Debug, Clone, Copy)]
enum Nested {
    Get,
    List,
    Keys,
}

impl Read for Nested {
    fn name(&self) -> &'static str {
        match self {
            Self::Get => "json_get",
            Self::List => "json_list",
            Self::Keys => "json_keys",
        }
    }
    fn gives(&self) -> DataType {
        match self {
            Self::Get => DataType::Utf8,
            Self::List | Self::Keys => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
        }
    }
    fn variadic(&self) -> bool {
        matches!(self, Self::Get)
    }
    fn read(&self, texts: &[&StringArray], tally: &mut Tally) -> ArrayRef {
        let column = texts[0];
        if matches!(self, Self::Get) {
            let mut out = StringBuilder::new();
            for row in 0..column.len() {
                let keys: Vec<&str> = texts[1..]
                    .iter()
                    .filter(|k| k.is_valid(row))
                    .map(|k| k.value(row))
                    .collect();
                // A NULL key names nothing.
                let known = keys.len() + 1 == texts.len();
                out.append_option(
                    json_of(column, row, tally, |t| json::get(t, &keys))
                        .flatten()
                        .filter(|_| known),
                );
            }
            return Arc::new(out.finish());
        }
        let mut out = ListBuilder::new(StringBuilder::new());
        for row in 0..column.len() {
            let items = json_of(column, row, tally, |text| match self {
                Self::Keys => json::keys(text).map(|keys| keys.into_iter().map(Some).collect()),
                _ => json::list(text),
            });
            out.append_option(items);
        }
        Arc::new(out.finish())
    }
}

fn json_of<T>(
    column: &StringArray,
    row: usize,
    tally: &mut Tally,
    read: impl Fn(&str) -> Result<T, json::NotJson>,
) -> Option<T> {
    let text = column
        .is_valid(row)
        .then(|| column.value(row))
        .filter(|t| !t.trim().is_empty())?;
    let value = read(text).ok();
    tally.count(text, value.is_some());
    value
}
