//! Results as tables for what comes later in the night: `findings`, `kpis`, `missing`, `shortfalls`, `agenda`, `days`,
//! `forecasts`, `grades`.

mod outlook;
pub use outlook::put_outlook;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array};
use rust_decimal::Decimal;
use shared::facts::{Action, CheckStatus, ComparedWith, Finding, Kpi, Severity, Value};

use super::{Night, kpi::Kpis, shortfall::Found};
use crate::{
    engine::SqlError,
    warehouse::{
        Books,
        system::{Columns, amount, days, put, table, text, values},
    },
};

/// Where a result is read: in the night's session, whose amounts are in the portfolio's currency, or in books.
#[derive(Clone, Copy)]
struct Reader<'a> {
    night: &'a Night<'a>,
    books: Option<&'a Books>,
}

impl Reader<'_> {
    /// Whether rows with amounts of this entity are there.
    fn has(&self, entity: Option<&str>) -> bool {
        self.books.is_none_or(|books| books.has(entity))
    }
    /// An amount as it stands there.
    fn amount(&self, value: Option<&Value>) -> Option<Decimal> {
        let value = value?;
        match self.books {
            // What AWS costs an entity is no amount of its currency.
            Some(books)
                if value
                    .as_money()
                    .is_some_and(|money| money.currency != books.currency) =>
            {
                None
            }
            Some(_) => amount(value),
            None => amount(&self.night.warehouse.in_portfolio(value, None)?),
        }
    }
}

/// Registers a result for every reader.
fn put_for_each(
    night: &Night<'_>,
    name: &str,
    columns: impl Fn(Reader<'_>) -> Columns,
) -> Result<(), SqlError> {
    put(night.warehouse, name, columns(Reader { night, books: None }))?;
    for books in night.warehouse.books() {
        let (schema, batch) = table(columns(Reader {
            night,
            books: Some(books),
        }))?;
        night.warehouse.put_in(books, name, schema, vec![batch])?;
    }
    Ok(())
}

/// Every resource of every check; a check that could not run has one row, unknown, with resource NULL.
pub fn put_findings(night: &Night<'_>, verdicts: &[Finding]) -> Result<(), SqlError> {
    let of = |get: &dyn Fn(&Finding) -> Option<String>| text(verdicts.iter().map(get));
    let effort = verdicts.iter().map(|v| Some(v.effort_days));
    put(
        night.warehouse,
        "findings",
        vec![
            ("check_id", of(&|v| Some(v.check.clone()))),
            ("title", of(&|v| Some(v.title.clone()))),
            ("area", of(&|v| Some(v.area.clone()))),
            ("severity", of(&|v| Some(severity(v.severity).into()))),
            ("service", of(&|v| v.check.split('.').next().map(str::to_owned))),
            ("resource", of(&|v| Some(v.resource.clone()).filter(|r| r != "*"))),
            ("entity", of(&|v| v.entity.clone())),
            ("status", of(&|v| Some(status(v.status).into()))),
            ("reason", of(&|v| Some(v.reason.clone()))),
            (
                "savings_monthly",
                values(
                    verdicts
                        .iter()
                        .map(|v| v.savings_monthly.as_ref().and_then(amount)),
                ),
            ),
            ("effort_days", Arc::new(Float64Array::from_iter(effort))),
        ],
    )
}

/// Computed KPIs with a numeric value, and those that could not be computed.
pub fn put_kpis(night: &Night<'_>, kpis: &Kpis) -> Result<(), SqlError> {
    let columns = |reader: Reader<'_>| {
        let own = |k: &&Kpi| k.value.as_money().is_none() || reader.has(k.entity.as_deref());
        let valued = |k: &Kpi| match (reader.books, &k.value, k.entity.as_deref()) {
            // What the portfolio's figure is made of, where a query said.
            (None, Value::Money { .. }, Some(entity)) if night.warehouse.books_of(Some(entity)).is_some() => {
                night
                    .warehouse
                    .kept(&k.id, entity)
                    .or_else(|| reader.amount(Some(&k.value)))
            }
            _ => reader.amount(Some(&k.value)),
        };
        let known = kpis.known.iter().filter(own);
        let known = known.filter_map(|k| Some((k, valued(k)?)));
        let (known, amounts): (Vec<&Kpi>, Vec<Decimal>) = known.unzip();
        vec![
            ("kpi", text(known.iter().map(|k| Some(k.id.clone())))),
            ("entity", text(known.iter().map(|k| k.entity.clone()))),
            ("title", text(known.iter().map(|k| Some(k.title.clone())))),
            (
                "unit",
                text(known.iter().map(|k| Some(format!("{:?}", k.unit).to_lowercase()))),
            ),
            (
                "better",
                text(
                    known
                        .iter()
                        .map(|k| Some(format!("{:?}", k.better).to_lowercase())),
                ),
            ),
            (
                "status",
                text(
                    known
                        .iter()
                        .map(|k| Some(format!("{:?}", k.status).to_lowercase())),
                ),
            ),
            ("value", values(amounts.into_iter().map(Some))),
            (
                "target",
                values(known.iter().map(|k| reader.amount(k.target.as_ref()))),
            ),
            (
                "previous",
                values(known.iter().map(|k| reader.amount(k.previous.as_ref()))),
            ),
            (
                "year_ago",
                values(known.iter().map(|k| reader.amount(year_ago(k)))),
            ),
            (
                "n",
                Arc::new(Int64Array::from_iter(known.iter().map(|k| k.n))) as ArrayRef,
            ),
        ]
    };
    put_for_each(night, "kpis", columns)?;
    let missing = &kpis.missing;
    put(
        night.warehouse,
        "missing",
        vec![
            ("kpi", text(missing.iter().map(|m| Some(m.id.clone())))),
            ("title", text(missing.iter().map(|m| Some(m.title.clone())))),
            ("blocks", text(missing.iter().map(|m| Some(m.blocks.clone())))),
            ("fix", text(missing.iter().map(|m| Some(m.fix.clone())))),
            ("owner", text(missing.iter().map(|m| m.owner.clone()))),
        ],
    )
}

fn year_ago(kpi: &Kpi) -> Option<&Value> {
    let mut compared = kpi.comparisons.iter();
    Some(&compared.find(|c| c.with == ComparedWith::YearAgo)?.value)
}

/// Ranked.
pub fn put_shortfalls(night: &Night<'_>, found: &[Found]) -> Result<(), SqlError> {
    let columns = |reader: Reader<'_>| {
        let own = found.iter().filter(|f| reader.has(f.shortfall.entity.as_deref()));
        let found: Vec<&Found> = own.collect();
        let of = |get: &dyn Fn(&Found) -> Option<String>| text(found.iter().map(|f| get(f)));
        vec![
            ("shortfall_id", of(&|f| Some(f.shortfall.id.clone()))),
            ("entity", of(&|f| f.shortfall.entity.clone())),
            ("severity", of(&|f| Some(severity(f.shortfall.severity).into()))),
            ("role", of(&|f| Some(f.shortfall.role.clone()))),
            ("headline", of(&|f| Some(f.shortfall.headline.clone()))),
            (
                "at_stake",
                values(found.iter().map(|f| reader.amount(f.shortfall.at_stake.as_ref()))),
            ),
            ("owner", of(&|f| Some(f.owner.clone()))),
            ("due_on", days(found.iter().map(|f| Some(f.due)))),
        ]
    };
    put_for_each(night, "shortfalls", columns)
}

/// Ranked; what is done and put off too.
pub fn put_agenda(night: &Night<'_>, actions: &[Action]) -> Result<(), SqlError> {
    let decision = |a: &Action| a.decision.clone();
    let columns = |reader: Reader<'_>| {
        let own = actions.iter().filter(|a| reader.has(a.entity.as_deref()));
        let actions: Vec<&Action> = own.collect();
        let of = |get: &dyn Fn(&Action) -> Option<String>| text(actions.iter().map(|a| get(a)));
        let money =
            |get: &dyn Fn(&Action) -> Option<&Value>| values(actions.iter().map(|a| reader.amount(get(a))));
        vec![
            ("code", of(&|a| Some(a.code.clone()))),
            ("source", of(&|a| Some(word(a.source)))),
            ("title", of(&|a| Some(a.title.clone()))),
            ("entity", of(&|a| a.entity.clone())),
            ("owner", of(&|a| Some(a.owner.clone()))),
            ("due_on", days(actions.iter().map(|a| a.due))),
            ("state", of(&|a| Some(word(a.state)))),
            (
                "decided_on",
                days(actions.iter().map(|a| decision(a).map(|d| d.on))),
            ),
            ("until", days(actions.iter().map(|a| decision(a)?.until))),
            ("impact", money(&|a| a.impact.as_ref())),
            ("expected", money(&|a| a.expected.as_ref())),
            ("measured", money(&|a| a.measured.as_ref())),
            (
                "effort_days",
                Arc::new(Float64Array::from_iter(
                    actions.iter().map(|a| Some(a.effort_days)),
                )) as ArrayRef,
            ),
        ]
    };
    put_for_each(night, "agenda", columns)
}

/// An enum of the facts as JSON has it.
fn word(value: impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// As in the catalog.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

pub(crate) fn status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Ok => "ok",
        CheckStatus::Alarm => "alarm",
        CheckStatus::Skip => "skip",
        CheckStatus::Unknown => "unknown",
        CheckStatus::Accepted => "accepted",
    }
}
