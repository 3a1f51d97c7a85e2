//! A DynamoDB table as it stands: every attribute a text column, every item a row. Start at [`collect`].
//!
//! A scan answers in the order of a hash, page by page. Rows are ordered by the table's key, which is unique, so the
//! same items give the same bytes whatever order they came in; sets and maps are sorted for the same reason. What an
//! error leaves half read is discarded: a part of a table is no table.

pub mod item;
pub mod pages;

use shared::{facts::SourceState, manifest::Namespace, portfolio::TableSource};

use self::pages::{Item, Pages, ReadError};
use super::{Collected, Delivery, SourceError};
use crate::snapshot::{
    PartFolder,
    chunk::{Chunk, Columns},
    sorter::{Sorted, Sorter},
};

/// Reads a table to its end and writes it.
///
/// # Errors
/// [`SourceError::Later`] when the table may be readable at the next delivery; otherwise only what the snapshot's
/// store says. A table that is missing or refused is no error: it is the answer.
pub async fn collect(
    source: &TableSource,
    pages: &mut dyn Pages,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    let mut columns = Columns::default();
    match read(pages, &mut columns).await {
        Ok(sorted) => write(source, &columns, sorted, folder).await,
        Err(Stopped::Read(ReadError::Transient(reason))) if !delivery.is_last() => Err(SourceError::Later(
            format!("table {} cannot be read now: {reason}", source.table),
        )),
        Err(Stopped::Read(error)) => Ok(unreadable(source, &error)),
        Err(Stopped::Type(error)) => Ok(failed(source, &error.to_string())),
        Err(Stopped::Spill(error)) => Err(SourceError::Other(error.into())),
    }
}

enum Stopped {
    Read(ReadError),
    Type(item::UnknownType),
    Spill(std::io::Error),
}
impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Spill(error)
    }
}

async fn read(pages: &mut dyn Pages, columns: &mut Columns) -> Result<Sorted, Stopped> {
    let keys = pages.keys().await?;
    let mut sorter = Sorter::by_leading_cells(keys.len());
    let mut chunk = Chunk::default();
    while let Some(items) = pages.next().await? {
        for item in items {
            append(&mut chunk, columns, &keys, &item).map_err(Stopped::Type)?;
            if chunk.is_full() {
                sorter.spill(&mut chunk)?;
            }
        }
    }
    Ok(sorter.finish(chunk)?)
}

/// The key first, for the sorter; the other attributes in any order, since a file's columns are sorted.
fn append(
    chunk: &mut Chunk,
    columns: &mut Columns,
    keys: &[String],
    item: &Item,
) -> Result<(), item::UnknownType> {
    chunk.begin_row();
    for key in keys {
        match item.get(key) {
            Some(value) => chunk.cell(columns.id(key), |out| item::write_cell(value, out))?,
            None => chunk.text_cell(columns.id(key), None),
        }
    }
    for (name, value) in item.iter().filter(|(name, _)| !keys.contains(name)) {
        chunk.cell(columns.id(name), |out| item::write_cell(value, out))?;
    }
    Ok(())
}

async fn write(
    source: &TableSource,
    columns: &Columns,
    mut sorted: Sorted,
    folder: &PartFolder<'_>,
) -> Result<Collected, SourceError> {
    let mut table = folder.table(Namespace::Raw, &source.table);
    while let Some(chunk) = sorted.next_chunk().map_err(|e| SourceError::Other(e.into()))? {
        table.write(columns, &chunk).await?;
    }
    let table = table.finish(&source.attributes);
    if !table.files.is_empty() {
        return Ok(Collected::ok(vec![table]));
    }
    let reason = format!("table {} is there and has no items", source.table);
    Ok(Collected {
        state: SourceState::Empty,
        reason: Some(reason),
        tables: vec![table],
    })
}

/// What is not known has no table, not even an empty one: what reads it must fail by name.
fn unreadable(source: &TableSource, error: &ReadError) -> Collected {
    let table = &source.table;
    match error {
        ReadError::Missing => Collected {
            state: SourceState::Missing,
            reason: Some(format!(
                "table {table} does not exist in this account and region: create it, or correct its name in \
                 portfolio.toml (for a local run, put its items into tables/{table}.ndjson or .csv)"
            )),
            tables: Vec::new(),
        },
        ReadError::Refused { code, .. } if code == "AccessDeniedException" => {
            let advice = "allow the collector dynamodb:DescribeTable and dynamodb:Scan on it";
            failed(source, &format!("{error}; {advice}"))
        }
        ReadError::Refused { .. } | ReadError::Transient(_) => failed(source, &error.to_string()),
    }
}

fn failed(source: &TableSource, why: &str) -> Collected {
    let reason = format!(
        "table {} could not be read to its end, and what was read of it is discarded: {why}",
        source.table
    );
    Collected {
        state: SourceState::Failed,
        reason: Some(reason),
        tables: Vec::new(),
    }
}

#[cfg(test)]
mod item_fuzz;
#[cfg(test)]
mod tests;
