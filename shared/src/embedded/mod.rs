//! DynamoDB without an account, a server or a port: dynoxide (SQLite) in this process, behind the SDK's own client.
//!
//! Start at [`EmbeddedDynamo`]. The client that it hands out is a plain `aws_sdk_dynamodb::Client`, so the code that
//! runs locally is the code that runs in the cloud, expressions, conditions, pages and errors included; only the
//! HTTP connector differs ([`connector`]). [`load`] fills tables from the files of a portfolio, in one database or [`spread`] over several.

use std::path::Path;

use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::{Database, DynoxideError};

mod connector;
pub mod load;
mod rows;
mod spread;

use spread::Spread;

/// An embedded DynamoDB. Clones share the database.
#[derive(Clone)]
pub struct EmbeddedDynamo {
    databases: Spread,
}

/// The embedded database could not be opened or refused a request.
#[derive(Debug, thiserror::Error)]
#[error("the embedded DynamoDB cannot {what}")]
pub struct EmbeddedError {
    what: String,
    #[source]
    source: DynoxideError,
}

impl EmbeddedError {
    fn new(what: impl Into<String>) -> impl FnOnce(DynoxideError) -> Self {
        let what = what.into();
        |source| Self { what, source }
    }
}

impl EmbeddedDynamo {
    /// In memory: fast, and gone with the process.
    ///
    /// # Errors
    /// If SQLite cannot be opened.
    pub fn memory() -> Result<Self, EmbeddedError> {
        Self::memory_for_tables(1)
    }

    /// In memory, each table in one of so many databases: several threads then read and write at once. With more than one it answers
    /// requests that name their table; others (`ListTables`, batches, transactions) it refuses with 501.
    ///
    /// # Errors
    /// If SQLite cannot be opened.
    pub fn memory_for_tables(databases: usize) -> Result<Self, EmbeddedError> {
        let databases = Spread::in_memory(databases).map_err(EmbeddedError::new("be opened in memory"))?;
        Ok(Self { databases })
    }

    /// In a file (SQLite in WAL mode), which is made if it is not there.
    ///
    /// Writes are as durable as `synchronous = NORMAL` makes them: a crash of the process loses nothing, a power cut
    /// may lose the last writes but never the file's consistency. That is what a local run needs, and it spares the
    /// two `fsync`s a write that make SQLite's default a hundred times slower.
    ///
    /// # Errors
    /// If the file cannot be opened or is no database of this kind.
    pub fn file(path: &Path) -> Result<Self, EmbeddedError> {
        let db = Database::new(&path.to_string_lossy())
            .map_err(EmbeddedError::new(format!("open {}", path.display())))?;
        // The one public way to that setting: the pragmas which end a bulk load are the ones for daily use.
        db.disable_bulk_loading()
            .map_err(EmbeddedError::new(format!("configure {}", path.display())))?;
        Ok(Self {
            databases: Spread::one(db),
        })
    }

    /// A client that talks to it. Make one and clone it.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            // Never sent anywhere; the SDK signs every request.
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
            .http_client(connector::Embedded::new(self.databases.clone()))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }
}
