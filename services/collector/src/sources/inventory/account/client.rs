//! One call: paced, signed, repeated where that may help, page after page. Start at [`Client::pages`].

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jmespath::Rcvar;
use shared::{
    clock::Clock,
    cloud::{
        endpoint::{self, Http},
        sign::Signer,
    },
};
use tokio::{sync::Semaphore, time::Instant};

use super::{
    calls::{Call, Service},
    expression::cell,
    protocol::{self, NextPage, Refusal},
};

/// Calls under way at once, over all services: enough to hide their latency, few enough for 512 MB.
const AT_ONCE: usize = 16;
/// A call is made at most so many times.
const ATTEMPTS: u32 = 4;
/// The longest pause before the second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 4 } else { 400 });
/// No list that we read is that long; one that goes on is a service that never ends it.
const MAX_PAGES: usize = 20_000;

/// By which services say "not so fast", or "too late"; AWS's SDKs know the same ones, see
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const THROTTLING: [&str; 16] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "SlowDown",
    "EC2ThrottledException",
    // Cost Explorer's word for it. Nothing that we call can run into a limit of another kind.
    "LimitExceededException",
    "RequestTimeout",
    "RequestTimeoutException",
];
/// By which they say that the credentials were good.
const EXPIRED: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Why a call has no answer: the service's error code, or one of ours, which have no `Exception` at their end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The service refused, or failed each time.
    #[error("{0}")]
    Refused(String),
    /// No answer came, each time.
    #[error("Unreachable")]
    Unreachable,
    /// A page's token came before: the list would never end.
    #[error("RepeatedPageToken")]
    RepeatedPageToken,
    /// The answer does not look as it is documented to.
    #[error("UnreadableAnswer")]
    Unreadable,
    /// Nobody gave us credentials.
    #[error("NoCredentials")]
    NoCredentials,
    /// The time for the inventory is over, or what the call needs is not known.
    #[error("NotCalled")]
    NotCalled,
}

impl CallError {
    /// Whether the same call may have an answer some minutes later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused(code) => {
                let busy = ["InternalServerError", "InternalFailure", "ServiceUnavailable"];
                THROTTLING.contains(&code.as_str()) || busy.contains(&code.as_str()) || code.starts_with('5')
            }
            _ => false,
        }
    }
}

/// Told of every answered page: service, region, operation.
pub type Watcher = Arc<dyn Fn(&str, &str, &str) + Send + Sync>;

/// Makes calls.
pub struct Client {
    pub(super) http: Arc<dyn Http>,
    pub(super) signer: Signer,
    pub(super) clock: Arc<dyn Clock>,
    /// Instead of AWS's hosts: `AWS_ENDPOINT_URL`.
    pub(super) endpoint: Option<String>,
    pub(super) deadline: Option<Instant>,
    pub(super) watcher: Option<Watcher>,
    slots: Semaphore,
    paces: Mutex<BTreeMap<(String, String), Arc<DefaultDirectRateLimiter>>>,
}

impl Client {
    /// Over these ports.
    pub fn new(http: Arc<dyn Http>, signer: Signer, clock: Arc<dyn Clock>, endpoint: Option<String>) -> Self {
        Self {
            http,
            signer,
            clock,
            endpoint,
            deadline: None,
            watcher: None,
            slots: Semaphore::new(AT_ONCE),
            paces: Mutex::default(),
        }
    }

    /// All pages of a call, in order.
    ///
    /// # Errors
    /// [`CallError`], also when only one of the pages failed: part of a list is no list.
    pub async fn pages(
        &self,
        service: &Service,
        call: &Call,
        region: &str,
        context: &Rcvar,
    ) -> Result<Vec<Rcvar>, CallError> {
        let (mut pages, mut seen, mut next) = (Vec::new(), HashSet::new(), NextPage::new());
        loop {
            let page = self.page(service, call, region, context, &next).await?;
            next.clear();
            for (parameter, expression) in &call.page {
                let found = expression.find(&page).map_err(|_| CallError::Unreadable)?;
                if let Some(text) = cell(&found).filter(|text| !text.is_empty()) {
                    next.insert(parameter.clone(), text);
                }
            }
            pages.push(page);
            if next.is_empty() {
                return Ok(pages);
            }
            if !seen.insert(next.clone()) || pages.len() == MAX_PAGES {
                return Err(CallError::RepeatedPageToken);
            }
        }
    }

    async fn page(
        &self,
        service: &Service,
        call: &Call,
        region: &str,
        context: &Rcvar,
        next: &NextPage,
    ) -> Result<Rcvar, CallError> {
        let mut attempt = 1;
        loop {
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(CallError::NotCalled);
            }
            let (error, again) = match self.attempt(service, call, region, context, next).await {
                Ok(page) => {
                    if let Some(watcher) = &self.watcher {
                        watcher(&service.service, region, &call.operation);
                    }
                    return Ok(page);
                }
                Err(failed) => failed,
            };
            let operation = &call.operation;
            if !again || attempt == ATTEMPTS {
                tracing::debug!(service = %service.service, region, operation, %error, attempt, "inventory call failed");
                return Err(error);
            }
            tracing::debug!(service = %service.service, region, operation, %error, attempt, "inventory call is made again");
            // Somewhere in the pause, so that calls that failed together do not come together again.
            tokio::time::sleep(PAUSE.mul_f64(fastrand::f64() * f64::from(1 << (attempt - 1)))).await;
            attempt += 1;
        }
    }

    /// One attempt, or its failure and whether another may do better.
    async fn attempt(
        &self,
        service: &Service,
        call: &Call,
        region: &str,
        context: &Rcvar,
        next: &NextPage,
    ) -> Result<Rcvar, (CallError, bool)> {
        let pace = self.pace(service, region);
        let turn = async {
            pace.until_ready().await;
            self.slots.acquire().await.ok()
        };
        // The turn may come too late: in a large account calls wait for minutes.
        let slot = match self.deadline {
            None => turn.await,
            Some(deadline) => tokio::time::timeout_at(deadline, turn).await.ok().flatten(),
        };
        let _slot = slot.ok_or((CallError::NotCalled, false))?;
        let request = self
            .base(service, region, context)
            .and_then(|base| protocol::request(service, call, &base, context, next));
        let mut request = request.map_err(|_| (CallError::NotCalled, false))?;
        let signed = self
            .signer
            .sign(&mut request, service.signing(), region, self.clock.now());
        signed.await.map_err(|reason| {
            tracing::warn!(reason, "no credentials for the inventory");
            (CallError::NoCredentials, false)
        })?;
        let response = self.http.send(request).await.map_err(|error| {
            tracing::debug!(%error, "an inventory call had no answer");
            (CallError::Unreachable, true)
        })?;
        let Refusal { code, status } = match protocol::answer(service.protocol, call, &response) {
            Ok(value) => return Ok(value),
            Err(refusal) => refusal,
        };
        let expired = EXPIRED.contains(&code.as_str());
        if expired {
            self.signer.forget().await;
        }
        let again = expired || status >= 500 || status == 429 || THROTTLING.contains(&code.as_str());
        let error = if code == "UnreadableAnswer" {
            CallError::Unreadable
        } else {
            CallError::Refused(code)
        };
        Err((error, again))
    }

    /// Where a service is. A host of the account's own cannot be told without its id, whatever the endpoint.
    fn base(&self, service: &Service, region: &str, context: &Rcvar) -> Result<String, String> {
        const ACCOUNT: &str = "{account}";
        let account = context.get_field("account");
        let host = match account.as_string() {
            Some(account) => service.host.replace(ACCOUNT, account),
            None if service.host.contains(ACCOUNT) => return Err("the account is not known".to_owned()),
            None => service.host.clone(),
        };
        Ok(endpoint::base(self.endpoint.as_deref(), &host, region))
    }

    /// Shared by the services that AWS counts as one, such as both versions of API Gateway.
    pub(super) fn pace(&self, service: &Service, region: &str) -> Arc<DefaultDirectRateLimiter> {
        let mut paces = self
            .paces
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = (service.signing().to_owned(), region.to_owned());
        let limiter = || Arc::new(RateLimiter::direct(Quota::per_second(service.calls_per_second)));
        Arc::clone(paces.entry(key).or_insert_with(limiter))
    }
}
