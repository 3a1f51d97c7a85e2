//! Which queues are polled: some only while there is work, because an event source mapping that waits all day costs more
//! than the night it waits for. See docs/decisions/013.
//!
//! A plan wakes the stages ([`wake`]), every sweep sets each of them to what it should be ([`settle`]): a stage is awake while
//! a run is open or its queue has a message. So nothing depends on a call of ours having succeeded: whatever was missed, and
//! whatever a person put on a queue by day, is seen by the next sweep. [`mappings`] is the adapter to Lambda.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::{ledger::Ledger, queue::Stage};

mod mappings;

pub use mappings::Mappings;

/// No open run's next look is farther away.
const EVER: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Switches the polling of queues on and off.
///
/// Contract: switching to what it is already changes nothing and is `Ok(false)`, as is one that is on its way from one state
/// to the other, which the next sweep looks at again. A message in hand while its stage is
/// switched off is worked on to its end. Nothing on a queue is lost: it waits.
#[async_trait]
pub trait Polling: Send + Sync {
    /// The stages that can be switched; all others are polled at all times.
    fn stages(&self) -> Vec<Stage>;
    /// How many messages its queue has, those in flight and delayed ones included; up to a minute old.
    async fn depth(&self, stage: Stage) -> anyhow::Result<u64>;
    /// Answers whether it was switched.
    async fn switch(&self, stage: Stage, on: bool) -> anyhow::Result<bool>;
}

/// Wakes all stages, because a run has begun. One that cannot be woken is left to the next sweep: the night is only later.
pub async fn wake(polling: Option<&dyn Polling>) {
    let Some(polling) = polling else { return };
    for stage in polling.stages() {
        match polling.switch(stage, true).await {
            Ok(woken) => tracing::info!(%stage, woken, "a run began"),
            Err(error) => {
                tracing::warn!(%stage, error = format!("{error:#}"), "stage not woken, the next sweep will");
            }
        }
    }
}

/// Sets every stage to what it should be now.
///
/// # Errors
/// When a stage that has work cannot be woken, or nobody can say whether it has. One that cannot be put to sleep costs
/// cents, and is tried again by the next sweep.
pub async fn settle(polling: &dyn Polling, ledger: &dyn Ledger, now: Timestamp) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    let open = match ledger.open_runs(now.checked_add(EVER)?).await {
        Ok(runs) => !runs.is_empty(),
        Err(error) => {
            let error = anyhow::Error::from(error).context("failed to list the open runs");
            failed.push(format!("{error:#}"));
            true
        }
    };
    for stage in polling.stages() {
        let awake = match open {
            true => Ok(true),
            false => polling.depth(stage).await.map(|messages| messages > 0),
        };
        // Not known is no reason to let a message wait.
        let on = *awake.as_ref().unwrap_or(&true);
        match polling.switch(stage, on).await {
            Ok(true) => tracing::info!(%stage, on, "polling switched"),
            Ok(false) => {}
            Err(error) if on => failed.push(format!("{stage} not woken: {error:#}")),
            Err(error) => {
                tracing::warn!(%stage, error = format!("{error:#}"), "stage not put to sleep");
            }
        }
        failed.extend(awake.err().map(|error| format!("{stage}: {error:#}")));
    }
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("; "));
    Ok(())
}

#[cfg(test)]
mod tests;
