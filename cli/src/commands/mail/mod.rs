//! `quarterdeck mail`: what of the mail needs a person. [`status`] shows it, [`resume`] lets it go, [`list`] is about
//! recipients, and [`reply`] takes what they answer. Each works on any ledger; this module finds the one that is meant.

use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use shared::{
    clock::{Clock, SystemClock},
    cloud::{Cloud, QUEUE_PREFIX, RID_SECRET, TABLE},
    id::PortfolioId,
    ledger::{DeliveryRow, Ledger, RunRow},
};

use crate::{
    args::mail::{MailCommand, Site},
    exit::Exit,
    local::{Local, replay_from},
};

pub mod list;
pub mod reply;
pub mod resume;
pub mod status;

/// Runs a subcommand.
///
/// # Errors
/// What keeps it from being done.
pub async fn mail(command: &MailCommand, json: bool) -> anyhow::Result<Exit> {
    match command {
        MailCommand::Status(args) => status::status(args, json).await,
        MailCommand::Resume(args) => resume::resume(args, json).await,
        MailCommand::Suppress(args) => list::suppress(args, json).await,
        MailCommand::Unsuppress(args) => list::unsuppress(args, json).await,
        MailCommand::Reply(args) => reply::reply(args, json).await,
    }
}

/// What time it is for a run.
#[derive(Clone, Copy)]
pub enum Time<'a> {
    /// A clock's.
    Of(&'a dyn Clock),
    /// Of a local run, which is a night replayed: where it was left.
    Replayed,
}

impl Time<'_> {
    /// Now, for what is about no run.
    pub fn at_all(self) -> Timestamp {
        match self {
            Self::Of(clock) => clock.now(),
            Self::Replayed => SystemClock.now(),
        }
    }
    /// Now, for a run with these deliveries.
    pub fn now(self, row: &RunRow, deliveries: &[DeliveryRow]) -> Timestamp {
        match self {
            Self::Of(clock) => clock.now(),
            Self::Replayed => replay_from(row.plan.scheduled_at, deliveries),
        }
    }
}

/// The ledger that is meant.
enum Found {
    Local(Box<Local>),
    Cloud(Box<Cloud>),
}

impl Found {
    async fn open(site: &Site, further: &[(shared::cloud::Name, Option<&str>)]) -> anyhow::Result<Self> {
        if let Some(folder) = &site.portfolio {
            let local = Local::open_existing(folder, &site.out).await?;
            return Ok(Self::Local(Box::new(local)));
        }
        let table = site.table.as_deref();
        let table = table.context(
            "whose mail? Name a folder with --portfolio, or a deployment's ledger with --table or QUARTERDECK_TABLE",
        )?;
        let mut names = vec![(TABLE, table)];
        names.extend(
            further
                .iter()
                .filter_map(|(name, value)| Some((*name, (*value)?))),
        );
        Ok(Self::Cloud(Box::new(Cloud::named(&names).await)))
    }

    fn ledger(&self) -> anyhow::Result<Arc<dyn Ledger>> {
        Ok(match self {
            Self::Local(local) => Arc::clone(&local.ledger),
            Self::Cloud(cloud) => cloud.ledger()?,
        })
    }

    fn time(&self) -> Time<'static> {
        match self {
            Self::Local(_) => Time::Replayed,
            Self::Cloud(_) => Time::Of(&SystemClock),
        }
    }

    /// The portfolio: the folder's own, or the one that was named.
    fn portfolio(&self, named: Option<&PortfolioId>) -> anyhow::Result<PortfolioId> {
        match (self, named) {
            (Self::Local(local), _) => Ok(local.portfolio.id.clone()),
            (Self::Cloud(_), Some(id)) => Ok(id.clone()),
            (Self::Cloud(_), None) => {
                anyhow::bail!("a deployment may have several portfolios: name one with --id")
            }
        }
    }
}

/// The queues, for what is let go.
fn queues(prefix: Option<&str>) -> (shared::cloud::Name, Option<&str>) {
    (QUEUE_PREFIX, prefix)
}

/// The key of the recipients' ids.
fn secret(id: Option<&str>) -> (shared::cloud::Name, Option<&str>) {
    (RID_SECRET, id)
}

/// The reason is written to the ledger, which knows nobody's address.
fn check_reason(reason: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        !reason.contains('@'),
        "the reason has an address in it, and the ledger keeps none: say it without"
    );
    Ok(())
}
