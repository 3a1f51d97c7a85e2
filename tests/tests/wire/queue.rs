//! The queues on SQS's protocol.

use std::{collections::HashMap, time::Duration};

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use shared::{
    contract::queue::Bench,
    queue::{Receiver, Sender, Stage, sqs::SqsQueue},
};

const VISIBILITY: Duration = Duration::from_secs(2);
const MAX_RECEIVES: u32 = 3;

struct OverTheWire(SqsQueue);

#[async_trait::async_trait]
impl Bench for OverTheWire {
    fn sender(&self) -> &dyn Sender {
        &self.0
    }
    fn receiver(&self) -> &dyn Receiver {
        &self.0
    }
    fn visibility(&self) -> Duration {
        VISIBILITY
    }
    fn max_receives(&self) -> u32 {
        MAX_RECEIVES
    }
    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time + Duration::from_millis(200)).await;
    }
}

/// A queue and its DLQ for each stage, as the template makes them.
async fn queue() -> Option<OverTheWire> {
    let client = Client::new(&super::config().await?);
    let name = super::fresh("qd");
    let mut prefix = String::new();
    for stage in Stage::ALL {
        let dlq = create(&client, &format!("{name}-{stage}-dlq"), HashMap::new()).await;
        let arn = client
            .get_queue_attributes()
            .queue_url(&dlq)
            .attribute_names(QueueAttributeName::QueueArn);
        let arn = arn.send().await.expect("attributes").attributes.expect("some")
            [&QueueAttributeName::QueueArn]
            .clone();
        let redrive = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{MAX_RECEIVES}"}}"#);
        let attributes = HashMap::from([
            (
                QueueAttributeName::VisibilityTimeout,
                VISIBILITY.as_secs().to_string(),
            ),
            (QueueAttributeName::RedrivePolicy, redrive),
        ]);
        let url = create(&client, &format!("{name}-{stage}"), attributes).await;
        url.strip_suffix(stage.name())
            .expect("the URL ends in the name")
            .clone_into(&mut prefix);
    }
    Some(OverTheWire(
        SqsQueue::new(client, prefix).with_wait(Duration::ZERO),
    ))
}

async fn create(client: &Client, name: &str, attributes: HashMap<QueueAttributeName, String>) -> String {
    let created = client
        .create_queue()
        .queue_name(name)
        .set_attributes(Some(attributes))
        .send()
        .await;
    created.expect("made").queue_url.expect("a queue has a URL")
}

shared::queue_contract!(queue());

#[tokio::test]
async fn a_queue_that_is_not_there_is_unavailable_and_says_which() {
    let Some(config) = super::config().await else {
        return;
    };
    let prefix = format!("{}/000000000000/nowhere-", super::endpoint().unwrap_or_default());
    let queue = SqsQueue::new(Client::new(&config), prefix);
    let error = queue.send(Stage::Render, &["x".to_owned()]).await.unwrap_err();
    assert_eq!(error.to_string(), "the render queue cannot be used");
}
