//! The analyzer's bootstrap: wires the cloud's adapters to [`analyzer::handle`] and serves SQS batches.

use std::sync::Arc;

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::{cloud::Cloud, telemetry};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env(&["analyze"]).context("the analyzer cannot start")?;
    let deps = Arc::new(analyzer::Deps {
        ledger: cloud.ledger()?,
        sender: cloud.queue()?,
        objects: cloud.objects()?,
        clock: cloud.clock(),
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let deps = Arc::clone(&deps);
        async move { Ok::<_, lambda_runtime::Error>(analyzer::handle(&deps, event.payload).await) }
    }))
    .await
}
