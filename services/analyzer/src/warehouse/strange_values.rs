//! Values that no figure would ever count, or would count twice: rows of an entity that the portfolio has not, of a status
//! that the table does not know, without a field that says what they are, or with the key of another row. They are
//! named, not lost.

use std::collections::BTreeMap;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch},
        compute::filter_record_batch,
        util::display::array_value_to_string,
    },
    common::{
        DataFusionError, HashSet,
        hash_utils::{RandomState, create_hashes},
    },
};
use shared::portfolio::Portfolio;

use super::{Warehouse, problem};
use crate::{
    catalog::{CanonicalTable, SqlFile},
    engine::{SqlError, error::suggest},
    in_order::in_halves,
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
    let entities: HashSet<String> = entities(portfolio).into_iter().collect();
    let keep = |batch: RecordBatch| {
        let Some(texts) = batch
            .column_by_name("entity")
            .and_then(|c| c.as_string_opt::<i32>())
        else {
            return Ok(batch);
        };
        let known: BooleanArray = texts
            .iter()
            .map(|id| Some(id.is_none_or(|id| entities.contains(id))))
            .collect();
        if known.true_count() == batch.num_rows() {
            return Ok(batch);
        }
        filter_record_batch(&batch, &known).map_err(SqlError::from)
    };
    let kept = |batches: &[RecordBatch]| batches.iter().cloned().map(keep).collect::<Result<Vec<_>, _>>();
    in_halves(&batches, kept, |first, second| Ok([first?, second?].concat()))
}

/// Reports rows that have the key of another row of the table: they count as often as they stand there.
pub fn check_keys(warehouse: &Warehouse, name: &str, table: &CanonicalTable, batches: &[RecordBatch]) {
    if table.key.is_empty() {
        return;
    }
    let Some(keys) = columns_of(batches, &table.key) else {
        return;
    };
    let every = |_| batches.iter().map(|b| (0..b.num_rows()).collect()).collect();
    let suspects: Vec<Vec<usize>> = suspects(batches, &table.key).unwrap_or_else(every);
    let mut seen: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
    for (columns, rows) in keys.iter().zip(suspects) {
        for row in rows {
            let cell = |column: &&ArrayRef| {
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

/// Of each batch its columns by these names; none if one of them has not all.
fn columns_of<'a>(batches: &'a [RecordBatch], names: &[String]) -> Option<Vec<Vec<&'a ArrayRef>>> {
    let of = |batch: &'a RecordBatch| names.iter().map(|name| batch.column_by_name(name)).collect();
    batches.iter().map(of).collect()
}

/// Of each batch the rows whose key has a hash that another row's has too: on almost every night none, and then no key has to be
/// made a text and kept.
fn suspects(batches: &[RecordBatch], key: &[String]) -> Result<Vec<Vec<usize>>, DataFusionError> {
    let hasher = RandomState::default();
    let hash = |batches: &[RecordBatch]| {
        let mut all = Vec::with_capacity(batches.len());
        for (columns, batch) in columns_of(batches, key)
            .unwrap_or_default()
            .into_iter()
            .zip(batches)
        {
            let mut hashes = vec![0; batch.num_rows()];
            create_hashes(columns, &hasher, &mut hashes)?;
            all.push(hashes);
        }
        let mut sorted = all.concat();
        sorted.sort_unstable();
        Ok::<_, DataFusionError>((all, sorted))
    };
    let (all, sorted) = in_halves(batches, hash, |first, second| {
        let ((mut all, mut sorted), (more, and)) = (first?, second?);
        all.extend(more);
        sorted.extend(and);
        // Of two sorted runs it makes one.
        sorted.sort();
        Ok((all, sorted))
    })?;
    let neighbours = sorted.windows(2).filter(|pair| pair[0] == pair[1]);
    let twice: HashSet<u64> = neighbours.map(|pair| pair[0]).collect();
    if twice.is_empty() {
        return Ok(vec![Vec::new(); all.len()]);
    }
    let rows = |hashes: Vec<u64>| {
        let suspect = hashes
            .into_iter()
            .enumerate()
            .filter(|(_, hash)| twice.contains(hash));
        suspect.map(|(row, _)| row).collect()
    };
    Ok(all.into_iter().map(rows).collect())
}

fn column(warehouse: &Warehouse, piece: &SqlFile, name: &str, allowed: &[String], batches: &[RecordBatch]) {
    let known: HashSet<&str> = allowed.iter().map(String::as_str).collect();
    let count = |batches: &[RecordBatch]| {
        let mut strange: BTreeMap<String, usize> = BTreeMap::new();
        let columns = batches
            .iter()
            .filter_map(|b| b.column_by_name(name)?.as_string_opt::<i32>());
        for value in columns
            .flat_map(|texts| texts.iter().flatten())
            .filter(|v| !known.contains(v))
        {
            *strange.entry(value.to_owned()).or_default() += 1;
        }
        strange
    };
    let strange = in_halves(batches, count, |mut first, second| {
        second
            .into_iter()
            .for_each(|(value, rows)| *first.entry(value).or_default() += rows);
        first
    });
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
