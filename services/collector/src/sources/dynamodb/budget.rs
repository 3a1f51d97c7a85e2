//! How fast a table may be read: a budget of read units, charged when a page says what it consumed. Start at [`Budget`].
//!
//! What a page consumes is known only afterwards, and a limiter that is asked before (governor) takes whole cells and gives
//! none back; hence this one. A request reserves what the last page consumed, and the page's own figure settles it, so over
//! any time the table is charged at most the rate times that time and the pages that are on their way at its end.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::clock::{Clock, SystemClock};

/// The share of a table's provisioned capacity that a night takes: its own business goes on meanwhile.
const SHARE: f64 = 0.5;
/// What the first page is taken for: 1 MB, eventually consistent, half a unit for 4 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
const FIRST_PAGE: f64 = 128.0;
/// A rate is never less than this, or it would never recover.
const SLOWEST: f64 = 1.0;
/// Throttling is answered once in this time, as the pages on their way may all meet it; and so long without it is an
/// occasion to go faster.
const HALVE_AFTER: SignedDuration = SignedDuration::from_secs(1);
const RECOVER_AFTER: SignedDuration = SignedDuration::from_secs(5);
const RECOVER_BY: f64 = 1.25;

/// The time that waiting is done in: of the service, not of the run.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Comes back after that time.
    async fn sleep(&self, time: Duration);
}

/// The machine's.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

#[async_trait]
impl Timer for RealTime {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The read units of one reading.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Units a second; none is as fast as it goes.
    rate: Option<f64>,
    /// What it recovers to.
    ceiling: Option<f64>,
    /// When the next page may be asked for.
    next: Timestamp,
    page: f64,
    changed: Timestamp,
    began: Timestamp,
    consumed: f64,
}

impl Budget {
    /// The rate that a source sets, else half of what is provisioned, else none.
    pub fn new(set: Option<u32>, provisioned: Option<f64>, now: Timestamp) -> Self {
        let rate = set.map(f64::from).or(provisioned.map(|units| units * SHARE));
        Self {
            rate,
            ceiling: rate,
            next: now,
            page: FIRST_PAGE,
            changed: now,
            began: now,
            consumed: 0.0,
        }
    }

    /// Asks for a page's turn: zero is now, with what was reserved for it; otherwise how long to wait before asking again.
    pub fn turn(&mut self, now: Timestamp) -> Result<f64, Duration> {
        let Some(rate) = self.rate else { return Ok(0.0) };
        if now < self.next {
            return Err(self.next.duration_since(now).unsigned_abs());
        }
        self.next = later(now, self.page / rate);
        Ok(self.page)
    }

    /// Settles a page that was reserved for: what it consumed, or none where the service does not say.
    pub fn settle(&mut self, reserved: f64, units: Option<f64>, now: Timestamp) {
        let units = units.unwrap_or(reserved);
        self.consumed += units;
        if let Some(rate) = self.rate {
            self.next = later(self.next, (units - reserved) / rate);
            let is_held = self.ceiling.is_none_or(|ceiling| rate < ceiling);
            if is_held && now.duration_since(self.changed) >= RECOVER_AFTER {
                let faster = rate * RECOVER_BY;
                self.rate = Some(self.ceiling.map_or(faster, |ceiling| faster.min(ceiling)));
                self.changed = now;
            }
        }
        // A page may be empty, and the next one is not free for that.
        self.page = units.max(SLOWEST);
    }

    /// The service throttled a page, which consumed nothing: half as fast from now on.
    pub fn throttled(&mut self, reserved: f64, now: Timestamp) {
        if let Some(rate) = self.rate {
            self.next = later(self.next, -reserved / rate);
            if now.duration_since(self.changed) < HALVE_AFTER {
                return;
            }
        }
        let rate = self.rate.unwrap_or_else(|| self.speed(now));
        self.rate = Some((rate / 2.0).max(SLOWEST));
        self.changed = now;
    }

    /// All that was consumed.
    pub fn consumed(&self) -> f64 {
        self.consumed
    }

    /// Units a second so far; a page's worth when it has only begun.
    fn speed(&self, now: Timestamp) -> f64 {
        let seconds = now.duration_since(self.began).as_secs_f64().max(1.0);
        self.consumed.max(self.page) / seconds
    }
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    let by = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO);
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests;
