//! Nights whose snapshots are in a store, as a night's are, and that compare with the one before.

use std::{collections::BTreeSet, sync::Arc};

use parquet::arrow::ArrowWriter;
use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, SourceState},
    id::{Generation, PartId, Sha256},
    manifest::{Namespace, PartManifest, TableFile, TableManifest},
    message::Input,
    objects::Objects,
    portfolio::Bundle,
};

use super::portfolio;
use crate::{night::analyze_with, snapshot::Snapshot, warehouse::LocalTable};

/// A night, and where its snapshot is.
pub struct Kept {
    pub analysis: Analysis,
    pub manifests: Vec<Input>,
    pub tables: Vec<Input>,
}

async fn stored(objects: &Objects, date: &str, table: &LocalTable) -> (PartManifest, Input, Input) {
    let batch = &table.batches[0];
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let key = format!("runs/small.{date}/g0/{}", table.name);
    let file = objects.put_once(&format!("{key}.parquet"), bytes.into()).await;
    let (file, rows) = (file.unwrap(), batch.num_rows() as u64);
    let manifest = PartManifest {
        part: PartId::of_table(&table.name),
        kind: "dynamodb".into(),
        entity: None,
        core: true,
        state: SourceState::Ok,
        reason: None,
        rows,
        bytes: file.bytes,
        tables: vec![TableManifest {
            namespace: if table.collected {
                Namespace::Collected
            } else {
                Namespace::Raw
            },
            table: table.name.clone(),
            columns: table.columns.clone(),
            files: vec![TableFile {
                input: file.clone(),
                rows,
            }],
        }],
    };
    let json = serde_json::to_vec(&manifest).unwrap();
    let at = objects
        .put_once(&format!("{key}.json"), json.into())
        .await
        .unwrap();
    (manifest, at, file)
}

/// A night of one table.
pub async fn night(
    objects: &Objects,
    (files, bundle): (&CatalogFiles, &Bundle),
    date: &str,
    table: LocalTable,
    before: Option<&Kept>,
) -> Kept {
    let (manifest, at, file) = stored(objects, date, &table).await;
    let snapshot = Snapshot {
        run: format!("small.{date}").parse().unwrap(),
        generation: Generation(0),
        scheduled_at: "2026-11-21T10:30:00Z".parse().unwrap(),
        manifests: vec![(manifest, Sha256::of(b"its manifest"))],
        late: BTreeSet::new(),
        previous: before.map(|night| night.analysis.clone()),
        previous_parts: before.map(|night| night.manifests.clone()).unwrap_or_default(),
        history: Arc::default(),
        history_lost: None,
    };
    let analysis = analyze_with(objects, files, &portfolio(bundle), &snapshot).await;
    Kept {
        analysis: analysis.unwrap(),
        manifests: vec![at],
        tables: vec![file],
    }
}
