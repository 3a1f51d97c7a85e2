use super::*;

#[test]
fn bars_at_the_ends_are_optional_and_escaped_ones_are_text() {
    assert_eq!(split("| a | b |"), ["a", "b"]);
    assert_eq!(split("a|b"), ["a", "b"]);
    assert_eq!(split("| a | |"), ["a", ""]);
    assert_eq!(split(r"| a \| b | c\\|"), ["a | b", r"c\\"]);
}

#[test]
fn cells_beyond_the_header_are_kept_and_ragged_rows_are_said() {
    let lines = [
        "| client | paid",
        "|---|---|",
        "| `a` | **yes** | since May",
        "| b",
    ];
    let table = read(10, &lines, 2, Some("financials"));
    let cells: Vec<_> = table
        .cells
        .iter()
        .map(|c| (c.line, c.row_no, c.header.as_str(), c.value.as_str()))
        .collect();
    let expected = [
        (12, 1, "client", "a"),
        (12, 1, "paid", "yes"),
        (12, 1, "column 3", "since May"),
        (13, 2, "client", "b"),
    ];
    assert_eq!(cells, expected);
    let lints: Vec<_> = table.lints.iter().map(|lint| (lint.line, lint.code)).collect();
    assert_eq!(lints, [(12, Code::TableRagged), (13, Code::TableRagged)]);
}

#[test]
fn a_table_that_markdown_does_not_see_is_read_and_said() {
    let lines = ["| domain | where", "|--|--|--|", "| a | b | c |"];
    assert!(looks_like_one(&lines));
    assert_eq!(read(1, &lines, 1, None).lints[0].code, Code::TableDelimiter);
    assert!(!looks_like_one(&["a | b", "text | text"]));
    assert!(!looks_like_one(&["Heading", "---"]));
}
