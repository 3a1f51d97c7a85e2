//! Reading the snapshot: every Parquet object is fetched, checked against its digest and decoded into memory.
//!
//! Streaming from the store instead would leave digests unchecked and read an object once per query; a night's tables
//! are small (harbor's 20,000 items are 3 MB of Parquet), and a table is read by several pieces.

use datafusion::arrow::{array::RecordBatch, error::ArrowError};
use futures::{StreamExt, TryStreamExt, stream};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, errors::ParquetError};
use shared::{
    manifest::{Namespace, PartManifest, TableFile},
    objects::{ObjectError, Objects},
};

use super::LocalTable;

/// Objects fetched at a time.
const FETCHES: usize = 8;
/// Rows of a batch: as many as DataFusion's operators pass on. The reader's own default is an eighth of that, and each operator of
/// each query would take eight times as many steps.
const BATCH: usize = 8192;

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
    let tables: Vec<_> = manifests.iter().flat_map(|m| &m.tables).collect();
    let mut reads = Vec::new();
    for table in &tables {
        for file in &table.files {
            reads.push(read_file(objects.clone(), table.table.clone(), file.clone()));
        }
    }
    let mut reads = stream::iter(reads).buffered(FETCHES);
    let mut read = Vec::new();
    for table in tables {
        let mut batches = Vec::new();
        for _ in &table.files {
            batches.extend(reads.try_next().await?.unwrap_or_default());
        }
        read.push(LocalTable {
            name: table.table.clone(),
            collected: table.namespace == Namespace::Collected,
            columns: table.columns.clone(),
            batches,
        });
    }
    Ok(read)
}

/// On a task of its own: digests and decoding then use all the cores there are, also where one table has most of the files.
async fn read_file(objects: Objects, table: String, file: TableFile) -> Result<Vec<RecordBatch>, ReadError> {
    let (name, key) = (table.clone(), file.input.key.clone());
    let task = tokio::spawn(async move { decoded(&objects, &table, &file).await });
    let gave_up = |panic| ReadError::Parquet {
        table: name,
        key,
        source: ParquetError::External(Box::new(panic)),
    };
    task.await.unwrap_or_else(|panic| Err(gave_up(panic)))
}

async fn decoded(objects: &Objects, table: &str, file: &TableFile) -> Result<Vec<RecordBatch>, ReadError> {
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
        .and_then(|b| b.with_batch_size(BATCH).build())
        .map_err(damaged)?;
    let batches: Result<Vec<_>, ArrowError> = reader.collect();
    batches.map_err(|e| damaged(ParquetError::External(Box::new(e))))
}
