//! The cloud's adapters, wired from environment names; the one place that reads the environment of a function.
//!
//! Start at [`Cloud::from_env`]: what every function needs is asked for at once, so a cold start fails with the list of
//! all that is missing. What only one function needs (tables, inputs, mail, the rid key) it asks for itself.

use std::{fmt, sync::Arc};

use aws_config::{BehaviorVersion, SdkConfig};

use crate::{
    clock::{Clock, SystemClock},
    ledger::{DynamoLedger, Ledger},
    objects::{ObjectError, Objects},
    queue::sqs::SqsQueue,
};

mod secret;

/// The ledger's table.
pub const TABLE: Name = Name {
    name: "QUARTERDECK_TABLE",
    what: "the name of the ledger's DynamoDB table",
};
/// The archive.
pub const BUCKET: Name = Name {
    name: "QUARTERDECK_BUCKET",
    what: "the name of the archive's S3 bucket",
};
/// The queues.
pub const QUEUE_PREFIX: Name = Name {
    name: "QUARTERDECK_QUEUE_PREFIX",
    what: "what all queue URLs begin with, e.g. https://sqs.us-east-1.amazonaws.com/123456789012/quarterdeck-",
};
/// The collector's: handoffs and recorded inventories.
pub const INPUTS_BUCKET: Name = Name {
    name: "QUARTERDECK_INPUTS_BUCKET",
    what: "the S3 bucket that portfolios' handoffs are in",
};
/// The mailer's.
pub const CONFIGURATION_SET: Name = Name {
    name: "QUARTERDECK_CONFIGURATION_SET",
    what: "the SES configuration set that publishes mail events",
};
/// The mailer's.
pub const RID_SECRET: Name = Name {
    name: "QUARTERDECK_RID_SECRET",
    what: "the id of the secret under which addresses are hashed",
};

/// An environment variable, and what belongs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// As in the template.
    pub name: &'static str,
    /// In words.
    pub what: &'static str,
}

/// Why a function cannot start. `Debug` is the chain of causes in words: it is what `main` prints when it fails.
#[derive(thiserror::Error)]
pub enum CloudError {
    /// The environment lacks something.
    #[error("{}", missing(.0))]
    Missing(Vec<Name>),
    /// A bucket's settings contradict each other.
    #[error("the bucket that {name} names cannot be opened", name = .name.name)]
    Bucket {
        /// Which variable.
        name: Name,
        /// Why.
        #[source]
        source: Box<ObjectError>,
    },
    /// The secret could not be read.
    #[error("the secret that {name} names cannot be read: {reason}", name = RID_SECRET.name)]
    Secret {
        /// Why; never the secret.
        reason: String,
    },
}

impl fmt::Debug for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn missing(names: &[Name]) -> String {
    let line =
        |Name { name, what }: &Name| format!("environment variable {name} is missing: set it to {what}");
    names.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Reads several variables, or says which of them are missing or empty.
fn read<const N: usize>(
    lookup: impl Fn(&str) -> Option<String>,
    names: [Name; N],
) -> Result<[String; N], CloudError> {
    let values = names.map(|Name { name, .. }| lookup(name).filter(|value| !value.is_empty()).ok_or(name));
    let missing: Vec<Name> = names
        .into_iter()
        .zip(&values)
        .filter(|(_, value)| value.is_err())
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        Ok(values.map(Result::unwrap_or_default))
    } else {
        Err(CloudError::Missing(missing))
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What every function is wired to.
#[derive(Clone)]
pub struct Cloud {
    /// DynamoDB.
    pub ledger: Arc<dyn Ledger>,
    /// SQS, both ends.
    pub queue: Arc<SqsQueue>,
    /// S3.
    pub objects: Objects,
    /// The machine's.
    pub clock: Arc<dyn Clock>,
    config: SdkConfig,
}

impl Cloud {
    /// Wires the adapters. No call is made: clients connect when they are first used.
    ///
    /// # Errors
    /// [`CloudError::Missing`] with every variable that is missing, [`CloudError::Bucket`].
    pub async fn from_env() -> Result<Self, CloudError> {
        let [table, bucket, prefix] = read(environment, [TABLE, BUCKET, QUEUE_PREFIX])?;
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Ok(Self {
            ledger: Arc::new(DynamoLedger::new(aws_sdk_dynamodb::Client::new(&config), table)),
            queue: Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(&config), prefix)),
            objects: open(BUCKET, &bucket)?,
            clock: Arc::new(SystemClock),
            config,
        })
    }

    /// A client for the businesses' own tables (the collector's).
    pub fn tables(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// Handoffs and recorded inventories (the collector's).
    ///
    /// # Errors
    /// [`CloudError::Missing`], [`CloudError::Bucket`].
    pub fn inputs(&self) -> Result<Arc<dyn object_store::ObjectStore>, CloudError> {
        let [bucket] = read(environment, [INPUTS_BUCKET])?;
        open(INPUTS_BUCKET, &bucket).map(|objects| objects.store())
    }

    /// SES (the mailer's).
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    #[cfg(feature = "ses")]
    pub fn mail(&self) -> Result<crate::mail::ses::Ses, CloudError> {
        let [set] = read(environment, [CONFIGURATION_SET])?;
        Ok(crate::mail::ses::Ses::new(&self.config, Some(set)))
    }

    /// Where the key is under which an address becomes a rid (the mailer's).
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn rid_secret(&self) -> Result<RidSecret, CloudError> {
        let [id] = read(environment, [RID_SECRET])?;
        Ok(RidSecret { id })
    }
}

/// A secret that is known by name and not read yet: reading takes the extension's answer, and a function must not wait
/// for that before it polls for the first time.
#[derive(Debug, Clone)]
pub struct RidSecret {
    id: String,
}

impl RidSecret {
    /// Reads it from Secrets Manager.
    ///
    /// # Errors
    /// [`CloudError::Secret`].
    pub async fn read(&self) -> Result<secrecy::SecretString, CloudError> {
        let (extension, id) = (secret::Extension::from_env(), self.id.clone());
        let read = tokio::task::spawn_blocking(move || extension.read(&id)).await;
        read.unwrap_or_else(|panic| Err(panic.to_string()))
            .map_err(|reason| CloudError::Secret { reason })
    }
}

fn open(name: Name, bucket: &str) -> Result<Objects, CloudError> {
    Objects::s3(bucket).map_err(|source| CloudError::Bucket {
        name,
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_named_at_once_and_empty_is_missing() {
        let lookup = |name: &str| (name == "QUARTERDECK_BUCKET").then(String::new);
        let error = read(lookup, [TABLE, BUCKET, QUEUE_PREFIX])
            .unwrap_err()
            .to_string();
        for name in [
            "QUARTERDECK_TABLE",
            "QUARTERDECK_BUCKET",
            "QUARTERDECK_QUEUE_PREFIX",
        ] {
            assert!(
                error.contains(&format!("environment variable {name} is missing: set it to ")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_there_is_read_in_order() {
        let lookup = |name: &str| Some(name.to_lowercase());
        assert_eq!(
            read(lookup, [TABLE, BUCKET]).unwrap(),
            ["quarterdeck_table", "quarterdeck_bucket"]
        );
    }
}
