//! The renderer as a Lambda function: wires its ports and runs.

use anyhow::Context;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use renderer::{Deps, handle};
use shared::{cloud::Cloud, telemetry};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env(&["render"]).context("the renderer cannot start")?;
    let deps = Deps::of(&cloud)?;
    run(service_fn(async |event: LambdaEvent<_>| {
        Ok::<_, Error>(handle(&deps, event.payload).await)
    }))
    .await
}
