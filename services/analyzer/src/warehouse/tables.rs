//! Registering tables of text columns: a business's own under `raw`, collected ones under their names.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
        compute::cast,
        datatypes::{DataType, Field, SchemaRef},
        error::ArrowError,
    },
    common::{DataFusionError, TableReference},
};
use shared::{manifest::sql_name, portfolio::Portfolio};

use super::Warehouse;
use crate::{
    catalog::{Catalog, tables::schema},
    engine::{Engine, RAW, SqlError},
};

/// A table in memory.
#[derive(Debug, Clone)]
pub struct LocalTable {
    /// As collected, e.g. `jada-calendar`.
    pub name: String,
    /// Whether it is one of `collected.toml`'s, not a business's own.
    pub collected: bool,
    /// Its columns, whether or not a batch has them.
    pub columns: Vec<String>,
    /// Its rows. A batch may have fewer columns: the others are NULL in it.
    pub batches: Vec<RecordBatch>,
}

/// Registers raw tables with the columns they have and those that their source declares. A table that is declared and
/// did not come is not registered: what reads it fails by name, instead of finding nothing.
pub fn register_raw(engine: &Engine, tables: Vec<LocalTable>, portfolio: &Portfolio) -> Result<(), SqlError> {
    for table in tables {
        let declared = portfolio.sources.dynamodb.iter().find(|s| s.table == table.name);
        let mut columns = table.columns.clone();
        for name in declared.into_iter().flat_map(|s| &s.attributes) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let (schema, batches) = of_texts(&columns, &table.batches)?;
        engine.put(
            TableReference::partial(RAW, sql_name(&table.name)),
            schema,
            batches,
        )?;
    }
    Ok(())
}

/// Registers all collected tables, those that did not come empty; answers which came.
pub fn register_collected(
    warehouse: &Warehouse,
    tables: Vec<LocalTable>,
    catalog: &Catalog,
) -> Result<BTreeMap<String, bool>, SqlError> {
    let mut came: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
    for table in tables {
        came.entry(sql_name(&table.name))
            .or_default()
            .extend(table.batches);
    }
    let mut present = BTreeMap::new();
    for (name, columns) in &catalog.collected {
        let batches = came.get(name);
        present.insert(name.clone(), batches.is_some());
        let (schema, batches) = of_texts(columns, batches.map_or(&[], Vec::as_slice))?;
        warehouse.put(name, schema, batches)?;
    }
    Ok(present)
}

/// Batches of texts with exactly these columns.
pub(super) fn of_texts(
    columns: &[String],
    batches: &[RecordBatch],
) -> Result<(SchemaRef, Vec<RecordBatch>), SqlError> {
    let schema = schema(columns.iter().map(|c| (c.as_str(), DataType::Utf8)));
    let aligned = batches
        .iter()
        .map(|b| align(b, &schema))
        .collect::<Result<Vec<_>, _>>();
    Ok((schema, aligned.map_err(DataFusionError::from)?))
}

/// A batch with exactly these columns: others dropped, missing ones NULL, types cast.
pub fn align(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    align_by(batch, schema, |array, field| cast(array, field.data_type()))
}

/// [`align`], with types cast so.
pub fn align_by<E: From<ArrowError>>(
    batch: &RecordBatch,
    schema: &SchemaRef,
    cast: impl Fn(&ArrayRef, &Field) -> Result<ArrayRef, E>,
) -> Result<RecordBatch, E> {
    let column = |field: &Field| match batch.column_by_name(field.name()) {
        Some(array) if array.data_type() == field.data_type() => Ok(Arc::clone(array)),
        Some(array) => cast(array, field),
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
    };
    let columns = schema.fields().iter().map(|field| column(field));
    let columns = columns.collect::<Result<Vec<_>, E>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &options,
    )?)
}
