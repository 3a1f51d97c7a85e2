//! What Lambda's event source mapping does: receive, invoke, delete what did not fail. The local runner and the tests
//! drive the functions through this, so they see the events that Lambda would give them.

use std::{collections::BTreeSet, future::Future};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};

use crate::queue::{QueueError, Received, Receiver, Stage, trace};

/// What one poll came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Polled {
    /// Messages received.
    pub received: usize,
    /// Of these, those that come back (or go to the DLQ).
    pub failed: usize,
}

/// Receives at most `max` messages (1 to 10), hands them to `handle` as one event and deletes those that did not fail.
/// An answer with an empty identifier returns the whole batch, as Lambda does. Nothing visible: `handle` is not called.
///
/// # Errors
/// The queue's. Messages in flight then come back by themselves.
pub async fn poll<F, Fut>(
    queue: &dyn Receiver,
    stage: Stage,
    max: usize,
    handle: F,
) -> Result<Polled, QueueError>
where
    F: FnOnce(SqsEvent) -> Fut,
    Fut: Future<Output = SqsBatchResponse>,
{
    let batch = queue.receive(stage, max).await?;
    if batch.is_empty() {
        return Ok(Polled::default());
    }
    let response = handle(event(stage, &batch)).await;
    let failed = failed_ids(&response);
    let all = failed.contains("");
    let mut polled = Polled {
        received: batch.len(),
        failed: 0,
    };
    for message in &batch {
        if all || failed.contains(message.message_id.as_str()) {
            polled.failed += 1;
        } else {
            queue.delete(stage, &message.receipt).await?;
        }
    }
    Ok(polled)
}

/// The event that Lambda would make of these messages.
pub fn event(stage: Stage, batch: &[Received]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = batch.iter().map(|received| record(stage, received)).collect();
    event
}

fn record(stage: Stage, received: &Received) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(received.message_id.clone());
    message.receipt_handle = Some(received.receipt.clone());
    message.body = Some(received.body.clone());
    message.attributes = [(
        "ApproximateReceiveCount".to_owned(),
        received.receive_count.to_string(),
    )]
    .into_iter()
    .chain(
        received
            .trace
            .clone()
            .map(|header| (trace::ATTRIBUTE.to_owned(), header)),
    )
    .collect();
    message.event_source = Some("aws:sqs".to_owned());
    message.event_source_arn = Some(format!("arn:aws:sqs:local:000000000000:{stage}"));
    message
}

/// The identifiers that an answer names as failed.
pub fn failed_ids(response: &SqsBatchResponse) -> BTreeSet<String> {
    response
        .batch_item_failures
        .iter()
        .map(|failure| failure.item_identifier.clone())
        .collect()
}
