//! HTTPS for every AWS client of a function, S3's included: one connector, so one pool of connections, one TLS (rustls on ring; the
//! SDK's own default would link a second cryptography library, docs/decisions/017) and one list of authorities, which is half of a
//! function's start to read (docs/decisions/028).

use std::time::Duration;

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
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

/// Until a connection stands: the SDK's default for every client of it.
const CONNECT: Duration = Duration::from_millis(3100);

/// What Lambda gives a function: credentials, region and, on a local AWS, the endpoint, each of its variable. Where else the SDK would
/// look (profiles, instance metadata, containers) there is nothing, and the code for it is a twentieth of a zip.
pub fn of_function(
    environment: impl Fn(&str) -> Option<String>,
    connector: &SharedHttpConnector,
) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client(connector))
        .time_source(SharedTimeSource::default())
        .region(environment("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ));
    config.set_sleep_impl(default_async_sleep());
    config.set_endpoint_url(environment("AWS_ENDPOINT_URL"));
    config.build()
}

/// For clients of the SDK, all over this connector: the time that one gives itself to connect or to read is not looked at.
pub fn client(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

/// A connector as the SDK's clients have it. It reads the list of authorities, so one is made for a process; it runs its connections
/// on the runtime that they were made on, so it is of no use after that.
pub fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    SharedHttpConnector::new(with(Some(&settings)))
}

/// Credentials, region, profile and endpoint as the SDK finds them by default, for commands: a connector for each time to connect and
/// to read, as what is asked for credentials (instance metadata, containers) may be no one's and is to be given up soon.
pub fn loader() -> ConfigLoader {
    let client = Builder::new().build_with_connector_fn(|settings, _| with(settings));
    aws_config::defaults(BehaviorVersion::latest()).http_client(client)
}

/// As the SDK's default connector is, a proxy named by the environment included, but for what encrypts.
fn with(settings: Option<&HttpConnectorSettings>) -> Connector {
    let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::Ring));
    connector.set_connector_settings(settings.cloned());
    connector.set_sleep_impl(default_async_sleep());
    connector.set_proxy_config(Some(ProxyConfig::from_env()));
    connector.build()
}
