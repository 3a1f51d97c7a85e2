//! Polling by Lambda's event source mappings, and the queues' own counts.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use shared::{
    cloud::{Cloud, api::Api},
    queue::{Stage, sqs::SqsQueue},
};

use super::Polling;

/// Of Lambda's API: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html>.
const PATH: &str = "/2015-03-31/event-source-mappings";
/// As what Lambda refuses to touch a mapping that is on its way from one state to another.
const IN_TRANSITION: [&str; 2] = ["ResourceInUseException", "ResourceConflictException"];

/// The mappings of a deployment.
pub struct Mappings {
    lambda: Api,
    queue: Arc<SqsQueue>,
    ids: BTreeMap<Stage, String>,
}

impl Mappings {
    /// Of the function's own account and region. Makes no call.
    ///
    /// # Errors
    /// When the environment lacks the mappings, credentials or a region.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        Ok(Self {
            lambda: Api::of(cloud, "lambda")?,
            queue: cloud.queue()?,
            ids: cloud.mappings()?,
        })
    }

    /// One signed call for a mapping and its answer; none while the mapping is on its way from one state to another.
    async fn call(&self, method: Method, id: &str, body: Option<Value>) -> anyhow::Result<Option<Value>> {
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let path = format!("{PATH}/{id}");
        let response = self.lambda.send(method, path, "application/json", body).await?;
        let status = response.status();
        let kind = response.headers().get("x-amzn-errortype");
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if IN_TRANSITION.iter().any(|error| kind.starts_with(error)) {
            return Ok(None);
        }
        let answer = serde_json::from_slice(response.body());
        let answer = answer.with_context(|| format!("Lambda answered {status} and no JSON"))?;
        ensure!(status.is_success(), "Lambda answered {status} {kind}: {answer}");
        Ok(Some(answer))
    }
}

#[async_trait]
impl Polling for Mappings {
    fn stages(&self) -> Vec<Stage> {
        self.ids.keys().copied().collect()
    }

    async fn depth(&self, stage: Stage) -> anyhow::Result<u64> {
        Ok(self.queue.depth(stage).await?)
    }

    async fn switch(&self, stage: Stage, on: bool) -> anyhow::Result<bool> {
        let id = self.ids.get(&stage);
        let id = id.with_context(|| format!("no mapping of the {stage} queue is known"))?;
        let Some(mapping) = self.call(Method::GET, id, None).await? else {
            return Ok(false);
        };
        let state = mapping["State"].as_str();
        // From any other it is as it should be, or on its way somewhere: the next sweep looks again.
        let from = if on { "Disabled" } else { "Enabled" };
        if state.context("Lambda did not say the mapping's state")? != from {
            return Ok(false);
        }
        let answer = self.call(Method::PUT, id, Some(json!({ "Enabled": on })));
        Ok(answer.await?.is_some())
    }
}

#[cfg(test)]
mod tests;
