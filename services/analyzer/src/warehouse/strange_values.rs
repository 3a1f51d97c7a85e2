//! Values that no figure would ever count: rows of an entity that the portfolio has not, or of a status that the table
//! does not know. They are named, not lost.

use std::collections::BTreeSet;

use datafusion::arrow::array::{AsArray, RecordBatch};
use shared::portfolio::Portfolio;

use super::{Warehouse, problem};
use crate::{
    catalog::{CanonicalTable, SqlFile},
    engine::{SqlError, error::suggest},
};

/// Strange values named per column; more would say nothing new.
const NAMED: usize = 3;

/// Reports values of a piece's rows that are none of those its columns may have.
pub fn check(
    warehouse: &Warehouse,
    piece: &SqlFile,
    table: &CanonicalTable,
    batches: &[RecordBatch],
    portfolio: &Portfolio,
) {
    let entities = portfolio
        .entities
        .iter()
        .map(|e| e.id.to_string())
        .collect::<Vec<_>>();
    column(warehouse, piece, "entity", &entities, batches);
    for (name, allowed) in &table.values {
        column(warehouse, piece, name, allowed, batches);
    }
}

fn column(warehouse: &Warehouse, piece: &SqlFile, name: &str, allowed: &[String], batches: &[RecordBatch]) {
    let mut strange = BTreeSet::new();
    for texts in batches
        .iter()
        .filter_map(|b| b.column_by_name(name)?.as_string_opt::<i32>())
    {
        strange.extend(
            texts
                .iter()
                .flatten()
                .filter(|v| !allowed.iter().any(|a| a == v))
                .map(str::to_owned),
        );
    }
    for value in strange.into_iter().take(NAMED) {
        let what = if name == "entity" {
            "which the portfolio does not have"
        } else {
            "which the table does not know"
        };
        let error = SqlError::new(format!("rows with {name} {value:?}, {what}"));
        warehouse.report(problem(
            &piece.path,
            None,
            &SqlError {
                suggestion: suggest(&value, allowed),
                ..error
            },
        ));
    }
}
