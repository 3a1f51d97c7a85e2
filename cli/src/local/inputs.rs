//! What a local night reads instead of AWS: tables from files, handoffs and a recorded inventory from folders.
//!
//! A folder `nights/<date>/` below the portfolio's holds files that replace those of the same path when that date is
//! run, so an example can carry more than one night.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory};
use shared::{
    embedded::EmbeddedDynamo,
    id::BusinessDate,
    portfolio::{Portfolio, TableSource},
};

/// Loads the portfolio's tables into an embedded DynamoDB. A table without a file is not created: the collector
/// reports it as missing, as it would in the cloud.
///
/// # Errors
/// If a file cannot be read or a line of it is no item, naming file and line.
pub fn load_tables(
    folder: &Path,
    date: BusinessDate,
    portfolio: &Portfolio,
) -> anyhow::Result<EmbeddedDynamo> {
    let database = EmbeddedDynamo::memory().context("failed to open the embedded database")?;
    for TableSource { table, .. } in &portfolio.sources.dynamodb {
        let Some(path) = ["ndjson", "csv"]
            .iter()
            .find_map(|kind| overlaid(folder, date, table, kind))
        else {
            continue;
        };
        let loaded = match path.extension() {
            Some(kind) if kind == "csv" => database.load_csv(table, &path),
            _ => database.load_ndjson(table, &path),
        };
        loaded.with_context(|| format!("failed to load {}", path.display()))?;
    }
    Ok(database)
}

fn overlaid(folder: &Path, date: BusinessDate, table: &str, kind: &str) -> Option<PathBuf> {
    let file = format!("tables/{table}.{kind}");
    let night = folder.join("nights").join(date.to_string()).join(&file);
    [night, folder.join(&file)]
        .into_iter()
        .find(|path| path.is_file())
}

/// The handoffs and the recorded inventory of a date as an object store.
///
/// # Errors
/// If a file cannot be read.
pub async fn input_store(
    folder: &Path,
    date: BusinessDate,
    portfolio: &Portfolio,
) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let store = InMemory::new();
    let sources = &portfolio.sources;
    let prefixes = [
        sources.handoffs.as_ref().map(|h| &h.path),
        sources.inventory.as_ref().map(|i| &i.path),
    ];
    for prefix in prefixes.into_iter().flatten() {
        let mut files = BTreeMap::new();
        for base in [folder.to_owned(), folder.join("nights").join(date.to_string())] {
            files.extend(list(&base.join(prefix))?);
        }
        for (name, path) in files {
            let bytes = std::fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
            let key = object_store::path::Path::from(format!("{prefix}/{name}"));
            store
                .put(&key, bytes.into())
                .await
                .context("failed to copy an input")?;
        }
    }
    Ok(Arc::new(store))
}

fn list(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(e).context(format!("failed to list {}", folder.display())),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("failed to list {}", folder.display()))?
            .path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            files.insert(name.to_string_lossy().into_owned(), path);
        }
    }
    Ok(files)
}
