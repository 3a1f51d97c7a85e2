//! A chunk as a Parquet file: every column nullable text, columns sorted by name, no trace of when or where it was made.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    datatypes::{DataType, Field, Schema},
};
use bytes::Bytes;
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::{EnabledStatistics, WriterProperties},
};

use super::chunk::{Chunk, Columns};

/// A file in memory.
#[derive(Debug)]
pub struct Encoded {
    /// The columns that any of its rows has, sorted.
    pub columns: Vec<String>,
    /// The file.
    pub bytes: Bytes,
}

/// Encodes a chunk that is not empty.
///
/// # Errors
/// What Parquet says; not expected for text.
pub fn encode(columns: &Columns, chunk: &Chunk) -> Result<Encoded, ParquetError> {
    let (names, position) = layout(columns, chunk);
    let mut builders: Vec<StringBuilder> = names.iter().map(|_| StringBuilder::with_capacity(0, 0)).collect();
    for row in 0..chunk.len() {
        for (column, text) in chunk.row(row) {
            let builder = &mut builders[position[column.index()]];
            pad(builder, row);
            builder.append_option(text);
        }
    }
    let arrays = builders.into_iter().map(|mut builder| {
        pad(&mut builder, chunk.len());
        Arc::new(builder.finish()) as ArrayRef
    });
    let fields: Vec<Field> = names
        .iter()
        .map(|name| Field::new(name, DataType::Utf8, true))
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect())?;

    let options = ArrowWriterOptions::new()
        .with_properties(properties()?)
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
    writer.write(&batch)?;
    Ok(Encoded {
        columns: names,
        bytes: writer.into_inner()?.into(),
    })
}

/// The sorted names of the columns in use, and for every column id its place among them.
fn layout(columns: &Columns, chunk: &Chunk) -> (Vec<String>, Vec<usize>) {
    const UNUSED: usize = usize::MAX;
    let mut position = vec![UNUSED; columns.count()];
    let mut used = Vec::new();
    for row in 0..chunk.len() {
        for (column, _) in chunk.row(row) {
            if position[column.index()] == UNUSED {
                position[column.index()] = 0;
                used.push(column);
            }
        }
    }
    used.sort_by(|a, b| columns.name(*a).cmp(columns.name(*b)));
    for (place, column) in used.iter().enumerate() {
        position[column.index()] = place;
    }
    (
        used.into_iter()
            .map(|column| columns.name(column).to_owned())
            .collect(),
        position,
    )
}

fn pad(builder: &mut StringBuilder, rows: usize) {
    use arrow::array::ArrayBuilder;
    builder.append_nulls(rows.saturating_sub(builder.len()));
}

fn properties() -> Result<WriterProperties, ParquetError> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        // Queries read whole columns of text through tolerant functions, so minima and maxima would prune nothing.
        .set_statistics_enabled(EnabledStatistics::None)
        // The library's default names its version: an upgrade would change every snapshot's digest.
        .set_created_by("quarterdeck".to_owned())
        .build())
}

#[cfg(test)]
mod tests;
