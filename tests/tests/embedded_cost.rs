//! What the embedded DynamoDB costs, on this machine. Not run by default: `cargo nextest run --workspace --run-ignored only
//! embedded_cost --no-capture`.

use std::{fmt::Write, path::Path, time::Instant};

use shared::embedded::EmbeddedDynamo;

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0");
    line.trim()
        .trim_end_matches(" kB")
        .trim()
        .parse::<u64>()
        .unwrap_or(0)
        / 1024
}

#[tokio::test]
#[ignore = "a measurement"]
async fn twenty_thousand_items_load_and_scan() {
    let mut lines = String::new();
    for n in 0..20_000 {
        writeln!(
            lines,
            r#"{{"id":"bk-{n:05}","event_type":"charter","source":"boatsetter","charter_date":"2026-07-{:02}","duration_hours":4,"gross_revenue":"{}.75","crew_cost":120,"captain_cost":"$200.00","port_fee_percent":0.06,"status":"confirmed","guests":6,"deposit":true,"booked_at":1782000000,"notes":"a guest's words"}}"#,
            n % 28 + 1,
            n % 900
        )
        .unwrap();
    }
    println!("before: peak {} MB", peak_mb());
    let dynamo = EmbeddedDynamo::memory().unwrap();
    let start = Instant::now();
    dynamo.read_ndjson("jada-calendar", lines.as_bytes()).unwrap();
    println!(
        "load 20,000 items ({} KB): {:?}, peak {} MB",
        lines.len() / 1024,
        start.elapsed(),
        peak_mb()
    );
    let start = Instant::now();
    let mut pages = dynamo
        .client()
        .scan()
        .table_name("jada-calendar")
        .into_paginator()
        .send();
    let (mut items, mut count) = (0, 0);
    while let Some(page) = pages.next().await {
        items += page.unwrap().items().len();
        count += 1;
    }
    println!(
        "scan {items} items, {count} pages: {:?}, peak {} MB",
        start.elapsed(),
        peak_mb()
    );
    if let Ok(csv) = std::env::var("QUARTERDECK_BOOKINGS_CSV") {
        let start = Instant::now();
        let rows = dynamo.load_csv("rental-reservations", Path::new(&csv)).unwrap();
        println!(
            "load {rows} bookings from CSV: {:?}, peak {} MB",
            start.elapsed(),
            peak_mb()
        );
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn a_delivery_on_the_ledger_in_a_file_and_in_memory() {
    use shared::{
        id::{MailEpoch, Sha256},
        ledger::{DeliveryKey, DynamoLedger, Ledger, Outcome},
        mail::Rid,
        message::Input,
    };
    let folder = tempfile::tempdir().unwrap();
    let file = EmbeddedDynamo::file(&folder.path().join("ledger.db")).unwrap();
    for (name, dynamo) in [("file", file), ("memory", EmbeddedDynamo::memory().unwrap())] {
        let ledger = DynamoLedger::new(dynamo.client(), "ledger");
        ledger.create_table().await.unwrap();
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let mail = Input {
            key: "x.eml".to_owned(),
            sha256: Sha256::of(b"x"),
            bytes: 1,
        };
        let start = Instant::now();
        const DELIVERIES: u32 = 300;
        for n in 0..DELIVERIES {
            let key = DeliveryKey {
                run: "harbor.2026-11-20".parse().unwrap(),
                document: format!("doc-{n}").parse().unwrap(),
                rid: Rid::archive(),
                mail_epoch: MailEpoch(0),
            };
            ledger.plan_delivery(&key, &mail, now, now).await.unwrap();
            ledger.begin_delivery(&key, "owner", now, now).await.unwrap();
            let accepted = Outcome::Accepted {
                message_id: "m".to_owned(),
                by_fallback: false,
            };
            ledger.settle_delivery(&key, 1, &accepted, now).await.unwrap();
        }
        println!(
            "{name}: {:?} for one of three writes",
            start.elapsed() / (3 * DELIVERIES)
        );
    }
}
