use std::sync::Arc;

use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
use shared::{id::Generation, manifest::TableManifest, objects::Objects};

use super::*;

async fn replay(files: &[(&str, &str)]) -> Collected {
    let (inputs, objects) = (InMemory::new(), Objects::new(Arc::new(InMemory::new())));
    for (name, text) in files {
        inputs
            .put(&Path::from(format!("inventory/{name}")), text.to_string().into())
            .await
            .unwrap();
    }
    let (run, part) = ("harbor.2026-11-20".parse().unwrap(), "inventory".parse().unwrap());
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    collect("inventory", &inputs, &folder, Delivery { received: 1 })
        .await
        .unwrap()
}
fn rows(collected: &Collected) -> Vec<(&str, u64)> {
    let rows = |table: &TableManifest| table.files.iter().map(|file| file.rows).sum();
    collected
        .tables
        .iter()
        .map(|table| (table.table.as_str(), rows(table)))
        .collect()
}

#[tokio::test]
async fn a_file_is_a_table_and_no_lines_are_no_rows() {
    let collected = replay(&[
        ("sqs_queue.ndjson", ""),
        (
            "lambda_function.ndjson",
            "{\"name\":\"a\",\"memory_mb\":128}\r\n\n{\"name\":\"b\",\"url\":null}",
        ),
    ])
    .await;
    assert_eq!(rows(&collected), [("lambda_function", 2), ("sqs_queue", 0)]);
    assert!(
        collected.tables[0].columns.contains(&"runtime".to_owned()),
        "columns that no row shows"
    );
    assert_eq!((collected.state, collected.reason), (SourceState::Ok, None));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_gap_and_the_rest_goes_on() {
    let lines = "{\"name\":\"a\"}\n{oops\n[1]\n{\"name\":\"b\"}";
    let collected = replay(&[
        ("lambda_functions.ndjson", "{}"),
        ("s3_bucket.ndjson", lines),
        ("notes.txt", "x"),
    ])
    .await;
    assert_eq!(rows(&collected), [("inventory_gap", 4), ("s3_bucket", 2)]);
    assert!(collected.reason.unwrap().contains("4 parts"));
    assert!(
        table_of("lambda_functions.ndjson")
            .unwrap_err()
            .contains("did you mean lambda_function.ndjson?")
    );
}

#[test]
fn a_table_of_another_source_is_none_of_a_recording() {
    for name in [
        "pipeline_run",
        "pipeline_delivery",
        "action_decision",
        "handoff_task",
        "environment_value",
    ] {
        assert!(tables::columns_of(name).is_some(), "{name}");
        let refused = table_of(&format!("{name}.ndjson")).unwrap_err();
        assert!(refused.contains("no collected table has that name"), "{refused}");
    }
}

#[tokio::test]
async fn no_recording_is_missing_not_empty() {
    let collected = replay(&[]).await;
    assert_eq!(collected.state, SourceState::Missing);
    assert!(collected.failure().unwrap().contains("quarterdeck record"));
}
