//! The collector as Lambda functions: `collect` on the collect queue, `sweep` on a timer. What they do starts at
//! [`collector::handle`] and [`collector::sweeper`].

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use collector::{Accounts, Chain, Deps, Invocation};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{cloud::Cloud, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init_lambda();
    let cloud = &Cloud::from_env(&["collect", "sweep"]).context("the collector cannot start")?;
    if cloud.handler() == "sweep" {
        let chain = Chain::of(cloud)?;
        // The timer's payload says nothing that matters.
        let sweep = async |_: LambdaEvent<serde_json::Value>| Ok::<_, Error>(chain.sweep_open_runs().await?);
        return run(service_fn(sweep)).await;
    }
    let deps = Deps::of(cloud)?;
    let (queue, elsewhere) = (cloud.queue()?, Accounts(cloud.config().clone()));
    let collect = async |event: LambdaEvent<SqsEvent>| {
        let invocation = Invocation::until(event.context.deadline(), &*queue, &elsewhere);
        Ok::<_, Error>(collector::handle_within(&deps, &invocation, event.payload).await)
    };
    run(service_fn(collect)).await
}
