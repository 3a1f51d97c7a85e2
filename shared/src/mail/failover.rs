//! A second region or account to send from, for when the first one cannot send at all. Start at [`Failover`].

use async_trait::async_trait;

use super::{Accepted, Account, MailError, OutgoingMail, Transport};

/// Sends through the first service, and through the second only what the first has certainly not taken and could not have
/// taken from anybody: [`MailError::Account`]. A mail that may have been taken is nobody else's to send, one that was
/// throttled goes later, and one that was refused is refused.
pub struct Failover<A, B> {
    first: A,
    second: Option<B>,
}

impl<A: Transport, B: Transport> Failover<A, B> {
    /// Without a second service it is the first one.
    pub fn new(first: A, second: Option<B>) -> Self {
        Self { first, second }
    }
}

#[async_trait]
impl<A: Transport, B: Transport> Transport for Failover<A, B> {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        let (why, second) = match (self.first.send(mail.clone()).await, &self.second) {
            (Err(MailError::Account(why)), Some(second)) => (why, second),
            (answer, _) => return answer,
        };
        tracing::warn!("the account cannot send, the fallback is asked");
        match second.send(mail).await {
            // On the row, for whoever looks for the mail, or for its events, in the wrong region.
            Ok(taken) => Ok(Accepted {
                by_fallback: true,
                ..taken
            }),
            // Both have to be mended; the first is the one to begin with.
            Err(MailError::Account(too)) => Err(MailError::Account(format!("{why}; the fallback: {too}"))),
            answer => answer,
        }
    }

    /// The first one's.
    async fn account(&self) -> Result<Account, MailError> {
        self.first.account().await
    }
}

#[cfg(all(test, feature = "contract", feature = "embedded"))]
mod tests;
