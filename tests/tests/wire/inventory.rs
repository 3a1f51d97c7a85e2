//! The AWS account's inventory over the wire: every call, against an account that tests/wire/seed.py filled.

use std::{collections::BTreeMap, process::Command, sync::Arc};

use cli::commands::record;
use collector::{
    Delivery,
    snapshot::PartFolder,
    sources::{
        Collected,
        inventory::{
            account::{Account, Fingerprints, Options, rows::Inventory},
            collect,
        },
    },
};
use object_store::{ObjectStore, local::LocalFileSystem, memory::InMemory};
use serde_json::Value;
use shared::{
    clock::SystemClock,
    id::Generation,
    objects::Objects,
    portfolio::{InventoryFrom, InventorySource},
};

const REGION: &str = "us-west-2";
/// Calls that this local AWS does not answer; their shapes are tested on scripted answers, in the collector.
const NOT_THERE: &[(&str, &str)] = &[
    ("ce", "GetCostForecast"),
    ("lambda", "ListFunctionUrlConfigs"),
    ("route53", "ListQueryLoggingConfigs"),
    // It answers in another root element than S3 does.
    ("s3", "GetBucketVersioning"),
    ("ses", "GetAccount"),
];

/// The seeded account's address and what is in it, or none: then the test is skipped.
fn seeded() -> Option<(String, Value)> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(endpoint), Some(seed)) = (
        variable("QUARTERDECK_MOTO_ENDPOINT"),
        variable("QUARTERDECK_MOTO_SEED"),
    ) else {
        println!("skipped: QUARTERDECK_MOTO_ENDPOINT is not set; run `make wire-test`");
        return None;
    };
    let text = std::fs::read_to_string(&seed).expect("the seed was written");
    Some((endpoint, serde_json::from_str(&text).expect("JSON")))
}

async fn account(endpoint: &str) -> Account {
    let config = shared::cloud::https::loader()
        .region(REGION)
        .endpoint_url(endpoint)
        .load()
        .await;
    let key = Fingerprints::Key("a key".to_owned().into());
    Account::of(
        &config,
        shared::cloud::https::connector(),
        Arc::new(SystemClock),
        key,
    )
    .expect("credentials and a region")
}

async fn read(endpoint: &str) -> Inventory {
    let options = Options {
        regions: vec![REGION.into()],
        ..Options::default()
    };
    account(endpoint).await.read(yesterday(), options).await
}

fn yesterday() -> jiff::civil::Date {
    let now = shared::clock::Clock::now(&SystemClock);
    now.to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .yesterday()
        .expect("a day")
}

#[tokio::test]
async fn every_seeded_resource_appears_as_what_it_is() {
    let Some((endpoint, seed)) = seeded() else { return };
    let inventory = read(&endpoint).await;
    let mut seen = 0;
    for (table, resources) in seed.as_object().expect("tables") {
        for (name, columns) in resources.as_object().expect("resources") {
            let named = |column: &str, row: &BTreeMap<String, Option<String>>| {
                row.get(column) == Some(&Some(name.clone()))
            };
            let keys = ["name", "id", "identity", "arn", "function"];
            let row = inventory
                .rows(table)
                .iter()
                .find(|row| keys.iter().any(|key| named(key, row)));
            let row =
                row.unwrap_or_else(|| panic!("{table} {name} is not in the inventory: {:?}", inventory.gaps));
            for (column, value) in columns.as_object().expect("columns") {
                assert_eq!(
                    row.get(column).and_then(Option::as_deref),
                    value.as_str(),
                    "{table} {name}: {column}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen} resources");
    println!("{seen} resources in {} tables", inventory.tables.len());
}

#[tokio::test]
async fn what_is_not_there_is_a_gap_and_nothing_else_is() {
    let Some((endpoint, _)) = seeded() else { return };
    let inventory = read(&endpoint).await;
    let gaps: Vec<_> = inventory
        .gaps
        .keys()
        .map(|gap| (gap.service.as_str(), gap.operation.as_str()))
        .collect();
    assert_eq!(gaps, NOT_THERE, "{:?}", inventory.gaps);
}

#[tokio::test]
async fn a_second_reading_and_a_recording_are_the_same_snapshot() {
    let Some((endpoint, _)) = seeded() else { return };
    let account = account(&endpoint).await;
    let live = || snapshot(InventoryFrom::Account, Some(&account), Arc::new(InMemory::new()));
    let first = live().await;
    assert_eq!(first, live().await);

    let options = Options {
        regions: vec![REGION.into()],
        ..Options::default()
    };
    let inventory = account.read(yesterday(), options).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    record::write(&inventory, &folder.path().join("inventory")).expect("written");
    let inputs = LocalFileSystem::new_with_prefix(folder.path()).expect("opened");
    let path = "inventory".to_owned();
    assert_eq!(
        first,
        snapshot(InventoryFrom::Recording { path }, None, Arc::new(inputs)).await
    );
}

async fn snapshot(from: InventoryFrom, account: Option<&Account>, inputs: Arc<dyn ObjectStore>) -> Collected {
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (
        "harbor.2026-11-20".parse().expect("a run"),
        "inventory".parse().expect("a part"),
    );
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let source = InventorySource {
        from,
        regions: vec![REGION.into()],
    };
    let collected = collect(
        &source,
        &*inputs,
        account,
        yesterday(),
        None,
        &folder,
        Delivery { received: 1 },
    );
    collected.await.expect("collected")
}

#[test]
fn record_and_doctor_say_what_they_read_as_a_user_runs_them() {
    let Some((endpoint, seed)) = seeded() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("inventory");
    let run = |arguments: &[&str]| {
        let binary = std::env::current_exe().expect("a test has a path");
        let binary = binary
            .parent()
            .and_then(|p| p.parent())
            .expect("in target/<profile>/deps")
            .join("quarterdeck");
        let output = Command::new(binary)
            .args(arguments)
            .args(["--regions", REGION, "--json"])
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_REGION", REGION)
            .current_dir(tests::root())
            .output()
            .expect("quarterdeck starts: build it with cargo build --workspace --bins");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text} {output:?}"));
        (output.status.code(), value)
    };
    let (code, recorded) = run(&["record", "examples/harbor", "--out", &out.display().to_string()]);
    let expected = if NOT_THERE.is_empty() { 0 } else { 3 };
    assert_eq!(code, Some(expected), "{recorded}");
    let queues = std::fs::read_to_string(out.join("sqs_queue.ndjson")).expect("recorded");
    assert_eq!(
        queues.lines().count(),
        seed["sqs_queue"].as_object().expect("queues").len()
    );
    assert!(
        !std::fs::read_to_string(out.join("lambda_env_secret.ndjson"))
            .expect("recorded")
            .contains("q7Zt2LxP")
    );

    let (code, diagnosis) = run(&["doctor", "examples/harbor"]);
    assert_eq!(code, Some(expected), "{diagnosis}");
    assert_eq!(
        diagnosis["statements"],
        serde_json::json!([]),
        "nothing is denied here"
    );
    assert_eq!(
        diagnosis["unread"].as_array().map(Vec::len),
        Some(NOT_THERE.len())
    );
}
