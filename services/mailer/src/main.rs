//! The mailer as Lambda functions, by handler: `mail` on the mail queue, `events` and `replies` on SES's. All of its configuration
//! is environment names, see [`shared::cloud`]; one that is missing fails the cold start and is named.

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use mailer::{Deps, events, pace, replies};
use shared::cloud::Cloud;
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init_lambda();
    let cloud = Cloud::from_env(&["mail", "events", "replies"]).context("the mailer cannot start")?;
    let (ledger, clock, secret) = (cloud.ledger()?, cloud.clock(), cloud.rid_secret()?);
    // The secret is read with the first batch: reading it before the first poll would lengthen every cold start.
    let (key, read) = (&OnceCell::new(), || secret.read());
    if cloud.handler() != "mail" {
        let replies = (cloud.handler() == "replies").then(|| cloud.inbox());
        let inbox = &replies.transpose()?;
        return run(service_fn(async |event: LambdaEvent<SqsEvent>| {
            let key = key.get_or_try_init(read).await?.clone();
            let (ledger, clock, batch) = (ledger.clone(), clock.clone(), event.payload);
            Ok::<_, Error>(match inbox.clone() {
                Some(inbox) => replies::handle(&replies::Deps::new(ledger, inbox, key), batch).await,
                None => events::handle(&events::Deps::new(ledger, clock, key), batch).await,
            })
        }))
        .await;
    }
    let (queue, objects, transport) = (cloud.queue()?, cloud.objects()?, pace::transport(&cloud)?);
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let deps = Deps {
            ledger: ledger.clone(),
            sender: queue.clone(),
            objects: objects.clone(),
            clock: clock.clone(),
            transport: transport.clone(),
            rid_key: key.get_or_try_init(read).await?.clone(),
            doubt: shared::ledger::DOUBT,
        };
        let deadline = Timestamp::from_millisecond(event.context.deadline.try_into()?)?;
        Ok::<_, Error>(mailer::handle_until(&*queue, &deps, event.payload, deadline).await)
    }))
    .await
}
