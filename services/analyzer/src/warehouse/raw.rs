//! Reading the snapshot: every Parquet object is fetched, checked against its digest and decoded into memory.
//!
//! Streaming from the store instead would leave digests unchecked and read an object once per query; a night's tables
//! are small (harbor's 20,000 items are 3 MB of Parquet), and a table is read by several pieces.

use datafusion::arrow::{array::RecordBatch, error::ArrowError};
use futures::{StreamExt, TryStreamExt, stream};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, errors::ParquetError};
use shared::{
    manifest::{Namespace, PartManifest, TableFile, TableManifest},
    objects::{ObjectError, Objects},
};

use super::LocalTable;

/// Objects fetched at a time.
const FETCHES: usize = 8;

/// Why an object of the snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be fetched, or is another.
    #[error("table {table} of the snapshot cannot be read")]
    Object {
        /// Which table.
        table: String,
        /// Why.
        #[source]
        source: ObjectError,
    },
    /// It is no Parquet.
    #[error("{key} of table {table} is no Parquet file")]
    Parquet {
        /// Which table.
        table: String,
        /// Which object.
        key: String,
        /// Why.
        #[source]
        source: ParquetError,
    },
}

/// All tables of all parts, in the order of the manifests.
///
/// # Errors
/// [`ReadError`] for the first object that cannot be used: a snapshot is whole or damaged.
pub async fn read_all(objects: &Objects, manifests: &[PartManifest]) -> Result<Vec<LocalTable>, ReadError> {
    let tables = manifests.iter().flat_map(|m| &m.tables);
    let reads = stream::iter(tables.map(|table| read(objects, table)));
    reads.buffered(FETCHES).try_collect().await
}

async fn read(objects: &Objects, table: &TableManifest) -> Result<LocalTable, ReadError> {
    let mut batches = Vec::new();
    for file in &table.files {
        batches.extend(read_file(objects, &table.table, file).await?);
    }
    Ok(LocalTable {
        name: table.table.clone(),
        collected: table.namespace == Namespace::Collected,
        columns: table.columns.clone(),
        batches,
    })
}

async fn read_file(objects: &Objects, table: &str, file: &TableFile) -> Result<Vec<RecordBatch>, ReadError> {
    let bytes = objects.get_checked(&file.input).await;
    let bytes = bytes.map_err(|source| ReadError::Object {
        table: table.to_owned(),
        source,
    })?;
    let damaged = |source| ReadError::Parquet {
        table: table.to_owned(),
        key: file.input.key.clone(),
        source,
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(|b| b.build())
        .map_err(damaged)?;
    let batches: Result<Vec<_>, ArrowError> = reader.collect();
    batches.map_err(|e| damaged(ParquetError::External(Box::new(e))))
}
