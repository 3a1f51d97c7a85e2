//! S3's requests over the connector that every other AWS client has.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use async_trait::async_trait;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector as _, SharedHttpConnector},
        result::ConnectorError,
    },
    http::Request,
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use bytes::Bytes;
use http::{HeaderValue, header::USER_AGENT, uri::Scheme};
use http_body::{Body, Frame, SizeHint};
use object_store::{
    ClientConfigKey, ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

/// Until the last byte of an answer: `object_store`'s own default. It goes on reading where an answer broke off.
const ANSWER: Duration = Duration::from_secs(30);

/// Gives `object_store` its connections.
#[derive(Debug)]
pub struct Connections(pub SharedHttpConnector);

impl HttpConnector for Connections {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp);
        Ok(HttpClient::new(Requests {
            connector: self.0.clone(),
            plain: plain.is_some_and(|allowed| allowed == "true"),
            answer: ANSWER,
        }))
    }
}

#[derive(Debug)]
struct Requests {
    connector: SharedHttpConnector,
    /// Whether a request may go unencrypted.
    plain: bool,
    answer: Duration,
}

#[async_trait]
impl HttpService for Requests {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let until = Instant::now() + self.answer;
        let (mut head, body) = request.into_parts();
        if !self.plain && head.uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(HttpError::new(HttpErrorKind::Unknown, Unencrypted));
        }
        // For the logs of whoever owns the bucket.
        let agent = HeaderValue::from_static(concat!("quarterdeck/", env!("CARGO_PKG_VERSION")));
        head.headers.entry(USER_AGENT).or_insert(agent);
        let request = http::Request::from_parts(head, SdkBody::from_body_1_x(body));
        let unusable = |error| HttpError::new(HttpErrorKind::Unknown, error);
        let request = Request::try_from(request).map_err(unusable)?;
        let late = |late| HttpError::new(HttpErrorKind::Timeout, late);
        let response = timeout_at(until, self.connector.call(request))
            .await
            .map_err(late)?;
        let response = response.map_err(failed)?.try_into_http1x().map_err(unusable)?;
        Ok(response.map(|body| {
            let until = Box::pin(sleep_until(until));
            HttpResponseBody::new(Within { body, until })
        }))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("plain HTTP is for an endpoint on this machine only")]
struct Unencrypted;

#[derive(Debug, thiserror::Error)]
#[error("the answer was not read to its end in time")]
struct Late;

/// What `object_store` may do about it. A connection that did not come about, or broke, is made again whatever was asked: objects are
/// written once and compared, or replaced by the same bytes, or deleted. So this is for what [`super::Objects`] asks, not for every store.
fn failed(error: ConnectorError) -> HttpError {
    // The connector has no other time to keep than that to connect.
    let kind = if error.is_timeout() {
        HttpErrorKind::Connect
    } else if error.is_io() || error.as_other() == Some(ErrorKind::TransientError) {
        HttpErrorKind::Request
    } else {
        HttpErrorKind::Unknown
    };
    HttpError::new(kind, error)
}

/// An answer's bytes, until its time is over.
struct Within {
    body: SdkBody,
    until: Pin<Box<Sleep>>,
}

impl Body for Within {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let broken = |error| HttpError::new_boxed(HttpErrorKind::Interrupted, error);
            return Poll::Ready(frame.map(|frame| frame.map_err(broken)));
        }
        ready!(self.until.as_mut().poll(cx));
        Poll::Ready(Some(Err(HttpError::new(HttpErrorKind::Timeout, Late))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(all(test, feature = "dynamodb", feature = "sqs"))]
mod tests;
