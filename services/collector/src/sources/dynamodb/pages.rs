//! The pages of a table, as a port: the SDK behind it, an export, or a test's script. Start at [`Pages`].

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

/// An item, as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// Why a table cannot be read, by what the caller may do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such table here: nothing will change by waiting.
    #[error("there is no such table")]
    Missing,
    /// The service refuses: no permission, or a request that it does not take.
    #[error("{code}: {message}")]
    Refused {
        /// `AccessDeniedException`, ...
        code: String,
        /// What the service says.
        message: String,
    },
    /// Slower, and the same again.
    #[error("throttled: {0}")]
    Throttled(String),
    /// No connection, an error of the service, credentials that have expired: worth another try, and another delivery.
    #[error("{0}")]
    Transient(String),
}

/// A part of the items that is read by itself, page by page from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// One of the segments of a parallel scan.
    Segment {
        /// From 0.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// The items of an index with this partition key.
    Partition(String),
    /// A file of an export.
    File(String),
}

/// Where the next page of a split begins: what the page before it gave. Opaque to all but the port that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token(pub String);

/// What there is to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Tells the table from another of its name, before or after: one that was made anew is not gone on with.
    pub identity: Option<String>,
    /// The key attributes, partition key first.
    pub keys: Vec<String>,
    /// All that is to be read, in any order.
    pub splits: Vec<Split>,
    /// The read units in a second that are provisioned; none on demand.
    pub provisioned: Option<f64>,
}

/// A page of a split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// None is not the end.
    pub items: Vec<Item>,
    /// Where the next page begins; none is the end.
    pub next: Option<Token>,
    /// The read units that it consumed, if the service says so.
    pub units: Option<f64>,
}

/// One source of items.
///
/// Contract: a page is named by its split and the token of the page before it, and may be asked for again, at once or
/// from another process; several splits may be asked at once. Nothing is tried again inside: who asks knows what the time
/// and the table's capacity allow.
#[async_trait]
pub trait Pages: Send + Sync {
    /// What there is to read.
    async fn describe(&self) -> Result<Description, ReadError>;
    /// The page of `split` that begins behind `after`, or its first.
    async fn page(&self, split: &Split, after: Option<&Token>) -> Result<Page, ReadError>;
}
