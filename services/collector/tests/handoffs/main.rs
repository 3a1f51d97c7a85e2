//! Handoffs as a source: many files, large ones, and those that cannot be read.

mod watched;

use std::sync::{Arc, atomic::Ordering};

use arrow::array::AsArray;
use collector::{
    Delivery,
    snapshot::PartFolder,
    sources::{Collected, SourceError, handoffs::collect},
};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{
    facts::SourceState,
    id::Generation,
    manifest::TableManifest,
    objects::Objects,
    portfolio::{Bundle, HandoffSource, Portfolio},
};

use watched::Watched;

const PORTFOLIO: &str = r#"
schema = 1
id = "harbor"
title = "Harbor Holding"
timezone = "America/Los_Angeles"
currency = "USD"
[schedule]
at = "02:30"
mail_until_hours = 14
[mail]
from = "reports@example.com"
archive = "archive@example.com"
unknown_policy = "hold"
[[entities]]
id = "jada"
title = "JADA"
kind = "charter"
stage = "operating"
owner = "ceo"
[sources.handoffs]
path = "handoffs"
[[documents]]
id = "ceo"
template = "ceo"
title = "CEO brief"
recipients = ["ceo@example.com"]
"#;

const FIRST: Delivery = Delivery { received: 1 };
const LAST: Delivery = Delivery {
    received: Delivery::PATIENCE,
};

async fn put(store: &dyn ObjectStore, name: &str, text: impl Into<Vec<u8>>) {
    let path = Path::from(format!("handoffs/{name}"));
    store.put(&path, text.into().into()).await.unwrap();
}

async fn run(inputs: &dyn ObjectStore, delivery: Delivery) -> (Objects, Result<Collected, SourceError>) {
    let bundle = Bundle([("portfolio.toml".to_owned(), PORTFOLIO.to_owned())].into());
    let portfolio = Portfolio::parse(&bundle).unwrap();
    let source = HandoffSource {
        path: "handoffs".to_owned(),
        stale_after_days: 90,
    };
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = ("harbor.2026-11-20".parse().unwrap(), "handoffs".parse().unwrap());
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let as_of = "2026-11-20".parse().unwrap();
    let collected = collect(&source, &portfolio, as_of, inputs, &folder, delivery).await;
    (objects, collected)
}

fn table<'a>(collected: &'a Collected, name: &str) -> &'a TableManifest {
    let found = collected.tables.iter().find(|table| table.table == name);
    found.unwrap_or_else(|| panic!("{name} is not among {:?}", collected.tables))
}

/// Two columns of a table, row by row.
async fn rows(objects: &Objects, collected: &Collected, name: &str, columns: [&str; 2]) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    for file in &table(collected, name).files {
        let bytes = objects.get_checked(&file.input).await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
            .unwrap()
            .build()
            .unwrap();
        for batch in reader.map(Result::unwrap) {
            let [a, b] = columns.map(|name| batch.column_by_name(name).unwrap().as_string::<i32>().clone());
            rows.extend((0..batch.num_rows()).map(|n| [a.value(n).to_owned(), b.value(n).to_owned()]));
        }
    }
    rows
}

/// A file of seven tasks whose titles are its own.
fn handoff(n: usize) -> String {
    let tasks: String = (0..7)
        .map(|task| format!("- [ ] task {n}.{task} [owner:: ceo]\n"))
        .collect();
    format!("---\nentity: jada\nupdated: 2026-11-01\n---\n# Tasks\n{tasks}")
}

#[tokio::test]
async fn ten_thousand_files_are_read_a_few_at_a_time_and_no_task_is_lost() {
    let store = Watched::default();
    for n in 0..10_000 {
        put(&store, &format!("{n:05}.md"), handoff(n)).await;
    }
    let (objects, collected) = run(&store, FIRST).await;
    let collected = collected.unwrap();
    assert_eq!(
        (collected.state, collected.reason.as_deref()),
        (SourceState::Ok, None)
    );
    let at_once = store.at_once.load(Ordering::SeqCst);
    assert!((2..=16).contains(&at_once), "{at_once} at once");
    let files: Vec<_> = table(&collected, "handoff_task")
        .files
        .iter()
        .map(|file| file.rows)
        .collect();
    assert_eq!(files, [65_536, 70_000 - 65_536], "rows are written as they come");
    let expected =
        (0..10_000).flat_map(|n| (0..7).map(move |t| [format!("{n:05}.md"), format!("task {n}.{t}")]));
    let found = rows(&objects, &collected, "handoff_task", ["file", "title"]).await;
    assert!(found.into_iter().eq(expected), "tasks differ from the files'");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_fetched_and_is_still_somebodys() {
    let store = Watched::default();
    put(
        &store,
        "large.md",
        format!("---\nentity: jada\n---\n{}", "text\n".repeat(2_000_000)),
    )
    .await;
    put(
        &store,
        "whole.md",
        format!("updated: 2026-11-01\n\n{}", "x".repeat(1024 * 1024 - 21)),
    )
    .await;
    let (objects, collected) = run(&store, FIRST).await;
    let collected = collected.unwrap();
    let taken = store.taken.load(Ordering::SeqCst);
    assert!(taken <= 1024 * 1024 + 65_536, "{taken} bytes were fetched");
    let found = rows(&objects, &collected, "handoff_document", ["entity", "status"]).await;
    assert_eq!(found[0], ["jada", "unreadable"]);
    assert_eq!(found[1][1], "ok", "1 MiB is read");
    let found = rows(&objects, &collected, "handoff_lint", ["file", "code"]).await;
    assert_eq!(
        found,
        [["large.md", "file.too_large"], ["whole.md", "file.no_entity"]]
    );
    assert_eq!(
        collected.reason.as_deref(),
        Some("1 of 2 handoffs could not be read: large.md")
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_tried_again_and_then_said_and_stops_nothing() {
    let store = Watched::default();
    for folder in ["a", "b", "c", "d", "e", "f", "g"] {
        put(&store, &format!("{folder}/denied.md"), "x").await;
    }
    put(&store, "jada.md", handoff(1)).await;
    put(&store, "jada.txt", "x").await;
    // A console's "new folder".
    put(&store, "archive", "").await;
    assert!(
        matches!(run(&store, FIRST).await.1, Err(SourceError::Later(reason)) if reason.contains("denied.md"))
    );
    let (objects, collected) = run(&store, LAST).await;
    let collected = collected.unwrap();
    let reason = collected.reason.as_deref().unwrap_or_default();
    assert!(
        reason.starts_with("7 of 8") && reason.ends_with("e/denied.md and 2 more"),
        "{reason}"
    );
    let found = rows(&objects, &collected, "handoff_lint", ["file", "code"]).await;
    let of = |code: &str| found.iter().filter(|row| row[1] == code).count();
    assert_eq!(
        (of("file.unreadable"), of("file.ignored"), of("file.no_entity")),
        (7, 1, 7)
    );
    assert_eq!(
        rows(&objects, &collected, "handoff_task", ["file", "title"])
            .await
            .len(),
        7
    );
}

#[tokio::test]
async fn a_name_that_hides_all_others_is_named_with_what_to_do() {
    let store = Watched::default();
    put(&store, "hidden", "x").await;
    let (_, collected) = run(&store, LAST).await;
    let collected = collected.unwrap();
    assert_eq!(
        (collected.state, collected.tables.len()),
        (SourceState::Failed, 0)
    );
    let reason = collected.reason.unwrap();
    assert!(
        reason.contains("handoffs//a.md") && reason.contains("rename or delete"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_folder_and_a_prefix_are_the_same_source() {
    let folder = tempfile::tempdir().unwrap();
    let local = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let prefix = InMemory::new();
    for store in [&local as &dyn ObjectStore, &prefix] {
        put(store, "jada.md", handoff(1)).await;
        put(store, "old/qos.md", b"caf\xe9\r\n- [ ] x\r\n".as_slice()).await;
        put(store, ".hidden/x.md", "x").await;
    }
    let ((_, local), (_, prefix)) = (run(&local, FIRST).await, run(&prefix, FIRST).await);
    let local = local.unwrap();
    assert_eq!(table(&local, "handoff_document").files[0].rows, 2);
    assert_eq!(local, prefix.unwrap());
}
