//! The notice to an SNS topic: whoever is subscribed to the alarms gets it too.

use std::sync::Arc;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request};
use shared::{clock::Clock, cloud::Cloud};

use super::{Notice, Notices};
use crate::sources::inventory::account::{
    client,
    http::{Http, Https},
    protocol,
    sign::Signer,
};

/// Of SNS's API: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const HOST: &str = "sns.{region}.amazonaws.com";
const VERSION: &str = "2010-03-31";

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
            base: client::base(config.endpoint_url(), HOST, &region),
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
        let field = |(name, value): (&str, &str)| format!("{name}={}", protocol::encode(value));
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
        let response = self.http.send(request).await?;
        let status = response.status();
        let answer = String::from_utf8_lossy(response.body());
        ensure!(status.is_success(), "SNS answered {status}: {answer}");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
