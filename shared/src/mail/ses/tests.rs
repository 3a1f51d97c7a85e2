use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

use super::*;
use crate::mail::Mailbox;

/// What the wire does with every request.
#[derive(Debug, Clone, Copy)]
enum Wire {
    Answer(u16, &'static str, &'static str),
    Refuse,
    Reset,
    ReadTimeout,
    Garbage,
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

impl HttpConnector for Wire {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        CALLS.fetch_add(1, Ordering::SeqCst);
        let io = |kind| ConnectorError::io(Box::new(std::io::Error::new(kind, "the wire")));
        HttpConnectorFuture::ready(match *self {
            Wire::Refuse => Err(io(std::io::ErrorKind::ConnectionRefused)),
            Wire::Reset => Err(io(std::io::ErrorKind::ConnectionReset)),
            Wire::ReadTimeout => Err(ConnectorError::timeout("HTTP read timeout occurred".into())),
            Wire::Garbage => Ok(response(200, "", "<html>hello</html>")),
            Wire::Answer(status, code, body) => Ok(response(status, code, body)),
        })
    }
}

fn response(status: u16, code: &'static str, body: &'static str) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    if !code.is_empty() {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

async fn send(wire: Wire) -> Result<Accepted, MailError> {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(aws_sdk_sesv2::config::SharedCredentialsProvider::new(
            aws_sdk_sesv2::config::Credentials::new("k", "s", None, None, "test"),
        ))
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(wire)))
        .build();
    let (from, to): (Mailbox, Mailbox) = ("a@example.com".parse().unwrap(), "b@example.com".parse().unwrap());
    let mail = OutgoingMail {
        from: &from,
        to: &to,
        raw_mime: b"From: a@example.com\r\n\r\nx",
        tags: &[],
    };
    Ses::new(&config, Some("quarterdeck".to_owned())).send(mail).await
}

/// The name of the variant.
async fn outcome(wire: Wire) -> &'static str {
    match send(wire).await {
        Ok(_) => "accepted",
        Err(MailError::Throttled(_)) => "throttled",
        Err(MailError::Rejected { .. }) => "rejected",
        Err(MailError::Account(_)) => "account",
        Err(MailError::Ambiguous(_)) => "ambiguous",
    }
}

#[tokio::test]
async fn failures_are_told_apart_by_what_is_certain_and_never_retried() {
    let rate = r#"{"message":"Maximum sending rate exceeded."}"#;
    let quota = r#"{"message":"Daily message quota exceeded."}"#;
    let sandbox = r#"{"message":"Email address is not verified."}"#;
    let virus = r#"{"message":"Message contains a virus."}"#;
    let cases = [
        (Wire::Answer(200, "", r#"{"MessageId":"ses-1"}"#), "accepted"),
        (Wire::Answer(429, "TooManyRequestsException", rate), "throttled"),
        (Wire::Answer(429, "TooManyRequestsException", quota), "account"),
        (Wire::Answer(400, "MessageRejected", sandbox), "account"),
        (Wire::Answer(400, "MessageRejected", virus), "rejected"),
        (
            Wire::Answer(
                400,
                "BadRequestException",
                r#"{"message":"Missing final '@domain'"}"#,
            ),
            "rejected",
        ),
        (Wire::Answer(400, "SendingPausedException", "{}"), "account"),
        (Wire::Answer(400, "AccountSuspendedException", "{}"), "account"),
        (
            Wire::Answer(400, "MailFromDomainNotVerifiedException", "{}"),
            "account",
        ),
        (Wire::Answer(404, "NotFoundException", "{}"), "account"),
        (Wire::Answer(400, "LimitExceededException", "{}"), "account"),
        (Wire::Answer(403, "ExpiredTokenException", "{}"), "account"),
        (Wire::Answer(500, "InternalFailure", "{}"), "ambiguous"),
        (Wire::Answer(503, "ServiceUnavailable", "{}"), "ambiguous"),
        (Wire::Answer(200, "", "{}"), "ambiguous"),
        (Wire::Garbage, "ambiguous"),
        (Wire::Refuse, "throttled"),
        (Wire::Reset, "ambiguous"),
        (Wire::ReadTimeout, "ambiguous"),
    ];
    for (wire, expected) in cases {
        let before = CALLS.load(Ordering::SeqCst);
        assert_eq!(outcome(wire).await, expected, "{wire:?}");
        assert_eq!(
            CALLS.load(Ordering::SeqCst) - before,
            1,
            "{wire:?} was tried more than once"
        );
    }
}
