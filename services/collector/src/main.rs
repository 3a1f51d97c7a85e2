//! The collector as a Lambda function: logging, wiring, run. What it does starts at [`collector::handle`].

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use collector::Deps;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{cloud::Cloud, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init_lambda();
    let deps = &wire().await.context("the collector cannot start")?;
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(collector::handle(deps, event.payload).await)
    }))
    .await
}

async fn wire() -> anyhow::Result<Deps> {
    let cloud = Cloud::from_env().await?;
    Ok(Deps {
        tables: cloud.tables(),
        inputs: cloud.inputs()?,
        ledger: cloud.ledger,
        sender: cloud.queue,
        objects: cloud.objects,
        clock: cloud.clock,
    })
}
