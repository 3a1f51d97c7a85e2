//! A night's facts as rows of the history.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, BooleanArray, Int64Array, RecordBatch},
        datatypes::{DataType, Field, Schema, SchemaRef},
        error::ArrowError,
    },
    common::DataFusionError,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use shared::facts::{Analysis, CheckStatus, Forecast, Point, Status, Unit, Value};

use crate::warehouse::system::{VALUE, amount, days, text, values};

/// One fact of one night.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub night: Date,
    /// `kpi`, `missing`, `shortfall`, `finding`, `action`, `model`, `rule`, `invariant`, `day`, `forecast` or `grade`.
    pub kind: &'static str,
    pub id: String,
    pub fact: String,
    pub entity: Option<String>,
    pub unit: Option<String>,
    pub value: Option<Decimal>,
    pub currency: Option<String>,
    pub status: Option<String>,
    /// Whether the value is only a part of what it should be.
    pub part: bool,
    pub forecast: Option<Made>,
    pub actual: Option<Decimal>,
}

/// What only forecasts and their grades have.
#[derive(Debug, Clone)]
pub struct Made {
    pub made_on: Date,
    pub from: Date,
    pub to: Date,
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    pub naive: Option<Decimal>,
    pub miss: Option<Decimal>,
    pub naive_miss: Option<Decimal>,
    pub origins: i64,
    pub method: String,
}

/// Columns of the file and of the table `fact_history`.
pub fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let day = |name| Field::new(name, DataType::Date32, true);
    let value = |name| Field::new(name, VALUE, true);
    Arc::new(Schema::new(vec![
        day("night"),
        text("kind"),
        text("id"),
        text("fact"),
        text("entity"),
        text("unit"),
        value("value"),
        text("currency"),
        text("status"),
        Field::new("part", DataType::Boolean, true),
        day("made_on"),
        day("from_day"),
        day("to_day"),
        value("low"),
        value("high"),
        value("naive"),
        value("miss"),
        value("naive_miss"),
        Field::new("origins", DataType::Int64, true),
        text("method"),
        value("actual"),
    ]))
}

/// Rows as a batch of [`schema`].
pub fn batch(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let words = |get: &dyn Fn(&Row) -> Option<String>| text(rows.iter().map(get));
    let amounts = |get: &dyn Fn(&Row) -> Option<Decimal>| values(rows.iter().map(get));
    let made = |row: &Row| row.forecast.clone();
    let dates = |get: &dyn Fn(&Row) -> Option<Date>| days(rows.iter().map(get));
    let columns: Vec<ArrayRef> = vec![
        dates(&|r| Some(r.night)),
        words(&|r| Some(r.kind.to_owned())),
        words(&|r| Some(r.id.clone())),
        words(&|r| Some(r.fact.clone())),
        words(&|r| r.entity.clone()),
        words(&|r| r.unit.clone()),
        amounts(&|r| r.value),
        words(&|r| r.currency.clone()),
        words(&|r| r.status.clone()),
        Arc::new(BooleanArray::from_iter(rows.iter().map(|r| Some(r.part)))),
        dates(&|r| made(r).map(|m| m.made_on)),
        dates(&|r| made(r).map(|m| m.from)),
        dates(&|r| made(r).map(|m| m.to)),
        amounts(&|r| made(r)?.low),
        amounts(&|r| made(r)?.high),
        amounts(&|r| made(r)?.naive),
        amounts(&|r| made(r)?.miss),
        amounts(&|r| made(r)?.naive_miss),
        Arc::new(Int64Array::from_iter(
            rows.iter().map(|r| made(r).map(|m| m.origins)),
        )),
        words(&|r| made(r).map(|m| m.method)),
        amounts(&|r| r.actual),
    ];
    RecordBatch::try_new(schema(), columns)
}

/// Every fact of an analysis.
pub fn of(analysis: &Analysis) -> Vec<Row> {
    let night = analysis.run.business_date;
    let row = |kind, id: &str, fact: &str, entity: &Option<String>| Row {
        night,
        kind,
        id: id.to_owned(),
        fact: fact.to_owned(),
        entity: entity.clone(),
        ..Row::default()
    };
    let mut rows = Vec::new();
    for k in &analysis.kpis {
        rows.push(Row {
            status: Some(status(k.status)),
            part: k.gap.is_some(),
            ..valued(row("kpi", &k.id, &k.fact, &k.entity), Some(&k.value), k.unit)
        });
    }
    rows.extend(
        analysis
            .missing_kpis
            .iter()
            .map(|m| row("missing", &m.id, &m.fact, &None)),
    );
    for s in &analysis.shortfalls {
        let of = row("shortfall", &s.id, &s.fact, &s.entity);
        rows.push(Row {
            status: Some(word(s.severity)),
            ..valued(of, s.at_stake.as_ref(), Unit::Money)
        });
    }
    for f in &analysis.findings {
        rows.push(Row {
            status: Some(check(f.status).to_owned()),
            ..row("finding", &f.check, &f.fact, &f.entity)
        });
    }
    for a in &analysis.actions {
        let of = row("action", &a.code, &a.fact, &a.entity);
        rows.push(Row {
            status: Some(word(a.state)),
            ..valued(of, a.impact.as_ref(), Unit::Money)
        });
    }
    for (id, m) in &analysis.models {
        rows.push(Row {
            status: Some(status(m.status)),
            ..row("model", id, &m.fact, &None)
        });
    }
    let id = |fact: &str| fact.split_once(':').map_or(fact, |(_, id)| id).to_owned();
    for r in &analysis.rules {
        rows.push(Row {
            status: Some(status(r.status)),
            ..row("rule", &id(&r.fact), &r.fact, &None)
        });
    }
    for i in &analysis.invariants {
        rows.push(Row {
            status: Some(status(i.status)),
            ..row("invariant", &id(&i.fact), &i.fact, &None)
        });
    }
    for d in &analysis.days {
        let of = row("day", &d.series, &d.fact, &d.entity);
        rows.push(Row {
            status: Some(if d.surprise { "surprise" } else { "usual" }.to_owned())
                .filter(|_| d.usual.is_some()),
            part: d.gap.is_some(),
            ..valued(of, Some(&d.value), d.unit)
        });
    }
    for f in &analysis.forecasts {
        rows.push(forecast("forecast", night, f));
    }
    for g in &analysis.grades {
        rows.push(Row {
            actual: amount(&g.actual),
            status: g
                .within
                .map(|within| if within { "within" } else { "outside" }.to_owned()),
            ..forecast("grade", night, &g.forecast)
        });
    }
    rows
}

/// What an analysis itself remembers of a KPI's earlier nights.
pub fn remembered(analysis: &Analysis) -> Vec<Row> {
    let points = analysis
        .kpis
        .iter()
        .flat_map(|k| k.history.iter().map(move |p| (k, p)));
    let mut rows: Vec<Row> = points
        .map(|(k, Point { date, value })| {
            let of = Row {
                night: *date,
                kind: "kpi",
                id: k.id.clone(),
                fact: k.fact.clone(),
                entity: k.entity.clone(),
                ..Row::default()
            };
            valued(of, Some(value), k.unit)
        })
        .collect();
    rows.sort_by(|a, b| (a.night, &a.fact).cmp(&(b.night, &b.fact)));
    rows
}

fn forecast(kind: &'static str, night: Date, f: &Forecast) -> Row {
    let of = Row {
        night,
        kind,
        id: f.series.clone(),
        fact: f.fact.clone(),
        entity: f.entity.clone(),
        forecast: Some(Made {
            made_on: f.made_on,
            from: f.from,
            to: f.to,
            low: f.low.as_ref().and_then(amount),
            high: f.high.as_ref().and_then(amount),
            naive: amount(&f.naive),
            miss: f.miss.as_ref().and_then(amount),
            naive_miss: f.naive_miss.as_ref().and_then(amount),
            origins: i64::from(f.origins),
            method: f.method.clone(),
        }),
        ..Row::default()
    };
    valued(of, Some(&f.value), f.unit)
}

fn valued(row: Row, value: Option<&Value>, unit: Unit) -> Row {
    Row {
        value: value.and_then(amount),
        currency: value.and_then(Value::as_money).map(|m| m.currency.to_string()),
        unit: Some(word(unit)),
        ..row
    }
}

fn word(value: impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn status(status: Status) -> String {
    word(status)
}

fn check(status: CheckStatus) -> &'static str {
    crate::evaluate::results::status(status)
}

/// A batch's failure as the engine's.
pub fn failed(error: ArrowError) -> DataFusionError {
    DataFusionError::from(error)
}
