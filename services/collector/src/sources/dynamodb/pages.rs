//! The pages of a table, as a port: the SDK behind it, or a test's script. Start at [`Pages`].

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};

/// An item, as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// Why a table cannot be read, by what the caller may do.
#[derive(Debug, thiserror::Error)]
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
    /// Throttled beyond the SDK's own retries, no connection, an error of the service: worth another delivery.
    #[error("{0}")]
    Transient(String),
}

/// One reading of one table.
///
/// Contract: `keys` names the key attributes, partition key first. `next` answers pages in any order, an empty page is
/// not the end, `None` is; after an error it is not called again.
#[async_trait]
pub trait Pages: Send {
    /// The table's key attributes.
    async fn keys(&mut self) -> Result<Vec<String>, ReadError>;
    /// The next page of items.
    async fn next(&mut self) -> Result<Option<Vec<Item>>, ReadError>;
}

/// A scan through the SDK, which retries throttling by itself. Not a snapshot in time: an item written during the
/// scan may be in it or not.
#[derive(Debug)]
pub struct Scan<'a> {
    client: &'a Client,
    table: &'a str,
    start: Option<Item>,
    ended: bool,
}

impl<'a> Scan<'a> {
    /// From the table's first page.
    pub fn of(client: &'a Client, table: &'a str) -> Self {
        Self {
            client,
            table,
            start: None,
            ended: false,
        }
    }
}

#[async_trait]
impl Pages for Scan<'_> {
    async fn keys(&mut self) -> Result<Vec<String>, ReadError> {
        let answer = self
            .client
            .describe_table()
            .table_name(self.table)
            .send()
            .await
            .map_err(read_error)?;
        let keys = answer
            .table
            .map(|table| table.key_schema.unwrap_or_default())
            .unwrap_or_default();
        Ok(keys.into_iter().map(|key| key.attribute_name).collect())
    }

    async fn next(&mut self) -> Result<Option<Vec<Item>>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        let request = self
            .client
            .scan()
            .table_name(self.table)
            .set_exclusive_start_key(self.start.take());
        let page = request.send().await.map_err(read_error)?;
        self.start = page.last_evaluated_key.filter(|key| !key.is_empty());
        self.ended = self.start.is_none();
        Ok(Some(page.items.unwrap_or_default()))
    }
}

/// Codes that another try does not change. Whatever is not listed here, or has no code, is worth another delivery.
const REFUSALS: [&str; 5] = [
    "AccessDeniedException",
    "ValidationException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
];

fn read_error<E>(error: SdkError<E>) -> ReadError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some("ResourceNotFoundException" | "TableNotFoundException") => ReadError::Missing,
        Some(code) if REFUSALS.contains(&code) => ReadError::Refused {
            code: code.to_owned(),
            message: error.message().unwrap_or("no message").to_owned(),
        },
        _ => ReadError::Transient(DisplayErrorContext(&error).to_string()),
    }
}
