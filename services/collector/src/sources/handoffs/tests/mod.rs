//! Whole files, from bytes to rows. [`drops`] and [`kinds`] have what is odd in them, [`fuzz`] what nobody would write.

use bytes::Bytes;
use proptest::prelude::*;

use super::{
    document::{Document, Status},
    entities::Entities,
    read::{Read, Reader},
};
use crate::sources::objects::Content;

mod drops;
mod fuzz;
mod kinds;
mod nesting;

fn entities() -> Entities {
    Entities::for_tests(&[("jada", "JADA"), ("qos", "QueenofSanDiego")])
}
fn reader(entities: &Entities) -> Reader<'_> {
    Reader {
        entities,
        as_of: "2026-11-20".parse().unwrap(),
        stale_after_days: 90,
    }
}
fn read_bytes(name: &str, bytes: impl Into<Bytes>) -> Read {
    reader(&entities()).read(name, Ok(Content::Whole(bytes.into())))
}
fn read(text: &str) -> Document {
    match read_bytes("jada.md", text.to_owned()) {
        Read::Document(document) => document,
        Read::Unreadable(document) => panic!("unreadable: {document:?}"),
    }
}
fn codes(document: &Document) -> Vec<(usize, &str)> {
    document
        .lints
        .iter()
        .map(|lint| (lint.line, lint.code.as_str()))
        .collect()
}

const HANDOFF: &str = "\
---
title: JADA
owner: ceo
updated: 2026-11-19
---
# JADA

## FINANCIALS
| item | per month |
|---|---|
| slip | $2,150 |

### Cash
- **Floor**: $15,000

# channels
- [ ] list on Sailo [owner:: cmo]
- [x] photos

Deploys
-------
2026-11-18T14:02 api v3
not dated
";

#[test]
fn a_handoff_is_read_with_sections_and_lines() {
    let document = read(HANDOFF);
    assert_eq!((document.title.as_str(), document.status), ("JADA", Status::Ok));
    assert_eq!(document.entity.as_deref(), Some("jada"));
    let sections: Vec<_> = document
        .sections
        .iter()
        .map(|s| (s.line, s.level, s.section.as_str()))
        .collect();
    let expected = [
        (6, 1, "jada"),
        (8, 2, "financials"),
        (13, 3, "financials"),
        (16, 1, "channels"),
        (20, 2, "deploy log"),
    ];
    assert_eq!(sections, expected);
    let cells: Vec<_> = document
        .cells
        .iter()
        .map(|c| (c.line, c.header.as_str(), c.value.as_str()))
        .collect();
    assert_eq!(cells, [(11, "item", "slip"), (11, "per month", "$2,150")]);
    let tasks: Vec<_> = document
        .tasks
        .iter()
        .map(|t| (t.line, t.title.as_str(), t.done))
        .collect();
    assert_eq!(tasks, [(17, "list on Sailo", false), (18, "photos", true)]);
    assert_eq!(
        (document.deploys[0].line, document.deploys[0].what.as_str()),
        (22, "api v3")
    );
    let facts: Vec<_> = document
        .facts
        .iter()
        .map(|f| (f.line, f.key.as_str(), f.value.as_str()))
        .collect();
    assert!(
        facts.contains(&(14, "Floor", "$15,000")) && facts.contains(&(23, "note", "not dated")),
        "{facts:?}"
    );
    assert_eq!(codes(&document), []);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    let windows = format!("\u{feff}{}", HANDOFF.replace('\n', "\r\n"));
    let mut document = read(&windows);
    let plain = read(HANDOFF);
    (document.bytes, document.sha256) = (plain.bytes, plain.sha256.clone());
    assert_eq!(document, plain);
}

#[test]
fn a_file_that_is_not_quite_utf8_is_read_and_says_which_lines() {
    let bytes = b"---\nentity: qos\nupdated: 2026-11-19\n---\n\n- caf\xe9: open\n- [ ] paint [owner:: ceo]\n"
        .to_vec();
    let Read::Document(document) = read_bytes("guest-pages.md", bytes) else {
        panic!("unreadable")
    };
    assert_eq!(
        (document.entity.as_deref(), document.status),
        (Some("qos"), Status::Damaged)
    );
    assert_eq!(codes(&document), [(6, "file.not_utf8")]);
    assert!(document.lints[0].message.contains("0xe9"));
    assert_eq!(document.tasks[0].title, "paint");
    assert!(
        document.facts.iter().any(|fact| fact.key == "caf\u{fffd}"),
        "{:?}",
        document.facts
    );
}

#[test]
fn what_is_no_text_is_unreadable_and_still_somebodys() {
    let mut bytes = b"---\nentity: qos\n---\n".to_vec();
    bytes.extend([0; 9000]);
    let Read::Unreadable(document) = read_bytes("x.md", bytes) else {
        panic!("read")
    };
    assert_eq!(
        (document.entity.as_deref(), document.status),
        (Some("qos"), Status::Unreadable)
    );
    assert_eq!(
        (codes(&document), document.bytes),
        (vec![(4, "file.binary")], Some(9020))
    );
}

#[test]
fn what_is_odd_is_said_with_its_line() {
    let text = "\
---
entity: jadda
updated: some day
- list
---
## Finacials
| a | b |
|---|---|
| 1 |

- [ ] x [owner:: ceo]
- a note among tasks

## Deploy log
- rolled back

```
- [ ] not a task
";
    let expected = [
        (2, "file.unknown_entity"),
        (3, "file.bad_date"),
        (4, "front_matter.line"),
        (6, "heading.unknown"),
        (9, "table.ragged"),
        (12, "task.no_box"),
        (15, "deploy.no_time"),
        (17, "code.open"),
    ];
    assert_eq!(codes(&read(text)), expected);
}

#[test]
fn age_and_owner_of_a_file_are_judged() {
    let stale = read("---\nupdated: 11/16/2024\n---\ntext");
    assert_eq!(
        (stale.status, codes(&stale)),
        (Status::Stale, vec![(2, "file.stale")])
    );
    let said = read("_Last updated: 2026-11-01 by the crew_\n");
    assert_eq!(
        (said.updated_on.as_deref(), codes(&said)),
        (Some("2026-11-01"), vec![])
    );
    assert_eq!(codes(&read("text")), [(1, "file.no_date")]);
    let empty = read(" \n");
    assert_eq!(
        (empty.status, codes(&empty)),
        (Status::Empty, vec![(1, "file.empty")])
    );
    let Read::Document(stranger) = read_bytes("old-domains.md", "updated: 2026-11-01") else {
        panic!("unreadable")
    };
    assert_eq!(codes(&stranger), [(1, "file.no_entity")]);
}

#[test]
fn a_badly_indented_task_is_no_text_of_the_one_above() {
    let document =
        read("updated: 2026-11-01\n\n- [ ] a [owner:: x]\n        - [ ] b [owner:: x]\n-[ ] c [owner:: x]\n");
    let titles: Vec<_> = document
        .tasks
        .iter()
        .map(|task| (task.line, task.title.as_str()))
        .collect();
    assert_eq!(titles, [(3, "a"), (4, "b"), (5, "c")]);
}

#[test]
fn a_deploy_log_may_be_a_table_or_code() {
    let log = "updated: 2026-11-01\n# Deploys\n| What | When |\n|---|---|\n| api | 2026-11-02 10:00 |\n\n```\n2026-11-03 11:00 web\n```\n";
    let document = read(log);
    let deploys: Vec<_> = document
        .deploys
        .iter()
        .map(|d| (d.line, d.at.as_str(), d.what.as_str()))
        .collect();
    assert_eq!(
        deploys,
        [(5, "2026-11-02 10:00", "api"), (8, "2026-11-03 11:00", "web")]
    );
}

/// A line that its author meant as a task.
fn task_line() -> impl Strategy<Value = String> {
    let marker = prop::sample::select(vec!["- ", "* ", "+ ", "-", "1. ", "2) ", "> - "]);
    let mark = prop::sample::select(vec!["[ ]", "[x]", "[X]", "[]", "[?]", "[-]"]);
    let title = prop::sample::select(vec![
        " pay",
        " `code",
        " <b> *x",
        ": odd",
        " a | b",
        "",
        " [owner:: cmo]",
        " [due:: soon] [",
        " **bold",
        " \\",
        "\t<!--x",
    ]);
    (0..9_usize, marker, mark, title)
        .prop_map(|(indent, marker, mark, title)| format!("{}{marker}{mark}{title}", " ".repeat(indent)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_line_of_a_task_list_is_a_task_or_is_said(
        before in prop::sample::select(vec!["# Tasks\n", "", "text\n", "> quote\n", "<div>\n", "| a | b |\n|---|---|\n", "1. x\n\n"]),
        lines in prop::collection::vec(task_line(), 1..12),
    ) {
        let document = read(&format!("{before}{}\n", lines.join("\n")));
        for n in 1..=lines.len() {
            let line = n + before.lines().count();
            let known = document.tasks.iter().any(|task| task.line == line)
                || document.lints.iter().any(|lint| lint.line == line);
            prop_assert!(known, "line {line} of {lines:?} is neither: {document:?}");
        }
    }

    #[test]
    fn no_markdown_stops_the_reader(text in "([-*#>|`~+:\\[\\] x\n1.<!\t\\\\é]|---\n|- \\[ \\] |\\| a |```\n|\\[due:: ){0,120}") {
        let document = read(&text);
        let lines = text.replace('\r', "\n").lines().count().max(1);
        for lint in &document.lints {
            prop_assert!((1..=lines).contains(&lint.line), "{lint:?} of {lines} lines");
        }
    }
}
