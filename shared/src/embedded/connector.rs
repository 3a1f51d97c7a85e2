//! The HTTP connector that is none: DynamoDB's JSON protocol, answered by a database in this process.

use std::fmt;

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};

use super::spread::Spread;

/// Client and connector in one: there are no connections to pool and no timeouts to keep.
#[derive(Clone)]
pub(super) struct Embedded {
    databases: Spread,
}

impl Embedded {
    pub(super) fn new(databases: Spread) -> Self {
        Self { databases }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Embedded")
    }
}

impl HttpClient for Embedded {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Embedded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let databases = self.databases.clone();
        HttpConnectorFuture::new(async move {
            // SQLite blocks, for the milliseconds of a scan's page or of a contended write: not on the runtime's threads.
            tokio::task::spawn_blocking(move || answer(&databases, &request))
                .await
                .map_err(|panic| ConnectorError::other(panic.into(), None))?
        })
    }
}

fn answer(databases: &Spread, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |message: &str| ConnectorError::user(message.to_owned().into());
    let target = request
        .headers()
        .get("x-amz-target")
        .ok_or_else(|| user("the request has no X-Amz-Target"))?;
    let operation = target.rsplit('.').next().unwrap_or(target);
    let body = request
        .body()
        .bytes()
        .ok_or_else(|| user("the request's body is a stream"))?;
    let (status, body) = match databases.asked(body).and_then(|db| dispatch(db, operation, body)) {
        Ok(body) => (200, body),
        Err(error) => (error.status_code(), error.to_json()),
    };
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}

/// One arm for each operation; what is not listed answers 501, which the SDK does not retry.
macro_rules! operations {
    ($db:ident, $operation:ident, $body:ident, $($name:literal => $method:ident),+ $(,)?) => {
        match $operation {
            $($name => write(&$db.$method(read($body)?)?),)+
            other => Err(DynoxideError::UnsupportedCapability(other.to_owned())),
        }
    };
}

fn dispatch(db: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    operations! { db, operation, body,
        "PutItem" => put_item,
        "GetItem" => get_item,
        "UpdateItem" => update_item,
        "DeleteItem" => delete_item,
        "Query" => query,
        "Scan" => scan,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "TransactWriteItems" => transact_write_items,
        "TransactGetItems" => transact_get_items,
        "CreateTable" => create_table,
        "UpdateTable" => update_table,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "ListTables" => list_tables,
        "UpdateTimeToLive" => update_time_to_live,
        "DescribeTimeToLive" => describe_time_to_live,
    }
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        // The request types mark what DynamoDB calls a validation error with a prefix that must not reach a client.
        match text.split_once(':') {
            Some((marker, rest)) if marker.starts_with("VALIDATION") => {
                DynoxideError::ValidationException(rest.to_owned())
            }
            _ => DynoxideError::SerializationException(text),
        }
    })
}

fn write<T: Serialize>(response: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
