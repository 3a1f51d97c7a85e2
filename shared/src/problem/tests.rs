use super::*;

#[test]
fn columns_count_characters_not_bytes() {
    let text = "a = 1\nß = \"é\" # x";
    let at = text.find('x').unwrap();
    let problem = Problem::error("c", "f.toml", "m").at(text, at..at + 1);
    assert_eq!((problem.line, problem.column), (2, 11));
}

#[test]
fn a_span_outside_the_text_or_inside_a_character_is_narrowed() {
    let problem = Problem::error("c", "f", "m").at("é", 1..9);
    assert_eq!((problem.span, problem.line, problem.column), (Some(0..2), 1, 1));
}

#[test]
fn a_line_is_marked_without_its_indentation() {
    let problem = Problem::error("c", "f", "m").at_line("a\n  bc \nd", 2);
    assert_eq!((problem.span, problem.column), (Some(4..6), 3));
}

#[test]
fn one_line_says_where_what_and_what_to_do() {
    let problem = Problem::error("bad-zone", "portfolio.toml", "no zone")
        .at("x", 0..1)
        .suggest("write UTC");
    assert_eq!(
        problem.to_string(),
        "portfolio.toml:1:1: error[bad-zone]: no zone; write UTC"
    );
    let whole = Problem::warning("empty", "a.sql", "nothing in it");
    assert_eq!(whole.to_string(), "a.sql: warning[empty]: nothing in it");
}
