//! One table of a snapshot without the rest of it: what two nights are compared by, row by row, in little memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use shared::{
    id::BusinessDate,
    manifest::{Namespace, PartManifest, TableManifest, sql_name},
    objects::Objects,
    portfolio::{ENVIRONMENT_TABLE, Portfolio},
};

use super::{Hole, OpenError, Warehouse, canonical, currencies::Currencies, holes::relations, raw, tables};
use crate::{
    catalog::{CanonicalTable, Catalog},
    engine::RAW,
};

/// Why a table cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// An object, or the engine.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What it is made of has more than [`MOST_ROWS`].
    #[error("it is too large to be had twice")]
    TooLarge,
}

/// Rows that a table is made of, above which it is not had again: two nights of it, with nothing else, are to fit where one
/// night fits with all its tables.
const MOST_ROWS: u64 = 1_000_000;

/// The rows of a canonical or collected table.
pub struct OneTable {
    /// Its columns; all text in a collected table.
    pub schema: SchemaRef,
    /// Its rows, amounts in the currencies that they were recorded in.
    pub rows: Vec<RecordBatch>,
    /// What it lacks.
    pub holes: Vec<Hole>,
}

impl OneTable {
    /// Reads of a snapshot what the table is made of, and makes it; none if it was not collected.
    ///
    /// # Errors
    /// [`TableError`]; a view piece that fails is a hole.
    pub async fn open(
        objects: &Objects,
        manifests: &[PartManifest],
        catalog: &Catalog,
        portfolio: &Portfolio,
        as_of: BusinessDate,
        name: &str,
    ) -> Result<Option<Self>, TableError> {
        match (catalog.canonical.get(name), catalog.collected.get(name)) {
            (Some(table), _) => {
                let alone = alone(catalog, name, table);
                let made = canonical_rows(objects, manifests, &alone, portfolio, as_of, name).await;
                let (rows, holes) = made?;
                Ok(Some(Self {
                    schema: table.schema(),
                    rows,
                    holes,
                }))
            }
            (None, Some(columns)) => {
                let manifests = only(manifests, |table| table == name);
                is_small(&manifests)?;
                let read = raw::read_all(objects, &manifests).await;
                let read = read.map_err(OpenError::from)?;
                if read.is_empty() {
                    return Ok(None);
                }
                let batches: Vec<RecordBatch> = read.into_iter().flat_map(|table| table.batches).collect();
                let (schema, rows) = tables::of_texts(columns, &batches).map_err(OpenError::from)?;
                Ok(Some(Self {
                    schema,
                    rows,
                    holes: Vec::new(),
                }))
            }
            (None, None) => Ok(None),
        }
    }
}

/// What of a catalog makes one canonical table.
fn alone(catalog: &Catalog, name: &str, table: &CanonicalTable) -> Catalog {
    let pieces = catalog.pieces.iter().filter(|piece| piece.name == name);
    Catalog {
        canonical: BTreeMap::from([(name.to_owned(), table.clone())]),
        collected: catalog.collected.clone(),
        parameters: catalog.parameters.clone(),
        pieces: pieces.cloned().collect(),
        ..Catalog::default()
    }
}

async fn canonical_rows(
    objects: &Objects,
    manifests: &[PartManifest],
    alone: &Catalog,
    portfolio: &Portfolio,
    as_of: BusinessDate,
    name: &str,
) -> Result<(Vec<RecordBatch>, Vec<Hole>), TableError> {
    // Parameters that are read elsewhere are in a table of their own.
    let mut reads = BTreeSet::from([ENVIRONMENT_TABLE.to_owned()]);
    reads.extend(alone.pieces.iter().flat_map(|piece| relations(&piece.sql)));
    let manifests = only(manifests, |table| reads.contains(table));
    is_small(&manifests)?;
    let tables = raw::read_all(objects, &manifests)
        .await
        .map_err(OpenError::from)?;
    let warehouse = Warehouse {
        // Rows are compared as they were recorded, whatever a day's rate was.
        currencies: Currencies::default(),
        ..Warehouse::loaded(tables, alone, portfolio, as_of, Arc::default())?
    };
    let mut made = canonical::materialise(&warehouse, alone, portfolio)
        .await
        .map_err(OpenError::from)?;
    let holes = warehouse.holes(&format!("select * from \"{name}\""));
    Ok((made.remove(name).unwrap_or_default(), holes))
}

fn is_small(manifests: &[PartManifest]) -> Result<(), TableError> {
    let tables = manifests.iter().flat_map(|manifest| &manifest.tables);
    let rows: u64 = tables.flat_map(|table| &table.files).map(|file| file.rows).sum();
    if rows > MOST_ROWS {
        return Err(TableError::TooLarge);
    }
    Ok(())
}

/// Manifests with those of their tables whose SQL name is wanted.
fn only(manifests: &[PartManifest], is_wanted: impl Fn(&str) -> bool) -> Vec<PartManifest> {
    let wanted = |table: &TableManifest| match table.namespace {
        Namespace::Raw => is_wanted(&format!("{RAW}.{}", sql_name(&table.table))),
        Namespace::Collected => is_wanted(&sql_name(&table.table)),
    };
    let some_of = |manifest: &PartManifest| PartManifest {
        tables: manifest
            .tables
            .iter()
            .filter(|table| wanted(table))
            .cloned()
            .collect(),
        ..manifest.clone()
    };
    manifests.iter().map(some_of).collect()
}
