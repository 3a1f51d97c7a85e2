//! The warehouse: a night's snapshot as SQL tables, raw, collected, canonical and derived.
//!
//! Start at [`Warehouse::open`]. [`raw`] reads Parquet, [`canonical`] maps a business's tables to the canonical ones and
//! materialises them once, [`system`] adds `entities`, `targets`, `history` and `fact_history`, [`settings`] has targets and parameters. A piece or view that fails is a
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
mod fill;
pub mod holes;
pub mod raw;
mod settings;
mod strange_values;
pub mod system;
pub mod tables;

pub use fill::Fill;
pub use holes::Hole;
pub use raw::ReadError;
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
        tables::register_raw(&warehouse.engine, raw, portfolio)?;
        system::register(&warehouse, portfolio)?;
        canonical::materialise(&warehouse, catalog, portfolio).await?;
        canonical::derive(&warehouse, catalog).await?;
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
        Ok(Self {
            engine: Engine::new(Reading { zone, currencies })?,
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
        // On a task of its own: queries that do not wait for each other then use all the cores there are.
        let (engine, parameters) = (self.engine.clone(), parameters.clone());
        let (name, text) = (source.to_owned(), sql.to_owned());
        let task = tokio::spawn(async move { engine.run(&name, &text, &parameters, Allow::Select).await });
        let mut answer = task
            .await
            .map_err(|panic| SqlError::new(format!("the engine gave up: {panic}")))??;
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
        let (engine, parameters) = (self.engine.clone(), self.parameters.clone());
        let (name, text, days) = (source.to_owned(), sql.to_owned(), periods.to_vec());
        let task = tokio::spawn(async move {
            let mut answers = Vec::with_capacity(days.len());
            // What cannot be planned without its period may be planned with it; and what cannot says so with its place.
            let prepared = engine.prepare(&text, &parameters).await;
            for (from, to) in days {
                answers.push(match &prepared {
                    Ok(plan) => engine.run_during(&name, plan, (from, to)).await,
                    Err(_) => {
                        let during = parameters.during(from, to);
                        engine.run(&name, &text, &during, Allow::Select).await
                    }
                });
                // What takes too long for one period takes it for all.
                if answers.last().is_some_and(Result::is_err) {
                    break;
                }
            }
            answers
        });
        let gave_up = |panic| vec![Err(SqlError::new(format!("the engine gave up: {panic}")))];
        let mut answers = task.await.unwrap_or_else(gave_up);
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
        let mut fill = Fill {
            values: schema.fields().iter().map(|f| (f.name().clone(), 0)).collect(),
            ..Fill::default()
        };
        for batch in &batches {
            fill.add(batch);
        }
        self.fills
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), Arc::new(fill));
        self.engine.put(TableReference::bare(name), schema, batches)
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
