//! A DynamoDB table as it stands: every attribute a text column, every item a row. Start at [`collect`].
//!
//! [`pages`] is the port, with [`live`] (a scan, or queries of an index) and [`export`] behind it; [`read`] reads it within
//! a [`budget`] and keeps what is read as [`progress`]; [`write`] orders it. Rows are ordered by the table's key, which is
//! unique, so the same items give the same bytes whatever order, splits and deliveries they came in; sets and maps are
//! sorted for the same reason. What an error leaves half read for good is discarded: a part of a table is no table.

pub mod budget;
mod elsewhere;
pub mod export;
pub mod item;
mod json;
pub mod live;
pub mod pages;
pub mod progress;
mod read;
mod write;

use std::sync::Mutex;

use jiff::Timestamp;
use shared::{facts::SourceState, manifest::TableManifest, portfolio::TableSource};

pub use self::elsewhere::{Accounts, Elsewhere};
use self::{
    budget::{Budget, Timer},
    pages::{Pages, ReadError},
    progress::{Attempt, Checkpoint, Overtaken, Progress},
    read::{MAX_COLUMNS, Reading},
};
use super::{Answer, Collected, Delivery, SourceError};
use crate::snapshot::{PartFolder, chunk::Columns};

/// What a table is read with, and until when.
pub struct Means<'a> {
    /// Where its items come from.
    pub pages: &'a dyn Pages,
    /// Where its progress is kept.
    pub progress: &'a Progress,
    /// What waits.
    pub timer: &'a dyn Timer,
    /// When to stop and go on with another delivery; none is never.
    pub ends: Option<Timestamp>,
}

/// Reads a table to its end and writes it, or as much of it as the time allows.
///
/// # Errors
/// [`SourceError::Unfinished`] when the time is over and the part is to be gone on with at once; [`SourceError::Later`] when
/// the table may be readable at the next delivery; otherwise only what ledger and store say. A table that is missing or
/// refused is no error: it is the answer.
pub async fn collect(
    source: &TableSource,
    means: &Means<'_>,
    folder: &PartFolder<'_>,
) -> Result<Answer, SourceError> {
    let (mut attempt, saved) = means.progress.begin().await?;
    let is_gone_on_with = saved.is_some();
    let collected = match table(source, means, folder, &mut attempt, saved).await {
        Ok(table) => collected(source, table),
        Err(stopped) => answer(source, stopped, attempt.without_progress)?,
    };
    let work = Some(attempt.work).filter(|work| is_gone_on_with || work.has_objects());
    Ok(Answer { collected, work })
}

/// Why a table was not read to its end.
#[derive(Debug)]
enum Stopped {
    Read(ReadError),
    /// It was there, and is no more.
    Deleted,
    /// A page's end came twice.
    Repeats,
    Type(item::UnknownType),
    Columns,
    /// The invocation is about to end.
    Time,
    Overtaken,
    Other(anyhow::Error),
}

impl Stopped {
    /// Whether what was read is of use to another delivery.
    fn is_to_be_gone_on_with(&self) -> bool {
        matches!(
            self,
            Self::Time | Self::Read(ReadError::Transient(_) | ReadError::Throttled(_))
        )
    }
}
impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
impl From<item::UnknownType> for Stopped {
    fn from(error: item::UnknownType) -> Self {
        Self::Type(error)
    }
}
impl From<Overtaken> for Stopped {
    fn from(_: Overtaken) -> Self {
        Self::Overtaken
    }
}
impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

async fn table(
    source: &TableSource,
    means: &Means<'_>,
    folder: &PartFolder<'_>,
    attempt: &mut Attempt<'_>,
    saved: Option<Checkpoint>,
) -> Result<TableManifest, Stopped> {
    let is_gone_on_with = saved.is_some();
    let description = means.pages.describe().await.map_err(|error| match error {
        ReadError::Missing if is_gone_on_with => Stopped::Deleted,
        error => Stopped::Read(error),
    })?;
    let mut checkpoint = match saved {
        Some(saved) if saved.is_of(&description) => {
            tracing::info!(
                runs = saved.runs.len(),
                "an earlier delivery has read some of this table"
            );
            saved
        }
        Some(_) => {
            tracing::warn!(
                "the table was made anew since an earlier delivery, it is read from its beginning"
            );
            Checkpoint::new(&description)
        }
        None => Checkpoint::new(&description),
    };
    let mut columns = Columns::from_names(checkpoint.columns.clone());
    let now = means.timer.now();
    let budget = Budget::new(source.read_units_per_second, description.provisioned, now);
    let reading = Reading {
        pages: means.pages,
        budget: Mutex::new(budget),
        timer: means.timer,
        ends: means.ends,
    };
    let read = reading.read(attempt, &mut checkpoint, &mut columns).await;
    let rest = read.map_err(|stopped| match stopped {
        Stopped::Read(ReadError::Missing) => Stopped::Deleted,
        stopped => stopped,
    })?;
    tracing::info!(
        splits = checkpoint.splits.len(),
        runs = checkpoint.runs.len(),
        units = reading.consumed(),
        "table read"
    );
    write::write(source, &reading, attempt, &mut checkpoint, &columns, rest, folder).await
}

fn collected(source: &TableSource, table: TableManifest) -> Collected {
    if !table.files.is_empty() {
        return Collected::ok(vec![table]);
    }
    let reason = format!("table {} is there and has no items", source.table);
    Collected {
        state: SourceState::Empty,
        reason: Some(reason),
        tables: vec![table],
    }
}

/// What is not known has no table, not even an empty one: what reads it must fail by name.
fn answer(source: &TableSource, stopped: Stopped, without_progress: u32) -> Result<Collected, SourceError> {
    let table = &source.table;
    let is_patient = without_progress < Delivery::PATIENCE;
    match stopped {
        Stopped::Other(error) => Err(SourceError::Other(error)),
        Stopped::Time => Err(SourceError::Unfinished(format!(
            "table {table} takes more than one invocation"
        ))),
        Stopped::Overtaken => Err(SourceError::Later(format!(
            "another delivery reads table {table}"
        ))),
        Stopped::Read(ReadError::Transient(reason) | ReadError::Throttled(reason)) if is_patient => Err(
            SourceError::Later(format!("table {table} cannot be read now: {reason}")),
        ),
        Stopped::Read(ReadError::Missing) => Ok(missing(format!(
            "table {table} does not exist in this account and region: create it, or correct its name in \
             portfolio.toml (for a local run, put its items into tables/{table}.ndjson or .csv)"
        ))),
        Stopped::Deleted => Ok(missing(format!(
            "table {table} was deleted while it was read, and what was read of it is discarded: create it again, or take it \
             out of portfolio.toml"
        ))),
        Stopped::Read(ReadError::Refused { code, message }) if code == "AccessDeniedException" => {
            let advice = "allow the collector dynamodb:DescribeTable, dynamodb:Scan and, for its indexes, dynamodb:Query on it";
            Ok(failed(source, &format!("{code}: {message}; {advice}")))
        }
        Stopped::Read(error) => Ok(failed(source, &error.to_string())),
        Stopped::Repeats => Ok(failed(
            source,
            "the service gave the end of one page for another, so there is no telling where the table ends",
        )),
        Stopped::Type(error) => Ok(failed(source, &error.to_string())),
        Stopped::Columns => Ok(failed(
            source,
            &format!(
                "its items have more than {MAX_COLUMNS} different attributes; name those that are wanted in `project`"
            ),
        )),
    }
}

fn missing(reason: String) -> Collected {
    Collected {
        state: SourceState::Missing,
        reason: Some(reason),
        tables: Vec::new(),
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
