//! What a local night reads instead of AWS: tables from files, handoffs and a recorded inventory from folders.
//!
//! A folder `nights/<date>/` below the portfolio's holds files that replace those of the same path when that date is
//! run, so an example can carry more than one night. `push` and `load` take the same files to the cloud.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory};
use shared::{
    embedded::EmbeddedDynamo,
    id::BusinessDate,
    portfolio::{Portfolio, pointer},
};

/// Databases that the tables are spread over: enough that two threads seldom want the same one.
const DATABASES: usize = 8;

/// Loads the portfolio's tables into an embedded DynamoDB. A table without a file is not created: the collector
/// reports it as missing, as it would in the cloud.
///
/// # Errors
/// If a file cannot be read or a line of it is no item, naming file and line.
pub fn load_tables(
    folder: &Path,
    date: Option<BusinessDate>,
    portfolio: &Portfolio,
) -> anyhow::Result<EmbeddedDynamo> {
    let database =
        EmbeddedDynamo::memory_for_tables(DATABASES).context("failed to open the embedded database")?;
    let files = portfolio.sources.dynamodb.iter().filter_map(|source| {
        let kinds = ["ndjson", "csv"];
        let path = kinds
            .iter()
            .find_map(|kind| overlaid(folder, date, &source.table, kind))?;
        Some((source.table.as_str(), path))
    });
    let mut files: Vec<_> = files.collect();
    // The largest first: else it is what one thread ends with alone. Of several that are wrong the first in this order is told.
    let size = |path: &Path| path.metadata().map_or(0, |file| file.len());
    files.sort_by_cached_key(|(_, path)| Reverse(size(path)));
    let next = Mutex::new(files.into_iter().enumerate());
    let worker = || {
        loop {
            let Some((at, (table, path))) = next.lock().unwrap_or_else(PoisonError::into_inner).next() else {
                return Ok(());
            };
            let loaded = match path.extension() {
                Some(kind) if kind == "csv" => database.load_csv(table, &path),
                _ => database.load_ndjson(table, &path),
            };
            let loaded = loaded.with_context(|| format!("failed to load {}", path.display()));
            loaded.map_err(|error| (at, error))?;
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(worker);
        let this: Result<(), (usize, anyhow::Error)> = worker();
        let other = other
            .join()
            .expect("a panic of the other thread is this one's too");
        let failed = [this, other].into_iter().filter_map(Result::err);
        failed.min_by_key(|(at, _)| *at)
    })
    .map_or(Ok(database), |(_, first)| Err(first))
}

fn overlaid(folder: &Path, date: Option<BusinessDate>, table: &str, kind: &str) -> Option<PathBuf> {
    let file = format!("tables/{table}.{kind}");
    let mut bases = bases(folder, date);
    bases.reverse();
    bases
        .into_iter()
        .map(|base| base.join(&file))
        .find(|path| path.is_file())
}

/// The portfolio's folder, and the night's that overlays it.
fn bases(folder: &Path, date: Option<BusinessDate>) -> Vec<PathBuf> {
    let night = date.map(|date| folder.join("nights").join(date.to_string()));
    [Some(folder.to_owned()), night].into_iter().flatten().collect()
}

/// The folders that a portfolio's inputs are in: its handoffs' and its recorded inventory's.
pub fn folders(portfolio: &Portfolio) -> Vec<&str> {
    let sources = &portfolio.sources;
    let handoffs = sources.handoffs.as_ref().map(|h| h.path.as_str());
    let inventory = sources.inventory.as_ref().and_then(|i| i.recording());
    [handoffs, inventory].into_iter().flatten().collect()
}

/// The handoffs and the recorded inventory, by their keys below the portfolio's prefix of inputs.
///
/// # Errors
/// If a folder cannot be listed.
pub fn files(
    folder: &Path,
    date: Option<BusinessDate>,
    portfolio: &Portfolio,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for below in folders(portfolio) {
        for base in bases(folder, date) {
            let found = list(&base.join(below))?;
            files.extend(
                found
                    .into_iter()
                    .map(|(name, path)| (format!("{below}/{name}"), path)),
            );
        }
    }
    Ok(files)
}

/// The handoffs and the recorded inventory of a date as the object store that the collector reads.
///
/// # Errors
/// If a file cannot be read.
pub async fn input_store(
    folder: &Path,
    date: Option<BusinessDate>,
    portfolio: &Portfolio,
) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let store = InMemory::new();
    let prefix = pointer::inputs_prefix(&portfolio.id);
    for (key, path) in files(folder, date, portfolio)? {
        let bytes = std::fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
        let key = object_store::path::Path::from(format!("{prefix}/{key}"));
        store
            .put(&key, bytes.into())
            .await
            .context("failed to copy an input")?;
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
