//! Several currencies: money of two is never added up without a rate.
//!
//! The session of the night holds everything in the portfolio's currency: amounts of entities that count in another one are
//! converted, row by row ([`convert`]). For each other currency there are [`Books`]: a session with the rows of its
//! entities only, as they were recorded, whose `fmt_money` writes that currency. An entity's figures are read in its books,
//! and so rest on no rate; the portfolio's are read in the night's own session, and say at which rates. Where everybody counts
//! in the portfolio's currency there are no books, and nothing here does anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, OnceLock, PoisonError},
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    common::TableReference,
};
use jiff::{civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use shared::{
    facts::Value,
    money::{Currency, Money},
    portfolio::{Parameter, Portfolio},
};

use super::{
    Hole, Settings, Warehouse, amount,
    holes::{Behind, reads_up_to},
    rates::{Rate, Rates},
    run::{run, run_each},
};
use crate::{
    catalog::{CanonicalTable, Catalog, ColumnType},
    engine::{Answer, Engine, Parameters, RAW, SqlError},
    functions::{Reading, format},
};

pub(super) mod convert;

/// Results and settings with amounts of entities in them.
const RESULTS: [&str; 8] = [
    "agenda",
    "days",
    "forecasts",
    "grades",
    "history",
    "kpis",
    "shortfalls",
    "targets",
];
/// Columns of collected tables that are amounts in the account's currency, which is taken for the portfolio's.
pub(crate) const COST: [&str; 6] = [
    "amount",
    "high",
    "low",
    "monthly_amount",
    "monthly_cost",
    "unit_price",
];
/// The same of results.
const SAVINGS: (&str, &str) = ("findings", "savings_monthly");
/// The parameter that says how old a rate may be; the built-in catalog has its default.
const DAYS: &str = "rate_days";
const MOST_DAYS: i64 = 366;
const DEFAULT_DAYS: i64 = 7;

/// The tables of the entities that count in one other currency than the portfolio: their rows, in that currency.
pub struct Books {
    /// Theirs.
    pub currency: Currency,
    entities: BTreeSet<String>,
    pub(super) engine: Engine,
}

impl Books {
    /// Whether they are this entity's.
    pub fn has(&self, entity: Option<&str>) -> bool {
        entity.is_some_and(|id| self.entities.contains(id))
    }
}

/// The newest rate that amounts were converted with, and who published those that were.
#[derive(Debug, Clone, Default)]
struct Used {
    newest: Option<Date>,
    sources: BTreeSet<String>,
}

impl Used {
    fn add(&mut self, rate: &Rate) {
        self.newest = self.newest.max(Some(rate.day));
        self.sources.extend(rate.source.clone());
    }
}

/// What converting came to.
#[derive(Default)]
struct Found {
    holes: Vec<Hole>,
    /// By table and column.
    used: BTreeMap<(String, String), Used>,
    /// At the rates of the night's day: what stands in results.
    at_night: Used,
    /// Currencies without a rate for it.
    unrated: BTreeSet<Currency>,
    /// What the portfolio's figures are made of: KPIs of entities, converted, by id and entity.
    kpis: BTreeMap<(String, String), Decimal>,
}

/// What a warehouse knows of its currencies.
#[derive(Default)]
pub(super) struct Currencies {
    books: Vec<Books>,
    /// For each derived view what it is made from, down to what is converted.
    reads: BTreeMap<String, BTreeSet<String>>,
    /// Tables with amounts of entities.
    money: BTreeSet<String>,
    /// Tables with amounts in the account's currency: which columns they are.
    cost: BTreeMap<String, Vec<&'static str>>,
    rates: OnceLock<Rates>,
    found: Mutex<Found>,
}

impl Currencies {
    pub fn of(
        catalog: &Catalog,
        portfolio: &Portfolio,
        engine: &Engine,
        zone: &TimeZone,
    ) -> Result<Self, SqlError> {
        let mut of: BTreeMap<Currency, BTreeSet<String>> = BTreeMap::new();
        let others = portfolio
            .entities
            .iter()
            .filter(|e| e.currency != portfolio.currency);
        for entity in others {
            of.entry(entity.currency)
                .or_default()
                .insert(entity.id.to_string());
        }
        if of.is_empty() {
            return Ok(Self::default());
        }
        let all: Vec<Currency> = of.keys().copied().chain([portfolio.currency]).collect();
        let books = of.into_iter().map(|(currency, entities)| {
            let rest = all.iter().copied().filter(|other| *other != currency);
            let reading = Reading {
                zone: zone.clone(),
                currencies: std::iter::once(currency).chain(rest).collect(),
            };
            Ok(Books {
                currency,
                entities,
                engine: engine.beside(reading)?,
            })
        });
        let whole = catalog.canonical.values().flat_map(|table| table.whole.keys());
        let money = catalog.canonical.iter().filter(|(_, table)| has_money(table));
        let cost = catalog.collected.iter().map(|(name, columns)| {
            let amounts = COST.into_iter().filter(|cost| columns.iter().any(|c| c == cost));
            (name.clone(), amounts.collect())
        });
        Ok(Self {
            books: books.collect::<Result<_, SqlError>>()?,
            reads: reads_up_to(catalog, &whole.cloned().collect()),
            money: money
                .map(|(name, _)| name.clone())
                .chain(RESULTS.map(str::to_owned))
                .collect(),
            cost: cost
                .chain([SAVINGS].map(|(name, column)| (name.to_owned(), vec![column])))
                .collect(),
            ..Self::default()
        })
    }
}

/// Whether rows of a table are amounts of entities, as far as anybody said.
fn has_money(table: &CanonicalTable) -> bool {
    let has = |wanted: &str| table.columns.iter().any(|(name, _)| name == wanted);
    let counts = table.columns.iter().any(|(_, t)| *t == ColumnType::Decimal);
    has("entity") && (table.money.is_some() || counts)
}

/// How many days a rate is good for. What could not be read is no days at all.
fn days(catalog: &Catalog, portfolio: &Portfolio, settings: &Settings) -> i64 {
    let whole = |number: &Decimal| i64::try_from(number.trunc()).unwrap_or(0).clamp(0, MOST_DAYS);
    if let Some(read) = settings.parameters.get(DAYS) {
        return read.as_ref().map_or(0, whole);
    }
    let set = portfolio
        .parameters
        .get(DAYS)
        .or_else(|| catalog.parameters.get(DAYS));
    match set {
        Some(Parameter::Number(number)) => whole(number),
        Some(_) => 0,
        None => DEFAULT_DAYS,
    }
}

impl Warehouse {
    /// The books of other currencies; none where everybody counts in the portfolio's.
    pub(crate) fn books(&self) -> &[Books] {
        &self.currencies.books
    }

    /// Those of an entity that counts in another currency than the portfolio.
    pub(crate) fn books_of(&self, entity: Option<&str>) -> Option<&Books> {
        self.books().iter().find(|books| books.has(entity))
    }

    /// The books in which a query is asked: all, if it reads amounts of entities, or none. What AWS costs is in the
    /// portfolio's currency, and so is what is made of it.
    pub(crate) fn books_for(&self, sql: &str) -> &[Books] {
        if self.books().is_empty() {
            return &[];
        }
        let behind = Behind::of(sql, &self.reads);
        let costs = self.currencies.cost.iter().any(|(table, columns)| {
            let mut columns = columns.iter();
            columns.any(|column| behind.rests_on(table, Some(column)))
        });
        if self.has_amounts(&behind) && !costs {
            self.books()
        } else {
            &[]
        }
    }

    /// Whether a table that is read has amounts of entities.
    fn has_amounts(&self, behind: &Behind<'_>) -> bool {
        let is = |table: &str| self.currencies.money.contains(table) || is_raw(table);
        behind.tables().any(is)
    }

    /// Whether a row about this entity is read in its books.
    pub(crate) fn is_in_books(&self, entity: Option<&str>, sql: &str) -> bool {
        self.books_of(entity).is_some() && !self.books_for(sql).is_empty()
    }

    /// Whether a row of the night's session rests on rates: one about an entity of the portfolio's currency does not.
    pub(crate) fn is_converted(&self, entity: Option<&str>, sql: &str) -> bool {
        entity.is_none() || self.books_of(entity).is_some() && self.books_for(sql).is_empty()
    }

    /// Whether a query reads tables that nothing converts: what it adds up may be of several currencies.
    pub(crate) fn reads_unconverted(&self, sql: &str) -> bool {
        !self.books().is_empty() && Behind::of(sql, &self.reads).tables().any(is_raw)
    }

    /// Runs a query in some books. What tolerant functions cannot read has been counted in the night's session.
    pub(crate) async fn select_in(
        &self,
        books: &Books,
        source: &str,
        sql: &str,
        parameters: &Parameters,
    ) -> Result<Answer, SqlError> {
        run(&books.engine, source, sql, parameters).await
    }

    /// As `select_each`, in some books.
    pub(crate) async fn select_each_in(
        &self,
        books: &Books,
        source: &str,
        sql: &str,
        periods: &[(Date, Date)],
    ) -> Vec<Result<Answer, SqlError>> {
        run_each(&books.engine, source, sql, &self.parameters, periods).await
    }

    /// Registers what some books have in place of the night's table.
    pub(crate) fn put_in(
        &self,
        books: &Books,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), SqlError> {
        books.engine.put(TableReference::bare(name), schema, batches)
    }

    /// The amounts without a rate that a query of the portfolio rests on.
    pub(crate) fn rate_holes(&self, sql: &str) -> Vec<Hole> {
        if self.books().is_empty() {
            return Vec::new();
        }
        let (found, behind) = (self.found(), Behind::of(sql, &self.currencies.reads));
        let mut holes = behind.holes(&found.holes);
        let Some(rates) = self.currencies.rates.get() else {
            return holes;
        };
        for table in RESULTS.iter().filter(|table| behind.rests_on(table, None)) {
            let unrated = self
                .books()
                .iter()
                .filter(|books| found.unrated.contains(&books.currency));
            holes.extend(unrated.flat_map(|books| {
                books.entities.iter().map(|entity| Hole {
                    table: (*table).to_owned(),
                    column: None,
                    entity: Some(entity.clone()),
                    why: rates.lack(books.currency, rates.valued(None)),
                })
            }));
        }
        holes
    }

    /// At which rates a query's amounts were converted: `converted at rates of ECB, the newest of 20 Nov 2026`; none where
    /// it reads none that were.
    pub(crate) fn converted(&self, sql: &str) -> Option<String> {
        if self.books().is_empty() {
            return None;
        }
        let (found, behind) = (self.found(), Behind::of(sql, &self.currencies.reads));
        let used = found.used.iter();
        let used = used.filter(|((table, column), _)| behind.rests_on(table, Some(column)));
        let results = RESULTS.iter().any(|table| behind.rests_on(table, None));
        let used = used
            .map(|(_, used)| used)
            .chain(results.then_some(&found.at_night));
        let all = used.fold(Used::default(), |all, used| Used {
            newest: all.newest.max(used.newest),
            sources: all.sources.union(&used.sources).cloned().collect(),
        });
        let newest = format::day(all.newest?);
        let sources: Vec<String> = all.sources.into_iter().collect();
        Some(match sources.is_empty() {
            true => format!("converted, the newest rate of {newest}"),
            false => format!(
                "converted at rates of {}, the newest of {newest}",
                sources.join(", ")
            ),
        })
    }

    /// A value in the portfolio's currency, at the rate of a day (none: the night's); anything but money as it is.
    /// `None`: there is no rate.
    pub(crate) fn in_portfolio(&self, value: &Value, day: Option<Date>) -> Option<Value> {
        /// Digits behind the point of what is converted; no currency has more than three.
        const SCALE: u32 = 4;
        let (Some(money), Some(rates)) = (value.as_money(), self.currencies.rates.get()) else {
            return Some(value.clone());
        };
        let into = rates.into();
        if money.currency == into {
            return Some(value.clone());
        }
        let Some(rate) = rates.on(money.currency, day) else {
            // An old night without a rate says nothing of this one.
            if rates.valued(day) == rates.valued(None) {
                self.found().unrated.insert(money.currency);
            }
            return None;
        };
        let unit = |currency: Currency| 10_i128.pow(SCALE - currency.exponent());
        let converted = rates.convert(i128::from(money.minor) * unit(money.currency), SCALE, rate)?;
        let minor = i64::try_from(converted / unit(into)).ok()?;
        self.found().at_night.add(rate);
        Some(Value::from(Money {
            minor,
            currency: into,
        }))
    }

    /// An amount in an entity's currency as one in the portfolio's.
    pub(crate) fn worth(&self, sum: Decimal, entity: Option<&str>, day: Option<Date>) -> Option<Decimal> {
        let Some(books) = self.books_of(entity) else {
            return Some(sum);
        };
        let money = Money::from_decimal(sum, books.currency).ok()?;
        amount(&self.in_portfolio(&Value::from(money), day)?)
    }

    /// Keeps what a KPI of an entity is in the portfolio's currency: the part of the portfolio's figure that is its.
    pub(crate) fn keep_converted(&self, kpi: &str, entity: &str, value: Decimal) {
        let key = (kpi.to_owned(), entity.to_owned());
        self.found().kpis.insert(key, value);
    }

    /// What [`Self::keep_converted`] kept.
    pub(crate) fn kept(&self, kpi: &str, entity: &str) -> Option<Decimal> {
        let key = (kpi.to_owned(), entity.to_owned());
        self.found().kpis.get(&key).copied()
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.currencies
            .found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_raw(table: &str) -> bool {
    table.strip_prefix(RAW).is_some_and(|rest| rest.starts_with('.'))
}
