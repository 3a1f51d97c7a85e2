//! The mailer as Lambda functions, by handler: `mail` on the mail queue, `events` on SES's. All of its configuration is
//! environment names, see [`shared::cloud`]; one that is missing fails the cold start and is named.

use std::sync::Arc;

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use mailer::{Deps, events, pace::Paced};
use shared::cloud::Cloud;
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init_lambda();
    let cloud = Cloud::from_env(&["mail", "events"]).await;
    let cloud = cloud.context("the mailer cannot start")?;
    match cloud.handler {
        "events" => events(&cloud).await,
        _ => mail(&cloud).await,
    }
}

// The secret is read with the first batch: reading it before the first poll would lengthen every cold start.

async fn mail(cloud: &Cloud) -> Result<(), Error> {
    let (ledger, queue, objects) = (cloud.ledger()?, cloud.queue()?, cloud.objects()?);
    let (transport, secret) = (Arc::new(Paced::new(cloud.mail()?)), cloud.rid_secret()?);
    let wire = || async {
        Ok::<_, Error>(Deps {
            ledger: ledger.clone(),
            sender: queue.clone(),
            objects: objects.clone(),
            clock: cloud.clock(),
            transport: transport.clone(),
            rid_key: secret.read().await?,
        })
    };
    let deps = OnceCell::new();
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let deps = deps.get_or_try_init(wire).await?;
        Ok::<_, Error>(mailer::handle_on(&*queue, deps, event.payload).await)
    }))
    .await
}

async fn events(cloud: &Cloud) -> Result<(), Error> {
    let (ledger, secret) = (cloud.ledger()?, cloud.rid_secret()?);
    let wire = || async {
        let (ledger, clock) = (ledger.clone(), cloud.clock());
        let rid_key = secret.read().await?;
        Ok::<_, Error>(events::Deps { ledger, clock, rid_key })
    };
    let deps = OnceCell::new();
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let deps = deps.get_or_try_init(wire).await?;
        Ok::<_, Error>(events::handle(deps, event.payload).await)
    }))
    .await
}
