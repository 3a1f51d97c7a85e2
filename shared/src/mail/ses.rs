//! Mail through SES v2: raw MIME, one recipient, no retries.
//!
//! `SendEmail` has no idempotency token, and the SDK retries timeouts by default, so it would mail twice by itself. Here
//! it gets one attempt and a time limit, and [`classify`] says what the ledger may conclude from a failure.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sesv2::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    primitives::Blob,
    types::{Destination, EmailContent, MessageTag, RawMessage},
};

use super::{Accepted, Account, MailError, OutgoingMail, Transport, tags};

/// Long enough for a message of several megabytes; far below a delivery's lease.
const OPERATION: Duration = Duration::from_secs(30);

/// SES.
#[derive(Debug, Clone)]
pub struct Ses {
    client: Client,
    configuration_set: Option<String>,
}

impl Ses {
    /// With the deployment's configuration set, whose events say what became of a mail.
    pub fn new(config: &SdkConfig, configuration_set: Option<String>) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(OPERATION).build();
        let config = aws_sdk_sesv2::config::Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(1))
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            configuration_set,
        }
    }
}

#[async_trait]
impl Transport for Ses {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        tags::check(mail.tags)?;
        let unbuilt = |error: aws_sdk_sesv2::error::BuildError| MailError::Rejected {
            code: "Unbuildable".to_owned(),
            text: error.to_string(),
        };
        let raw = RawMessage::builder()
            .data(Blob::new(mail.raw_mime))
            .build()
            .map_err(unbuilt)?;
        let mut request = self
            .client
            .send_email()
            .from_email_address(mail.from.address())
            .destination(Destination::builder().to_addresses(mail.to.address()).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone());
        for (name, value) in mail.tags {
            request = request.email_tags(
                MessageTag::builder()
                    .name(*name)
                    .value(value)
                    .build()
                    .map_err(unbuilt)?,
            );
        }
        let output = request.send().await.map_err(classify)?;
        match output.message_id {
            Some(message_id) => Ok(Accepted::under(message_id)),
            None => Err(MailError::Ambiguous(
                "SES answered without a message id".to_owned(),
            )),
        }
    }

    async fn account(&self) -> Result<Account, MailError> {
        let account = self.client.get_account().send().await;
        // A read: whatever went wrong, nothing was sent.
        let account =
            account.map_err(|error| MailError::Throttled(DisplayErrorContext(error).to_string()))?;
        let quota = account
            .send_quota
            .ok_or_else(|| MailError::Account("SES names no send quota".to_owned()))?;
        Ok(Account {
            max_send_rate: quota.max_send_rate,
            // SES says -1 for an unlimited quota.
            daily_quota: (quota.max24_hour_send >= 0.0).then_some(quota.max24_hour_send),
            sent_last_day: quota.sent_last24_hours,
        })
    }
}

/// What a failure says of the mail. "Not sent" is said only where that is certain; the rest is ambiguous.
fn classify(error: SdkError<SendEmailError>) -> MailError {
    let text = DisplayErrorContext(&error).to_string();
    match &error {
        // Never left this process.
        SdkError::ConstructionFailure(_) => MailError::Account(text),
        SdkError::DispatchFailure(failure) if failure.is_user() || never_connected(&error) => {
            MailError::Throttled(text)
        }
        SdkError::ServiceError(service) if service.raw().status().is_client_error() => {
            let code = service.err().code().unwrap_or("Unknown").to_owned();
            let text = service.err().message().unwrap_or("SES gave no reason").to_owned();
            refused(code, text)
        }
        // Timeouts, resets, 5xx, answers that cannot be read, and what the SDK adds one day.
        _ => MailError::Ambiguous(text),
    }
}

/// Whether the chain of causes shows that no connection was made: refused, no such host, or a connect timeout.
fn never_connected(error: &dyn std::error::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        let text = error.to_string();
        if text.contains("HTTP connect timeout") || text.contains("dns error") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A modelled or unmodelled 4xx: definitely not sent. Who must act is in the code, and for two codes in the text.
fn refused(code: String, text: String) -> MailError {
    let says = |what: &str| text.to_ascii_lowercase().contains(what);
    match code.as_str() {
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" | "RequestLimitExceeded" => {
            if says("daily") || says("quota") {
                MailError::Account(format!("{code}: {text}"))
            } else {
                MailError::Throttled(format!("{code}: {text}"))
            }
        }
        // In the sandbox, or from an unverified sender, no mail leaves at all.
        "MessageRejected" if says("not verified") => MailError::Account(format!("{code}: {text}")),
        "MessageRejected" | "BadRequestException" | "ValidationException" => {
            MailError::Rejected { code, text }
        }
        // A sending limit, a paused or suspended account, an unverified domain, a configuration set that is not there,
        // no permission, credentials that are over: nothing of this is about the one mail.
        _ => MailError::Account(format!("{code}: {text}")),
    }
}

#[cfg(all(test, feature = "embedded"))]
mod tests;
