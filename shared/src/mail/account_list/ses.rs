//! SES's account-level suppression list, by its API v2. Unlike a send, each call may be repeated, so the SDK's own retries
//! stay on.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        delete_suppressed_destination::DeleteSuppressedDestinationError,
        get_suppressed_destination::GetSuppressedDestinationError,
    },
    types::{SuppressedDestination, SuppressionListReason},
};
use jiff::Timestamp;

use super::{AccountList, Entry, ListError, Mailbox, Reason, forms};

const LOOK: &str = "look an address up";
const UNREADABLE: &str = "an answer that cannot be read";

/// The list of the configuration's account and region.
#[derive(Debug, Clone)]
pub struct SesList {
    client: Client,
}

impl SesList {
    /// Makes no call.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }
}

#[async_trait]
impl AccountList for SesList {
    async fn put(&self, address: &Mailbox, reason: Reason) -> Result<(), ListError> {
        let reason = match reason {
            Reason::Bounce => SuppressionListReason::Bounce,
            Reason::Complaint => SuppressionListReason::Complaint,
        };
        let request = self.client.put_suppressed_destination();
        let request = request.email_address(address.address()).reason(reason);
        let put = request.send().await;
        put.map(|_| ()).map_err(failed("put an address on it"))
    }

    async fn remove(&self, address: &Mailbox) -> Result<(), ListError> {
        for form in forms(address) {
            let request = self.client.delete_suppressed_destination().email_address(form);
            match request.send().await {
                Err(error)
                    if !is_missing(&error, DeleteSuppressedDestinationError::is_not_found_exception) =>
                {
                    return Err(failed("take an address off it")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn get(&self, address: &Mailbox) -> Result<Option<Entry>, ListError> {
        for form in forms(address) {
            let request = self.client.get_suppressed_destination().email_address(form);
            match request.send().await {
                Ok(output) => return entry(output.suppressed_destination).map(Some),
                Err(error) if is_missing(&error, GetSuppressedDestinationError::is_not_found_exception) => {}
                Err(error) => return Err(failed(LOOK)(error)),
            }
        }
        Ok(None)
    }
}

fn is_missing<E>(error: &SdkError<E>, is: impl Fn(&E) -> bool) -> bool {
    matches!(error, SdkError::ServiceError(service) if is(service.err()))
}

fn entry(found: Option<SuppressedDestination>) -> Result<Entry, ListError> {
    let since = |found: &SuppressedDestination| Timestamp::from_second(found.last_update_time.secs()).ok();
    let read = found.and_then(|found| Some((since(&found)?, found.reason)));
    let (since, reason) = read.ok_or_else(|| ListError {
        what: LOOK,
        code: UNREADABLE.to_owned(),
    })?;
    let reason = match reason {
        SuppressionListReason::Bounce => Some(Reason::Bounce),
        SuppressionListReason::Complaint => Some(Reason::Complaint),
        _ => None,
    };
    Ok(Entry { reason, since })
}

/// The service's code, or what the SDK calls the failure: their texts may quote the address.
fn failed<E: ProvideErrorMetadata>(what: &'static str) -> impl Fn(SdkError<E>) -> ListError {
    move |error| {
        let kind = match &error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ConstructionFailure(_) => "the request could not be made",
            _ => UNREADABLE,
        };
        ListError {
            what,
            code: error.code().unwrap_or(kind).to_owned(),
        }
    }
}

#[cfg(all(test, feature = "contract", feature = "embedded"))]
mod tests;
