//! The rid key in Secrets Manager: known by name when a function starts, read when it is first needed. Reading it takes a
//! call, and no cold start is to wait for that before it polls for the first time. See docs/decisions/006.

use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::CloudError;

/// A secret that is not read yet.
#[derive(Debug, Clone)]
pub struct RidSecret {
    client: Client,
    id: String,
}

impl RidSecret {
    pub(super) fn new(client: Client, id: String) -> Self {
        Self { client, id }
    }

    /// Reads it from Secrets Manager.
    ///
    /// # Errors
    /// [`CloudError::Secret`]: why, and never what was read.
    pub async fn read(&self) -> Result<SecretString, CloudError> {
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| CloudError::Secret {
            // The SDK's error names the operation and the service's reason; a refusal has no secret in it.
            reason: DisplayErrorContext(error).to_string(),
        })?;
        let secret = answer.secret_string.filter(|secret| !secret.is_empty());
        secret.map(SecretString::from).ok_or_else(|| CloudError::Secret {
            reason: "it has no SecretString".to_owned(),
        })
    }

    /// What needs the key: made when it is first asked for, and kept.
    ///
    /// # Errors
    /// As [`Self::read`], and those of making it; the next call tries again.
    pub async fn once<'a, T>(
        &self,
        kept: &'a OnceCell<T>,
        make: impl FnOnce(SecretString) -> anyhow::Result<T>,
    ) -> anyhow::Result<&'a T> {
        let made = async || make(self.read().await?);
        kept.get_or_try_init(made).await
    }
}

#[cfg(test)]
mod tests;
