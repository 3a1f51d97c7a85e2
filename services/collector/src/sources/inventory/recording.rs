//! Replays a recorded inventory: `inventory/<table>.ndjson`, one flat JSON object a line. Start at [`collect`].
//!
//! A file without lines is a table that was read and is empty; no file is a table that was not read. A file or a line that cannot be read becomes a row of `inventory_gap`: nothing stops for it.

use object_store::ObjectStore;
use serde_json::Value;
use shared::{facts::SourceState, problem::nearest};

use super::{
    super::{Collected, Delivery, SourceError, objects},
    tables::{self, GAPS, Tables},
};
use crate::snapshot::PartFolder;

/// Reads the recording and writes its tables.
///
/// # Errors
/// [`SourceError::Later`] when the inputs may be readable at the next delivery, [`SourceError::Other`] when the snapshot
/// cannot be written.
pub async fn collect(
    path: &str,
    inputs: &dyn ObjectStore,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    let files = match objects::answer(objects::list(inputs, path).await, delivery)? {
        Ok(files) => files,
        Err(reason) => return Ok(objects::unlisted(reason)),
    };
    if files.is_empty() {
        return Ok(Collected {
            state: SourceState::Missing,
            reason: Some(format!(
                "there is no recorded inventory below {}/: record one with `quarterdeck record`, or take the \
                 inventory out of portfolio.toml",
                path
            )),
            tables: Vec::new(),
        });
    }
    let mut recording = Recording::default();
    for file in files {
        let table = match table_of(&file.name) {
            Ok(table) => table,
            Err(problem) => {
                recording.gap(&file.name, None, &problem);
                continue;
            }
        };
        match objects::answer(file.read(inputs).await, delivery)? {
            Ok(bytes) => recording.read(table, &file.name, &bytes),
            Err(reason) => recording.gap(&file.name, None, &reason),
        }
    }
    Ok(recording.0.write(folder).await?)
}

/// The table that a file records.
fn table_of(file: &str) -> Result<&'static str, String> {
    let name = file
        .strip_suffix(".ndjson")
        .ok_or("not read: a recording is a file <table>.ndjson")?;
    let mut tables = tables::names();
    if let Some(table) = tables.clone().find(|table| *table == name) {
        return Ok(table);
    }
    let near = nearest(name, &mut tables);
    let hint = near
        .map(|table| format!("; did you mean {table}.ndjson?"))
        .unwrap_or_default();
    Err(format!("not read: no collected table has that name{hint}"))
}

/// What was read so far.
#[derive(Debug, Default)]
struct Recording(Tables);

impl Recording {
    fn read(&mut self, table: &'static str, file: &str, bytes: &[u8]) {
        self.0.read(table);
        for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<Value>(line) {
                Ok(Value::Object(row)) => self.0.row(
                    table,
                    row.iter().map(|(name, value)| (name.as_str(), text(value))),
                ),
                Ok(_) => self.gap(file, Some(n + 1), "the line is no JSON object"),
                Err(error) => self.gap(file, Some(n + 1), &format!("the line is no JSON: {error}")),
            }
        }
    }

    fn gap(&mut self, file: &str, line: Option<usize>, error: &str) {
        let at = line
            .map(|line| format!("{file}:{line}"))
            .unwrap_or_else(|| file.to_owned());
        let service = file.strip_suffix(".ndjson").unwrap_or(file);
        let cells = [("service", service), ("operation", at.as_str()), ("error", error)];
        self.0
            .row(GAPS, cells.map(|(name, text)| (name, Some(text.to_owned()))));
    }
}

/// A value as text; nested ones as JSON.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
