//! The mailer as a Lambda function on the mail queue. All of its configuration is environment names, see
//! [`shared::cloud`]; one that is missing fails the cold start and is named.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mailer::{Deps, pace::Paced};
use shared::cloud::{Cloud, CloudError};
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init_lambda();
    let cloud = Cloud::from_env().await?;
    let (transport, secret) = (Arc::new(Paced::new(cloud.mail()?)), cloud.rid_secret()?);
    let wire = || async {
        Ok::<_, CloudError>(Deps {
            ledger: cloud.ledger.clone(),
            sender: cloud.queue.clone(),
            objects: cloud.objects.clone(),
            clock: cloud.clock.clone(),
            transport: transport.clone(),
            rid_key: secret.read().await?,
        })
    };
    // The secret is read with the first batch: reading it before the first poll would lengthen every cold start.
    let deps = OnceCell::new();
    let handle = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let deps = deps.get_or_try_init(wire).await?;
        Ok::<_, Error>(mailer::handle_on(&*cloud.queue, deps, event.payload).await)
    });
    lambda_runtime::run(handle).await
}
