//! Drives the handlers as Lambda's event source mapping does: receive, invoke, delete what succeeded, give back what
//! failed; until every queue is quiet.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use shared::{
    handler::mapping,
    queue::{Received, Receiver, Stage, memory::MemoryQueue},
};
use tokio::{runtime::Handle, task::JoinSet};

use super::services::Services;
use crate::progress::Progress;

/// How long a failed message waits, times its receive count.
const RETRY_STEP: Duration = Duration::from_millis(250);

/// Runs until no queue has a message that will become visible. Messages that fail too often end in a DLQ.
///
/// # Errors
/// If a queue cannot be used, or a handler panics outside its own guard.
pub async fn drive_until_quiet(
    queue: &Arc<MemoryQueue>,
    services: &Arc<Services>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let limit = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 8);
    let mut in_flight = JoinSet::new();
    loop {
        // Later stages first: what is nearly done leaves the memory first.
        for stage in Stage::ALL.into_iter().rev() {
            while in_flight.len() < limit {
                let Some(message) = queue.receive(stage, 1).await?.pop() else {
                    break;
                };
                // A thread an invocation, as Lambda gives each a sandbox: rendering keeps a core busy for long.
                let (services, runtime) = (Arc::clone(services), Handle::current());
                in_flight.spawn_blocking(move || runtime.block_on(invoke(&services, stage, message)));
            }
        }
        match in_flight.join_next().await {
            Some(done) => {
                let (stage, message, ok) = done.context("a handler panicked")?;
                if ok {
                    queue.delete(stage, &message.receipt).await?;
                    progress.done(stage, &item_of(&message.body));
                } else {
                    queue
                        .retry_in(stage, &message.receipt, RETRY_STEP * message.receive_count)
                        .await?;
                }
            }
            None => match queue.next_visible() {
                // The clock that decides what is visible runs at the machine's pace; look again shortly.
                Some(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                None => return Ok(()),
            },
        }
    }
}

async fn invoke(services: &Services, stage: Stage, message: Received) -> (Stage, Received, bool) {
    let event = mapping::event(stage, std::slice::from_ref(&message));
    let response = services.handle(stage, event).await;
    let ok = response.batch_item_failures.is_empty();
    (stage, message, ok)
}

/// What a progress bar says of a message: the last part of its key.
fn item_of(body: &str) -> String {
    let key = serde_json::from_str::<serde_json::Value>(body).ok();
    let key = key.as_ref().and_then(|v| v["key"].as_str()).unwrap_or_default();
    let item = key.split_once('/').map_or(key, |(_, item)| item);
    item.split('@').next().unwrap_or_default().to_owned()
}
