use arrow::array::{Array, AsArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

fn ragged() -> (Columns, Chunk) {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    for row in [
        &[("zeta", "1"), ("alpha", "x")][..],
        &[("mid", "")],
        &[("alpha", "y")],
    ] {
        chunk.begin_row();
        for (name, text) in row {
            chunk.text_cell(columns.id(name), Some(text));
        }
    }
    (columns, chunk)
}

#[test]
fn ragged_rows_become_sorted_nullable_columns() {
    let (columns, chunk) = ragged();
    let file = encode(&columns, &chunk).unwrap();
    assert_eq!(file.columns, ["alpha", "mid", "zeta"]);
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file.bytes)
        .unwrap()
        .build()
        .unwrap();
    let batch = reader.next().unwrap().unwrap();
    let alpha = batch.column_by_name("alpha").unwrap().as_string::<i32>();
    assert_eq!(alpha.iter().collect::<Vec<_>>(), [Some("x"), None, Some("y")]);
    let mid = batch.column_by_name("mid").unwrap().as_string::<i32>();
    assert_eq!(mid.value(1), "", "an empty text is not null");
    assert_eq!(mid.null_count(), 2);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let ((columns, chunk), (others, other)) = (ragged(), ragged());
    assert_eq!(
        encode(&columns, &chunk).unwrap().bytes,
        encode(&others, &other).unwrap().bytes
    );
}
