//! The renderer as a Lambda function: wires its ports and runs.

use std::sync::Arc;

use anyhow::Context;
use lambda_runtime::{LambdaEvent, service_fn};
use renderer::{Deps, Nights, handle};
use shared::{cloud::Cloud, telemetry};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env(&["render"]).context("the renderer cannot start")?;
    let deps = Arc::new(Deps {
        ledger: cloud.ledger()?,
        sender: cloud.queue()?,
        objects: cloud.objects()?,
        clock: cloud.clock(),
        nights: Nights::default(),
    });
    let function = |event: LambdaEvent<_>| {
        let deps = Arc::clone(&deps);
        async move { Ok::<_, lambda_runtime::Error>(handle(&deps, event.payload).await) }
    };
    lambda_runtime::run(service_fn(function)).await
}
