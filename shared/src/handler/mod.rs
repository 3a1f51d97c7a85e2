//! What every function does with a batch of queue messages: each record by itself. Start at [`per_record`].
//!
//! A record that is no envelope, that fails or that panics fails alone; the others of its batch are done and deleted.
//! It is logged here, once, with the run, the document or part, the attempt and the message's key, and nowhere else; so
//! is the time that it took measured. [`per_body`] does the same for a queue whose messages are not ours.
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
    id::PortfolioId,
    message::{Envelope, EnvelopeError, Task, ToCollect},
    metrics,
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
    /// Whose night it is about.
    fn portfolio(&self) -> &PortfolioId;
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
    fn portfolio(&self) -> &PortfolioId {
        self.run.portfolio()
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
    fn portfolio(&self) -> &PortfolioId {
        match self {
            Self::Start(start) => &start.portfolio,
            Self::Work(envelope) => envelope.run.portfolio(),
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
    batch(event, stage, None, None, handle).await
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
    batch(event, stage, Some(queue), None, handle).await
}

/// The time that an invocation has left, and how much of it one record may take.
pub struct Budget<'a> {
    /// Asked before each record.
    pub left: &'a (dyn Fn() -> Duration + Send + Sync),
    /// A record that finds less is not begun: killed in the middle, it would leave more to mend than it does now.
    pub needed: Duration,
}

/// As [`per_record_on`]; records for which there is no time left are returned unbegun, visible again at once.
pub async fn per_record_within<M, F, Fut>(
    queue: &dyn Receiver,
    budget: &Budget<'_>,
    event: SqsEvent,
    stage: Stage,
    handle: F,
) -> SqsBatchResponse
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    batch(event, stage, Some(queue), Some(budget), handle).await
}

async fn batch<M, F, Fut>(
    event: SqsEvent,
    stage: Stage,
    queue: Option<&dyn Receiver>,
    budget: Option<&Budget<'_>>,
    handle: F,
) -> SqsBatchResponse
where
    M: Message,
    F: Fn(M) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let lacks_time = budget.is_some_and(|budget| (budget.left)() < budget.needed);
        let result = if lacks_time {
            tracing::info!(%stage, "no time left for a record, it is returned");
            Err(Failure::Deferred(Deferred::seconds(0, "no time left")))
        } else {
            record(&message, stage, &handle).await
        };
        let Err(failure) = result else {
            continue;
        };
        if let (Failure::Deferred(Deferred { after, .. }), Some(queue), Some(receipt)) =
            (&failure, queue, &message.receipt_handle)
            && let Err(error) = queue.retry_in(stage, receipt, *after).await
        {
            tracing::warn!(%stage, %error, "visibility not set, the message comes back when it times out");
        }
        failed(&mut response, message, stage.name());
    }
    response
}

/// Names a record as failed.
fn failed(response: &mut SqsBatchResponse, message: SqsMessage, queue: &str) {
    let id = message.message_id.unwrap_or_default();
    if id.is_empty() {
        tracing::error!(
            stage = queue,
            "a failed record has no message id: the whole batch is returned"
        );
    }
    response.add_failure(id);
}

/// As [`per_record`], for a queue whose bodies are no envelopes: `handle` gets the body as it came. Its record's span has
/// the same fields; what of them the body says, `handle` fills in.
pub async fn per_body<F, Fut>(event: SqsEvent, queue: &'static str, handle: F) -> SqsBatchResponse
where
    F: Fn(String) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let mut response = SqsBatchResponse::default();
    for mut message in event.records {
        let body = message.body.take().unwrap_or_default();
        let work = async {
            let started = Instant::now();
            let result = guarded(async { handle(body).await }).await;
            log(&result, &message, started.elapsed());
            result
        };
        if work.instrument(span(&message, queue)).await.is_err() {
            failed(&mut response, message, queue);
        }
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
    async {
        let started = Instant::now();
        let result = match M::read(stage, message.body.as_deref().unwrap_or_default()) {
            Ok(read) => {
                read.describe(&tracing::Span::current());
                let portfolio = read.portfolio().clone();
                // What the work sends carries the trace that this record came with.
                let header = message.attributes.get(trace::ATTRIBUTE);
                let work = guarded(async { handle(read).await });
                let result = trace::within(header.cloned(), work).await;
                measure(&result, &portfolio, stage.name(), started.elapsed());
                result
            }
            Err(error) => Err(Failure::Body(error)),
        };
        log(&result, message, started.elapsed());
        result
    }
    .instrument(span(message, stage.name()))
    .await
}

/// The span of a record; its empty fields are filled in when they are known.
fn span(message: &SqsMessage, queue: &str) -> tracing::Span {
    let attempt = message
        .attributes
        .get("ApproximateReceiveCount")
        .map_or("1", String::as_str);
    tracing::info_span!(
        "record",
        stage = queue,
        attempt,
        key = tracing::field::Empty,
        run = tracing::field::Empty,
        document = tracing::field::Empty,
        part = tracing::field::Empty,
        rid = tracing::field::Empty,
    )
}

/// Tells how long the work took. A deferred record did none.
fn measure(result: &Result<(), Failure>, portfolio: &PortfolioId, stage: &'static str, took: Duration) {
    if !matches!(result, Err(Failure::Deferred(_))) {
        metrics::stage(portfolio, stage, took);
    }
}

/// The runtime catches a panic per invocation, which would fail the whole batch; here it fails its own record.
/// `work` calls the closure inside its future: a closure may panic before it returns one.
async fn guarded(work: impl Future<Output = anyhow::Result<()>>) -> Result<(), Failure> {
    match AssertUnwindSafe(work).catch_unwind().await {
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
