//! Signature Version 4, by the SDK's own signer, with credentials that are fetched once and again when they end.

use std::time::SystemTime;

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// Fetched anew so long before they end: a page may wait that long for its turn.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// Signs requests.
#[derive(Debug)]
pub struct Signer {
    provider: SharedCredentialsProvider,
    // A lock over the fetch: one of many waiting calls asks the provider, the others take what it got.
    cached: Mutex<Option<Credentials>>,
}

impl Signer {
    /// With credentials of this provider.
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            cached: Mutex::new(None),
        }
    }

    /// Fetches credentials anew for the next request: these were called expired by a service.
    pub async fn forget(&self) {
        *self.cached.lock().await = None;
    }

    async fn credentials(&self, now: SystemTime) -> Result<Credentials, String> {
        let mut cached = self.cached.lock().await;
        let margin = MARGIN.unsigned_abs();
        if let Some(credentials) = cached
            .as_ref()
            .filter(|c| c.expiry().is_none_or(|end| end > now + margin))
        {
            return Ok(credentials.clone());
        }
        let fetched = self
            .provider
            .provide_credentials()
            .await
            .map_err(|e| e.to_string())?;
        Ok(cached.insert(fetched).clone())
    }

    /// Adds date, token and signature.
    ///
    /// # Errors
    /// When there are no credentials, or the request cannot be signed.
    pub async fn sign(
        &self,
        request: &mut Request<Bytes>,
        service: &str,
        region: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let now = SystemTime::from(now);
        let identity = self.credentials(now).await?.into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            // S3 signs a path as it is and wants the body's digest: see the S3 user guide, "Authenticating requests".
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(now)
            .settings(settings)
            .build()
            .map_err(|e| e.to_string())?
            .into();
        let headers = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        );
        let signable = signable.map_err(|e| e.to_string())?;
        let (instructions, _) = sign(signable, &parameters)
            .map_err(|e| e.to_string())?
            .into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
