use std::sync::Arc;

use object_store::memory::InMemory;
use shared::facts::SourceState;

use super::*;

fn objects() -> Objects {
    Objects::new(Arc::new(InMemory::new()))
}
fn folder(objects: &Objects) -> PartFolder<'_> {
    let (run, part) = (
        "harbor.2026-11-20".parse().unwrap(),
        "dynamodb.jobs".parse().unwrap(),
    );
    PartFolder::new(objects, &run, Generation(1), &part)
}
fn rows(text: &str) -> (Columns, Chunk) {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    chunk.begin_row();
    chunk.text_cell(columns.id("id"), Some(text));
    (columns, chunk)
}
async fn write(folder: &PartFolder<'_>, text: &str) -> TableManifest {
    let (columns, chunk) = rows(text);
    let mut table = folder.table(Namespace::Raw, "jobs");
    table.write(&columns, &chunk).await.unwrap();
    table.finish(&["amount"])
}
fn manifest(rows: u64) -> PartManifest {
    PartManifest {
        part: "dynamodb.jobs".parse().unwrap(),
        kind: "dynamodb".into(),
        entity: None,
        core: false,
        state: SourceState::Ok,
        reason: None,
        rows,
        bytes: 0,
        tables: Vec::new(),
    }
}

#[tokio::test]
async fn a_table_that_changed_between_two_deliveries_is_written_beside_the_orphan() {
    let objects = objects();
    let folder = folder(&objects);
    let orphan = write(&folder, "before").await;
    let again = write(&folder, "after").await;
    assert_eq!(
        orphan.files[0].input.key,
        "runs/harbor.2026-11-20/g1/snapshot/dynamodb.jobs/jobs-0.parquet"
    );
    assert_ne!(orphan.files[0].input.key, again.files[0].input.key);
    assert!(objects.get_checked(&again.files[0].input).await.is_ok());
    assert_eq!(again.columns, ["amount", "id"]);
}

#[tokio::test]
async fn the_first_manifest_stands() {
    let objects = objects();
    let folder = folder(&objects);
    assert!(folder.manifest().await.unwrap().is_none());
    let (first, _) = folder.put_manifest(manifest(1)).await.unwrap();
    let (second, stands) = folder.put_manifest(manifest(2)).await.unwrap();
    assert_eq!((first, 1), (second, stands.rows));
}
