use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use secrecy::ExposeSecret;

use super::*;

const REFUSED: (u16, &str) = (400, r#"{"__type":"AccessDeniedException","Message":"no"}"#);

/// Gives these answers, the last one first; then none.
#[derive(Debug, Clone)]
struct Manager(Arc<Mutex<Vec<(u16, &'static str)>>>);

impl HttpConnector for Manager {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.lock().unwrap().pop();
        let (status, body) = answer.expect("no call more than there are answers");
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn secret(answers: &[(u16, &'static str)]) -> RidSecret {
    let manager = Manager(Arc::new(Mutex::new(answers.iter().rev().copied().collect())));
    let keys = Credentials::new("k", "s", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(manager.clone())
        }))
        .build();
    RidSecret::new(Client::new(&config), "quarterdeck/rid".to_owned())
}

#[tokio::test]
async fn what_needs_the_key_is_made_once_and_again_after_a_failure() {
    let secret = secret(&[
        REFUSED,
        (200, r#"{"SecretString":"key"}"#),
        (200, r#"{"SecretString":"key"}"#),
    ]);
    let kept = OnceCell::new();
    let made = async |well: bool| {
        let make = |key: SecretString| {
            anyhow::ensure!(well, "its ports cannot be made");
            Ok(key.expose_secret().to_owned())
        };
        secret.once(&kept, make).await
    };
    let refused = made(true).await.unwrap_err().to_string();
    assert!(refused.contains("AccessDeniedException"), "{refused}");
    assert_eq!(
        made(false).await.unwrap_err().to_string(),
        "its ports cannot be made"
    );
    assert_eq!(made(true).await.unwrap(), "key");
    // A fourth call would be one too many.
    assert_eq!(made(false).await.unwrap(), "key");
}
