//! The queues on SQS. A queue's URL is the deployment's prefix and the stage's name; its DLQ's ends in `-dlq`.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_sqs::{
    Client,
    error::{DisplayErrorContext, SdkError},
    types::{
        MessageSystemAttributeName, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
        QueueAttributeName, SendMessageBatchRequestEntry,
    },
};

use super::{
    QueueError, Received, Receiver, Sender, Stage,
    batch::{Tally, batches},
    trace,
};

/// How long `dead_letters` hides what it looks at, so that it sees each message once.
const LOOK: i32 = 30;

/// All queues of a deployment.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    prefix: String,
    wait: Duration,
}

impl SqsQueue {
    /// Queues at `<prefix><stage>`, e.g. `https://sqs.us-east-1.amazonaws.com/123456789012/quarterdeck-`. Nothing is
    /// looked up, so a cold start makes no call.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self {
            client,
            prefix: prefix.into(),
            wait: Duration::from_secs(1),
        }
    }

    /// How long `receive` waits for a first message (at most 20 s). Without waiting SQS may miss some that are there.
    #[must_use]
    pub fn with_wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    fn url(&self, stage: Stage) -> String {
        format!("{}{stage}", self.prefix)
    }

    fn dlq(&self, stage: Stage) -> String {
        format!("{}-dlq", self.url(stage))
    }

    /// How many messages the queue has, those in flight and those not visible yet included. SQS's figures are approximate,
    /// and up to a minute old.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub async fn depth(&self, stage: Stage) -> Result<u64, QueueError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(self.url(stage));
        let request = request.set_attribute_names(Some(names.to_vec()));
        let output = request.send().await.map_err(unavailable(stage))?;
        let attributes = output.attributes.unwrap_or_default();
        let figure = |name| attributes.get(name).and_then(|text| text.parse::<u64>().ok());
        // A figure that is not there is no zero: a queue must not be taken for empty that was not counted.
        let counted: Option<u64> = names.iter().map(figure).sum();
        counted.ok_or_else(|| QueueError::Unavailable {
            stage,
            source: "it did not say how many messages it has".into(),
        })
    }

    /// Sends one batch; answers the indexes that were refused, each with whether sending it again may help.
    async fn send_batch(
        &self,
        stage: Stage,
        bodies: &[String],
        indexes: &[usize],
    ) -> Result<Vec<Refused>, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = self.client.send_message_batch().queue_url(self.url(stage));
        let header = trace::current().map(|header| {
            let value = MessageSystemAttributeValue::builder().data_type("String");
            value.string_value(header).build()
        });
        let header = header.transpose()?;
        for index in indexes {
            let mut entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(&bodies[*index]);
            if let Some(header) = &header {
                let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
                entry = entry.message_system_attributes(name, header.clone());
            }
            request = request.entries(entry.build()?);
        }
        let output = request.send().await.map_err(described)?;
        let refused = output.failed().iter().filter_map(|failed| {
            let reason = format!(
                "{}: {}",
                failed.code(),
                failed.message().unwrap_or("no reason given")
            );
            Some(Refused {
                index: failed.id().parse().ok()?,
                reason,
                try_again: !failed.sender_fault(),
            })
        });
        Ok(refused.collect())
    }
}

struct Refused {
    index: usize,
    reason: String,
    try_again: bool,
}

#[async_trait]
impl Sender for SqsQueue {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        let mut tally = Tally::new(stage, bodies.len());
        for range in batches(bodies) {
            let mut indexes: Vec<usize> = range.clone().collect();
            // The SDK retries a call that failed, but a call that succeeded may have refused entries: these go once more.
            for last in [false, true] {
                let refused = match self.send_batch(stage, bodies, &indexes).await {
                    Ok(refused) => refused,
                    Err(source) => {
                        tally.unreachable(indexes.into_iter().chain(range.end..bodies.len()), source);
                        return tally.finish();
                    }
                };
                let (again, given_up): (Vec<_>, Vec<_>) =
                    refused.into_iter().partition(|entry| entry.try_again && !last);
                given_up
                    .into_iter()
                    .for_each(|entry| tally.refused(entry.index, entry.reason));
                indexes = again.into_iter().map(|entry| entry.index).collect();
                if indexes.is_empty() {
                    break;
                }
            }
        }
        tally.finish()
    }
}

#[async_trait]
impl Receiver for SqsQueue {
    async fn receive(&self, stage: Stage, max: usize) -> Result<Vec<Received>, QueueError> {
        let request = self.client.receive_message().queue_url(self.url(stage));
        let request = request.max_number_of_messages(i32::try_from(max.clamp(1, 10)).unwrap_or(10));
        let request = request.wait_time_seconds(i32::try_from(self.wait.as_secs().min(20)).unwrap_or(20));
        let request =
            request.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::AwsTraceHeader);
        let output = request.send().await.map_err(unavailable(stage))?;
        let messages = output.messages.unwrap_or_default().into_iter();
        Ok(messages
            .map(|message| {
                let count = message.attributes().and_then(|attributes| {
                    attributes
                        .get(&MessageSystemAttributeName::ApproximateReceiveCount)?
                        .parse()
                        .ok()
                });
                let trace = message.attributes().and_then(|attributes| {
                    attributes
                        .get(&MessageSystemAttributeName::AwsTraceHeader)
                        .cloned()
                });
                Received {
                    receive_count: count.unwrap_or(1),
                    trace,
                    message_id: message.message_id.unwrap_or_default(),
                    receipt: message.receipt_handle.unwrap_or_default(),
                    body: message.body.unwrap_or_default(),
                }
            })
            .collect())
    }

    async fn delete(&self, stage: Stage, receipt: &str) -> Result<(), QueueError> {
        let sent = self
            .client
            .delete_message()
            .queue_url(self.url(stage))
            .receipt_handle(receipt)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            // Stale, or deleted before: the contract asks for neither to be an error.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_receipt_handle_is_invalid()) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable(stage)(error)),
        }
    }

    async fn retry_in(&self, stage: Stage, receipt: &str, after: Duration) -> Result<(), QueueError> {
        // 12 hours is the most that SQS takes.
        let seconds = i32::try_from(after.as_secs()).unwrap_or(i32::MAX).min(43_200);
        let request = self
            .client
            .change_message_visibility()
            .queue_url(self.url(stage))
            .receipt_handle(receipt);
        match request.visibility_timeout(seconds).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(e) if e.is_receipt_handle_is_invalid() || e.is_message_not_inflight() => Ok(()),
                _ => Err(unavailable(stage)(error)),
            },
        }
    }

    async fn dead_letters(&self, stage: Stage) -> Result<Vec<String>, QueueError> {
        let url = self.dlq(stage);
        let mut seen = BTreeMap::new();
        let mut receipts = Vec::new();
        // SQS cannot be looked into: take everything, then make it visible again.
        loop {
            let request = self
                .client
                .receive_message()
                .queue_url(&url)
                .max_number_of_messages(10);
            let request = request.visibility_timeout(LOOK).wait_time_seconds(1);
            let request = request.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
            let messages = request
                .send()
                .await
                .map_err(unavailable(stage))?
                .messages
                .unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let sent = message.attributes().and_then(|attributes| {
                    attributes
                        .get(&MessageSystemAttributeName::SentTimestamp)?
                        .parse::<u64>()
                        .ok()
                });
                receipts.extend(message.receipt_handle);
                let key = (sent.unwrap_or(0), message.message_id.unwrap_or_default());
                seen.insert(key, message.body.unwrap_or_default());
            }
        }
        for receipt in receipts {
            let request = self
                .client
                .change_message_visibility()
                .queue_url(&url)
                .receipt_handle(receipt);
            // One that cannot be shown again now comes back by itself after the look.
            if let Err(error) = request.visibility_timeout(0).send().await {
                tracing::debug!(%stage, error = %DisplayErrorContext(&error), "dead letter stays hidden for a while");
            }
        }
        Ok(seen.into_values().collect())
    }
}

/// The SDK's errors say little by themselves; the chain below them does.
fn described<E, R>(error: SdkError<E, R>) -> Box<dyn std::error::Error + Send + Sync>
where
    SdkError<E, R>: std::error::Error + Send + Sync + 'static,
{
    DisplayErrorContext(error).to_string().into()
}

fn unavailable<E, R>(stage: Stage) -> impl Fn(SdkError<E, R>) -> QueueError
where
    SdkError<E, R>: std::error::Error + Send + Sync + 'static,
{
    move |error| QueueError::Unavailable {
        stage,
        source: Box::new(error),
    }
}
