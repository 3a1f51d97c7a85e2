//! The queue port. Functions hold a [`Sender`] only; who drives them (Lambda's event source mapping, or the local
//! runner) holds the [`Receiver`].

#[cfg(any(feature = "embedded", feature = "sqs"))]
mod batch;
#[cfg(feature = "embedded")]
pub mod memory;
#[cfg(feature = "sqs")]
pub mod sqs;
pub mod trace;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// The queues of the chain. Each has a DLQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To the collector.
    Collect,
    /// To the analyzer.
    Analyze,
    /// To the renderer.
    Render,
    /// To the mailer.
    Mail,
}

impl Stage {
    /// In the order of the chain.
    pub const ALL: [Self; 4] = [Self::Collect, Self::Analyze, Self::Render, Self::Mail];

    /// The queue's name without a deployment's prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Analyze => "analyze",
            Self::Render => "render",
            Self::Mail => "mail",
        }
    }
}
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What went wrong. All variants are safe to retry: a queue delivers at least once anyway.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Some entries were refused or lost; the indexes are into the slice that was given.
    #[error("{} of {total} messages were not taken by the {stage} queue: {reason}", failed.len())]
    Partial {
        /// Which queue.
        stage: Stage,
        /// Indexes of the entries to send again.
        failed: Vec<usize>,
        /// How many were given.
        total: usize,
        /// What the service said of the first.
        reason: String,
    },
    /// The queue is not there or cannot be reached.
    #[error("the {stage} queue cannot be used")]
    Unavailable {
        /// Which queue.
        stage: Stage,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Sends messages.
///
/// Contract: an empty slice is `Ok` and does nothing. Bodies may be sent in any batching (SQS: 10 entries, 1 MiB). On
/// [`QueueError::Partial`] the entries not named *were* taken; naming none is not possible. A body is delivered at
/// least once, in any order, also twice, also long after.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends all bodies, or says which were not taken.
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError>;
}

/// A message in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Changes with a redrive: never key anything on it.
    pub message_id: String,
    /// Names this receipt; a later receipt of the same message makes it stale.
    pub receipt: String,
    /// As sent.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// The trace that it was sent in, as X-Ray writes it.
    pub trace: Option<String>,
}

/// Receives messages, for the driver of the functions.
///
/// Contract: a received message is invisible for the visibility time, then comes back with a higher `receive_count`;
/// past the queue's max receive count it moves to the DLQ instead. `delete` with a stale receipt is `Ok` and need not
/// delete; deleting twice is `Ok`. `retry_in` sets the time until the message is visible again (zero: at once).
#[async_trait]
pub trait Receiver: Send + Sync {
    /// Up to `max` (1 to 10) visible messages; none is an empty vector.
    async fn receive(&self, stage: Stage, max: usize) -> Result<Vec<Received>, QueueError>;
    /// Takes the message off the queue.
    async fn delete(&self, stage: Stage, receipt: &str) -> Result<(), QueueError>;
    /// Makes the message visible again after a time.
    async fn retry_in(&self, stage: Stage, receipt: &str, after: Duration) -> Result<(), QueueError>;
    /// Bodies on the DLQ, oldest first, without taking them off.
    async fn dead_letters(&self, stage: Stage) -> Result<Vec<String>, QueueError>;
}
