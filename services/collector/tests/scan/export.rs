//! A table read from its export in S3: the same rows, or a refusal with the reason.

use std::io::Write;

use collector::sources::{
    Collected,
    dynamodb::{export::Export, live::Live},
};
use flate2::{Compression, write::GzEncoder};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use shared::facts::SourceState;

use super::{NIGHT, asked::bookings, read, scan, source};

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
