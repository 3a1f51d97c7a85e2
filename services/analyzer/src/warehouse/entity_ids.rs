//! Rows of an entity that the portfolio has not would be in no entity's figures: they are named, not lost.

use std::collections::BTreeSet;

use datafusion::arrow::array::{AsArray, RecordBatch};
use shared::portfolio::Portfolio;

use super::{Warehouse, problem};
use crate::{
    catalog::SqlFile,
    engine::{SqlError, error::suggest},
};

/// Reports entities of a piece's rows that are none of the portfolio's.
pub fn check(warehouse: &Warehouse, piece: &SqlFile, batches: &[RecordBatch], portfolio: &Portfolio) {
    let known: Vec<String> = portfolio.entities.iter().map(|e| e.id.to_string()).collect();
    let mut strangers = BTreeSet::new();
    for column in batches.iter().filter_map(|b| b.column_by_name("entity")) {
        let Some(texts) = column.as_string_opt::<i32>() else { continue };
        strangers.extend(texts.iter().flatten().filter(|e| !known.iter().any(|k| k == e)).map(str::to_owned));
    }
    for stranger in strangers.into_iter().take(3) {
        let suggestion = suggest(&stranger, &known);
        let message = format!("rows of entity {stranger:?}, which the portfolio does not have");
        warehouse.report(problem(&piece.path, None, &SqlError { suggestion, ..SqlError::new(message) }));
    }
}
