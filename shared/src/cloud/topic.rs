//! The notice to an SNS topic: whoever is subscribed to the alarms gets it too.

use std::time::Duration;

use anyhow::{anyhow, ensure};
use async_trait::async_trait;
use http::Method;

use super::{Cloud, api::Api, endpoint};
use crate::notice::{Notice, Notices};

/// Of SNS's API: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const VERSION: &str = "2010-03-31";
const PATIENCE: Duration = Duration::from_secs(5);

/// A topic of the function's own account and region.
pub struct Topic {
    sns: Api,
    arn: String,
}

impl Topic {
    /// The one that the environment names. Makes no call.
    ///
    /// # Errors
    /// When the environment lacks the topic, credentials or a region.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        Ok(Self {
            sns: Api::of(cloud, "sns")?,
            arn: cloud.notices()?.to_owned(),
        })
    }
}

#[async_trait]
impl Notices for Topic {
    async fn tell(&self, notice: &Notice) -> anyhow::Result<()> {
        let fields: [(&str, &str); 5] = [
            ("Action", "Publish"),
            ("Version", VERSION),
            ("TopicArn", &self.arn),
            ("Subject", &notice.subject),
            ("Message", &notice.text),
        ];
        let field = |(name, value): (&str, &str)| format!("{name}={}", endpoint::encode(value));
        let form = fields.map(field).join("&");
        let sent = self.sns.send(
            Method::POST,
            "/",
            "application/x-www-form-urlencoded",
            form.into(),
        );
        // A batch of mails may have a notice each, within one invocation.
        let answered = tokio::time::timeout(PATIENCE, sent).await;
        let response =
            answered.map_err(|_| anyhow!("SNS did not answer within {} s", PATIENCE.as_secs()))??;
        let status = response.status();
        let answer = String::from_utf8_lossy(response.body());
        ensure!(status.is_success(), "SNS answered {status}: {}", code(&answer));
        Ok(())
    }
}

/// An error's code. Its message is left: it may repeat what was sent, and that is a person's.
fn code(answer: &str) -> &str {
    let code = answer
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or("no code", |(code, _)| code)
}

#[cfg(test)]
mod tests;
