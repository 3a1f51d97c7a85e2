use super::*;

#[test]
fn a_null_cell_is_not_an_empty_one() {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    let (a, b) = (columns.id("a"), columns.id("b"));
    chunk.begin_row();
    chunk.text_cell(a, Some(""));
    chunk.text_cell(b, None);
    assert_eq!(chunk.row(0).collect::<Vec<_>>(), [(a, Some("")), (b, None)]);
}

#[test]
fn of_an_item_that_was_read_twice_the_last_reading_stands() {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    let (key, other) = (columns.id("key"), columns.id("other"));
    for (k, o) in [("b", "old"), ("a", "1"), ("b", "new")] {
        chunk.begin_row();
        chunk.text_cell(key, Some(k));
        chunk.text_cell(other, Some(o));
    }
    chunk.sort_by_leading_cells(1);
    let rows: Vec<_> = (0..chunk.len()).map(|r| chunk.row(r).nth(1).unwrap().1).collect();
    assert_eq!(rows, [Some("1"), Some("new")]);
}

#[test]
fn a_chunk_is_full_by_rows_by_bytes_and_by_places() {
    let full = |columns: usize, text: &str| {
        let (mut names, mut chunk) = (Columns::default(), Chunk::default());
        let ids: Vec<_> = (0..columns).map(|n| names.id(&n.to_string())).collect();
        while !chunk.is_full() {
            chunk.begin_row();
            chunk.text_cell(ids[chunk.len() % columns], Some(text));
        }
        chunk.len()
    };
    assert_eq!(full(1, "x"), MAX_ROWS);
    assert_eq!(full(1, &"x".repeat(400 * 1024)), 82);
    assert_eq!(full(1024, "x"), MAX_PLACES / 1024, "sparse rows of many columns");
}

#[test]
fn rows_are_ordered_by_their_key_cells_only() {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    let (key, other) = (columns.id("key"), columns.id("other"));
    for (k, o) in [("b", "1"), ("a", "2"), ("c", "0")] {
        chunk.begin_row();
        chunk.text_cell(key, Some(k));
        chunk.text_cell(other, Some(o));
    }
    chunk.sort_by_leading_cells(1);
    let others: Vec<_> = (0..3).map(|r| chunk.row(r).nth(1).unwrap().1.unwrap()).collect();
    assert_eq!(others, ["2", "1", "0"]);
}
