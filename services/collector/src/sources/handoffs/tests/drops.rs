//! What people write and a Markdown parser does not see: it is read all the same, or it is said.

use super::*;

const DATED: &str = "updated: 2026-11-01\n\n";

fn dated(text: &str) -> Document {
    read(&format!("{DATED}{text}"))
}
fn facts(document: &Document) -> Vec<(usize, &str, &str)> {
    document
        .facts
        .iter()
        .skip(1)
        .map(|fact| (fact.line, fact.key.as_str(), fact.value.as_str()))
        .collect()
}

#[test]
fn link_definitions_and_footnotes_are_kept_with_their_section() {
    let document = dated("# Risks\n[owner]: ceo\n\n# People\ntext[^1]\n\n[^1]: only in June\n");
    let expected = [
        (4, "[owner]", "ceo"),
        (7, "note", "text[^1]"),
        (9, "note", "[^1]: only in June"),
    ];
    assert_eq!(facts(&document), expected);
    let sections: Vec<_> = document
        .facts
        .iter()
        .skip(1)
        .map(|f| f.section.as_deref())
        .collect();
    assert_eq!(sections, [Some("risks"), Some("people"), Some("people")]);
}

#[test]
fn a_comment_hides_itself_and_nothing_behind_it() {
    let document = dated("<!-- a --> MRR: $5 <!-- b -->\n\n<!--\n- [ ] old\n--> - [ ] new [owner:: ceo]\n");
    assert_eq!(facts(&document), [(3, "MRR", "$5")]);
    let tasks: Vec<_> = document
        .tasks
        .iter()
        .map(|t| (t.line, t.title.as_str()))
        .collect();
    assert_eq!(tasks, [(7, "new")]);
    assert_eq!(codes(&document), []);
    let open = dated("<!-- a\nMRR: $5\n");
    assert_eq!(codes(&open), [(3, "comment.open")]);
}

#[test]
fn a_sloppy_heading_opens_its_section() {
    let document =
        dated("##Risks\nFlood: likely\n\n**Next steps**\n\n- [ ] x [owner:: ceo]\n\n#boats are fun\n");
    let sections: Vec<_> = document
        .sections
        .iter()
        .map(|s| (s.line, s.level, s.section.as_str()))
        .collect();
    assert_eq!(sections, [(3, 2, "risks"), (6, 6, "tasks")]);
    assert_eq!(codes(&document), [(3, "heading.form"), (6, "heading.form")]);
    assert_eq!(document.tasks[0].section.as_deref(), Some("tasks"));
    assert_eq!(facts(&document)[0], (4, "Flood", "likely"));
}

#[test]
fn a_table_without_rows_is_said_and_a_missing_cell_is_named() {
    let document = dated("| a | b |\n|---|---|\n\ntext\n\n| a | revenue |\n|---|---|\n| 1 |\n");
    assert_eq!(codes(&document), [(3, "table.empty"), (10, "table.ragged")]);
    assert!(
        document.lints[1].message.contains("revenue"),
        "{:?}",
        document.lints[1]
    );
}

#[test]
fn a_table_below_a_link_definition_is_read_from_its_own_first_line() {
    let document = dated("[a]: b\n---\n| item | paid |\n|---|---|\n| slip | $5 |\n");
    let cells: Vec<_> = document
        .cells
        .iter()
        .map(|c| (c.line, c.header.as_str(), c.value.as_str()))
        .collect();
    assert_eq!(cells, [(7, "item", "slip"), (7, "paid", "$5")]);
    assert_eq!(facts(&document), [(3, "[a]", "b")]);
}

#[test]
fn nested_tasks_know_the_task_that_they_are_part_of() {
    let text = "- [ ] list [owner:: cmo]\n  - [x] photos\n    1. [ ] crop [owner:: cmo]\n  - a note\n    - [ ] price [owner:: ceo]\n- [ ] other [owner:: cmo]\n";
    let document = dated(text);
    let tasks: Vec<_> = document
        .tasks
        .iter()
        .map(|t| (t.line, t.title.as_str(), t.parent_line))
        .collect();
    let expected = [
        (3, "list", None),
        (4, "photos", Some(3)),
        (5, "crop", Some(4)),
        (7, "price", Some(3)),
        (8, "other", None),
    ];
    assert_eq!(tasks, expected);
}

#[test]
fn a_dated_heading_dates_the_entries_below_it() {
    let text = "## Deploy log\n### 2026-11-18\n- api v3\n  - with the new gallery\n- 2026-11-17 web\n### 2026-11-16 10:00 v2\n- fixed the menu\n### Notes\n- no date\n## Risks\n### 2026-01-01\n- x\n";
    let document = dated(text);
    let deploys: Vec<_> = document
        .deploys
        .iter()
        .map(|d| (d.line, d.at.as_str(), d.what.as_str()))
        .collect();
    let expected = [
        (5, "2026-11-18", "api v3"),
        (7, "2026-11-17", "web"),
        (8, "2026-11-16 10:00", "v2"),
    ];
    assert_eq!(deploys, expected);
    assert_eq!(codes(&document), [(11, "deploy.no_time")]);
    let notes: Vec<_> = facts(&document)
        .iter()
        .map(|(line, _, text)| (*line, *text))
        .collect();
    assert_eq!(
        notes,
        [
            (6, "with the new gallery"),
            (9, "fixed the menu"),
            (11, "no date"),
            (14, "x")
        ]
    );
}

#[test]
fn the_date_of_the_last_update_is_said_where_it_stands() {
    let document = read("# JADA\n\nLast updated: 2024-01-01\n");
    assert_eq!(codes(&document), [(3, "file.stale")]);
    let ahead = read("---\nupdated: 2062-11-01\n---\ntext");
    assert_eq!(codes(&ahead), [(2, "file.future")]);
}

#[test]
fn what_is_written_once_is_not_kept_a_thousand_times() {
    let long = "x".repeat(10_000);
    let document = dated(&format!("# {long}\n- a\n- b\n\n| {long} |\n|---|\n| 1 |\n"));
    assert_eq!(document.sections[0].heading, long, "the heading itself is whole");
    assert_eq!(codes(&document), [(3, "heading.long"), (7, "table.header")]);
    for section in document.facts.iter().skip(1).map(|fact| fact.section.as_deref()) {
        assert_eq!(section.map(|name| name.chars().count()), Some(101));
    }
    assert_eq!(document.cells[0].header.chars().count(), 101);
}
