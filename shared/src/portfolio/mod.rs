//! A portfolio's configuration, parsed once. Start at [`Portfolio`]; [`Bundle`] is the folder as a run sees it,
//! [`EXAMPLE`] is the file with every key explained, [`schedule`] is when its nights are.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::{
    id::{DocumentId, EntityId, PortfolioId},
    mail::{Mailbox, reply::ReplyDomain},
    money::Currency,
};

mod bundle;
mod decisions;
mod environment;
mod parse;
pub mod pointer;
pub mod schedule;
mod tables;
mod zones;
pub use bundle::{Bundle, BundleError};
pub use decisions::{ActionCode, ActionRef, Decided, Decision, NoAction};
pub use environment::{ENVIRONMENT_TABLE, EnvironmentSource, VARIABLE_PREFIX, ValueSource};
pub use parse::{EXAMPLE, FILE, LoadError};
pub use tables::{ReadFrom, TableQuery, TableSource};
pub use zones::zone;

/// A portfolio, as `portfolio.toml` says it, checked.
#[derive(Debug, Clone)]
pub struct Portfolio {
    /// Part of every key.
    pub id: PortfolioId,
    /// Display name.
    pub title: String,
    /// IANA zone: the business date's.
    pub timezone: String,
    /// Reporting currency.
    pub currency: Currency,
    /// When the night starts.
    pub schedule: Schedule,
    /// Sender, archive, policy.
    pub mail: MailSettings,
    /// The businesses, in the order of the file.
    pub entities: Vec<Entity>,
    /// What is collected.
    pub sources: Sources,
    /// What is made, in the order of the file.
    pub documents: Vec<DocumentSettings>,
    /// Targets by KPI id, or `id@entity`; those that the file itself has.
    pub targets: BTreeMap<String, rust_decimal::Decimal>,
    /// Scalars that SQL reads as `$name`; those that the file itself has.
    pub parameters: BTreeMap<String, Parameter>,
    /// Non-negotiable rules.
    pub rules: Vec<Rule>,
    /// Facts accepted until a date.
    pub mutes: Vec<Mute>,
    /// Decisions about actions, in the order of the file: of several about one action the last stands.
    pub decisions: Vec<Decision>,
}

/// When the night starts and how long its mails are worth sending.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Local time.
    pub at: Time,
    /// Hours from the scheduled time to `not_after`.
    pub mail_until_hours: i64,
    /// Minutes from the plan until parts that have not come are given up.
    pub collect_minutes: i64,
}

/// What to do with a delivery of which nobody knows whether it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPolicy {
    /// Wait for an operator.
    Hold,
    /// Send once more, flagged `possible_duplicate`.
    ResendOnce,
}

/// Sender and policy.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// From.
    pub from: Mailbox,
    /// Reply-To.
    pub reply_to: Option<Mailbox>,
    /// Where answers with decisions are mailed to, if that is switched on.
    pub reply_domain: Option<ReplyDomain>,
    /// Whom `List-Unsubscribe` mails to, if it is offered.
    pub unsubscribe: Option<Mailbox>,
    /// Gets a copy of every document, as a delivery of its own.
    pub archive: Mailbox,
    /// For deliveries in doubt.
    pub unknown_policy: UnknownPolicy,
}

/// A business.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Id.
    pub id: EntityId,
    /// Display name.
    pub title: String,
    /// charter, hauling, agency, rental, delivery, other.
    pub kind: String,
    /// idea, pilot, operating, winding_down.
    pub stage: String,
    /// Role.
    pub owner: String,
    /// Its zone.
    pub timezone: String,
    /// Its currency.
    pub currency: Currency,
}

/// What is collected.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// DynamoDB tables (locally also loaded from `tables/<table>.ndjson` or `.csv`).
    pub dynamodb: Vec<TableSource>,
    /// Handoff documents.
    pub handoffs: Option<HandoffSource>,
    /// The AWS inventory, or a recording of it.
    pub inventory: Option<InventorySource>,
    /// Targets and parameters that are read elsewhere.
    pub environment: EnvironmentSource,
}

/// Markdown files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffSource {
    /// Folder below the portfolio's, or prefix.
    pub path: String,
    /// A document older than this is stale.
    pub stale_after_days: i64,
}

/// The AWS inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventorySource {
    /// Where it comes from.
    pub from: InventoryFrom,
    /// The regions that are read, or recorded; none is all that are switched on.
    pub regions: Vec<String>,
}

/// Where an inventory comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InventoryFrom {
    /// The account's APIs.
    Account,
    /// What `quarterdeck record` wrote.
    Recording {
        /// Folder below the portfolio's.
        path: String,
    },
}

impl InventorySource {
    /// The folder of the recording, if it comes from one.
    pub fn recording(&self) -> Option<&str> {
        match &self.from {
            InventoryFrom::Recording { path } => Some(path),
            InventoryFrom::Account => None,
        }
    }
}

/// A document of the night.
#[derive(Debug, Clone)]
pub struct DocumentSettings {
    /// Id.
    pub id: DocumentId,
    /// `catalog/documents/<template>.toml`.
    pub template: String,
    /// Whose, for an audit.
    pub entity: Option<EntityId>,
    /// Title.
    pub title: String,
    /// Who gets it.
    pub recipients: Vec<Mailbox>,
    /// For deliveries of it that are in doubt, where it is not the portfolio's.
    pub unknown_policy: Option<UnknownPolicy>,
}

/// A scalar for SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// DECIMAL(20,4).
    Number(rust_decimal::Decimal),
    /// DATE.
    Date(Date),
    /// Text.
    Text(String),
}

/// A non-negotiable rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// One row: ok, reason.
    pub sql: String,
}

/// A fact accepted until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Fact id.
    pub fact: String,
    /// Last day.
    pub until: Date,
    /// Why.
    pub reason: String,
}
