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
    // The secret is read with the first batch: reading it before the first poll would lengthen every cold start.
    let secret = &cloud.rid_secret()?;
    match cloud.handler() {
        "events" => {
            let (once, ports) = (&OnceCell::new(), || async {
                events::Deps::of(cloud, secret.read().await?)
            });
            run(service_fn(async |event: Batch| {
                Ok::<_, Error>(events::handle(once.get_or_try_init(ports).await?, event.payload).await)
            }))
            .await
        }
        "replies" => {
            let (once, ports) = (&OnceCell::new(), || async {
                replies::Deps::of(cloud, secret.read().await?)
            });
            run(service_fn(async |event: Batch| {
                Ok::<_, Error>(replies::handle(once.get_or_try_init(ports).await?, event.payload).await)
            }))
            .await
        }
        _ => {
            let (once, ports) = (&OnceCell::new(), || async {
                Deps::of(cloud, secret.read().await?)
            });
            let queue = cloud.queue()?;
            run(service_fn(async |event: Batch| {
                let deadline = Timestamp::from_millisecond(event.context.deadline.try_into()?)?;
                let deps = once.get_or_try_init(ports).await?;
                Ok::<_, Error>(mailer::handle_until(&*queue, deps, event.payload, deadline).await)
            }))
            .await
        }
    }
}
