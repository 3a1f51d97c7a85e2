//! Tables through the SDK's own client against the embedded DynamoDB: pages, types and errors are the service's.

use std::{
    io::{Cursor, Write},
    sync::Arc,
};

use arrow::array::{AsArray, RecordBatch};
use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use collector::{
    snapshot::PartFolder,
    sources::{
        Collected,
        dynamodb::{
            Means,
            budget::RealTime,
            collect,
            export::Export,
            live::Live,
            pages::{Pages, Split},
            progress::Progress,
        },
    },
};
use flate2::{Compression, write::GzEncoder};
use jiff::civil::{Date, date};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{
    clock::SystemClock,
    embedded::EmbeddedDynamo,
    facts::SourceState,
    id::Generation,
    ledger::DynamoLedger,
    objects::Objects,
    portfolio::{ReadFrom, TableQuery, TableSource},
};

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

/// Bookings by day, and of two kinds by time, under indexes with all attributes and with keys only.
async fn bookings() -> Client {
    let client = EmbeddedDynamo::memory().unwrap().client();
    let mut request = client.create_table().table_name("bookings");
    for name in ["id", "day", "kind", "at"] {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
        request = request.attribute_definitions(attribute.unwrap());
    }
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let index = |name: &str, keys: Vec<KeySchemaElement>, projection| {
        GlobalSecondaryIndex::builder()
            .index_name(name)
            .set_key_schema(Some(keys))
            .projection(Projection::builder().projection_type(projection).build())
            .build()
            .unwrap()
    };
    let by_kind = || vec![key("kind", KeyType::Hash), key("at", KeyType::Range)];
    request
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("id", KeyType::Hash))
        .global_secondary_indexes(index(
            "by-day",
            vec![key("day", KeyType::Hash)],
            ProjectionType::All,
        ))
        .global_secondary_indexes(index("by-kind", by_kind(), ProjectionType::All))
        .global_secondary_indexes(index("keys", by_kind(), ProjectionType::KeysOnly))
        .send()
        .await
        .unwrap();
    for (n, day) in ["17", "18", "19", "20", "21", "22"].into_iter().enumerate() {
        for kind in ["charter", "tour", "block"] {
            let text = |text: String| AttributeValue::S(text);
            let put = client.put_item().table_name("bookings");
            put.item("id", text(format!("{day}-{kind}")))
                .item("day", text(format!("2026-11-{day}")))
                .item("kind", text(kind.to_owned()))
                .item("at", text(format!("2026-11-{day}T23:59:5{n}Z")))
                .item("price", AttributeValue::N("10".into()))
                .send()
                .await
                .unwrap();
        }
    }
    client
}

async fn asked(client: &Client, query: TableQuery, project: &[&str]) -> (Objects, Collected) {
    let source = TableSource {
        from: ReadFrom::Query(query),
        project: project.iter().map(|name| (*name).to_owned()).collect(),
        ..source("bookings")
    };
    read(&source, &Live::new(client, &source, NIGHT)).await
}

fn by_day(days: i64, days_ahead: i64) -> TableQuery {
    TableQuery {
        index: "by-day".into(),
        date: "day".into(),
        partition: None,
        days,
        days_ahead,
    }
}

fn by_kind(index: &str, kinds: &[&str]) -> TableQuery {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    TableQuery {
        index: index.into(),
        date: "at".into(),
        partition: Some(("kind".into(), kinds)),
        days: 2,
        days_ahead: 1,
    }
}

#[tokio::test]
async fn the_items_of_some_days_are_asked_for_by_an_index_whose_key_is_the_day() {
    let (objects, collected) = asked(&bookings().await, by_day(3, 0), &[]).await;
    let ids = column(&rows(&objects, &collected).await, "id");
    let days = ["18", "19", "20"].iter();
    let expected: Vec<_> = days
        .flat_map(|d| ["block", "charter", "tour"].map(|k| Some(format!("{d}-{k}"))))
        .collect();
    assert_eq!(ids, expected);
    let (_, ahead) = asked(&bookings().await, by_day(1, 1), &[]).await;
    assert_eq!(ahead.rows(), 6, "the business date and the day after");
}

#[tokio::test]
async fn the_items_of_some_days_are_asked_for_by_kind_to_the_last_second_of_the_last_day() {
    let (objects, collected) = asked(&bookings().await, by_kind("by-kind", &["charter", "tour"]), &[]).await;
    let ids = column(&rows(&objects, &collected).await, "id");
    let expected: Vec<_> = [
        "19-charter",
        "19-tour",
        "20-charter",
        "20-tour",
        "21-charter",
        "21-tour",
    ]
    .map(|id| Some(id.to_owned()))
    .to_vec();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_local_run_has_no_indexes_and_brings_what_a_query_would() {
    let client = bookings().await;
    for (query, project) in [
        (by_day(3, 0), &[][..]),
        (by_kind("by-kind", &["charter", "tour"]), &[]),
        (by_kind("by-kind", &["charter"]), &["price"]),
    ] {
        let (_, asked) = asked(&client, query.clone(), project).await;
        let source = TableSource {
            from: ReadFrom::Query(query),
            project: project.iter().map(|name| (*name).to_owned()).collect(),
            ..source("bookings")
        };
        let (_, chosen) = read(&source, &Live::local(&client, &source, NIGHT)).await;
        assert_eq!(chosen, asked);
        assert!(chosen.rows() > 2);
    }
}

#[tokio::test]
async fn an_index_that_lacks_attributes_is_refused_unless_those_wanted_are_named() {
    let client = bookings().await;
    let (_, refused) = asked(&client, by_kind("keys", &["charter"]), &[]).await;
    assert_eq!(refused.state, SourceState::Failed);
    assert!(refused.failure().unwrap().contains("`project`"));
    let (_, named) = asked(&client, by_kind("keys", &["charter"]), &["at"]).await;
    assert_eq!(named.tables[0].columns, ["at", "id"]);
    let (_, missing) = asked(&client, by_kind("by-nothing", &["charter"]), &[]).await;
    assert!(missing.failure().unwrap().contains("no index \"by-nothing\""));
    let swapped = TableQuery {
        date: "kind".into(),
        ..by_day(1, 0)
    };
    let (_, swapped) = asked(&client, swapped, &[]).await;
    assert!(
        swapped
            .failure()
            .unwrap()
            .contains("\"kind\" is not the partition key")
    );
}

#[tokio::test]
async fn a_projection_brings_its_attributes_and_the_key_and_no_others() {
    let client = bookings().await;
    let source = TableSource {
        project: vec!["price".into(), "nowhere".into()],
        attributes: vec!["price".into(), "nowhere".into()],
        ..source("bookings")
    };
    let (_, collected) = read(&source, &Live::new(&client, &source, NIGHT)).await;
    assert_eq!(
        (collected.rows(), &collected.tables[0].columns[..]),
        (18, &["id", "nowhere", "price"].map(String::from)[..])
    );
}

#[tokio::test]
async fn the_segments_of_a_parallel_scan_are_the_table_each_item_once() {
    let client = bookings().await;
    let source = source("bookings");
    let live = Live::new(&client, &source, NIGHT);
    let mut ids = Vec::new();
    for number in 0..5 {
        let page = live.page(&Split::Segment { number, of: 5 }, None).await.unwrap();
        assert!(page.units.is_some(), "what a page consumes is asked for");
        ids.extend(page.items.iter().map(|item| item["id"].as_s().unwrap().clone()));
    }
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!((all, ids.len()), (18, 18));
}

/// An export of the bookings as S3 has it: two files, of which the first is two gzips one behind the other.
async fn exported(store: &InMemory, id: &str, day: &str, count: u64) {
    let lines: Vec<String> = ["17", "18", "19", "20", "21", "22"]
        .iter()
        .enumerate()
        .flat_map(|(n, day)| {
            ["charter", "tour", "block"].map(|kind| {
                format!(
                    r#"{{"Item":{{"id":{{"S":"{day}-{kind}"}},"day":{{"S":"2026-11-{day}"}},"kind":{{"S":"{kind}"}},"at":{{"S":"2026-11-{day}T23:59:5{n}Z"}},"price":{{"N":"10"}}}}}}"#
                )
            })
        })
        .collect();
    let gzip = |lines: &[String]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let folder = format!("exports/bookings/AWSDynamoDB/{id}");
    let put = async |name: &str, bytes: Vec<u8>| {
        let path = Path::from(format!("{folder}/{name}"));
        store.put(&path, bytes.into()).await.unwrap();
    };
    put("data/a.json.gz", [gzip(&lines[..3]), gzip(&lines[3..7])].concat()).await;
    put("data/b.json.gz", gzip(&lines[7..])).await;
    let file = |name: &str, count: u64| {
        format!(
            r#"{{"itemCount":{count},"md5Checksum":"x","etag":"y","dataFileS3Key":"elsewhere/AWSDynamoDB/{id}/data/{name}.json.gz"}}"#
        )
    };
    put(
        "manifest-files.json",
        format!("{}\n{}\n", file("a", 7), file("b", count)).into_bytes(),
    )
    .await;
    let summary = format!(
        r#"{{"version":"2023-08-01","exportArn":"arn:aws:dynamodb:us-west-2:123456789012:table/bookings/export/{id}","tableArn":"arn:aws:dynamodb:us-west-2:123456789012:table/bookings","exportTime":"{day}T09:00:00.000Z","outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}}"#
    );
    put("manifest-summary.json", summary.into_bytes()).await;
}

async fn from_export(store: &InMemory) -> Collected {
    let client = bookings().await;
    let source = source("bookings");
    let live = Live::new(&client, &source, NIGHT);
    let store: &dyn ObjectStore = store;
    let export = Export::new(&source, "exports/bookings", store, &live, NIGHT);
    read(&source, &export).await.1
}

#[tokio::test]
async fn an_export_gives_the_bytes_that_a_scan_of_the_same_items_gives() {
    let store = InMemory::new();
    exported(&store, "01793685827463-2d8752fd", "2026-11-20", 11).await;
    let (_, scanned) = scan(&bookings().await, "bookings").await;
    let exported = from_export(&store).await;
    assert_eq!(exported, scanned);
    assert_eq!(exported.rows(), 18);
}

#[tokio::test]
async fn an_export_that_cannot_be_the_table_of_that_night_is_refused_with_the_reason() {
    let reason = async |id: &str, day: &str, count: u64| {
        let store = InMemory::new();
        exported(&store, id, day, count).await;
        let collected = from_export(&store).await;
        assert_eq!(collected.state, SourceState::Failed);
        collected.failure().unwrap()
    };
    assert!(
        reason("0179-x", "2026-11-18", 11)
            .await
            .contains("is of 2026-11-18, more than a day before")
    );
    assert!(
        reason("0179-x", "2026-11-20", 12)
            .await
            .contains("has 11 items and the export's manifest says 12")
    );
    let nothing = from_export(&InMemory::new()).await;
    assert!(
        nothing
            .failure()
            .unwrap()
            .contains("no finished export below exports/bookings/")
    );
}

#[tokio::test]
async fn of_several_exports_the_newest_is_read() {
    let store = InMemory::new();
    exported(&store, "01793600000000-ffffffff", "2026-11-18", 11).await;
    exported(&store, "01793685827463-00000000", "2026-11-20", 11).await;
    assert_eq!(
        from_export(&store).await.rows(),
        18,
        "the old one would have been refused"
    );
}
