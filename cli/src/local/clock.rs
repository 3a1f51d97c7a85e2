//! A clock that starts at a night's scheduled time and runs at the machine's pace.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use shared::clock::Clock;

/// Replays a night: a run of a past date behaves as it would have then, and nothing has expired.
#[derive(Debug)]
pub struct ReplayClock {
    start: Timestamp,
    began: Instant,
}

impl ReplayClock {
    /// A clock that shows `start` now.
    pub fn from(start: Timestamp) -> Self {
        Self {
            start,
            began: Instant::now(),
        }
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}
