//! The collector as Lambda functions: `collect` on the collect queue, `sweep` on a timer. What they do starts at
//! [`collector::handle`] and [`collector::sweeper`].

use std::sync::Arc;

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use collector::{
    Accounts, Chain, Deps, Invocation,
    sources::inventory::account::{Account, Fingerprints},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{
    cloud::{self, Cloud},
    telemetry,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init_lambda();
    let cloud = Cloud::from_env(&["collect", "sweep"]).context("the collector cannot start")?;
    let chain = Chain::of(&cloud)?;
    if cloud.handler() == "sweep" {
        // The timer's payload says nothing that matters.
        let sweep = async |_: LambdaEvent<serde_json::Value>| Ok::<_, Error>(chain.sweep_open_runs().await?);
        return run(service_fn(sweep)).await;
    }
    let objects = cloud.objects()?;
    let key = Fingerprints::Secret(cloud.rid_secret_id()?.to_owned());
    let deps = Deps {
        tables: cloud.tables(),
        inputs: objects.store(),
        objects,
        ledger: chain.ledger,
        sender: chain.sender,
        clock: Arc::clone(&chain.clock),
        polling: chain.polling,
        account: Some(Arc::new(Account::of(cloud.config(), chain.clock, key)?)),
        variable: cloud::value,
    };
    let (queue, elsewhere) = (cloud.queue()?, Accounts(cloud.config().clone()));
    let collect = async |event: LambdaEvent<SqsEvent>| {
        let invocation = Invocation::until(event.context.deadline(), &*queue, &elsewhere);
        Ok::<_, Error>(collector::handle_within(&deps, &invocation, event.payload).await)
    };
    run(service_fn(collect)).await
}
