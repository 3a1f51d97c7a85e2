//! Tables and JSON on standard output.

use std::{
    fmt::Display,
    io::{ErrorKind, IsTerminal, Write},
};

use anyhow::Context;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

/// Whether to colour standard output: a terminal, and `NO_COLOR` is not set.
pub fn color() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Who read our output has closed it: nothing is wrong, and there is nobody left to tell.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub struct Closed;

/// A line on standard output.
///
/// # Errors
/// [`Closed`] if its reader is gone (`| head`); otherwise why it cannot be written, such as a full disk.
pub fn say(line: impl Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        Err(e) => Err(e).context("failed to write to standard output"),
    }
}

/// A table without rules; `right` names the columns of numbers.
pub fn table(header: &[&str], rows: Vec<Vec<String>>, right: &[usize]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for &index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A query's answer as a table: columns that hold a number stand to the right, text without its quotes.
pub fn answer(columns: &[String], rows: &[Vec<Value>]) -> String {
    let right: Vec<usize> = (0..columns.len())
        .filter(|&at| rows.iter().any(|row| row[at].is_number()))
        .collect();
    let header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let cells = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    table(&header, cells, &right)
}

/// A JSON value as a cell of a table.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Pretty JSON.
///
/// # Errors
/// If the value cannot be serialised, or as [`say`].
pub fn json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    say(serde_json::to_string_pretty(value)?)
}
