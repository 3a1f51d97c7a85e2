//! The mail service's own list of those whom nothing is mailed to: of the whole account, in one region, by address. The
//! service fills it by itself; operators correct it (docs/decisions/022-two-suppression-lists.md). Start at
//! [`AccountList`]. The list of Quarterdeck's own is [`crate::ledger::Feedback`]'s, by rid.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use super::Mailbox;

#[cfg(feature = "contract")]
pub mod memory;
#[cfg(feature = "ses")]
pub mod ses;

/// Why an address is on the list; SES knows these two:
/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutSuppressedDestination.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Mail to it came back.
    Bounce,
    /// Its owner wants none.
    Complaint,
}

/// An entry of the list, without its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Why; none for a reason that this build does not know.
    pub reason: Option<Reason>,
    /// Since when.
    pub since: Timestamp,
}

/// The list did not answer, or refused. Its text has the service's code and no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mail service's own list of the account cannot be used to {what}: {code}")]
pub struct ListError {
    /// The operation, in words.
    pub what: &'static str,
    /// The service's code, or what kept it from answering.
    pub code: String,
}

/// The list.
///
/// Contract: each call is about one address and may be repeated; the second time it changes nothing. SES keeps the part before
/// the `@` in the case that it came in, so an address is put as it is written, and looked for as it is written and in lower case
/// ([`forms`]). An error says nothing of whether it was done.
#[async_trait]
pub trait AccountList: Send + Sync {
    /// Puts an address on the list. One that is on it stays; whether its reason does is the service's business.
    async fn put(&self, address: &Mailbox, reason: Reason) -> Result<(), ListError>;
    /// Takes one off it, in all its forms. That it is not on it is no error.
    async fn remove(&self, address: &Mailbox) -> Result<(), ListError>;
    /// Its entry, if it is on the list.
    async fn get(&self, address: &Mailbox) -> Result<Option<Entry>, ListError>;
}

/// The forms in which an address may be on the list: as it is written, but for the domain's case, and all in lower case. Whoever
/// bounced as `Jo@…` and is asked for as `jo@…` is not found; the `To:` of an archived mail has the form that was mailed to.
/// Case is as <https://github.com/floci-io/floci/pull/1350> found it at the service; AWS does not document it.
pub fn forms(address: &Mailbox) -> Vec<String> {
    let lower = address.normalised();
    let written = address.address();
    let local = written.rsplit_once('@').map_or(written, |(local, _)| local);
    let written = format!("{local}{}", &lower[local.len()..]);
    let mut forms = vec![written, lower];
    forms.dedup();
    forms
}
