//! What every function does with a batch of queue messages: each record by itself. Start at [`per_record`].
//!
//! A record that is no envelope, that fails or that panics fails alone; the others of its batch are done and deleted.
//! It is logged here, once, with the run, the document or part, the attempt and the message's key, and nowhere else.
//! [`mapping`] is the other side: what Lambda's event source mapping does, for the local runner and the tests.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use tracing::Instrument;

use crate::{
    message::{Envelope, EnvelopeError, Task, ToCollect},
    queue::{Receiver, Stage, trace},
};

pub mod mapping;

/// Not an error but "not now": the message is to come back later. Return it from a handler, also below `.context(…)`.
///
/// It is logged as information. Without a queue to tell (see [`per_record_on`]) the message comes back when its
/// visibility time is over; either way the queue's max receive count still ends it in the DLQ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("deferred for {} s: {reason}", after.as_secs())]
pub struct Deferred {
    /// How long to wait.
    pub after: Duration,
    /// What for, e.g. `3 parts are pending`.
    pub reason: String,
}

impl Deferred {
    /// Come back in `seconds`.
    pub fn seconds(seconds: u64, reason: impl Into<String>) -> Self {
        Self {
            after: Duration::from_secs(seconds),
            reason: reason.into(),
        }
    }
}

/// What a queue carries, as its function wants it read.
pub trait Message: Sized {
    /// Reads and checks a body that came from the queue of `stage`.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    fn read(stage: Stage, body: &str) -> Result<Self, EnvelopeError>;
    /// Fills in the span's fields, so that every line of the record's work carries them.
    fn describe(&self, span: &tracing::Span);
}

impl Message for Envelope {
    fn read(stage: Stage, body: &str) -> Result<Self, EnvelopeError> {
        Self::parse(stage, body)
    }
    fn describe(&self, span: &tracing::Span) {
        span.record("key", &self.key);
        span.record("run", tracing::field::display(&self.run));
        match &self.task {
            Task::Plan | Task::Analyze => {}
            Task::Part { part } => {
                span.record("part", part.as_str());
            }
            Task::Render { document } | Task::Mail { document } => {
                span.record("document", document.as_str());
            }
            Task::Deliver { document, rid } => {
                span.record("document", document.as_str());
                span.record("rid", rid.as_str());
            }
        }
    }
}

impl Message for ToCollect {
    fn read(stage: Stage, body: &str) -> Result<Self, EnvelopeError> {
        Self::parse(stage, body)
    }
    fn describe(&self, span: &tracing::Span) {
        match self {
            // The run is not known yet; whoever derives it records it.
            Self::Start(start) => {
                span.record("key", format!("{}/start", start.portfolio));
            }
            Self::Work(envelope) => envelope.describe(span),
        }
    }
}

/// Runs `handle` for every record of a batch that came from the queue of `stage`, one after the other.
///
/// The answer names the records that failed, so that the queue delivers them again. A failed record without a message
/// id cannot be named, and leaving it out would delete it: then the answer has an empty identifier, which makes Lambda
/// return the whole batch, and the log says so. The work is repeatable, so that costs time only.
pub async fn per_record<M, F, Fut>(event: SqsEvent, stage: Stage, handle: F) -> SqsBatchResponse
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    batch(event, stage, None, handle).await
}

/// As [`per_record`]; a [`Deferred`] record's visibility is set to the time that it asks for.
pub async fn per_record_on<M, F, Fut>(
    queue: &dyn Receiver,
    event: SqsEvent,
    stage: Stage,
    handle: F,
) -> SqsBatchResponse
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    batch(event, stage, Some(queue), handle).await
}

async fn batch<M, F, Fut>(
    event: SqsEvent,
    stage: Stage,
    queue: Option<&dyn Receiver>,
    handle: F,
) -> SqsBatchResponse
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let Err(failure) = record(&message, stage, &handle).await else {
            continue;
        };
        if let (Failure::Deferred(Deferred { after, .. }), Some(queue), Some(receipt)) =
            (&failure, queue, &message.receipt_handle)
            && let Err(error) = queue.retry_in(stage, receipt, *after).await
        {
            tracing::warn!(%stage, %error, "visibility not set, the message comes back when it times out");
        }
        let id = message.message_id.unwrap_or_default();
        if id.is_empty() {
            tracing::error!(%stage, "a failed record has no message id: the whole batch is returned");
        }
        response.add_failure(id);
    }
    response
}

/// How a record failed.
enum Failure {
    Body(EnvelopeError),
    Deferred(Deferred),
    Error(anyhow::Error),
    Panic(String),
}

async fn record<M, F, Fut>(message: &SqsMessage, stage: Stage, handle: &F) -> Result<(), Failure>
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let attempt = message
        .attributes
        .get("ApproximateReceiveCount")
        .map_or("1", String::as_str);
    let span = tracing::info_span!(
        "record",
        %stage,
        attempt,
        key = tracing::field::Empty,
        run = tracing::field::Empty,
        document = tracing::field::Empty,
        part = tracing::field::Empty,
        rid = tracing::field::Empty,
    );
    async {
        let started = Instant::now();
        let result = match M::read(stage, message.body.as_deref().unwrap_or_default()) {
            Ok(read) => {
                read.describe(&tracing::Span::current());
                // What the work sends carries the trace that this record came with.
                let header = message.attributes.get(trace::ATTRIBUTE);
                trace::within(header.cloned(), guarded(read, handle)).await
            }
            Err(error) => Err(Failure::Body(error)),
        };
        log(&result, message, started.elapsed());
        result
    }
    .instrument(span)
    .await
}

/// The runtime catches a panic per invocation, which would fail the whole batch; here it fails its own record.
async fn guarded<M, F, Fut>(message: M, handle: &F) -> Result<(), Failure>
where
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    // The call itself is inside the future too: a closure may panic before it returns one.
    let work = AssertUnwindSafe(async { handle(message).await });
    match work.catch_unwind().await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(match error.downcast::<Deferred>() {
            Ok(deferred) => Failure::Deferred(deferred),
            Err(error) => Failure::Error(error),
        }),
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(Failure::Panic(text.unwrap_or_else(|| "no message".to_owned())))
        }
    }
}

fn log(result: &Result<(), Failure>, message: &SqsMessage, took: Duration) {
    let ms = took.as_millis() as u64;
    let message_id = message.message_id.as_deref().unwrap_or("");
    match result {
        Ok(()) => tracing::info!(ms, "record done"),
        Err(Failure::Deferred(deferred)) => {
            tracing::info!(ms, after_s = deferred.after.as_secs(), reason = %deferred.reason, "record deferred");
        }
        // The body itself stays out of the log: it may be anything.
        Err(Failure::Body(error)) => {
            let bytes = message.body.as_deref().map_or(0, str::len);
            tracing::error!(message_id, bytes, error = %error, "record is no message for this queue");
        }
        Err(Failure::Error(error)) => {
            tracing::error!(ms, message_id, error = format!("{error:#}"), "record failed");
        }
        Err(Failure::Panic(text)) => tracing::error!(ms, message_id, panic = %text, "record panicked"),
    }
}

#[cfg(test)]
mod tests;
