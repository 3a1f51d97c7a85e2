//! The cloud's adapters, wired from environment names; the one place that reads the environment of a function.
//!
//! Start at [`HANDLERS`], which says what each function is given, then [`Cloud::from_env`]: all that a function needs is
//! asked for at once, so a cold start fails with the list of all that is missing.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use crate::{
    clock::{Clock, SystemClock},
    ledger::DynamoLedger,
    objects::{ObjectError, Objects},
    portfolio::VARIABLE_PREFIX,
    queue::{Stage, sqs::SqsQueue},
};

#[cfg(feature = "requests")]
pub mod api;
#[cfg(feature = "requests")]
pub mod endpoint;
pub mod https;
mod names;
pub use names::*;
#[cfg(feature = "secrets")]
mod secret;
#[cfg(feature = "secrets")]
pub use secret::RidSecret;
#[cfg(feature = "requests")]
pub mod sign;
#[cfg(feature = "requests")]
pub mod topic;

/// Why a function cannot start, or have what it needs for a batch. `Debug` is the chain of causes in words: it is what `main` prints when it fails.
#[derive(thiserror::Error)]
pub enum CloudError {
    /// The environment lacks something.
    #[error("{}", missing(.0))]
    Missing(Vec<Name>),
    /// The function is configured to be something that this binary is not.
    #[error("_HANDLER is {found:?}, and this binary has: {}", .known.join(", "))]
    Handler {
        /// As configured.
        found: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// A bucket's settings contradict each other.
    #[error("the bucket that {name} names cannot be opened", name = .name.name)]
    Bucket {
        /// Which variable.
        name: Name,
        /// Why.
        #[source]
        source: Box<ObjectError>,
    },
    /// A list of mappings that is none.
    #[error("{name} is {found:?}, and should be {what}", name = MAPPINGS.name, what = MAPPINGS.what)]
    Mappings {
        /// As configured.
        found: String,
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

/// Which of a binary's handlers is asked for: the first, unless `_HANDLER` says otherwise.
fn choose(found: Option<String>, known: &[&'static str]) -> Result<&'static str, CloudError> {
    let chosen = match found.as_deref().filter(|found| !found.is_empty()) {
        None => known.first(),
        Some(found) => known.iter().find(|handler| **handler == found),
    };
    chosen.copied().ok_or_else(|| CloudError::Handler {
        found: found.unwrap_or_default(),
        known: known.to_vec(),
    })
}

type Values = BTreeMap<&'static str, String>;

/// Reads several variables, or says which of them are missing or empty.
fn read(lookup: impl Fn(&str) -> Option<String>, names: &[Name]) -> Result<Values, CloudError> {
    let (mut values, mut missing) = (Values::new(), Vec::new());
    for name in names {
        match lookup(name.name).filter(|value| !value.is_empty()) {
            Some(value) => _ = values.insert(name.name, value),
            None => missing.push(*name),
        }
    }
    if missing.is_empty() {
        Ok(values)
    } else {
        Err(CloudError::Missing(missing))
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// One of the owner's own variables, of which targets and parameters are read. A name without [`VARIABLE_PREFIX`] is not
/// looked up: credentials are in the environment too.
pub fn value(name: &str) -> Option<String> {
    name.starts_with(VARIABLE_PREFIX)
        .then(|| environment(name))
        .flatten()
}

/// The adapters of one function, or of an operator's command. No call is made here: clients connect when they are first
/// used. An adapter whose name was not given answers [`CloudError::Missing`].
pub struct Cloud {
    handler: &'static str,
    values: Values,
    connector: SharedHttpConnector,
    config: SdkConfig,
}

impl Cloud {
    /// For a function: which of the binary's handlers it is, and all variables of that one.
    ///
    /// # Errors
    /// [`CloudError::Handler`], [`CloudError::Missing`] with every variable that is missing.
    pub fn from_env(handlers: &[&'static str]) -> Result<Self, CloudError> {
        let handler = choose(environment("_HANDLER"), handlers)?;
        let needs = HANDLERS.iter().find(|(name, _)| *name == handler);
        let names = needs.map(|(_, names)| *names).unwrap_or_default();
        let values = read(environment, names)?;
        let connector = https::connector();
        let config = https::of_function(environment, &connector);
        Ok(Self {
            handler,
            values,
            connector,
            config,
        })
    }

    /// For a command that was told these names.
    pub async fn named(names: &[(Name, &str)]) -> Self {
        let values = names.iter().map(|(name, value)| (name.name, (*value).to_owned()));
        Self {
            handler: "",
            values: values.collect(),
            config: https::loader().load().await,
            connector: https::connector(),
        }
    }

    /// What every client of this process sends its requests over.
    pub fn connector(&self) -> SharedHttpConnector {
        self.connector.clone()
    }

    fn get(&self, name: Name) -> Result<&str, CloudError> {
        let value = self.values.get(name.name).map(String::as_str);
        value.ok_or_else(|| CloudError::Missing(vec![name]))
    }

    /// Which of the binary's handlers this function is.
    pub fn handler(&self) -> &'static str {
        self.handler
    }

    /// The stage's name.
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn deployment(&self) -> Result<&str, CloudError> {
        self.get(DEPLOYMENT)
    }

    /// DynamoDB.
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn ledger(&self) -> Result<Arc<DynamoLedger>, CloudError> {
        Ok(Arc::new(DynamoLedger::new(self.tables(), self.get(TABLE)?)))
    }

    /// SQS, both ends.
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn queue(&self) -> Result<Arc<SqsQueue>, CloudError> {
        let client = aws_sdk_sqs::Client::new(&self.config);
        Ok(Arc::new(SqsQueue::new(client, self.get(QUEUE_PREFIX)?)))
    }

    /// S3.
    ///
    /// # Errors
    /// [`CloudError::Missing`], [`CloudError::Bucket`].
    pub fn objects(&self) -> Result<Objects, CloudError> {
        self.bucket(BUCKET)
    }

    /// S3: where SES puts the mails that it receives (the replies').
    ///
    /// # Errors
    /// [`CloudError::Missing`], [`CloudError::Bucket`].
    pub fn inbox(&self) -> Result<Objects, CloudError> {
        self.bucket(INBOX)
    }

    fn bucket(&self, name: Name) -> Result<Objects, CloudError> {
        Objects::s3(self.get(name)?, self.connector()).map_err(|source| CloudError::Bucket {
            name,
            source: Box::new(source),
        })
    }

    /// The machine's.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// A client for the businesses' own tables.
    pub fn tables(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// SES (the mailer's).
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    #[cfg(feature = "ses")]
    pub fn mail(&self) -> Result<crate::mail::ses::Ses, CloudError> {
        let set = self.get(CONFIGURATION_SET)?.to_owned();
        Ok(crate::mail::ses::Ses::new(&self.config, Some(set)))
    }

    /// SES in the region that sends where this one's account cannot, if there is one: with a configuration set of the same
    /// name (the mailer's).
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    #[cfg(feature = "ses")]
    pub fn fallback_mail(&self) -> Result<Option<crate::mail::ses::Ses>, CloudError> {
        let (region, set) = (self.get(FALLBACK_REGION)?, self.get(CONFIGURATION_SET)?);
        if region == "none" {
            return Ok(None);
        }
        let config = self.config.to_builder();
        let config = config.region(aws_config::Region::new(region.to_owned())).build();
        Ok(Some(crate::mail::ses::Ses::new(&config, Some(set.to_owned()))))
    }

    /// SES's own list of those whom nothing is mailed to, of the account and region (an operator's).
    #[cfg(feature = "ses")]
    pub fn account_list(&self) -> crate::mail::account_list::ses::SesList {
        crate::mail::account_list::ses::SesList::new(&self.config)
    }

    /// What the SDK found in the environment: region, credentials, endpoint; for clients of other services, regions and accounts.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The id of the secret that [`RID_SECRET`] names.
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn rid_secret_id(&self) -> Result<&str, CloudError> {
        self.get(RID_SECRET)
    }

    /// The topic of the operator's notices (the sweeper's and the replies').
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    pub fn notices(&self) -> Result<&str, CloudError> {
        self.get(NOTICES)
    }

    /// The event source mappings that are enabled only while there is work, by stage.
    ///
    /// # Errors
    /// [`CloudError::Missing`], [`CloudError::Mappings`].
    pub fn mappings(&self) -> Result<BTreeMap<Stage, String>, CloudError> {
        let list = self.get(MAPPINGS)?;
        let of = |entry: &str| {
            let (stage, id) = entry.split_once('=')?;
            let stage = Stage::ALL.into_iter().find(|known| known.name() == stage)?;
            (!id.is_empty()).then(|| (stage, id.to_owned()))
        };
        let found = list.split(',').map(of).collect::<Option<_>>();
        found.ok_or_else(|| CloudError::Mappings {
            found: list.to_owned(),
        })
    }

    /// Where the key is under which an address becomes a rid (the mailer's).
    ///
    /// # Errors
    /// [`CloudError::Missing`].
    #[cfg(feature = "secrets")]
    pub fn rid_secret(&self) -> Result<RidSecret, CloudError> {
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        Ok(RidSecret::new(client, self.get(RID_SECRET)?.to_owned()))
    }
}

#[cfg(test)]
mod tests;
