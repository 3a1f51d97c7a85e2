//! The AWS inventory and its cost, as the tables of `catalog/collected.toml`. Start at [`collect`].
//!
//! It comes from the account itself ([`account`]), or from a recording of that ([`recording`]), which `quarterdeck record`
//! makes by the same code. A table without rows was read and is empty; a table that is not there was not read, and what needs
//! it is unknown. In a row an absent column is unknown, and an empty one means that there is none.

use std::time::Duration;

use jiff::civil::Date;
use object_store::ObjectStore;
use shared::{
    facts::SourceState,
    portfolio::{InventoryFrom, InventorySource},
};

use super::{Collected, Delivery, SourceError};
use crate::snapshot::PartFolder;

pub mod account;
pub mod recording;
pub mod tables;

use account::{Account, Options, rows::Inventory};
pub use tables::columns_of;
use tables::{MADE, Tables};

/// How long an account is read at most: what is not asked for by then is a gap. The function has 300 s.
const WITHIN: Duration = Duration::from_secs(220);
/// Of what an invocation has left, what writing the snapshot may take.
const WRITING: Duration = Duration::from_secs(20);

/// Reads the inventory and writes its tables; of an account, as much as can be in what is left of the invocation.
///
/// # Errors
/// [`SourceError::Later`] when a recording may be readable at the next delivery, [`SourceError::Other`] when the snapshot
/// cannot be written.
pub async fn collect(
    source: &InventorySource,
    inputs: &dyn ObjectStore,
    account: Option<&Account>,
    as_of: Date,
    left: Option<Duration>,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    match (&source.from, account) {
        (InventoryFrom::Recording { path }, _) => recording::collect(path, inputs, folder, delivery).await,
        (InventoryFrom::Account, Some(account)) => {
            let options = Options {
                regions: source.regions.clone(),
                within: Some(left.map_or(WITHIN, |left| WITHIN.min(left.saturating_sub(WRITING)))),
                watcher: None,
            };
            Ok(write(account.read(as_of, options).await, folder).await?)
        }
        (InventoryFrom::Account, None) => Ok(Collected {
            state: SourceState::Missing,
            reason: Some(
                "a local night reads no AWS account: record it with `quarterdeck record PORTFOLIO` and set path under \
                 [sources.inventory] of portfolio.toml"
                    .to_owned(),
            ),
            tables: Vec::new(),
        }),
    }
}

/// Writes what was read of an account. If that is nothing at all, the source failed.
async fn write(inventory: Inventory, folder: &PartFolder<'_>) -> anyhow::Result<Collected> {
    let read_any = inventory.tables.keys().any(|table| !MADE.contains(table));
    let first = inventory.gaps.keys().next().cloned();
    let mut tables = Tables::default();
    for (table, rows) in inventory.tables {
        tables.read(table);
        for row in rows {
            // An unknown cell is none, as in a recording.
            let known = row.iter().filter(|(_, text)| text.is_some());
            tables.row(table, known.map(|(name, text)| (name.as_str(), text.clone())));
        }
    }
    let collected = tables.write(folder).await?;
    Ok(match first {
        Some(gap) if !read_any => Collected {
            state: SourceState::Failed,
            reason: Some(format!(
                "nothing of the account could be read, {} {} answered {}: see what `quarterdeck doctor PORTFOLIO` says",
                gap.service, gap.operation, gap.error
            )),
            ..collected
        },
        _ => collected,
    })
}
