//! Tables in other regions and accounts.

use async_trait::async_trait;
use aws_config::{Region, SdkConfig, sts::AssumeRoleProvider};
use aws_sdk_dynamodb::{Client, config::Builder};

/// Gives clients for tables that are not the deployment's own. There is none locally, where all tables are in one embedded
/// database, whatever region, account or export their source names.
#[async_trait]
pub trait Elsewhere: Send + Sync {
    /// A client for a region, under a role; none of both is the deployment's own.
    async fn client(&self, region: Option<&str>, role: Option<&str>) -> Client;
}

/// The accounts that the function's own role may reach.
#[derive(Debug, Clone)]
pub struct Accounts(pub SdkConfig);

#[async_trait]
impl Elsewhere for Accounts {
    /// A role is assumed at the first call, and again when its credentials expire.
    async fn client(&self, region: Option<&str>, role: Option<&str>) -> Client {
        let region = region.map(|name| Region::new(name.to_owned()));
        let region = region.or_else(|| self.0.region().cloned());
        let mut config = Builder::from(&self.0).region(region);
        if let Some(role) = role {
            let provider = AssumeRoleProvider::builder(role)
                .configure(&self.0)
                .session_name("quarterdeck-collector")
                .build()
                .await;
            config = config.credentials_provider(provider);
        }
        Client::from_conf(config.build())
    }
}
