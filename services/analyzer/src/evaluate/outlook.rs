//! Series of days: the last one against what such a day usually brings, totals of the days to come, and what became of the
//! totals that earlier nights gave. The statistics are [`crate::outlook`]'s.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use jiff::{ToSpan, civil::Date};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use shared::{
    facts::{DayReport, Forecast, Grade, Unit, Value},
    money::Currency,
};

use super::{
    Night, fact_id,
    needs::{applies, lacking},
    scopes::{UNCONVERTED, ask},
    values::{difference, money},
};
use crate::{
    catalog,
    engine::{Cell, Rows, SqlError, error::Kind},
    history::forecasts::Recorded,
    in_order::{in_order, on_two},
    outlook::{
        self,
        forecast::{Total, totals},
        usual,
    },
    warehouse::{
        self,
        holes::{self, Hole},
        problem,
    },
};

mod known;
use known::{Known, sum};

/// Days that a total is given for.
pub const HORIZONS: [usize; 3] = [1, 7, 28];
/// A tenth of what is usual is material (as for any figure: [`crate::report`]).
const MATERIAL: f64 = 0.1;

/// What the series of a night say.
#[derive(Debug, Default)]
pub struct Outlook {
    /// The last day of each.
    pub days: Vec<DayReport>,
    /// Totals of days to come.
    pub forecasts: Vec<Forecast>,
    /// Totals of earlier nights whose days are over.
    pub grades: Vec<Grade>,
}

/// Evaluates all series that apply.
pub async fn evaluate(night: &Night<'_>) -> Outlook {
    let entries: Vec<_> = night
        .catalog
        .series
        .iter()
        .filter(|s| applies(&s.kinds, night.portfolio))
        .collect();
    let answers = in_order(entries.iter().map(|entry| read(night, entry))).await;
    let mut all = Vec::new();
    for (entry, answer) in entries.into_iter().zip(answers) {
        let series = answer.unwrap_or_else(|gap| vec![Known::unknown(None, night.portfolio.currency, gap)]);
        all.extend(series.into_iter().map(|known| (entry, known)));
    }
    let forecasts = on_two(&all, |(entry, known)| ahead(night, entry, known));
    let mut due = night.warehouse.history().due(night.as_of.0);
    let mut outlook = Outlook::default();
    for ((entry, known), forecasts) in all.iter().zip(forecasts) {
        outlook.days.push(day(night, entry, known));
        outlook.forecasts.extend(forecasts);
        let own = |r: &Recorded| r.series == *entry.id.get_ref() && r.entity == known.entity;
        let graded = due.extract_if(.., |r| own(r)).collect::<Vec<_>>();
        outlook
            .grades
            .extend(graded.into_iter().filter_map(|r| grade(entry, known, r)));
    }
    outlook
}

/// One value a day of each entity that has any; in words, why there is none.
async fn read(night: &Night<'_>, entry: &catalog::Series) -> Result<Vec<Known>, String> {
    if let Some(lack) = lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())) {
        return Err(lack.detail);
    }
    let rows = rows(night, entry).await.map_err(|error| {
        night
            .warehouse
            .report(problem(&entry.file, Some(entry.id.get_ref()), &error));
        error.in_one_line()
    })?;
    let holes = night.warehouse.holes(entry.sql.get_ref());
    let mut series = Vec::new();
    // Whose rows were not read has none, and is not forgotten for it.
    let blind: BTreeSet<&String> = holes.iter().filter_map(|h| h.entity.as_ref()).collect();
    for id in blind.into_iter().filter(|id| is_for(night, entry, id)) {
        if !rows.contains_key(&Some(id.clone())) {
            let own = holes.iter().filter(|h| h.is_of(id));
            let (currency, why) = (night.currency(Some(id)), warehouse::holes::why(own));
            series.push(Known::unknown(Some(id.clone()), currency, why));
        }
    }
    for (entity, (currency, days)) in rows {
        series.push(match gap(night, entry, &holes, entity.as_deref()) {
            Some(gap) => Known::unknown(entity, currency, gap),
            None => Known::of(entity, currency, &days, entry.absent, night.as_of.0),
        });
    }
    series.sort_by(|a, b| a.entity.cmp(&b.entity));
    Ok(series)
}

fn is_for(night: &Night<'_>, entry: &catalog::Series, id: &str) -> bool {
    let entity = night.portfolio.entities.iter().find(|e| e.id.as_str() == id);
    entity.is_some_and(|e| entry.kinds.is_empty() || entry.kinds.contains(&e.kind))
}

/// Why a series is not known: rows that were not read, or amounts without a rate.
fn gap(night: &Night<'_>, entry: &catalog::Series, holes: &[Hole], entity: Option<&str>) -> Option<String> {
    let (warehouse, sql) = (night.warehouse, entry.sql.get_ref());
    let own: Vec<_> = holes
        .iter()
        .filter(|h| entity.is_some_and(|id| h.is_of(id)))
        .collect();
    if !own.is_empty() {
        return Some(holes::why(own));
    }
    if let (None, Some(without)) = (entity, holes::without(holes, night.portfolio)) {
        return Some(without);
    }
    if entry.unit != Unit::Money || !warehouse.is_converted(entity, sql) {
        return None;
    }
    if warehouse.reads_unconverted(sql) {
        return Some(UNCONVERTED.to_owned());
    }
    holes::without(&warehouse.rate_holes(sql), night.portfolio)
}

type Days = BTreeMap<Date, Option<Decimal>>;

/// What a query says of an entity, or of the portfolio, day by day, and in which currency.
type Found = BTreeMap<Option<String>, (Currency, Days)>;

async fn rows(night: &Night<'_>, entry: &catalog::Series) -> Result<Found, SqlError> {
    let source = format!("series {}", entry.id.get_ref());
    let mut found = Found::new();
    for scope in ask(night, &source, entry.sql.get_ref()).await? {
        let rows = scope.answer.rows()?;
        columns(&scope.answer.schema)?;
        for cells in rows.rows.iter().filter(|row| scope.has_row(night, &rows, row)) {
            add(night, scope.currency, &rows, cells, &mut found)?;
        }
    }
    Ok(found)
}

/// Whether an answer is a series: what is no number would be no value, and a day without one.
///
/// # Errors
/// The first column that is missing, or of another type.
pub fn columns(schema: &SchemaRef) -> Result<(), SqlError> {
    type Fits = fn(&DataType) -> bool;
    let day: Fits = |t| matches!(t, DataType::Date32);
    let columns: [(&str, Fits, &str); 3] = [
        ("entity", |_| true, ""),
        ("day", day, "day(...)"),
        ("value", DataType::is_numeric, "money(...), whole(...) or a cast"),
    ];
    for (name, fits, reader) in columns {
        let Ok(field) = schema.field_with_name(name) else {
            return Err(SqlError::new(format!("the query has no column `{name}`")));
        };
        if !fits(field.data_type()) && !field.data_type().is_null() {
            let wanted = if name == "day" { "date" } else { "number" };
            return Err(SqlError {
                suggestion: Some(format!("read it with {reader}")),
                kind: Kind::WrongType,
                ..SqlError::new(format!("column `{name}` is {}, no {wanted}", field.data_type()))
            });
        }
    }
    Ok(())
}

fn add(
    night: &Night<'_>,
    currency: Currency,
    rows: &Rows,
    cells: &[Cell],
    found: &mut Found,
) -> Result<(), SqlError> {
    let entity = rows.cell(cells, "entity").text().map(str::to_owned);
    let Some(day) = rows.cell(cells, "day").date() else {
        return Err(SqlError::new("a row has no `day`"));
    };
    // Rows of no entity of the portfolio are reported where they enter, in the canonical tables.
    let is_known = |id: &str| night.portfolio.entities.iter().any(|e| e.id.as_str() == id);
    if day > night.as_of.0 || entity.as_deref().is_some_and(|id| !is_known(id)) {
        return Ok(());
    }
    let value = rows.cell(cells, "value").decimal();
    let (_, days) = found
        .entry(entity.clone())
        .or_insert_with(|| (currency, Days::new()));
    if days.insert(day, value).is_some() {
        let whose = entity.as_deref().unwrap_or("the portfolio");
        return Err(SqlError::new(format!("two rows for {whose} on {day}")));
    }
    Ok(())
}

fn day(night: &Night<'_>, entry: &catalog::Series, known: &Known) -> DayReport {
    let report = DayReport {
        fact: fact_id("day", entry.id.get_ref(), known.entity.as_deref(), None),
        series: entry.id.get_ref().clone(),
        entity: known.entity.clone(),
        title: entry.title.clone(),
        unit: entry.unit,
        better: entry.better,
        roles: entry.roles.clone(),
        day: known.last().unwrap_or(night.as_of.0),
        days: 1,
        value: Value::Null,
        usual: None,
        low: None,
        high: None,
        by: None,
        n: 0,
        surprise: false,
        gap: known.gap.clone(),
    };
    let floats: Vec<f64> = known.values.iter().filter_map(Decimal::to_f64).collect();
    let days = outlook::span(&floats).unwrap_or(1);
    let from = known.values.len().saturating_sub(days);
    let Some(last) = known.last() else {
        return report;
    };
    let Some(value) = sum(&known.values[from..]) else {
        let gap = Some("the amounts are too large to be added up".to_owned());
        return DayReport { gap, ..report };
    };
    let totals = outlook::back(&floats, days);
    let before = totals.split_last().map_or(&[][..], |(_, before)| before);
    // Too little to be judged is shown as it is.
    let usual = outlook::span(&floats).and_then(|_| usual::of(&dated(before, last, days), last));
    let estimate = |v: f64| estimate(entry, known, v);
    DayReport {
        days: u32::try_from(days).unwrap_or(u32::MAX),
        value: exact(entry, known, value),
        usual: usual.map(|u| estimate(u.value)),
        low: usual.map(|u| estimate(u.low)),
        high: usual.map(|u| estimate(u.high)),
        by: usual.map(|u| u.by.as_str().to_owned()),
        n: usual.map_or(before.len(), |u| u.n).try_into().unwrap_or(u32::MAX),
        surprise: usual.zip(value.to_f64()).is_some_and(|(usual, value)| {
            let far = (value - usual.value).abs();
            usual.is_surprised_by(value) && far >= entry.least && far >= MATERIAL * usual.value.abs()
        }),
        ..report
    }
}

/// Totals before the last one, each by its last day.
fn dated(before: &[f64], last: Date, days: usize) -> Vec<(Date, f64)> {
    let ago = |n: usize| last.saturating_sub(i64::try_from(n * days).unwrap_or(i64::MAX).days());
    let each = before.iter().enumerate();
    each.map(|(at, total)| (ago(before.len() - at), *total)).collect()
}

fn ahead(night: &Night<'_>, entry: &catalog::Series, known: &Known) -> Vec<Forecast> {
    let Some(last) = known.last() else {
        return Vec::new();
    };
    let floats: Vec<f64> = known.values.iter().filter_map(Decimal::to_f64).collect();
    let estimate = |v: f64| estimate(entry, known, v);
    let of = |total: Total| {
        let days = i64::try_from(total.days).unwrap_or(i64::MAX);
        Forecast {
            fact: fact_id(
                "forecast",
                entry.id.get_ref(),
                known.entity.as_deref(),
                Some(&format!("{days}d")),
            ),
            series: entry.id.get_ref().clone(),
            entity: known.entity.clone(),
            title: entry.title.clone(),
            unit: entry.unit,
            roles: entry.roles.clone(),
            made_on: night.as_of.0,
            from: last.saturating_add(1.day()),
            to: last.saturating_add(days.days()),
            value: estimate(total.value),
            low: total.band.map(|(low, _)| estimate(low)),
            high: total.band.map(|(_, high)| estimate(high)),
            method: total.method.as_str().to_owned(),
            naive: estimate(total.naive),
            origins: u32::try_from(total.origins).unwrap_or(u32::MAX),
            miss: total.miss.map(estimate),
            naive_miss: total.naive_miss.map(estimate),
        }
    };
    totals(&floats, &HORIZONS).into_iter().map(of).collect()
}

/// What became of a total that an earlier night gave; none while a day of it is not known, or if money has another
/// currency since.
fn grade(entry: &catalog::Series, known: &Known, made: Recorded) -> Option<Grade> {
    if made
        .currency
        .as_deref()
        .is_some_and(|code| code != known.currency.code())
    {
        return None;
    }
    let actual = known.total(made.from, made.to)?;
    let value = |v: Decimal| exact(entry, known, v);
    let forecast = Forecast {
        fact: made.fact,
        series: made.series,
        entity: made.entity,
        title: entry.title.clone(),
        unit: entry.unit,
        roles: entry.roles.clone(),
        made_on: made.made_on,
        from: made.from,
        to: made.to,
        value: value(made.value),
        low: made.low.map(value),
        high: made.high.map(value),
        method: made.method,
        naive: value(made.naive),
        origins: made.origins,
        miss: made.miss.map(value),
        naive_miss: made.naive_miss.map(value),
    };
    let within = made
        .low
        .zip(made.high)
        .map(|(low, high)| low <= actual && actual <= high);
    let actual = value(actual);
    Some(Grade {
        miss: difference(&actual, &forecast.value)?,
        naive_miss: difference(&actual, &forecast.naive)?,
        within,
        actual,
        forecast,
    })
}

fn exact(entry: &catalog::Series, known: &Known, value: Decimal) -> Value {
    match entry.unit {
        Unit::Money => money(value, known.currency).unwrap_or(Value::Null),
        _ => Value::number(value),
    }
}

/// An estimate has no more digits than it is good for: minor units of money, a tenth of anything else.
fn estimate(entry: &catalog::Series, known: &Known, value: f64) -> Value {
    let Ok(value) = Decimal::try_from(value) else {
        return Value::Null;
    };
    match entry.unit {
        Unit::Money => exact(entry, known, value),
        _ => Value::number(value.round_dp(1)),
    }
}
