//! The port to AWS's HTTP endpoints, for the services of which a call or two is made and no client is linked, and its adapter
//! on the SDK's own connector: one TLS stack in the whole binary. Requests are signed by [`super::sign`].

use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986, as signatures have it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Longer than any list call takes that is going to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request and reads the whole answer, whatever its status. Never logs either: answers hold the environment of
/// functions.
#[async_trait]
pub trait Http: Send + Sync {
    /// # Errors
    /// [`Unreachable`] when no whole answer came. The request may have arrived: one that only reads may be sent again.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable>;
}

/// Where requests go: the configured endpoint, or AWS's host, in which `{region}` stands for the region.
pub fn base(endpoint: Option<&str>, host: &str, region: &str) -> String {
    if let Some(endpoint) = endpoint {
        return endpoint.trim_end_matches('/').to_owned();
    }
    // China's regions are below a domain of their own.
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://{}{suffix}", host.replace("{region}", region))
}

/// Percent-encodes a part of a path, of a query string or of a form.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// There is no answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer: {0}")]
pub struct Unreachable(pub String);

/// HTTPS; plain HTTP where an endpoint of that kind is configured.
#[derive(Debug)]
pub struct Https(pub SharedHttpConnector);

#[async_trait]
impl Http for Https {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        let exchange = async {
            let request = request.map(SdkBody::from).try_into().map_err(unreachable)?;
            let response = self.0.call(request).await.map_err(unreachable)?;
            let response = response.try_into_http1x().map_err(unreachable)?;
            let (head, body) = response.into_parts();
            let body = ByteStream::new(body).collect().await.map_err(unreachable)?;
            Ok(Response::from_parts(head, body.into_bytes()))
        };
        let late = || Unreachable(format!("none within {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err(late()))
    }
}

fn unreachable(error: impl std::error::Error) -> Unreachable {
    // The chain: "dispatch failure" alone says nothing.
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Unreachable(text)
}
