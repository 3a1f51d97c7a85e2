//! Every mistake in a catalog and in what portfolio.toml says of it, without any data: each query is planned against
//! empty tables of the right columns. Start at [`check_catalog`].

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::SchemaRef;
use shared::{
    catalog::CatalogFiles,
    facts::Analysis,
    id::BusinessDate,
    manifest::sql_name,
    portfolio::{Bundle, Portfolio},
    problem::{self, Problem, Severity},
};

use crate::{
    catalog::{Catalog, Sql, SqlFile, entries},
    engine::{Parameters, RAW, SqlError, error::Kind},
    evaluate::{Night, outlook, results},
    warehouse::{LocalTable, Warehouse, canonical},
};

mod currencies;
mod needs;
mod plan;
mod settings;

/// All problems of the built-in catalog under the portfolio's own, by file and place. Raw tables have the columns that
/// their sources declare; of a source that declares none, columns are not checked.
pub async fn check_catalog(bundle: &Bundle, portfolio: &Portfolio) -> Vec<Problem> {
    check_catalog_over(bundle, portfolio, &BTreeMap::new()).await
}

/// The same, with the columns that local tables really have, by table as in portfolio.toml.
pub async fn check_catalog_over(
    bundle: &Bundle,
    portfolio: &Portfolio,
    local: &BTreeMap<String, Vec<String>>,
) -> Vec<Problem> {
    let files = CatalogFiles::of(bundle);
    let (catalog, mut problems) = Catalog::load(&files);
    let mut raw = Vec::new();
    let mut unknown = BTreeSet::new();
    for source in &portfolio.sources.dynamodb {
        let columns = local.get(&source.table).cloned().unwrap_or_default();
        if columns.is_empty() && source.attributes.is_empty() {
            unknown.insert(format!("{RAW}.{}", sql_name(&source.table)));
            continue;
        }
        raw.push(LocalTable {
            name: source.table.clone(),
            collected: false,
            columns,
            batches: Vec::new(),
        });
    }
    // Any day will do: nothing is run.
    let as_of = BusinessDate(jiff::civil::date(2026, 1, 1));
    match Warehouse::without_data(raw, &catalog, portfolio, as_of) {
        Ok(warehouse) => {
            let check = Check {
                files: &files,
                catalog: &catalog,
                portfolio,
                warehouse: &warehouse,
                unknown,
                as_of,
            };
            check.all(bundle, &mut problems).await;
        }
        Err(error) => problems.push(Problem::error("engine", "portfolio.toml", error.to_string())),
    }
    problem::sort(&mut problems);
    problems.dedup();
    problems
}

struct Check<'a> {
    files: &'a CatalogFiles,
    catalog: &'a Catalog,
    portfolio: &'a Portfolio,
    warehouse: &'a Warehouse,
    /// Raw tables of unknown columns: what reads them cannot be judged.
    unknown: BTreeSet<String>,
    as_of: BusinessDate,
}

impl Check<'_> {
    /// In the order of a night, so that each query sees the tables that it will see then.
    async fn all(&self, bundle: &Bundle, problems: &mut Vec<Problem>) {
        for piece in &self.catalog.pieces {
            self.piece(piece, problems).await;
        }
        for (name, table) in &self.catalog.canonical {
            self.put(name, table.schema(), problems);
        }
        for view in &self.catalog.derived {
            if let Some(schema) = self.file(view, problems).await {
                self.put(&view.name, schema, problems);
            }
        }
        needs::check(self, problems);
        let plain = self.warehouse.parameters();
        for c in &self.catalog.checks {
            self.entry(&c.file, &c.sql, plain, &["resource", "status"], problems)
                .await;
        }
        self.results(|night| results::put_findings(night, &[]), problems);
        for k in &self.catalog.kpis {
            let columns: &[&str] = if k.grain == entries::Grain::Entity {
                &["entity", "value"]
            } else {
                &["value"]
            };
            self.entry(&k.file, &k.sql, plain, columns, problems).await;
        }
        self.results(|night| results::put_kpis(night, &Default::default()), problems);
        for s in &self.catalog.shortfalls {
            self.entry(
                &s.file,
                &s.sql,
                plain,
                &["entity", "headline", "at_stake"],
                problems,
            )
            .await;
        }
        self.results(|night| results::put_shortfalls(night, &[]), problems);
        self.results(|night| results::put_agenda(night, &[]), problems);
        for s in &self.catalog.series {
            let Some(schema) = self.entry(&s.file, &s.sql, plain, &[], problems).await else {
                continue;
            };
            if let Err(error) = outlook::columns(&schema) {
                let text = self.files.get(&s.file).unwrap_or_default();
                problems.push(of_toml(&s.file, text, &s.sql, &error));
            }
        }
        self.results(|night| results::put_outlook(night, &Default::default()), problems);
        for m in &self.catalog.models {
            let columns: Vec<&str> = m.columns.iter().map(|c| c.name.as_str()).collect();
            let Some(schema) = self.entry(&m.file, &m.sql, plain, &columns, problems).await else {
                continue;
            };
            let Some(headline) = &m.headline_sql else { continue };
            self.put("model", schema, problems);
            self.entry(&m.file, headline, plain, &["headline"], problems)
                .await;
        }
        for i in &self.catalog.invariants {
            self.entry(&i.file, &i.sql, plain, &["difference", "detail"], problems)
                .await;
        }
        settings::check(self, bundle, problems).await;
        currencies::check(self, bundle, problems);
    }

    async fn piece(&self, piece: &SqlFile, problems: &mut Vec<Problem>) {
        let Some(schema) = self.file(piece, problems).await else {
            return;
        };
        let Some(table) = self.catalog.canonical.get(&piece.name) else {
            return;
        };
        for (column, error) in canonical::column_errors(&schema, table) {
            let problem = of_file(&piece.path, &piece.sql, &error);
            problems.push(match last_word(&piece.sql, &column) {
                Some(span) => problem.at(&piece.sql, span),
                None => problem,
            });
        }
    }

    async fn file(&self, file: &SqlFile, problems: &mut Vec<Problem>) -> Option<SchemaRef> {
        let errors = match plan::plan(self.warehouse, &file.sql, self.warehouse.parameters()).await {
            Ok(schema) => return Some(schema),
            Err(errors) => errors,
        };
        let unjudged = |error: &SqlError| {
            self.unknown
                .iter()
                .any(|table| error.message == format!("there is no table {table}"))
        };
        let judged = errors.iter().map(|error| {
            if !unjudged(error) {
                return of_file(&file.path, &file.sql, error);
            }
            let table = error.message.trim_start_matches("there is no table ");
            let message = format!("not checked: the columns of {table} are not known here");
            let placed = of_file(&file.path, &file.sql, error);
            Problem {
                severity: Severity::Warning,
                code: "not-checked",
                message,
                suggestion: Some("give its source `attributes = [...]` in portfolio.toml".into()),
                ..placed
            }
        });
        problems.extend(judged);
        None
    }

    /// Plans a query of a TOML file; its result must have these columns.
    async fn entry(
        &self,
        file: &str,
        sql: &Sql,
        parameters: &Parameters,
        columns: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<SchemaRef> {
        let text = self.files.get(file).unwrap_or_default();
        let schema = match plan::plan(self.warehouse, sql.get_ref(), parameters).await {
            Ok(schema) => schema,
            Err(errors) => {
                problems.extend(errors.iter().map(|error| of_toml(file, text, sql, error)));
                return None;
            }
        };
        for column in columns.iter().filter(|c| schema.field_with_name(c).is_err()) {
            let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
            let error = SqlError {
                suggestion: Some(format!("it has: {}", names.join(", "))),
                kind: Kind::UnknownColumn,
                ..SqlError::new(format!("the query has no column `{column}`"))
            };
            problems.push(of_toml(file, text, sql, &error));
        }
        Some(schema)
    }

    fn put(&self, name: &str, schema: SchemaRef, problems: &mut Vec<Problem>) {
        if let Err(error) = self.warehouse.put(name, schema, Vec::new()) {
            problems.push(Problem::error("engine", "catalog", error.message));
        }
    }

    fn results(&self, put: impl Fn(&Night<'_>) -> Result<(), SqlError>, problems: &mut Vec<Problem>) {
        let previous: Option<&Analysis> = None;
        let Self {
            warehouse,
            catalog,
            portfolio,
            as_of,
            ..
        } = *self;
        if let Err(error) = put(&Night {
            warehouse,
            catalog,
            portfolio,
            as_of,
            previous,
        }) {
            problems.push(Problem::error("engine", "catalog", error.message));
        }
    }
}

/// Where a column gets its name: the last time that the name stands in the query.
fn last_word(sql: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let of_name = |c: char| c.is_alphanumeric() || c == '_';
    let alone = |at: &usize| !sql[..*at].ends_with(of_name) && !sql[at + name.len()..].starts_with(of_name);
    let found = sql.rmatch_indices(name).map(|(at, _)| at).find(alone);
    found.map(|at| at..at + name.len())
}

/// A failed query of an SQL file.
fn of_file(path: &str, sql: &str, error: &SqlError) -> Problem {
    let problem = Problem::error(error.kind.code(), path, error.message.clone());
    let problem = match error.at {
        Some((line, column)) => problem.at(sql, entries::offset(sql, line, column)),
        // sqlparser gives no place where the text ends too early.
        None if error.kind == Kind::Syntax => problem.at(sql, sql.trim_end().len()..sql.trim_end().len()),
        None => problem,
    };
    suggested(problem, error)
}

/// A failed query inside a TOML file.
fn of_toml(file: &str, text: &str, sql: &Sql, error: &SqlError) -> Problem {
    let problem = Problem::error(error.kind.code(), file, error.message.clone());
    suggested(problem.at(text, entries::place(text, sql, error.at)), error)
}

fn suggested(problem: Problem, error: &SqlError) -> Problem {
    match &error.suggestion {
        Some(suggestion) => problem.suggest(suggestion.clone()),
        None => problem,
    }
}
