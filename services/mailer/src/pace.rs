//! Not faster than the account may: a transport that waits its turn.

use std::{num::NonZeroU32, time::Duration};

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared::mail::{Accepted, MailError, OutgoingMail, Transport};
use tokio::sync::OnceCell;

/// The share of the account's rate that one function may use: a throttle costs a retry, and others send too.
const SHARE: f64 = 0.7;
/// The sandbox's rate, for an account that does not tell.
const UNTOLD: f64 = 1.0;

/// Sends through another transport at no more than 70 % of what the account allows, evenly spaced. The rate is asked
/// for once, before the first send. Waiting is done in real time: it is about the service, not about the run.
pub struct Paced<T> {
    inner: T,
    limiter: OnceCell<DefaultDirectRateLimiter>,
}

impl<T: Transport> Paced<T> {
    /// Around a transport.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            limiter: OnceCell::new(),
        }
    }

    async fn limiter(&self) -> &DefaultDirectRateLimiter {
        let make = || async {
            let rate = self.inner.max_send_rate().await.unwrap_or_else(|error| {
                tracing::warn!(
                    error = crate::attempt::redact(&error.to_string()),
                    "send rate not known, assuming 1 a second"
                );
                UNTOLD
            });
            RateLimiter::direct(quota(rate))
        };
        self.limiter.get_or_init(make).await
    }
}

/// Evenly spaced at the share of a rate. A rate that is no positive number is taken for the sandbox's.
fn quota(rate: f64) -> Quota {
    let rate = if rate.is_finite() && rate > 0.0 {
        rate
    } else {
        UNTOLD
    };
    let period = Duration::from_secs_f64((1.0 / (rate * SHARE)).clamp(1e-9, 3600.0));
    let fastest = Quota::per_second(NonZeroU32::MAX);
    Quota::with_period(period).unwrap_or(fastest)
}

#[async_trait]
impl<T: Transport> Transport for Paced<T> {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        self.limiter().await.until_ready().await;
        self.inner.send(mail).await
    }
    async fn max_send_rate(&self) -> Result<f64, MailError> {
        self.inner.max_send_rate().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_70_percent_of_the_accounts_rate_one_at_a_time() {
        let paced = quota(14.0);
        assert_eq!(paced.burst_size().get(), 1);
        assert_eq!(paced.replenish_interval().as_millis(), 102);
    }

    #[test]
    fn an_untold_or_senseless_rate_is_the_sandboxs() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(
                quota(rate).replenish_interval(),
                quota(1.0).replenish_interval(),
                "{rate}"
            );
        }
    }

    #[test]
    fn an_outbox_that_takes_a_million_a_second_is_not_slowed() {
        assert!(quota(1e6).replenish_interval() < Duration::from_micros(2));
    }
}
