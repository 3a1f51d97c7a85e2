//! The renderer as a Lambda function: wires its ports and runs.

use std::sync::Arc;

use anyhow::Context;
use lambda_runtime::{LambdaEvent, service_fn};
use renderer::{Deps, handle};
use shared::{cloud::Cloud, telemetry};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env().await.context("the renderer cannot start")?;
    let deps = Arc::new(Deps {
        ledger: cloud.ledger.clone(),
        sender: cloud.queue.clone(),
        objects: cloud.objects.clone(),
        clock: cloud.clock.clone(),
    });
    let function = |event: LambdaEvent<_>| {
        let deps = Arc::clone(&deps);
        async move { Ok::<_, lambda_runtime::Error>(handle(&deps, event.payload).await) }
    };
    lambda_runtime::run(service_fn(function)).await
}
