//! The mailer as Lambda functions, by handler: `mail` on the mail queue, `events` and `replies` on SES's. All of its configuration
//! is environment names, see [`shared::cloud`]; one that is missing fails the cold start and is named.

use anyhow::Context;
use aws_lambda_events::sqs::SqsEvent;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use mailer::{Deps, events, replies};
use shared::cloud::Cloud;
use tokio::sync::OnceCell;

type Batch = LambdaEvent<SqsEvent>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init_lambda();
    let cloud = &Cloud::from_env(&["mail", "events", "replies"]).context("the mailer cannot start")?;
    let secret = &cloud.rid_secret()?;
    match cloud.handler() {
        "events" => {
            let ports = &OnceCell::new();
            run(service_fn(async |event: Batch| {
                let deps = secret.once(ports, |key| events::Deps::of(cloud, key)).await?;
                Ok::<_, Error>(events::handle(deps, event.payload).await)
            }))
            .await
        }
        "replies" => {
            let ports = &OnceCell::new();
            run(service_fn(async |event: Batch| {
                let deps = secret.once(ports, |key| replies::Deps::of(cloud, key)).await?;
                Ok::<_, Error>(replies::handle(deps, event.payload).await)
            }))
            .await
        }
        _ => {
            let (ports, queue) = (&OnceCell::new(), &cloud.queue()?);
            run(service_fn(async |event: Batch| {
                let made = secret.once(ports, |key| Deps::of(cloud, queue.clone(), key));
                let (deps, deadline) = (made.await?, event.context.deadline.try_into()?);
                let deadline = Timestamp::from_millisecond(deadline)?;
                Ok::<_, Error>(mailer::handle_until(&**queue, deps, event.payload, deadline).await)
            }))
            .await
        }
    }
}
