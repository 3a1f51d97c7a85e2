//! How full a table is, and when its records begin.

use std::collections::BTreeMap;

use datafusion::{
    arrow::{
        array::{Array, AsArray, Date32Array, RecordBatch, StringArray},
        buffer::NullBuffer,
        datatypes::Schema,
    },
    common::HashMap,
};
use jiff::{Span, civil::Date};

use crate::in_order::in_halves;

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
    /// How full these rows are.
    pub(super) fn of_rows(schema: &Schema, batches: &[RecordBatch]) -> Self {
        let count = |batches: &[RecordBatch]| {
            let mut fill = Self {
                values: schema.fields().iter().map(|f| (f.name().clone(), 0)).collect(),
                ..Self::default()
            };
            batches.iter().for_each(|batch| fill.add(batch));
            fill
        };
        in_halves(batches, count, Self::and)
    }

    /// Of both.
    fn and(mut self, other: Self) -> Self {
        let add = |to: &mut BTreeMap<String, usize>, more: BTreeMap<String, usize>| {
            more.into_iter()
                .for_each(|(name, values)| *to.entry(name).or_default() += values);
        };
        self.rows += other.rows;
        add(&mut self.values, other.values);
        for (entity, (rows, values)) in other.of_entity {
            let counts = self.of_entity.entry(entity).or_default();
            counts.0 += rows;
            add(&mut counts.1, values);
        }
        for (name, days) in other.first {
            let kept = self.first.entry(name).or_default();
            for (entity, day) in days {
                let first = kept.entry(entity).or_insert(day);
                *first = day.min(*first);
            }
        }
        self
    }

    /// Counts a batch of the table.
    fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        let schema = batch.schema();
        let entities = batch
            .column_by_name("entity")
            .and_then(|c| c.as_string_opt::<i32>());
        let whose = Whose::of(entities, batch.num_rows());
        if entities.is_some() {
            for (entity, rows) in whose.count(None) {
                self.of_entity.entry(entity.map(str::to_owned)).or_default().0 += rows;
            }
        }
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let nulls = column.logical_nulls();
            let values = column.len() - nulls.as_ref().map_or(0, NullBuffer::null_count);
            *self.values.entry(field.name().clone()).or_default() += values;
            if let Some(dates) = column.as_any().downcast_ref::<Date32Array>() {
                self.begin(field.name(), dates, &whose);
            }
            let own = whose.count(nulls.as_ref());
            for (entity, values) in own.filter(|(_, values)| entities.is_some() && *values > 0) {
                let counts = self.of_entity.entry(entity.map(str::to_owned)).or_default();
                *counts.1.entry(field.name().clone()).or_default() += values;
            }
        }
    }

    /// The first days of one column of dates, by entity.
    fn begin(&mut self, name: &str, dates: &Date32Array, whose: &Whose<'_>) {
        let kept = self.first.entry(name.to_owned()).or_default();
        for (entity, day) in whose.first(dates) {
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

/// Which entity each row of a batch is of, as a place in a list: looked up once for a row, not once for each of its columns.
struct Whose<'a> {
    names: Vec<Option<&'a str>>,
    of_row: Vec<usize>,
}

impl<'a> Whose<'a> {
    /// Without a column of entities all rows are of none.
    fn of(entities: Option<&'a StringArray>, rows: usize) -> Self {
        let Some(entities) = entities else {
            return Self {
                names: vec![None],
                of_row: vec![0; rows],
            };
        };
        let (mut names, mut places) = (Vec::new(), HashMap::new());
        let place = |entity| {
            *places.entry(entity).or_insert_with(|| {
                names.push(entity);
                names.len() - 1
            })
        };
        let of_row = entities.iter().map(place).collect();
        Self { names, of_row }
    }

    /// Each entity with its rows that have a value.
    fn count(&self, nulls: Option<&NullBuffer>) -> impl Iterator<Item = (Option<&'a str>, usize)> {
        let mut counts = vec![0; self.names.len()];
        for (row, place) in self.of_row.iter().enumerate() {
            counts[*place] += usize::from(nulls.is_none_or(|n| n.is_valid(row)));
        }
        self.names.iter().copied().zip(counts)
    }

    /// Each entity that has a date, with its first, in days since 1970.
    fn first(&self, dates: &Date32Array) -> impl Iterator<Item = (Option<&'a str>, i32)> {
        let mut first = vec![i32::MAX; self.names.len()];
        for (place, day) in self.of_row.iter().zip(dates) {
            first[*place] = first[*place].min(day.unwrap_or(i32::MAX));
        }
        let named = self.names.iter().copied().zip(first);
        named.filter(|(_, day)| *day < i32::MAX)
    }
}
