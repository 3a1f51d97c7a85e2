//! HTTPS for every AWS client: rustls on ring, which S3's client brings anyhow. The SDK's own default would link a second
//! cryptography library (docs/decisions/017).

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider,
};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_smithy_async::{rt::sleep::default_async_sleep, time::SharedTimeSource};
use aws_smithy_http_client::{
    Builder, Connector, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

/// What Lambda gives a function: credentials, region and, on a local AWS, the endpoint, each of its variable. Where else the SDK would
/// look (profiles, instance metadata, containers) there is nothing, and the code for it is a twentieth of a zip.
pub fn of_function(environment: impl Fn(&str) -> Option<String>) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client())
        .time_source(SharedTimeSource::default())
        .region(environment("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ));
    config.set_sleep_impl(default_async_sleep());
    config.set_endpoint_url(environment("AWS_ENDPOINT_URL"));
    config.build()
}

/// Credentials, region, profile and endpoint as the SDK finds them by default, on [`client`]: for commands.
pub fn loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(client())
}

/// For a client of the SDK.
pub fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(with)
}

/// For requests that are not made by a client of the SDK.
pub fn connector() -> SharedHttpConnector {
    SharedHttpConnector::new(with(None, None))
}

/// As the SDK's default connector is, a proxy named by the environment included, but for what encrypts.
fn with(settings: Option<&HttpConnectorSettings>, components: Option<&RuntimeComponents>) -> Connector {
    let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::Ring));
    connector.set_connector_settings(settings.cloned());
    connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    connector.set_proxy_config(Some(ProxyConfig::from_env()));
    connector.build()
}
