//! How full a table is, and when its records begin.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, Date32Array, RecordBatch, StringArray};
use jiff::{Span, civil::Date};

/// How full a table is: what `needs` asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fill {
    /// Its rows.
    pub rows: usize,
    /// Values that are not NULL, by column.
    pub values: BTreeMap<String, usize>,
    /// The same of each entity's rows (`None`: rows of no entity), where the table has a column `entity`.
    pub of_entity: BTreeMap<Option<String>, (usize, BTreeMap<String, usize>)>,
    /// The first day in each column of dates, of each entity's rows.
    pub first: BTreeMap<String, BTreeMap<Option<String>, Date>>,
}

impl Fill {
    /// Counts a batch of the table.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        let schema = batch.schema();
        let entities = batch
            .column_by_name("entity")
            .and_then(|c| c.as_string_opt::<i32>());
        let nulls: Vec<_> = batch.columns().iter().map(|c| c.logical_nulls()).collect();
        for (field, (column, nulls)) in schema.fields().iter().zip(batch.columns().iter().zip(&nulls)) {
            let values = column.len() - nulls.as_ref().map_or(0, |n| n.null_count());
            *self.values.entry(field.name().clone()).or_default() += values;
            if let Some(dates) = column.as_any().downcast_ref::<Date32Array>() {
                self.begin(field.name(), dates, entities);
            }
        }
        for (row, entity) in entities.into_iter().flatten().enumerate() {
            let own = self.of_entity.entry(entity.map(str::to_owned)).or_default();
            own.0 += 1;
            for (field, nulls) in schema.fields().iter().zip(&nulls) {
                if nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
                    match own.1.get_mut(field.name()) {
                        Some(n) => *n += 1,
                        None => _ = own.1.insert(field.name().clone(), 1),
                    }
                }
            }
        }
    }

    /// The first days of one column of dates, by entity.
    fn begin(&mut self, name: &str, dates: &Date32Array, entities: Option<&StringArray>) {
        let mut first: BTreeMap<Option<&str>, i32> = BTreeMap::new();
        for (row, day) in dates.iter().enumerate() {
            let entity = entities.filter(|e| e.is_valid(row)).map(|e| e.value(row));
            let Some(day) = day else { continue };
            first
                .entry(entity)
                .and_modify(|known| *known = day.min(*known))
                .or_insert(day);
        }
        let kept = self.first.entry(name.to_owned()).or_default();
        for (entity, day) in first {
            // A day that no calendar has is no beginning.
            let days = Span::new().try_days(day);
            let Ok(day) = days.and_then(|days| Date::constant(1970, 1, 1).checked_add(days)) else {
                continue;
            };
            kept.entry(entity.map(str::to_owned))
                .and_modify(|known| *known = day.min(*known))
                .or_insert(day);
        }
    }

    /// Rows that an entity's figures can rest on, and values in one column of them: its own, and those of no entity,
    /// which all share. `None` where the table has no column `entity`.
    pub fn of(&self, entity: &str, column: Option<&str>) -> Option<usize> {
        if self.rows > 0 && self.of_entity.is_empty() {
            return None;
        }
        let own = self.of_entity.get(&Some(entity.to_owned()));
        let shared = self.of_entity.get(&None);
        let count = |(rows, values): &(usize, BTreeMap<String, usize>)| match column {
            Some(column) => values.get(column).copied().unwrap_or(0),
            None => *rows,
        };
        Some(own.into_iter().chain(shared).map(count).sum())
    }
}
