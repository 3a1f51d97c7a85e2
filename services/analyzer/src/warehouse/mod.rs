//! The warehouse: a night's snapshot as SQL tables, raw, collected, canonical and derived.
//!
//! Start at [`Warehouse::open`]. [`raw`] reads Parquet, [`canonical`] maps a business's tables to the canonical ones and
//! materialises them once, [`currencies`] converts them where entities count in several, [`system`] adds `entities`, `targets`, `history` and `fact_history`, [`settings`] has targets and parameters. A piece or view that fails is a
//! [`QueryProblem`]; what rests on it says so, and everything else works.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    common::TableReference,
};
use jiff::civil::Date;
use shared::{
    facts::{QueryProblem, Unreadable},
    id::BusinessDate,
    manifest::{PartManifest, sql_name},
    objects::Objects,
    portfolio::{Parameter, Portfolio},
};

use crate::{
    catalog::Catalog,
    engine::{Allow, Answer, Engine, Parameters, RAW, Rows, SqlError},
    functions::Reading,
    history::History,
};

pub mod canonical;
mod currencies;
mod fill;
pub mod holes;
mod one_table;
mod rates;
pub mod raw;
mod run;
mod settings;
mod strange_values;
pub mod system;
pub mod tables;

pub(crate) use currencies::{Books, COST, convert::only};
pub use fill::Fill;
pub use holes::Hole;
pub(crate) use one_table::{OneTable, TableError};
pub(crate) use rates::TABLE as RATES;
pub use raw::ReadError;
use run::{run, run_each};
pub(crate) use settings::Settings;
pub use system::amount;
pub use tables::LocalTable;

/// Why a warehouse cannot be opened at all. Failures inside it are [`QueryProblem`]s.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file of the snapshot.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The portfolio's zone.
    #[error("{0:?} is no time zone")]
    Zone(String),
    /// The engine.
    #[error("the SQL engine cannot be set up: {0}")]
    Engine(#[from] SqlError),
}

/// A night's tables.
pub struct Warehouse {
    engine: Engine,
    parameters: Parameters,
    fills: Mutex<BTreeMap<String, Arc<Fill>>>,
    collected: BTreeMap<String, bool>,
    came: BTreeSet<String>,
    reads: BTreeMap<String, BTreeSet<String>>,
    holes: Mutex<Vec<Hole>>,
    settings: Settings,
    history: Arc<History>,
    currencies: currencies::Currencies,
    unreadable: Mutex<Vec<Unreadable>>,
    problems: Mutex<Vec<QueryProblem>>,
}

impl Warehouse {
    /// Opens the snapshot that the manifests name.
    ///
    /// # Errors
    /// [`OpenError`]: an object that cannot be read or is damaged.
    pub async fn open(
        objects: &Objects,
        manifests: &[PartManifest],
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
        history: Arc<History>,
    ) -> Result<Self, OpenError> {
        let tables = raw::read_all(objects, manifests).await?;
        Self::over(tables, catalog, portfolio, as_of, history).await
    }

    /// Opens tables that are in memory already.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn over(
        tables: Vec<LocalTable>,
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
        history: Arc<History>,
    ) -> Result<Self, OpenError> {
        let warehouse = Self::loaded(tables, catalog, portfolio, as_of, history)?;
        let canonical = canonical::materialise(&warehouse, catalog, portfolio).await?;
        if !warehouse.books().is_empty() {
            currencies::convert::tables(&warehouse, catalog, portfolio, as_of.0, &canonical)?;
            system::in_currencies(&warehouse, catalog)?;
        }
        canonical::derive(&warehouse, catalog).await?;
        Ok(warehouse)
    }

    /// What was collected, and what the portfolio and earlier nights say: all that view pieces read.
    fn loaded(
        tables: Vec<LocalTable>,
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
        history: Arc<History>,
    ) -> Result<Self, OpenError> {
        let settings = Settings::of(portfolio, &tables)?;
        let warehouse = Self::empty(catalog, portfolio, as_of, settings)?;
        warehouse
            .settings
            .problems()
            .for_each(|problem| warehouse.report(problem));
        let (mut collected, raw): (Vec<_>, Vec<_>) = tables.into_iter().partition(|t| t.collected);
        // A recording that was put together by hand may have both: where there is a bill nobody asks for an estimate.
        if collected.iter().any(|table| table.name == "cost_daily") {
            collected.retain(|table| table.name != "cost_estimate");
        }
        let present = tables::register_collected(&warehouse, collected, catalog)?;
        let warehouse = Self {
            collected: present,
            came: raw.iter().map(|table| sql_name(&table.name)).collect(),
            reads: holes::reads(catalog),
            history,
            ..warehouse
        };
        for books in warehouse.books() {
            tables::register_raw(&books.engine, raw.clone(), portfolio)?;
        }
        tables::register_raw(&warehouse.engine, raw, portfolio)?;
        system::register(&warehouse, portfolio)?;
        Ok(warehouse)
    }

    fn empty(
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let zone = jiff::tz::TimeZone::get(&portfolio.timezone);
        let zone = zone.map_err(|_| OpenError::Zone(portfolio.timezone.clone()))?;
        let mut currencies = vec![portfolio.currency];
        currencies.extend(
            portfolio
                .entities
                .iter()
                .map(|e| e.currency)
                .filter(|c| *c != portfolio.currency),
        );
        currencies.dedup();
        let mut parameters = Parameters::default();
        for (name, value) in catalog.parameters.iter().chain(&portfolio.parameters) {
            parameters.set(name, value);
        }
        for (name, value) in &settings.parameters {
            match value {
                Ok(number) => parameters.set(name, &Parameter::Number(*number)),
                Err(why) => parameters.set_unknown(name, why),
            }
        }
        parameters.set("as_of", &Parameter::Date(as_of.0));
        let reading = Reading {
            zone: zone.clone(),
            currencies,
        };
        let engine = Engine::new(reading)?;
        Ok(Self {
            currencies: currencies::Currencies::of(catalog, portfolio, &engine, &zone)?,
            engine,
            parameters: parameters.during(as_of.0, as_of.0),
            fills: Mutex::default(),
            collected: BTreeMap::new(),
            came: BTreeSet::new(),
            reads: BTreeMap::new(),
            holes: Mutex::default(),
            settings,
            history: Arc::default(),
            unreadable: Mutex::default(),
            problems: Mutex::default(),
        })
    }

    /// Tables without rows, for planning only: raw tables have the columns that `raw` gives. There are no canonical ones,
    /// as there are none when a night runs its pieces.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn without_data(
        raw: Vec<LocalTable>,
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
    ) -> Result<Self, OpenError> {
        let settings = Settings::unread(portfolio, catalog);
        let warehouse = Self::empty(catalog, portfolio, as_of, settings)?;
        tables::register_collected(&warehouse, Vec::new(), catalog)?;
        tables::register_raw(&warehouse.engine, raw, portfolio)?;
        system::register(&warehouse, portfolio)?;
        Ok(warehouse)
    }

    /// Answers a person's question: `SELECT`, `EXPLAIN` or `SHOW`; nothing that writes.
    ///
    /// # Errors
    /// [`SqlError`] with the place in the text.
    pub async fn query(&self, sql: &str) -> Result<Rows, SqlError> {
        self.engine
            .run("query", sql, &self.parameters, Allow::Ask)
            .await?
            .rows()
    }

    /// Runs a query of the catalog and keeps count of what it could not read.
    pub(crate) async fn select(
        &self,
        source: &str,
        sql: &str,
        parameters: &Parameters,
    ) -> Result<Answer, SqlError> {
        let mut answer = run(&self.engine, source, sql, parameters).await?;
        self.count(&mut answer);
        Ok(answer)
    }

    /// The same for each of several periods, planned once, up to the first that fails.
    pub(crate) async fn select_each(
        &self,
        source: &str,
        sql: &str,
        periods: &[(Date, Date)],
    ) -> Vec<Result<Answer, SqlError>> {
        let mut answers = run_each(&self.engine, source, sql, &self.parameters, periods).await;
        answers.iter_mut().flatten().for_each(|answer| self.count(answer));
        answers
    }

    fn count(&self, answer: &mut Answer) {
        let mut unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        unreadable.append(&mut answer.unreadable);
    }

    /// A query of the catalog with its parameters' values in it.
    pub(crate) fn bound(&self, sql: &str, parameters: &Parameters) -> Result<String, SqlError> {
        self.engine.bound(sql, parameters)
    }

    /// Plans a query of the catalog without running it; answers its columns.
    pub(crate) async fn plan(&self, sql: &str, parameters: &Parameters) -> Result<SchemaRef, SqlError> {
        self.engine.check(sql, parameters).await
    }

    /// Registers a result as a table, and how full it is.
    pub(crate) fn put(
        &self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), SqlError> {
        self.note_fill(name, &schema, &batches);
        for books in self.books() {
            self.put_in(books, name, Arc::clone(&schema), batches.clone())?;
        }
        self.engine.put(TableReference::bare(name), schema, batches)
    }

    /// Registers a table in the night's session alone: how full it is, and what the books have, is known.
    pub(crate) fn put_here(
        &self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), SqlError> {
        self.engine.put(TableReference::bare(name), schema, batches)
    }

    fn note_fill(&self, name: &str, schema: &SchemaRef, batches: &[RecordBatch]) {
        let fill = Fill::of_rows(schema, batches);
        self.fills
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), Arc::new(fill));
    }

    /// How full a table is; `None` if there is no such table.
    pub fn fill(&self, table: &str) -> Option<Arc<Fill>> {
        self.fills
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(table)
            .cloned()
    }

    /// Whether a table of `collected.toml` was collected; `None` for any other table.
    pub fn was_collected(&self, table: &str) -> Option<bool> {
        self.collected.get(table).copied()
    }

    /// The tables of `collected.toml`.
    pub fn collected_tables(&self) -> impl Iterator<Item = &str> + Clone {
        self.collected.keys().map(String::as_str)
    }

    /// `$as_of` and the portfolio's; `$from` and `$to` are `$as_of`.
    pub(crate) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What earlier nights found.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// The night's targets, and what was read elsewhere.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn report(&self, problem: QueryProblem) {
        self.problems
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(problem);
    }

    /// What failed so far, by file and entry.
    pub fn problems(&self) -> Vec<QueryProblem> {
        let mut problems = self
            .problems
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        problems.sort_by(|a, b| {
            (&a.file, &a.entry, a.line, &a.message).cmp(&(&b.file, &b.entry, b.line, &b.message))
        });
        problems.dedup();
        problems
    }

    /// What tolerant functions could not read so far, by source, function and column.
    pub fn unreadable(&self) -> Vec<Unreadable> {
        let mut found = self
            .unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        found.sort_by(|a, b| (&a.source, &a.function, &a.column).cmp(&(&b.source, &b.function, &b.column)));
        found
    }

    /// The schema of a business's own tables, for suggestions.
    pub const RAW: &str = RAW;
}

/// A failed query as a problem of its file.
pub(crate) fn problem(file: &str, entry: Option<&str>, error: &SqlError) -> QueryProblem {
    QueryProblem {
        file: file.to_owned(),
        entry: entry.map(str::to_owned),
        // A line of an SQL file is one of the query; in a TOML file only `check` knows where the query begins.
        line: error
            .at
            .filter(|_| file.ends_with(".sql"))
            .and_then(|(line, _)| u32::try_from(line).ok()),
        message: error.message.clone(),
        suggestion: error.suggestion.clone(),
    }
}
