//! The cloud adapters over the wire, held to the suites that the embedded ones pass in `contracts.rs`.
//!
//! `tests/wire/run.sh` (`make wire-test`) starts a local AWS and sets `QUARTERDECK_WIRE_ENDPOINT` and AWS's own
//! variables. Without the endpoint every test here says that it is skipped, and passes.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;
use shared::cloud::https;

mod http;
mod inventory;
mod mail;
mod queue;
mod sources;

/// The local AWS's address, or none: then the test is skipped.
fn endpoint() -> Option<String> {
    let endpoint = std::env::var("QUARTERDECK_WIRE_ENDPOINT")
        .ok()
        .filter(|endpoint| !endpoint.is_empty());
    if endpoint.is_none() {
        println!("skipped: QUARTERDECK_WIRE_ENDPOINT is not set; run `make wire-test`");
    }
    endpoint
}

async fn config() -> Option<SdkConfig> {
    endpoint()?;
    Some(https::loader().load().await)
}

/// A name that no other test of any process uses.
fn fresh(kind: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!(
        "{kind}-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// The ledger on DynamoDB's protocol.
mod ledger {
    use shared::ledger::DynamoLedger;

    async fn ledger() -> Option<DynamoLedger> {
        let client = aws_sdk_dynamodb::Client::new(&super::config().await?);
        let ledger = DynamoLedger::new(client, super::fresh("ledger"));
        ledger.create_table().await.expect("the table is made");
        Some(ledger)
    }

    shared::ledger_contract!(ledger());
}

/// The archive on S3's protocol.
mod objects {
    use shared::{cloud::https, objects::Objects};

    async fn objects() -> Option<Objects> {
        let endpoint = super::endpoint()?;
        let bucket = super::fresh("archive");
        super::http::request(&endpoint, "PUT", &format!("/{bucket}"));
        Some(Objects::s3(&bucket, https::connector()).expect("opened"))
    }

    shared::objects_contract!(objects());
}
