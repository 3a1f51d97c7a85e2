//! Tables spread over several databases. SQLite does one thing at a time, and reading or writing an item in DynamoDB's notation is
//! most of it: with a database for each of a few tables, all cores read and write.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use dynoxide::{Database, DynoxideError};
use serde::Deserialize;

use super::connector;

/// One database, or several. Clones share them.
#[derive(Clone)]
pub(super) struct Spread(Arc<[Database]>);

/// What is read of a request to know whose it is.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "TableName")]
    table: Option<String>,
}

impl Spread {
    pub(super) fn one(database: Database) -> Self {
        Self(Arc::new([database]))
    }

    /// # Errors
    /// If SQLite cannot be opened.
    pub(super) fn in_memory(databases: usize) -> Result<Self, DynoxideError> {
        (0..databases.max(1))
            .map(|_| Database::memory())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Where a table is, or would be.
    pub(super) fn of(&self, table: &str) -> &Database {
        let mut hasher = DefaultHasher::new();
        table.hash(&mut hasher);
        let at = hasher.finish() % self.0.len() as u64;
        &self.0[usize::try_from(at).unwrap_or_default()]
    }

    /// The database of a request. Of several, only for a request that names its table: what asks for all of them, or for items of
    /// more than one, would be answered by a part.
    pub(super) fn asked(&self, body: &[u8]) -> Result<&Database, DynoxideError> {
        if let [only] = &*self.0 {
            return Ok(only);
        }
        let request: Request = connector::read(body)?;
        let table = request.table.ok_or_else(|| {
            DynoxideError::UnsupportedCapability("a request that names no table".to_owned())
        })?;
        Ok(self.of(&table))
    }
}
