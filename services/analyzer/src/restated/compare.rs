//! Two tables as heaps of rows: what one has more of than the other.
//!
//! A row is known again by a hash of all its values, so comparing costs some twenty bytes a row, whatever its width; rows
//! in full are made only of those that differ. Two of a million rows share one of 64 bits once in ten million nights.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
};

use datafusion::{
    arrow::{
        array::{BooleanArray, RecordBatch},
        compute::filter_record_batch,
        datatypes::SchemaRef,
        error::ArrowError,
        row::{RowConverter, SortField},
    },
    common::DataFusionError,
};

use crate::engine::{Answer, Cell, SqlError};

/// Rows that differ, over both nights, above which none is looked at by itself: they would be a table, not a list.
pub const MOST: u64 = 20_000;

/// Rows that only one of two nights has; of rows that are alike as many as it has more.
pub struct Differing {
    /// Of the earlier night, in their order there.
    pub before: Vec<Vec<Cell>>,
    /// Of the later one.
    pub after: Vec<Vec<Cell>>,
}

/// Compares batches of one schema; none if more than [`MOST`] rows differ.
///
/// # Errors
/// Arrow's; not expected of these types.
pub fn differing(
    schema: &SchemaRef,
    before: &[RecordBatch],
    after: &[RecordBatch],
) -> Result<Option<Differing>, SqlError> {
    let arrow = |error: ArrowError| SqlError::from(DataFusionError::from(error));
    let types = schema.fields().iter().map(|f| f.data_type().clone());
    let converter = RowConverter::new(types.map(SortField::new).collect()).map_err(arrow)?;
    // How many more there are now, by hash.
    let mut counts: HashMap<u64, i64> = HashMap::new();
    for (batches, step) in [(before, -1), (after, 1)] {
        for batch in batches {
            let rows = converter.convert_columns(batch.columns()).map_err(arrow)?;
            for row in &rows {
                *counts.entry(hash(row.as_ref())).or_default() += step;
            }
        }
    }
    counts.retain(|_, more| *more != 0);
    if counts.values().map(|more| more.unsigned_abs()).sum::<u64>() > MOST {
        return Ok(None);
    }
    let mut pick = |batches: &[RecordBatch], step| -> Result<Vec<Vec<Cell>>, SqlError> {
        let batches = picked(&converter, batches, &mut counts, step).map_err(arrow)?;
        let answer = Answer {
            schema: SchemaRef::clone(schema),
            batches,
            unreadable: Vec::new(),
        };
        Ok(answer.rows()?.rows)
    };
    Ok(Some(Differing {
        before: pick(before, -1)?,
        after: pick(after, 1)?,
    }))
}

/// The rows of which there are more on this side (`step`), the first of those that are alike.
fn picked(
    converter: &RowConverter,
    batches: &[RecordBatch],
    counts: &mut HashMap<u64, i64>,
    step: i64,
) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut found = Vec::new();
    for batch in batches {
        let rows = converter.convert_columns(batch.columns())?;
        let mut differs = Vec::with_capacity(batch.num_rows());
        for row in &rows {
            let left = counts.get_mut(&hash(row.as_ref()));
            let left = left.filter(|left| left.signum() == step);
            differs.push(left.is_some());
            if let Some(left) = left {
                *left -= step;
            }
        }
        found.push(filter_record_batch(batch, &BooleanArray::from(differs))?);
    }
    Ok(found)
}

/// With the keys that the standard library's hasher always begins with, so that every run hashes alike.
fn hash(row: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(row);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::{
        array::{ArrayRef, Int64Array, StringArray},
        datatypes::DataType,
    };

    use super::*;
    use crate::catalog::tables::schema;

    fn batch(rows: &[(Option<&str>, i64)]) -> RecordBatch {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter(rows.iter().map(|(text, _)| *text))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, n)| *n))),
        ];
        RecordBatch::try_new(two(), columns).unwrap()
    }

    fn two() -> SchemaRef {
        schema([("a", DataType::Utf8), ("n", DataType::Int64)])
    }

    fn cells(a: Option<&str>, n: i64) -> Vec<Cell> {
        vec![a.map_or(Cell::Null, |a| Cell::Text(a.into())), Cell::Int(n)]
    }

    #[test]
    fn rows_are_known_again_in_any_order_and_split_and_counted_where_they_are_alike() {
        let before = [batch(&[
            (Some("x"), 1),
            (None, 2),
            (Some("x"), 1),
            (Some("gone"), 3),
        ])];
        let after = [
            batch(&[(None, 2)]),
            batch(&[(Some("x"), 1), (Some("x"), 1), (Some("x"), 1), (Some(""), 2)]),
        ];
        let found = differing(&two(), &before, &after).unwrap().unwrap();
        assert_eq!(found.before, [cells(Some("gone"), 3)]);
        assert_eq!(
            found.after,
            [cells(Some("x"), 1), cells(Some(""), 2)],
            "an empty text is no NULL"
        );
    }

    #[test]
    fn what_differs_in_everything_is_not_listed() {
        let rows: Vec<_> = (0..=i64::try_from(MOST).unwrap())
            .map(|n| (Some("x"), n))
            .collect();
        let found = differing(&two(), &[], &[batch(&rows)]).unwrap();
        assert!(found.is_none());
        let found = differing(&two(), &[], &[batch(&rows[1..])]).unwrap().unwrap();
        assert_eq!(found.after.len(), 20_000);
    }
}
