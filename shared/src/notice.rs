//! The port to the operator and the reports' owners: short texts for people to act on, by another way than the mail whose
//! trouble they are often about. [`crate::cloud::topic`] is the adapter to SNS.

use async_trait::async_trait;

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line of ASCII, at most 100 characters: SNS's rule for subjects.
    pub subject: String,
    /// In words.
    pub text: String,
}

/// Tells an operator.
///
/// Contract: a call that succeeds has handed the notice over once. One that fails may have.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Sends one.
    ///
    /// # Errors
    /// Why it may not have been handed over; nothing of the notice is in it.
    async fn tell(&self, notice: &Notice) -> anyhow::Result<()>;
}
