//! Queues in this process with SQS's manners: at least once, visibility, delay, a max receive count and a DLQ, batches
//! of ten. Time is the injected clock's, so a test moves it and a redelivery costs no waiting. Start at [`MemoryQueue`].

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::{
    QueueError, Received, Receiver, Sender, Stage,
    batch::{Tally, batches},
    trace,
};
use crate::clock::Clock;

/// As the template sets them for the cloud's queues.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a received message is invisible.
    pub visibility: Duration,
    /// How often a message is received before it goes to the DLQ.
    pub max_receives: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility: Duration::from_secs(360),
            max_receives: 5,
        }
    }
}

/// What goes wrong with a batch that is sent; see [`MemoryQueue::inject`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// These entries of the batch are refused, the others taken.
    Refuse(Vec<usize>),
    /// Nothing is taken.
    Down,
    /// All of it is taken, and the answer lost.
    AnswerLost,
    /// All of it is taken twice.
    Duplicate,
}

/// How full a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Could be received now.
    pub visible: usize,
    /// In flight, or delayed.
    pub invisible: usize,
    /// On the DLQ.
    pub dead: usize,
}

/// All queues of a deployment. Clones share them.
#[derive(Clone)]
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    settings: Settings,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Counts messages, over all queues: ids are the same in every run.
    messages: u64,
    live: BTreeMap<(Stage, u64), Message>,
    dead: BTreeMap<(Stage, u64), String>,
    faults: VecDeque<Fault>,
}

struct Message {
    body: String,
    trace: Option<String>,
    visible_at: Timestamp,
    receives: u32,
}

impl MemoryQueue {
    /// Empty queues with the usual settings.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_settings(clock, Settings::default())
    }
    /// Empty queues.
    pub fn with_settings(clock: Arc<dyn Clock>, settings: Settings) -> Self {
        Self {
            clock,
            settings,
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of another holder leaves whole messages behind, never half ones.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn after(&self, wait: Duration) -> Timestamp {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// Makes the next batches that are sent go wrong, one fault a batch, in this order.
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Sends one message that is not visible before the delay is over.
    pub fn send_delayed(&self, stage: Stage, body: String, delay: Duration) {
        let visible_at = self.after(delay);
        self.state().add(stage, body, visible_at);
    }

    /// Moves the DLQ's messages back, under new ids as SQS does; answers how many.
    pub fn redrive(&self, stage: Stage) -> usize {
        let now = self.clock.now();
        let mut state = self.state();
        let keys: Vec<_> = of(&state.dead, stage).map(|(key, _)| *key).collect();
        for key in &keys {
            if let Some(body) = state.dead.remove(key) {
                state.add(stage, body, now);
            }
        }
        keys.len()
    }

    /// How full a queue is.
    pub fn depth(&self, stage: Stage) -> Depth {
        let now = self.clock.now();
        let state = self.state();
        let visible = of(&state.live, stage)
            .filter(|(_, message)| message.visible_at <= now)
            .count();
        let invisible = of(&state.live, stage).count() - visible;
        Depth {
            visible,
            invisible,
            dead: of(&state.dead, stage).count(),
        }
    }

    /// When the next message of any queue is visible; none when all queues are empty (the DLQs aside): quiet.
    pub fn next_visible(&self) -> Option<Timestamp> {
        self.state().live.values().map(|message| message.visible_at).min()
    }

    /// [`Self::next_visible`] as a time to wait; zero for what is visible already.
    pub fn next_visible_in(&self) -> Option<Duration> {
        let wait = self.next_visible()?.duration_since(self.clock.now());
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
    }
}

/// The entries of one queue, oldest first.
fn of<T>(map: &BTreeMap<(Stage, u64), T>, stage: Stage) -> impl Iterator<Item = (&(Stage, u64), &T)> {
    map.range((stage, 0)..=(stage, u64::MAX))
}

impl State {
    fn add(&mut self, stage: Stage, body: String, visible_at: Timestamp) {
        self.messages += 1;
        self.live.insert(
            (stage, self.messages),
            Message {
                body,
                trace: trace::current(),
                visible_at,
                receives: 0,
            },
        );
    }
}

#[async_trait]
impl Sender for MemoryQueue {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        let now = self.clock.now();
        let mut tally = Tally::new(stage, bodies.len());
        let mut state = self.state();
        for range in batches(bodies) {
            let fault = state.faults.pop_front();
            if fault == Some(Fault::Down) {
                tally.unreachable(range.start..bodies.len(), "injected: the queue is down");
                break;
            }
            for (entry, index) in range.clone().enumerate() {
                if matches!(&fault, Some(Fault::Refuse(entries)) if entries.contains(&entry)) {
                    tally.refused(index, "injected: the entry is refused");
                    continue;
                }
                for _ in 0..if fault == Some(Fault::Duplicate) { 2 } else { 1 } {
                    state.add(stage, bodies[index].clone(), now);
                }
            }
            if fault == Some(Fault::AnswerLost) {
                tally.unreachable(range.start..bodies.len(), "injected: the answer is lost");
                break;
            }
        }
        tally.finish()
    }
}

#[async_trait]
impl Receiver for MemoryQueue {
    async fn receive(&self, stage: Stage, max: usize) -> Result<Vec<Received>, QueueError> {
        let now = self.clock.now();
        let until = self.after(self.settings.visibility);
        let mut state = self.state();
        let visible = of(&state.live, stage).filter(|(_, message)| message.visible_at <= now);
        let visible: Vec<_> = visible.map(|(key, _)| *key).collect();
        let mut batch = Vec::new();
        for key in visible {
            if batch.len() == max.clamp(1, 10) {
                break;
            }
            let Some(message) = state.live.get_mut(&key) else {
                continue;
            };
            if message.receives == self.settings.max_receives {
                if let Some(message) = state.live.remove(&key) {
                    state.dead.insert(key, message.body);
                }
                continue;
            }
            message.receives += 1;
            message.visible_at = until;
            batch.push(Received {
                message_id: format!("{stage}-{}", key.1),
                receipt: format!("{}/{}", key.1, message.receives),
                body: message.body.clone(),
                receive_count: message.receives,
                trace: message.trace.clone(),
            });
        }
        Ok(batch)
    }

    async fn delete(&self, stage: Stage, receipt: &str) -> Result<(), QueueError> {
        let mut state = self.state();
        if let Some((number, _)) = state.held(stage, receipt) {
            state.live.remove(&(stage, number));
        }
        Ok(())
    }

    async fn retry_in(&self, stage: Stage, receipt: &str, after: Duration) -> Result<(), QueueError> {
        let visible_at = self.after(after);
        if let Some((_, message)) = self.state().held(stage, receipt) {
            message.visible_at = visible_at;
        }
        Ok(())
    }

    async fn dead_letters(&self, stage: Stage) -> Result<Vec<String>, QueueError> {
        // SQS moves a message at the receive that would be one too many; whoever looks here wants it moved by now.
        let now = self.clock.now();
        let max = self.settings.max_receives;
        let mut state = self.state();
        let over = |message: &Message| message.receives == max && message.visible_at <= now;
        let keys: Vec<_> = of(&state.live, stage)
            .filter(|(_, message)| over(message))
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            if let Some(message) = state.live.remove(&key) {
                state.dead.insert(key, message.body);
            }
        }
        Ok(of(&state.dead, stage).map(|(_, body)| body.clone()).collect())
    }
}

impl State {
    /// The message behind a receipt and its number, unless a later receipt has made it stale.
    fn held(&mut self, stage: Stage, receipt: &str) -> Option<(u64, &mut Message)> {
        let (number, receives) = receipt.split_once('/')?;
        let (number, receives): (u64, u32) = (number.parse().ok()?, receives.parse().ok()?);
        let message = self.live.get_mut(&(stage, number))?;
        (message.receives == receives).then_some((number, message))
    }
}

#[cfg(test)]
mod tests;
