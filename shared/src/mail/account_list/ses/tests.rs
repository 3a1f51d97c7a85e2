//! The adapter before a server that keeps the list as SES's API reference says: `PUT`, `GET` and `DELETE` below
//! `/v2/email/suppression/addresses`, 404 `NotFoundException` for what is not there, the domain in lower case. No local AWS
//! that the tests start has these calls.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::*;

const PATH: &str = "/v2/email/suppression/addresses";

/// The list, by the address as it stands in a path, and what was asked.
#[derive(Debug, Clone, Default)]
struct Server {
    entries: Arc<Mutex<BTreeMap<String, Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// Answers everything with this code.
    refuses: Option<&'static str>,
}

/// As it is kept.
fn kept(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap();
    format!("{local}@{}", domain.to_lowercase())
}

/// `%40` is `@`, and so on.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        plain.push(char::from(u8::from_str_radix(hex, 16).unwrap()));
        plain.push_str(rest);
    }
    plain
}

impl Server {
    fn answer(&self, request: &HttpRequest) -> (u16, &'static str, Value) {
        let uri = request.uri().to_owned();
        let path = &uri[uri.find(PATH).expect("below the list's path")..];
        let name = path[PATH.len()..].trim_start_matches('/');
        let name = decoded(name.split('?').next().unwrap_or_default());
        self.asked.lock().unwrap().push(request.method().to_owned());
        if let Some(code) = self.refuses {
            return (400, code, json!({"message": format!("not with {name}")}));
        }
        let mut entries = self.entries.lock().unwrap();
        let not_found = (404, "NotFoundException", json!({"message": "not there"}));
        match request.method() {
            "PUT" => {
                let body = request.body().bytes().expect("in memory");
                let body: Value = serde_json::from_slice(body).unwrap();
                let address = kept(body["EmailAddress"].as_str().unwrap());
                let entry = json!({
                    "EmailAddress": address,
                    "Reason": body["Reason"],
                    "LastUpdateTime": 1_795_257_000.5,
                });
                entries.insert(address, entry);
                (200, "", json!({}))
            }
            "GET" => match entries.get(&kept(&name)) {
                Some(entry) => (200, "", json!({"SuppressedDestination": entry})),
                None => not_found,
            },
            "DELETE" => match entries.remove(&kept(&name)) {
                Some(_) => (200, "", json!({})),
                None => not_found,
            },
            other => panic!("{other} is none of its methods"),
        }
    }
}

impl HttpConnector for Server {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, code, body) = self.answer(&request);
        let status = StatusCode::try_from(status).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
        if !code.is_empty() {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn of(server: &Server) -> SesList {
    let server = server.clone();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "k", "s", None, None, "test",
        )))
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(server.clone())
        }))
        .build();
    SesList::new(&config)
}

mod contract {
    async fn list() -> Option<super::SesList> {
        Some(super::of(&super::Server::default()))
    }

    crate::account_list_contract!(list());
}

#[tokio::test]
async fn an_entry_has_the_reason_and_the_second_that_ses_says() {
    let server = Server::default();
    let list = of(&server);
    let cfo: Mailbox = "cfo@example.com".parse().unwrap();
    list.put(&cfo, Reason::Complaint).await.unwrap();
    let entry = list.get(&cfo).await.unwrap().unwrap();
    assert_eq!(entry.reason, Some(Reason::Complaint));
    assert_eq!(entry.since, Timestamp::from_second(1_795_257_000).unwrap());
    let odd = json!({"EmailAddress": "cfo@example.com", "Reason": "TOMORROW", "LastUpdateTime": 1.0});
    server
        .entries
        .lock()
        .unwrap()
        .insert("cfo@example.com".to_owned(), odd);
    assert_eq!(list.get(&cfo).await.unwrap().unwrap().reason, None);
    assert_eq!(*server.asked.lock().unwrap(), ["PUT", "GET", "GET"]);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_and_without_the_address() {
    let server = Server {
        refuses: Some("AccessDeniedException"),
        ..Server::default()
    };
    let (list, cfo) = (of(&server), "cfo@example.com".parse().unwrap());
    for error in [
        list.put(&cfo, Reason::Bounce).await.unwrap_err(),
        list.remove(&cfo).await.unwrap_err(),
        list.get(&cfo).await.unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.ends_with(": AccessDeniedException"), "{text}");
        assert!(!format!("{error:?}").contains('@'), "{error:?}");
    }
}
