//! Not faster than the account may: a transport that waits its turn.
//!
//! SES tells its rate by `GetAccount`, in recipients a second, and throttles what comes above it. Sends are spaced evenly
//! at 70 % of it: a throttle costs a retry, and others send from the account too. The mail queue invokes up to
//! [`AT_ONCE`] functions at a time, which do not know of each other, so each takes its share of those 70 %.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared::{
    cloud::{Cloud, CloudError},
    mail::{Accepted, Account, MailError, OutgoingMail, Transport, failover::Failover},
};
use tokio::sync::Mutex;

/// The part of the account's rate that all functions together may use.
const SHARE: f64 = 0.7;
/// How many functions send at once: the template's `MaximumConcurrency` of the mail queue, which SQS has no lower value for.
pub const AT_ONCE: u32 = 2;
/// The sandbox's rate, for an account that does not tell.
const UNTOLD: f64 = 1.0;
/// How long what the account said is believed: SES raises and lowers it without a word.
const BELIEVED: Duration = Duration::from_secs(15 * 60);
/// Of the daily quota, what has to be left for nobody to be told.
const LOW: f64 = 0.1;

struct Known {
    rate: f64,
    limiter: Arc<DefaultDirectRateLimiter>,
    since: Instant,
}

/// Sends through another transport at no more than its share of what the account allows, evenly spaced. Waiting is done in
/// real time: it is about the service, not about the run.
pub struct Paced<T> {
    inner: T,
    at_once: u32,
    known: Mutex<Option<Known>>,
}

impl<T: Transport> Paced<T> {
    /// Around the transport of one of `at_once` functions that send at the same time.
    pub fn new(inner: T, at_once: u32) -> Self {
        Self {
            inner,
            at_once: at_once.max(1),
            known: Mutex::new(None),
        }
    }

    async fn limiter(&self) -> Arc<DefaultDirectRateLimiter> {
        let mut known = self.known.lock().await;
        if let Some(known) = &*known
            && known.since.elapsed() < BELIEVED
        {
            return known.limiter.clone();
        }
        let rate = self.rate().await;
        let limiter = match &*known {
            // The same pace goes on where it is: a new limiter would let one go at once.
            Some(known) if known.rate == rate => known.limiter.clone(),
            _ => Arc::new(RateLimiter::direct(quota(rate, self.at_once))),
        };
        *known = Some(Known {
            rate,
            limiter: limiter.clone(),
            since: Instant::now(),
        });
        limiter
    }

    async fn rate(&self) -> f64 {
        match self.inner.account().await {
            Ok(account) => {
                tell(&account);
                account.max_send_rate
            }
            Err(error) => {
                tracing::warn!(
                    error = crate::attempt::redact(&error.to_string()),
                    "send rate not known, assuming 1 a second"
                );
                UNTOLD
            }
        }
    }
}

/// Says when the day's quota is nearly used: what comes after it is held.
fn tell(account: &Account) {
    let Some(quota) = account.daily_quota else {
        return;
    };
    let left = quota - account.sent_last_day;
    if left < quota * LOW {
        tracing::warn!(left, quota, "the account's daily sending quota is nearly used");
    }
}

/// The mail service of a deployment: SES, and the fallback region's where there is one, each at its own pace.
///
/// # Errors
/// When the environment lacks something of it.
pub fn transport(cloud: &Cloud) -> Result<Arc<dyn Transport>, CloudError> {
    let paced = |ses| Paced::new(ses, AT_ONCE);
    Ok(Arc::new(Failover::new(
        paced(cloud.mail()?),
        cloud.fallback_mail()?.map(paced),
    )))
}

/// Evenly spaced at the share of a rate. A rate that is no positive number is taken for the sandbox's.
fn quota(rate: f64, at_once: u32) -> Quota {
    let rate = if rate.is_finite() && rate > 0.0 {
        rate
    } else {
        UNTOLD
    };
    let share = rate * SHARE / f64::from(at_once);
    let period = Duration::from_secs_f64((1.0 / share).clamp(1e-9, 3600.0));
    let fastest = Quota::per_second(NonZeroU32::MAX);
    Quota::with_period(period).unwrap_or(fastest)
}

#[async_trait]
impl<T: Transport> Transport for Paced<T> {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        self.limiter().await.until_ready().await;
        self.inner.send(mail).await
    }
    async fn account(&self) -> Result<Account, MailError> {
        self.inner.account().await
    }
}

#[cfg(test)]
mod tests;
