//! The notice to an SNS topic: whoever is subscribed to the alarms gets it too.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request};

use super::{
    Cloud,
    endpoint::{self, Http, Https},
    sign::Signer,
};
use crate::{
    clock::Clock,
    notice::{Notice, Notices},
};

/// Of SNS's API: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const HOST: &str = "sns.{region}.amazonaws.com";
const VERSION: &str = "2010-03-31";
const PATIENCE: Duration = Duration::from_secs(5);

/// A topic of the function's own account and region.
pub struct Topic {
    http: Arc<dyn Http>,
    signer: Signer,
    clock: Arc<dyn Clock>,
    region: String,
    base: String,
    arn: String,
}

impl Topic {
    /// The one that the environment names. Makes no call.
    ///
    /// # Errors
    /// When the environment lacks the topic, credentials or a region.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        let config = cloud.config();
        let region = config.region().context("there is no AWS region")?.to_string();
        let credentials = config.credentials_provider();
        Ok(Self {
            http: Arc::new(Https::default()),
            signer: Signer::new(credentials.context("there are no AWS credentials")?),
            clock: cloud.clock(),
            base: endpoint::base(config.endpoint_url(), HOST, &region),
            region,
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
        let body = fields.map(field).join("&");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body))?;
        let signed = self
            .signer
            .sign(&mut request, "sns", &self.region, self.clock.now());
        signed.await.map_err(anyhow::Error::msg)?;
        // A batch of mails may have a notice each, within one invocation.
        let answered = tokio::time::timeout(PATIENCE, self.http.send(request)).await;
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
