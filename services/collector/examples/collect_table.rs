//! Collects one table over HTTP into a folder, as a part does; or tells what a folder holds. For `benches/scan.py`.
//!
//! usage: collect_table ENDPOINT TABLE FOLDER   prints the numbers of rows and of files
//!        collect_table --rows FOLDER           prints the rows, in the order of the key

use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use arrow::array::{Array, ArrayRef, AsArray};
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};
use collector::{
    snapshot::PartFolder,
    sources::dynamodb::{Means, budget::RealTime, collect, live::Live, progress::Progress},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{
    clock::SystemClock, cloud::https, embedded::EmbeddedDynamo, id::Generation, ledger::DynamoLedger,
    manifest::PartManifest, objects::Objects, portfolio::TableSource,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [flag, folder] if flag == "--rows" => print_rows(Path::new(folder)).await,
        [endpoint, table, folder] => table_into(endpoint, table, Path::new(folder)).await,
        _ => anyhow::bail!("usage: collect_table ENDPOINT TABLE FOLDER | --rows FOLDER"),
    }
}

async fn table_into(endpoint: &str, table: &str, folder: &Path) -> anyhow::Result<()> {
    let config = Config::builder()
        .http_client(https::client(&https::connector()))
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "bench"))
        .endpoint_url(endpoint);
    let client = Client::from_conf(config.build());
    let source = TableSource {
        table: table.to_owned(),
        ..TableSource::default()
    };
    let ledger = DynamoLedger::new(EmbeddedDynamo::memory()?.client(), "ledger");
    ledger.create_table().await?;
    let objects = Objects::local(folder)?;
    let progress = Progress {
        ledger: Arc::new(ledger),
        objects: objects.clone(),
        clock: Arc::new(SystemClock),
        run: "bench.2026-11-20".parse()?,
        generation: Generation(0),
        part: "dynamodb.bench".parse()?,
    };
    let as_of = progress.run.date().0;
    let live = Live::new(&client, &source, as_of);
    let means = Means {
        pages: &live,
        progress: &progress,
        timer: &RealTime,
        ends: None,
    };
    let part = PartFolder::new(&objects, &progress.run, progress.generation, &progress.part);
    let answer = collect(&source, &means, &part).await?;
    anyhow::ensure!(
        answer.collected.failure().is_none(),
        "{:?}",
        answer.collected.failure()
    );
    let kind = collector::sources::Source::Table(&source);
    let (_, manifest) = part
        .put_manifest(answer.collected.into_manifest(&progress.part, kind))
        .await?;
    if let Some(work) = answer.work {
        work.clear().await;
    }
    println!("{} {}", manifest.rows, manifest.tables[0].files.len());
    Ok(())
}

/// A row is one line: the columns that have a value, by name, as a JSON object.
async fn print_rows(folder: &Path) -> anyhow::Result<()> {
    let objects = Objects::local(folder)?;
    let keys = objects.list("runs").await?;
    let manifest = keys
        .iter()
        .find(|key| key.ends_with(".json"))
        .context("no manifest")?;
    let manifest: PartManifest = serde_json::from_slice(&objects.get(manifest).await?)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for file in &manifest.tables[0].files {
        let bytes = objects.get_checked(&file.input).await?;
        for batch in ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()? {
            let batch = batch?;
            let schema = batch.schema();
            for row in 0..batch.num_rows() {
                let cells = schema.fields().iter().zip(batch.columns());
                let cells = cells.filter(|(_, column)| !column.is_null(row));
                let text = |column: &ArrayRef| column.as_string::<i32>().value(row).to_owned();
                let cells: BTreeMap<_, _> = cells
                    .map(|(field, column)| (field.name(), text(column)))
                    .collect();
                serde_json::to_writer(&mut out, &cells)?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(out.flush()?)
}
