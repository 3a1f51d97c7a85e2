//! Makes the table's files of what was read: at once where it is one chunk, else by merging runs. What is written depends
//! on the items alone.

use shared::{
    manifest::{Namespace, TableManifest},
    portfolio::TableSource,
};

use super::{
    Stopped,
    progress::{Attempt, Checkpoint, Step},
    read::{Reading, store},
};
use crate::snapshot::{
    PartFolder, TableWriter,
    chunk::{Chunk, Columns},
    merge::{self, FAN_IN, Merge},
    runs::Run,
};

/// Writes the rows of the runs and of `rest`.
///
/// # Errors
/// Why it stopped; how far it came is saved.
pub(super) async fn write(
    source: &TableSource,
    reading: &Reading<'_>,
    attempt: &mut Attempt<'_>,
    checkpoint: &mut Checkpoint,
    columns: &Columns,
    mut rest: Chunk,
    folder: &PartFolder<'_>,
) -> Result<TableManifest, Stopped> {
    let keys = checkpoint.keys.len();
    let new = || folder.table(Namespace::Raw, &source.table);
    if checkpoint.runs.is_empty() && !rest.is_full() {
        rest.sort_by_leading_cells(keys);
        let mut table = new();
        table.write(columns, &rest).await?;
        return Ok(table.finish(&source.attributes));
    }
    if !rest.is_empty() {
        store(attempt, checkpoint, columns, &mut rest).await?;
    }
    drop(rest);
    while checkpoint.runs.len() > FAN_IN {
        reduce(reading, attempt, checkpoint).await?;
    }
    let (at, mut table) = match &checkpoint.step {
        Step::Writing { at, table } => (at.clone(), folder.resume(table.clone())),
        Step::Reading | Step::Reducing { .. } => (Vec::new(), new()),
    };
    let mut merge = Merge::open(&attempt.work, &checkpoint.runs, keys, &at).await?;
    while let Some(chunk) = merge.next_chunk().await? {
        table.write(columns, &chunk).await?;
        if reading.is_over() {
            let at = merge.positions();
            return Err(stop(attempt, checkpoint, written(at, &table)).await);
        }
    }
    Ok(table.finish(&source.attributes))
}

fn written(at: Vec<crate::snapshot::runs::Position>, table: &TableWriter<'_>) -> Step {
    let table = table.so_far();
    Step::Writing { at, table }
}

/// Makes some runs one.
async fn reduce(
    reading: &Reading<'_>,
    attempt: &mut Attempt<'_>,
    checkpoint: &mut Checkpoint,
) -> Result<(), Stopped> {
    let (at, mut into) = match &checkpoint.step {
        Step::Reducing { at, into } => (at.clone(), into.clone()),
        Step::Reading | Step::Writing { .. } => (
            Vec::new(),
            Run::above(&checkpoint.runs[merge::window(&checkpoint.runs)]),
        ),
    };
    let window = merge::window(&checkpoint.runs);
    let some = &checkpoint.runs[window.clone()];
    let mut merge = Merge::open(&attempt.work, some, checkpoint.keys.len(), &at).await?;
    while let Some(chunk) = merge.next_chunk().await? {
        into.files.push(attempt.work.put_rows(&chunk).await?);
        if reading.is_over() {
            let at = merge.positions();
            return Err(stop(attempt, checkpoint, Step::Reducing { at, into }).await);
        }
    }
    checkpoint.runs.splice(window, [into]);
    checkpoint.step = Step::Reading;
    attempt.save(checkpoint).await??;
    Ok(())
}

async fn stop(attempt: &mut Attempt<'_>, checkpoint: &mut Checkpoint, step: Step) -> Stopped {
    checkpoint.step = step;
    match attempt.save(checkpoint).await {
        Ok(Ok(())) => Stopped::Time,
        Ok(Err(overtaken)) => overtaken.into(),
        Err(error) => error.into(),
    }
}
