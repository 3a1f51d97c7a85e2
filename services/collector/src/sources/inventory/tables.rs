//! The collected tables, their columns, and how rows become the snapshot's files. Start at [`Tables`].

use std::{collections::BTreeMap, sync::LazyLock};

use shared::{
    facts::SourceState,
    manifest::{Namespace, TableManifest, collected_from},
};

use super::super::Collected;
use crate::snapshot::{
    PartFolder,
    chunk::{Chunk, Columns},
};

/// Where what could not be read is told.
pub const GAPS: &str = "inventory_gap";

/// Where the estimate is that stands in for Cost Explorer.
pub const ESTIMATE: &str = "cost_estimate";
/// Tables that are made of others, and only when there is something to tell: that one is not there is no loss.
pub const MADE: [&str; 2] = [GAPS, ESTIMATE];

/// The tables of `catalog/collected.toml` and their columns.
static TABLES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    struct Table {
        columns: Vec<String>,
    }
    let tables: BTreeMap<String, Table> =
        toml::from_str(include_str!("../../../../../catalog/collected.toml"))
            .expect("a test reads the built-in file");
    tables
        .into_iter()
        .map(|(name, table)| (name, table.columns))
        .collect()
});

/// The columns of a table that the collector makes.
pub fn columns_of(table: &str) -> Option<&'static [String]> {
    TABLES.get(table).map(Vec::as_slice)
}

/// The tables of an inventory: all but those that other sources make.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    TABLES
        .keys()
        .map(String::as_str)
        .filter(|table| collected_from(table) == "inventory")
}

/// Tables by name, as far as they were read, on their way to the snapshot.
#[derive(Debug, Default)]
pub struct Tables {
    columns: Columns,
    chunks: BTreeMap<&'static str, Vec<Chunk>>,
}

impl Tables {
    /// A table that was read, whether it has rows or not.
    pub fn read(&mut self, table: &'static str) {
        self.chunks.entry(table).or_default();
    }

    /// A row of it.
    pub fn row<'a>(
        &mut self,
        table: &'static str,
        cells: impl IntoIterator<Item = (&'a str, Option<String>)>,
    ) {
        let chunks = self.chunks.entry(table).or_default();
        if chunks.last().is_none_or(Chunk::is_full) {
            chunks.push(Chunk::default());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.begin_row();
            for (name, text) in cells {
                chunk.text_cell(self.columns.id(name), text.as_deref());
            }
        }
    }

    /// Writes them. The part is well if anything was read, and says how many gaps there are.
    ///
    /// # Errors
    /// When the snapshot cannot be written.
    pub async fn write(self, folder: &PartFolder<'_>) -> anyhow::Result<Collected> {
        let mut tables: Vec<TableManifest> = Vec::new();
        for (name, chunks) in &self.chunks {
            let mut table = folder.table(Namespace::Collected, name);
            for chunk in chunks {
                table.write(&self.columns, chunk).await?;
            }
            tables.push(table.finish(columns_of(name).unwrap_or_default()));
        }
        let gaps: usize = self
            .chunks
            .get(GAPS)
            .map_or(0, |chunks| chunks.iter().map(Chunk::len).sum());
        let reason = (gaps > 0).then(|| format!("{gaps} parts of the inventory are unknown: see {GAPS}"));
        Ok(Collected {
            state: SourceState::Ok,
            reason,
            tables,
        })
    }
}
