//! One service of AWS in the function's own account and region, of which a call or two is made and no client is linked.

use std::{fmt, sync::Arc};

use anyhow::Context;
use aws_config::SdkConfig;
use bytes::Bytes;
use http::{Method, Request, Response, header::CONTENT_TYPE};

use super::{
    Cloud,
    endpoint::{self, Http, Https},
    sign::Signer,
};
use crate::clock::Clock;

/// Signs and sends. Repeats nothing.
pub struct Api {
    http: Arc<dyn Http>,
    signer: Signer,
    clock: Arc<dyn Clock>,
    service: &'static str,
    region: String,
    base: String,
}

impl Api {
    /// The service of this name, which is that of its host and of its signatures. Makes no call.
    ///
    /// # Errors
    /// When the environment lacks credentials or a region.
    pub fn of(cloud: &Cloud, service: &'static str) -> anyhow::Result<Self> {
        let http = Arc::new(Https(cloud.connector()));
        Self::over(http, cloud.clock(), cloud.config(), service)
    }

    /// The same, over these.
    ///
    /// # Errors
    /// As [`Api::of`].
    pub fn over(
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
        config: &SdkConfig,
        service: &'static str,
    ) -> anyhow::Result<Self> {
        let region = config.region().context("there is no AWS region")?.to_string();
        let credentials = config.credentials_provider();
        let host = format!("{service}.{{region}}.amazonaws.com");
        Ok(Self {
            http,
            signer: Signer::new(credentials.context("there are no AWS credentials")?),
            clock,
            service,
            base: endpoint::base(config.endpoint_url(), &host, &region),
            region,
        })
    }

    /// One request and its answer, whatever its status.
    ///
    /// # Errors
    /// When it cannot be signed, or has no answer; it may have arrived.
    pub async fn send(
        &self,
        method: Method,
        path: impl fmt::Display + Send,
        kind: &str,
        body: Bytes,
    ) -> anyhow::Result<Response<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, kind)
            .body(body)?;
        let now = self.clock.now();
        let signed = self.signer.sign(&mut request, self.service, &self.region, now);
        signed.await.map_err(anyhow::Error::msg)?;
        Ok(self.http.send(request).await?)
    }
}
