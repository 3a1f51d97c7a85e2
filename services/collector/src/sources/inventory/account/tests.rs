//! An account of scripted answers, each of the documented shape of its call; whatever is not scripted is denied.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use aws_credential_types::{Credentials, provider};
use bytes::Bytes;
use http::{Request, Response};
use shared::{clock::ManualClock, cloud::endpoint::Unreachable};

use super::{rows::text, *};

mod blocks;
mod estimate;
mod faults;
mod functions;
mod redelivery;
mod services;

/// What a request must contain, and the answers to it in turn; the last one stays.
struct Line {
    needles: Vec<&'static str>,
    answers: Vec<(u16, String)>,
    asked: usize,
}

/// Answers requests whose one-line form, `region service METHOD path target body`, has all needles of a line.
#[derive(Default)]
pub struct Script {
    lines: Mutex<Vec<Line>>,
    /// All requests in that form.
    pub asked: Mutex<Vec<String>>,
    /// Milliseconds that an answer takes, by the number of its request.
    pub delay: Option<fn(usize) -> u64>,
}

impl Script {
    pub fn on(self, needles: &[&'static str], answers: &[(u16, &str)]) -> Self {
        let answers = answers
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()))
            .collect();
        self.lines.lock().unwrap().push(Line {
            needles: needles.to_vec(),
            answers,
            asked: 0,
        });
        self
    }
    pub fn count(&self, needle: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|line| line.contains(needle))
            .count()
    }
}

fn form(request: &Request<Bytes>) -> String {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    // …Credential=KEY/20261120/us-west-2/sqs/aws4_request, …
    let scope: Vec<&str> = header("authorization").split('/').collect();
    let (region, service) = (scope.get(2).unwrap_or(&""), scope.get(3).unwrap_or(&""));
    let body = String::from_utf8_lossy(request.body());
    format!(
        "{region} {service} {} {} {} {body}",
        request.method(),
        request.uri(),
        header("x-amz-target")
    )
}

#[async_trait]
impl Http for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        let asked = form(&request);
        let number = {
            let mut all = self.asked.lock().unwrap();
            all.push(asked.clone());
            all.len()
        };
        if let Some(delay) = self.delay {
            tokio::time::sleep(Duration::from_millis(delay(number))).await;
        }
        let denied = if asked.contains("application") {
            r#"{"__type":"AccessDeniedException"}"#
        } else {
            "<E><Error><Code>AccessDenied</Code></Error></E>"
        };
        let mut lines = self.lines.lock().unwrap();
        let line = lines
            .iter_mut()
            .find(|line| line.needles.iter().all(|needle| asked.contains(needle)));
        let (status, body) = match line {
            None => (403, denied.to_owned()),
            Some(line) => {
                line.asked += 1;
                line.answers[(line.asked - 1).min(line.answers.len() - 1)].clone()
            }
        };
        if status == 0 {
            return Err(Unreachable(body));
        }
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    }
}

/// Credentials that count how often they were asked for.
#[derive(Debug, Default)]
pub struct Counted(pub Arc<AtomicUsize>);

impl provider::ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.fetch_add(1, Ordering::SeqCst);
        provider::future::ProvideCredentials::ready(Ok(Credentials::new("KEY", "secret", None, None, "test")))
    }
}

pub fn account(script: Arc<Script>) -> (Account, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let account = Account {
        http: script,
        credentials: SharedCredentialsProvider::new(Counted(Arc::clone(&asked))),
        clock: Arc::new(ManualClock::at("2026-11-21T10:30:00Z".parse().unwrap())),
        home: "us-west-2".into(),
        endpoint: None,
        fingerprints: Fingerprints::Key("key".to_owned().into()),
    };
    (account, asked)
}

/// Reads an account of one region.
pub async fn read(script: Script) -> (Inventory, Arc<Script>) {
    read_in(script, &["us-west-2"]).await
}

pub async fn read_in(script: Script, regions: &[&str]) -> (Inventory, Arc<Script>) {
    let script = Arc::new(script);
    let options = Options {
        regions: regions.iter().map(|r| (*r).to_owned()).collect(),
        ..Options::default()
    };
    let (account, _) = account(Arc::clone(&script));
    (account.read("2026-11-20".parse().unwrap(), options).await, script)
}

/// The cells of a column, in the order of the rows.
pub fn column(inventory: &Inventory, table: &str, column: &str) -> Vec<Option<String>> {
    inventory
        .rows(table)
        .iter()
        .map(|row| text(row, column).map(str::to_owned))
        .collect()
}
/// The gaps of a service, as `operation error`.
pub fn gaps(inventory: &Inventory, service: &str) -> Vec<String> {
    let of = inventory.gaps.keys().filter(|gap| gap.service == service);
    of.map(|gap| format!("{} {}", gap.operation, gap.error)).collect()
}
pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
