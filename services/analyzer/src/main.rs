//! The analyzer's bootstrap: wires the cloud's adapters to [`analyzer::handle`] and serves SQS batches.

use analyzer::Deps;
use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{cloud::Cloud, telemetry};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env(&["analyze"]).context("the analyzer cannot start")?;
    let deps = Deps::of(&cloud)?;
    let analyze =
        async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(analyzer::handle(&deps, event.payload).await);
    run(service_fn(analyze)).await
}
