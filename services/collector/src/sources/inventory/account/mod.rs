//! The AWS account itself, read through its APIs. Start at [`Account::read`].
//!
//! [`calls`] says which calls are made, as data; [`walk`] goes from list to details to rows; [`client`] makes one call, in a
//! [`protocol`], signed ([`sign`]), over [`Http`]; [`expression`] finds values in answers; [`derive`] puts together what no
//! single call has. A call without an answer is a gap and leaves what it would have told unknown; nothing stops for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures::{StreamExt, future::BoxFuture, stream};
use jiff::{civil::Date, tz::TimeZone};
use secrecy::SecretString;
use shared::{
    clock::Clock,
    cloud::{
        endpoint::{Http, Https},
        sign,
    },
};

pub mod calls;
pub mod client;
mod context;
mod credentials;
mod derive;
mod documents;
mod expression;
mod metrics;
pub mod parameters;
pub mod policy;
pub(crate) mod protocol;
mod reach;
pub mod rows;
mod secrets;
mod template;
mod walk;

use calls::{SERVICES, Scope, Service};
use client::{CallError, Client, Watcher};
use rows::{Gap, Inventory};
use secrets::Scanner;
use walk::{Found, Place, Walk};

/// Where global services are signed for.
const GLOBAL: &str = "us-east-1";
/// What rows and gaps of theirs say.
const GLOBAL_NAME: &str = "global";
/// What a gap says of the regions that could not be listed.
const OTHER: &str = "other";
/// Tables read at once; the client bounds the calls.
const TABLES_AT_ONCE: usize = 24;

/// Access to an account.
pub struct Account {
    /// To AWS.
    pub http: Arc<dyn Http>,
    /// Who reads.
    pub credentials: SharedCredentialsProvider,
    /// For signatures, and what day it is.
    pub clock: Arc<dyn Clock>,
    /// The region that this runs in: it is read when the account's regions cannot be listed.
    pub home: String,
    /// Instead of AWS's hosts.
    pub endpoint: Option<String>,
    /// Where the key of the secrets' fingerprints is.
    pub fingerprints: Fingerprints,
}

/// Where the key of the secrets' fingerprints comes from.
pub enum Fingerprints {
    /// A secret of Secrets Manager, by name or ARN: the same key every night.
    Secret(String),
    /// This one.
    Key(SecretString),
}

/// How an account is read.
#[derive(Default)]
pub struct Options {
    /// Which regions; none is all that are switched on.
    pub regions: Vec<String>,
    /// Calls that would begin later than this are not made, and are gaps.
    pub within: Option<Duration>,
    /// Told of every answer.
    pub watcher: Option<Watcher>,
}

impl Account {
    /// Of the SDK's configuration: its region, credentials and `AWS_ENDPOINT_URL`; over a connector of its.
    ///
    /// # Errors
    /// When it names no credentials or no region.
    pub fn of(
        config: &aws_config::SdkConfig,
        connector: SharedHttpConnector,
        clock: Arc<dyn Clock>,
        fingerprints: Fingerprints,
    ) -> anyhow::Result<Self> {
        let credentials = config.credentials_provider();
        let region = config.region();
        Ok(Self {
            http: Arc::new(Https(connector)),
            credentials: anyhow::Context::context(
                credentials,
                "there are no AWS credentials: configure a profile, or set AWS_PROFILE",
            )?,
            clock,
            home: anyhow::Context::context(
                region,
                "there is no AWS region: set AWS_REGION, or one in the profile",
            )?
            .to_string(),
            endpoint: config.endpoint_url().map(str::to_owned),
            fingerprints,
        })
    }

    /// Reads all tables as of the business date. Never fails: what cannot be read is a gap.
    pub fn read(&self, as_of: Date, options: Options) -> BoxFuture<'_, Inventory> {
        // Boxed: what hangs below is too deep a type for a caller's.
        Box::pin(self.read_all(as_of, options))
    }

    fn client(&self, within: Option<Duration>) -> Client {
        let mut client = Client::new(
            Arc::clone(&self.http),
            sign::Signer::new(self.credentials.clone()),
            Arc::clone(&self.clock),
            self.endpoint.clone(),
        );
        client.deadline = within.map(|within| tokio::time::Instant::now() + within);
        client
    }

    async fn read_all(&self, as_of: Date, options: Options) -> Inventory {
        let mut client = self.client(options.within);
        client.watcher = options.watcher;
        let mut inventory = Inventory::default();
        let today = self.clock.now().to_zoned(TimeZone::UTC).date();
        let mut walk = Walk {
            client: &client,
            account: None,
            as_of,
            today,
            scanner: &Scanner::default(),
        };
        match identity(&walk).await {
            Ok(account) => walk.account = account,
            Err(error) => inventory.gap(Gap::new("sts", GLOBAL_NAME, "GetCallerIdentity", &error)),
        }
        inventory.regions = match options.regions.is_empty() {
            false => options.regions,
            true => regions(&walk, &self.home).await.unwrap_or_else(|error| {
                inventory.gap(Gap::new("ec2", OTHER, "DescribeRegions", &error));
                vec![self.home.clone()]
            }),
        };
        let key = match &self.fingerprints {
            Fingerprints::Key(key) => Ok(key.clone()),
            Fingerprints::Secret(id) => secret(&walk, &self.home, id).await,
        };
        let scanner = match key {
            Ok(key) => Scanner::new(Some(key)),
            Err(error) => {
                inventory.gap(Gap::new("secretsmanager", &self.home, "GetSecretValue", &error));
                Scanner::default()
            }
        };
        walk.scanner = &scanner;
        tables(&walk, &mut inventory).await;
        derive::derive(&mut inventory, today);
        inventory.account = walk.account;
        inventory.settle();
        // Here, and not at each call: of an error that is an answer nothing is to be said, and of a thousand resources once.
        for (gap, resources) in &inventory.gaps {
            let (service, region, operation, error) = (&gap.service, &gap.region, &gap.operation, &gap.error);
            let hint = policy::hint(error);
            tracing::warn!(
                service,
                region,
                operation,
                error,
                resources,
                hint,
                "part of the inventory is unknown"
            );
        }
        inventory
    }
}

/// The tables of all services in all their regions.
async fn tables(walk: &Walk<'_>, inventory: &mut Inventory) {
    let regions = inventory.regions.clone();
    let mut places = Vec::new();
    for service in SERVICES.iter() {
        for table in service.tables.iter().filter(|table| table.parent.is_none()) {
            let scope = table.scope.unwrap_or(service.scope);
            if scope == Scope::Global {
                places.push(Place {
                    service,
                    table,
                    region: GLOBAL,
                    shown: GLOBAL_NAME,
                });
                continue;
            }
            let mut names: BTreeSet<&str> = regions.iter().map(String::as_str).collect();
            if scope == Scope::RegionalAndGlobal {
                names.insert(GLOBAL);
            }
            places.extend(names.into_iter().map(|region| Place {
                service,
                table,
                region,
                shown: region,
            }));
        }
    }
    let readings: Vec<_> = places.into_iter().map(|place| walk.table(place, None)).collect();
    let found: Vec<Found> = stream::iter(readings)
        .buffer_unordered(TABLES_AT_ONCE)
        .collect()
        .await;
    let mut rows: BTreeMap<&'static str, Vec<rows::Row>> = BTreeMap::new();
    for found in found {
        for (table, more) in found.rows {
            rows.entry(table).or_default().extend(more);
        }
        found.gaps.into_iter().for_each(|gap| inventory.gap(gap));
    }
    if let Some(users) = rows.get_mut("iam_user")
        && let Some(gap) = credentials::fill(walk, users).await
    {
        inventory.gap(gap);
    }
    inventory.tables = rows;
}

async fn identity(walk: &Walk<'_>) -> Result<Option<String>, CallError> {
    let service = Service::named("sts");
    let call = service.other("GetCallerIdentity");
    let pages = walk
        .client
        .pages(service, call, GLOBAL, &walk.context(GLOBAL, &[]))
        .await?;
    Ok(pages
        .first()
        .and_then(|page| page.get_field("Account").as_string().cloned()))
}

async fn regions(walk: &Walk<'_>, home: &str) -> Result<Vec<String>, CallError> {
    let service = Service::named("ec2");
    let call = service.other("DescribeRegions");
    let pages = walk
        .client
        .pages(service, call, home, &walk.context(home, &[]))
        .await?;
    let items = pages
        .iter()
        .flat_map(|page| expression::elements(&page.get_field("regionInfo").get_field("item")));
    let off = |item: &jmespath::Rcvar| {
        let status = item.get_field("optInStatus");
        status.as_string().is_some_and(|status| status == "not-opted-in")
    };
    let mut names: Vec<String> = items
        .filter(|item| !off(item))
        .filter_map(|item| item.get_field("regionName").as_string().cloned())
        .collect();
    names.sort();
    if names.is_empty() {
        Err(CallError::Unreadable)
    } else {
        Ok(names)
    }
}

async fn secret(walk: &Walk<'_>, home: &str, id: &str) -> Result<SecretString, CallError> {
    let service = Service::named("secretsmanager");
    let context = walk.context(home, &[("id", context::string(id))]);
    let pages = walk
        .client
        .pages(service, service.other("GetSecretValue"), home, &context)
        .await?;
    let text = pages
        .first()
        .and_then(|page| page.get_field("SecretString").as_string().cloned());
    text.map(SecretString::from).ok_or(CallError::Unreadable)
}

#[cfg(test)]
pub(crate) mod tests;
