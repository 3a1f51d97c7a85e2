//! Canonical tables: the union of a portfolio's view pieces, cast to the declared types; and the derived views on them.
//!
//! Each is run once and kept in memory: what tolerant functions could not read is counted once, and the queries of the
//! catalog plan against plain tables.

use std::collections::BTreeMap;

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Field, SchemaRef},
};
use shared::{facts::QueryProblem, portfolio::Portfolio};

use super::{Warehouse, currencies::convert, holes, problem, strange_values, tables::align_by};
use crate::{
    catalog::{CanonicalTable, Catalog, SqlFile},
    engine::{
        Answer, SqlError,
        error::{Kind, suggest},
    },
    in_order::in_order,
};

/// Runs all pieces, side by side, and registers all canonical tables: after the last piece, so that no piece can see
/// one, whatever the order they end in. Answers their rows.
pub async fn materialise<'a>(
    warehouse: &Warehouse,
    catalog: &'a Catalog,
    portfolio: &Portfolio,
) -> Result<BTreeMap<&'a str, Vec<RecordBatch>>, SqlError> {
    let mut canonical = BTreeMap::new();
    let pieces = catalog
        .pieces
        .iter()
        .filter_map(|piece| Some((piece, catalog.canonical.get(&piece.name)?)));
    let ran =
        in_order(pieces.map(|(piece, table)| async move { (piece, run(warehouse, piece, table).await) }));
    let mut of_table: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (piece, rows) in ran.await {
        of_table.entry(&piece.name).or_default().push((piece, rows));
    }
    for (name, table) in &catalog.canonical {
        let mut batches = Vec::new();
        for (piece, rows) in of_table.remove(name.as_str()).unwrap_or_default() {
            warehouse.note_holes(holes::of_piece(warehouse, piece, portfolio, rows.is_ok()));
            match rows {
                Ok(rows) => {
                    strange_values::check(warehouse, piece, table, &rows, portfolio);
                    batches.extend(strange_values::without_strangers(rows, portfolio)?);
                }
                Err(error) => warehouse.report(problem(&piece.path, None, &error)),
            }
        }
        strange_values::check_keys(warehouse, name, table, &batches);
        warehouse.put(name, table.schema(), batches.clone())?;
        canonical.insert(name.as_str(), batches);
    }
    Ok(canonical)
}

async fn run(
    warehouse: &Warehouse,
    piece: &SqlFile,
    table: &CanonicalTable,
) -> Result<Vec<RecordBatch>, SqlError> {
    let source = piece.path.trim_start_matches("catalog/");
    let answer = warehouse
        .select(source, &piece.sql, warehouse.parameters())
        .await?;
    for (_, error) in column_errors(&answer.schema, table) {
        warehouse.report(problem(&piece.path, None, &error));
    }
    typed(&answer, &table.schema())
}

/// Columns of a piece, by name, that the table has not, or that are text where the table wants something else.
pub fn column_errors(given: &SchemaRef, table: &CanonicalTable) -> Vec<(String, SqlError)> {
    let mut errors = Vec::new();
    for field in given.fields() {
        let Some((_, wanted)) = table.columns.iter().find(|(name, _)| name == field.name()) else {
            let names: Vec<String> = table.columns.iter().map(|(name, _)| name.clone()).collect();
            let suggestion = suggest(field.name(), &names);
            let error = SqlError {
                suggestion,
                kind: Kind::UnknownColumn,
                ..SqlError::new(format!("the table has no column {}", field.name()))
            };
            errors.push((field.name().clone(), error));
            continue;
        };
        if let (Some(reader), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =
            (wanted.reader(), field.data_type())
        {
            let message = format!(
                "column {} is text, not {}",
                field.name(),
                format!("{wanted:?}").to_lowercase()
            );
            let error = SqlError {
                suggestion: Some(format!("read it with {reader}(...)")),
                kind: Kind::WrongType,
                ..SqlError::new(message)
            };
            errors.push((field.name().clone(), error));
        }
    }
    errors
}

/// Casts that would lose a value fail, and with them the piece: a NULL that nobody counted would be a silent gap.
fn typed(answer: &Answer, schema: &SchemaRef) -> Result<Vec<RecordBatch>, SqlError> {
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let cast = |column: &ArrayRef, field: &Field| {
        cast_with_options(column, field.data_type(), &strict).map_err(|e| {
            SqlError::new(format!(
                "column {} is no {}: {e}",
                field.name(),
                field.data_type()
            ))
        })
    };
    let batches = answer.batches.iter();
    batches.map(|batch| align_by(batch, schema, cast)).collect()
}

/// Runs the derived views in order, those side by side that do not read each other. One that fails is not there for the
/// next ones, which then fail by its name.
pub async fn derive(warehouse: &Warehouse, catalog: &Catalog) -> Result<(), SqlError> {
    let mut rest = catalog.derived.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(independent(warehouse, rest));
        let answers = in_order(now.iter().map(|view| async move {
            let source = view.path.trim_start_matches("catalog/");
            let answer = warehouse.select(source, &view.sql, warehouse.parameters()).await;
            (answer, convert::answers(warehouse, source, view).await)
        }));
        for (view, (answer, in_books)) in now.iter().zip(answers.await) {
            match answer {
                Ok(answer) => convert::put_view(warehouse, catalog, view, answer, in_books)?,
                Err(error) => warehouse.report(problem(&view.path, None, &error)),
            }
        }
        rest = later;
    }
    Ok(())
}

/// How many of the views that come first read none of the others.
fn independent(warehouse: &Warehouse, views: &[SqlFile]) -> usize {
    let reads_one_of =
        |view: &SqlFile, earlier: &[SqlFile]| earlier.iter().any(|e| warehouse.reads(&view.name, &e.name));
    let first = (1..views.len()).find(|at| reads_one_of(&views[*at], &views[..*at]));
    first.unwrap_or(views.len())
}

/// The reason why a table has no rows, for the messages of what needs it.
pub fn why_empty(table: &str, catalog: &Catalog, problems: &[QueryProblem]) -> String {
    let failed: Vec<_> = problems
        .iter()
        .filter(|p| {
            catalog
                .pieces
                .iter()
                .any(|piece| piece.name == table && piece.path == p.file)
        })
        .map(|p| format!("{} failed: {}", p.file, p.message))
        .collect();
    match (failed.is_empty(), catalog.pieces.iter().any(|p| p.name == table)) {
        (false, _) => failed.join("; "),
        (true, true) => format!("table {table} has no rows"),
        (true, false) if ["history", "fact_history"].contains(&table) => {
            "there is no earlier night".to_owned()
        }
        (true, false) if catalog.collected.contains_key(table) => format!("table {table} was not collected"),
        (true, false) => format!("no view gives table {table}"),
    }
}
