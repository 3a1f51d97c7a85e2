//! Tables through the SDK's own client against the embedded DynamoDB: pages, types and errors are the service's.

use std::{io::Cursor, sync::Arc};

use arrow::array::{AsArray, RecordBatch};
use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    },
};
use collector::{
    snapshot::PartFolder,
    sources::{
        Collected,
        dynamodb::{Means, budget::RealTime, collect, live::Live, pages::Pages, progress::Progress},
    },
};
use jiff::civil::{Date, date};
use object_store::memory::InMemory;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{
    clock::SystemClock, embedded::EmbeddedDynamo, facts::SourceState, id::Generation, ledger::DynamoLedger,
    objects::Objects, portfolio::TableSource,
};

mod asked;
mod export;

const NIGHT: Date = date(2026, 11, 20);

fn source(table: &str) -> TableSource {
    TableSource {
        table: table.into(),
        core: true,
        ..TableSource::default()
    }
}

async fn scan(client: &Client, table: &str) -> (Objects, Collected) {
    let source = source(table);
    read(&source, &Live::new(client, &source, NIGHT)).await
}

async fn read(source: &TableSource, pages: &dyn Pages) -> (Objects, Collected) {
    let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "ledger");
    ledger.create_table().await.unwrap();
    let objects = Objects::new(Arc::new(InMemory::new()));
    let progress = Progress {
        ledger: Arc::new(ledger),
        objects: objects.clone(),
        clock: Arc::new(SystemClock),
        run: "harbor.2026-11-20".parse().unwrap(),
        generation: Generation(0),
        part: "dynamodb.t".parse().unwrap(),
    };
    let means = Means {
        pages,
        progress: &progress,
        timer: &RealTime,
        ends: None,
    };
    let folder = PartFolder::new(&objects, &progress.run, progress.generation, &progress.part);
    let answer = collect(source, &means, &folder).await.unwrap();
    (objects, answer.collected)
}

async fn rows(objects: &Objects, collected: &Collected) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    for file in &collected.tables[0].files {
        let bytes = objects.get_checked(&file.input).await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
            .unwrap()
            .build()
            .unwrap();
        batches.extend(reader.map(Result::unwrap));
    }
    batches
}

/// The column's values, in the order of the rows.
fn column(batches: &[RecordBatch], name: &str) -> Vec<Option<String>> {
    let values = |batch: &RecordBatch| -> Vec<Option<String>> {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().map(|text| text.map(str::to_owned)).collect()
    };
    batches.iter().flat_map(values).collect()
}

async fn create(client: &Client, table: &str) {
    let attribute = AttributeDefinition::builder()
        .attribute_name("id")
        .attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder()
        .attribute_name("id")
        .key_type(KeyType::Hash);
    let request = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    let request = request
        .attribute_definitions(attribute.build().unwrap())
        .key_schema(key.build().unwrap());
    request.send().await.unwrap();
}

#[tokio::test]
async fn every_attribute_type_comes_through_the_wire_as_its_text() {
    let client = EmbeddedDynamo::memory().unwrap().client();
    create(&client, "types").await;
    let n = |text: &str| AttributeValue::N(text.into());
    let nested = [
        ("z".to_owned(), n("1")),
        (
            "a".to_owned(),
            AttributeValue::L(vec![AttributeValue::Null(true)]),
        ),
    ];
    let request = client
        .put_item()
        .table_name("types")
        .item("id", AttributeValue::S("1".into()))
        .item("text", AttributeValue::S("$840.75".into()))
        .item("number", n("840.75"))
        .item("yes", AttributeValue::Bool(true))
        .item("nothing", AttributeValue::Null(true))
        .item("binary", AttributeValue::B(Blob::new(*b"\x00\xff")))
        .item("texts", AttributeValue::Ss(vec!["b".into(), "a".into()]))
        .item("numbers", AttributeValue::Ns(vec!["10".into(), "9".into()]))
        .item("map", AttributeValue::M(nested.into()));
    request.send().await.unwrap();
    client
        .put_item()
        .table_name("types")
        .item("id", AttributeValue::S("2".into()))
        .send()
        .await
        .unwrap();

    let (objects, collected) = scan(&client, "types").await;
    assert_eq!((collected.state, collected.rows()), (SourceState::Ok, 2));
    let batches = rows(&objects, &collected).await;
    let first = |name: &str| column(&batches, name)[0].clone();
    let expected = [
        ("text", Some("$840.75")),
        ("number", Some("840.75")),
        ("yes", Some("true")),
        ("nothing", None),
        ("binary", Some("AP8=")),
        ("texts", Some(r#"["a","b"]"#)),
        ("numbers", Some("[9,10]")),
        ("map", Some(r#"{"a":[null],"z":1}"#)),
    ];
    for (name, text) in expected {
        assert_eq!(first(name).as_deref(), text, "{name}");
        assert_eq!(column(&batches, name)[1], None, "{name} of an item without it");
    }
}

#[tokio::test]
async fn a_table_of_many_pages_is_read_to_its_end_in_the_order_of_its_key() {
    let database = EmbeddedDynamo::memory().unwrap();
    // Items of 400 KB, two to a page of 1 MB.
    let line = |n: usize| format!("{{\"id\":\"{n:03}\",\"note\":\"{}\"}}\n", "x".repeat(399_000));
    let lines: String = (0..20).rev().map(line).collect();
    database.read_ndjson("notes", Cursor::new(lines)).unwrap();
    let (objects, collected) = scan(&database.client(), "notes").await;
    let ids = column(&rows(&objects, &collected).await, "id");
    let expected: Vec<_> = (0..20).map(|n| Some(format!("{n:03}"))).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn the_same_items_written_in_another_order_are_the_same_snapshot() {
    let line = |n: usize| format!("{{\"id\":\"{}\",\"a{}\":{n}}}\n", n * 7919 % 500, n % 3);
    let mut snapshots = Vec::new();
    for backwards in [false, true] {
        let mut lines: Vec<_> = (0..500).map(line).collect();
        if backwards {
            lines.reverse();
        }
        let database = EmbeddedDynamo::memory().unwrap();
        database
            .read_ndjson("ordered", Cursor::new(lines.concat()))
            .unwrap();
        snapshots.push(scan(&database.client(), "ordered").await.1);
    }
    assert_eq!(snapshots[0], snapshots[1]);
}

#[tokio::test]
async fn missing_and_empty_are_not_the_same() {
    let client = EmbeddedDynamo::memory().unwrap().client();
    create(&client, "empty").await;
    assert_eq!(scan(&client, "empty").await.1.state, SourceState::Empty);
    let (_, missing) = scan(&client, "nowhere").await;
    assert_eq!(missing.state, SourceState::Missing);
    assert!(missing.failure().unwrap().contains("nowhere"));
}
