//! docs/TABLES.md is made here, of catalog/collected.toml and of the table of calls, and compared with what is checked in.
//! `QUARTERDECK_UPDATE=1 cargo test --workspace --test tables` writes it anew.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use collector::sources::inventory::account::calls::SERVICES;
use serde::Deserialize;

/// What columns of these names hold in every table, where its notes say nothing else.
const USUAL: &[(&str, &str)] = &[
    ("name", "its name"),
    ("id", "its id"),
    ("arn", "its ARN"),
    ("region", "where it is"),
    ("entity", "whose it is, by its tag `entity`; unknown without one"),
    (
        "monthly_cost",
        "in the account's currency; no API tells it by resource, so only a recording made by other means has it",
    ),
];

#[derive(Deserialize)]
struct Table {
    about: String,
    columns: Vec<String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
}

fn document(text: &str) -> String {
    let tables: BTreeMap<String, Table> = toml::from_str(text).expect("catalog/collected.toml is TOML");
    let mut out = String::from(
        "# Collected tables\n\nWhat the collector writes besides the raw tables of a business. Every column is text, read with the tolerant functions of \
         [CATALOG](CATALOG.md).\nNULL is unknown, and empty text means that there is none. A table that is not there was not read. Made by a test \
         (`services/collector/tests/tables.rs`)\nof `catalog/collected.toml` and of the collector's table of calls; do not edit it here.\n",
    );
    for (name, table) in &tables {
        let about = &table.about;
        let read_by = actions(name).join(", ");
        let read_by = if read_by.is_empty() {
            String::new()
        } else {
            format!(" Read with {read_by}.")
        };
        write!(
            out,
            "\n## {name}\n\n{about}{read_by}\n\n| column | |\n|---|---|\n"
        )
        .expect("to a string");
        for column in &table.columns {
            let usual = || {
                USUAL
                    .iter()
                    .find(|(name, _)| name == column)
                    .map(|(_, note)| *note)
            };
            let note = table
                .notes
                .get(column)
                .map(String::as_str)
                .or_else(usual)
                .unwrap_or_default();
            writeln!(out, "| `{column}` | {note} |").expect("to a string");
        }
    }
    out
}

/// The IAM actions of a table's calls.
fn actions(table: &str) -> Vec<String> {
    let mut actions = Vec::new();
    for service in SERVICES.iter() {
        for of in service.tables.iter().filter(|of| of.name == table) {
            actions.extend(service.actions(&of.list.call));
            actions.extend(of.details.iter().flat_map(|detail| service.actions(&detail.call)));
            if !of.metrics.is_empty() {
                actions.push("cloudwatch:GetMetricData".to_owned());
            }
        }
    }
    if table == "iam_user" {
        actions.extend([
            "iam:GenerateCredentialReport".to_owned(),
            "iam:GetCredentialReport".to_owned(),
        ]);
    }
    actions.sort();
    actions.dedup();
    actions.into_iter().map(|action| format!("`{action}`")).collect()
}

#[test]
fn the_documentation_of_the_tables_is_what_the_code_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalog = std::fs::read_to_string(root.join("catalog/collected.toml")).unwrap();
    let (made, path) = (document(&catalog), root.join("docs/TABLES.md"));
    if std::env::var_os("QUARTERDECK_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == made,
        "docs/TABLES.md is out of date: QUARTERDECK_UPDATE=1 cargo test --workspace --test tables"
    );
}

#[test]
fn a_note_is_of_a_column_that_is_there_and_every_table_says_what_it_is() {
    let tables: BTreeMap<String, Table> =
        toml::from_str(include_str!("../../../catalog/collected.toml")).unwrap();
    for (name, table) in tables {
        assert!(!table.about.is_empty(), "{name}");
        for column in table.notes.keys() {
            assert!(table.columns.contains(column), "{name}.{column}");
        }
    }
}
