//! Values that no figure would ever count, or would count twice: rows of an entity that the portfolio has not, of a status
//! that the table does not know, without a field that says what they are, or with the key of another row. They are
//! named, not lost.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    arrow::{
        array::{Array, AsArray, BooleanArray, RecordBatch},
        compute::filter_record_batch,
        util::display::array_value_to_string,
    },
    common::DataFusionError,
};
use shared::portfolio::Portfolio;

use super::{Warehouse, problem};
use crate::{
    catalog::{CanonicalTable, SqlFile},
    engine::{SqlError, error::suggest},
};

/// Strange values named per column; more would say nothing new.
const NAMED: usize = 3;

/// Reports values of a piece's rows that are none of those its columns may have, and expected ones that are absent.
pub fn check(
    warehouse: &Warehouse,
    piece: &SqlFile,
    table: &CanonicalTable,
    batches: &[RecordBatch],
    portfolio: &Portfolio,
) {
    let entities = entities(portfolio);
    column(warehouse, piece, "entity", &entities, batches);
    for (name, allowed) in &table.values {
        column(warehouse, piece, name, allowed, batches);
    }
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    for (name, taken_for) in &table.expected {
        let columns = batches.iter().filter_map(|b| b.column_by_name(name));
        let blank: usize = columns.map(|c| c.logical_null_count()).sum();
        if blank > 0 {
            let message = format!("{blank} of {rows} rows have no {name}; {taken_for}");
            warehouse.report(problem(&piece.path, None, &SqlError::new(message)));
        }
    }
}

fn entities(portfolio: &Portfolio) -> Vec<String> {
    portfolio.entities.iter().map(|e| e.id.to_string()).collect()
}

/// The rows whose entity the portfolio has, or that have none. What is left out has been reported by [`check`].
pub fn without_strangers(
    batches: Vec<RecordBatch>,
    portfolio: &Portfolio,
) -> Result<Vec<RecordBatch>, SqlError> {
    let entities = entities(portfolio);
    let keep = |batch: RecordBatch| {
        let Some(texts) = batch
            .column_by_name("entity")
            .and_then(|c| c.as_string_opt::<i32>())
        else {
            return Ok(batch);
        };
        let known: BooleanArray = texts
            .iter()
            .map(|id| Some(id.is_none_or(|id| entities.iter().any(|e| e == id))))
            .collect();
        filter_record_batch(&batch, &known).map_err(|e| SqlError::from(DataFusionError::from(e)))
    };
    batches.into_iter().map(keep).collect()
}

/// Reports rows that have the key of another row of the table: they count as often as they stand there.
pub fn check_keys(warehouse: &Warehouse, name: &str, table: &CanonicalTable, batches: &[RecordBatch]) {
    if table.key.is_empty() {
        return;
    }
    let mut seen: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
    for batch in batches {
        let columns: Option<Vec<_>> = table.key.iter().map(|k| batch.column_by_name(k)).collect();
        let Some(columns) = columns else { return };
        for row in 0..batch.num_rows() {
            let cell = |column: &&std::sync::Arc<dyn Array>| {
                let value = column.is_valid(row).then(|| array_value_to_string(column, row));
                value.and_then(Result::ok)
            };
            let key: Vec<Option<String>> = columns.iter().map(cell).collect();
            // Without an id of its own, a row is nobody's double.
            if key.iter().skip(1).all(Option::is_some) {
                *seen.entry(key).or_default() += 1;
            }
        }
    }
    let double: Vec<_> = seen.iter().filter(|(_, n)| **n > 1).collect();
    let Some((key, times)) = double.first() else {
        return;
    };
    let key: Vec<&str> = key.iter().flatten().map(String::as_str).collect();
    let message = format!(
        "{} {} on more than one row of {name}, such as {:?} ({times} rows)",
        double.len(),
        if double.len() == 1 { "key is" } else { "keys are" },
        key.join(" ")
    );
    let error = SqlError {
        suggestion: Some(format!("one row per {}", table.key.join(", "))),
        ..SqlError::new(message)
    };
    warehouse.report(problem("catalog/schema.toml", Some(name), &error));
}

fn column(warehouse: &Warehouse, piece: &SqlFile, name: &str, allowed: &[String], batches: &[RecordBatch]) {
    let mut strange: BTreeMap<String, usize> = BTreeMap::new();
    let known: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
    for texts in batches
        .iter()
        .filter_map(|b| b.column_by_name(name)?.as_string_opt::<i32>())
    {
        for value in texts.iter().flatten().filter(|v| !known.contains(v)) {
            *strange.entry(value.to_owned()).or_default() += 1;
        }
    }
    for (value, rows) in strange.into_iter().take(NAMED) {
        let message = match (name, rows) {
            ("entity", 1) => {
                format!("1 row with entity {value:?}, which the portfolio does not have, is left out")
            }
            ("entity", n) => {
                format!("{n} rows with entity {value:?}, which the portfolio does not have, are left out")
            }
            _ => format!("rows with {name} {value:?}, which the table does not know"),
        };
        let error = SqlError {
            suggestion: suggest(&value, allowed),
            ..SqlError::new(message)
        };
        warehouse.report(problem(&piece.path, None, &error));
    }
}
