//! What is collected, and how each kind of source is read. Start at [`parts`] (what a plan is made of) and [`Source`].
//!
//! A source that is missing, empty or refused is an answer with a reason, never an error: the run goes on and says so.

pub mod dynamodb;
pub mod environment;
pub mod handoffs;
pub mod inventory;
pub mod ledger;
mod objects;

use std::{sync::Arc, time::Duration};

use object_store::prefix::PrefixStore;
use shared::{
    facts::SourceState,
    id::{EntityId, PartId},
    manifest::{PartManifest, TableManifest},
    message::Envelope,
    portfolio::{
        EnvironmentSource, HandoffSource, InventorySource, Portfolio, ReadFrom, Sources, TableSource, pointer,
    },
};

use self::dynamodb::{budget::RealTime, pages::Pages};
use crate::{
    Deps, Invocation,
    snapshot::{PartFolder, runs::WorkFolder},
};

/// One source of a portfolio: what a part collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// A business's own table.
    Table(&'a TableSource),
    /// Markdown files.
    Handoffs(&'a HandoffSource),
    /// The AWS inventory, from the account or from a recording.
    Inventory(&'a InventorySource),
    /// Targets and parameters that are read elsewhere.
    Environment(&'a EnvironmentSource),
    /// The pipeline's own earlier nights.
    Ledger,
}

impl Source<'_> {
    /// As in the manifest.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "dynamodb",
            Self::Handoffs(_) => "handoffs",
            Self::Inventory(_) => "inventory",
            Self::Environment(_) => "environment",
            Self::Ledger => "ledger",
        }
    }
    fn entity(&self) -> Option<&EntityId> {
        match self {
            Self::Table(table) => table.entity.as_ref(),
            Self::Handoffs(_) | Self::Inventory(_) | Self::Environment(_) | Self::Ledger => None,
        }
    }
    fn is_core(&self) -> bool {
        match self {
            Self::Table(table) => table.core,
            Self::Handoffs(_) | Self::Inventory(_) | Self::Environment(_) | Self::Ledger => false,
        }
    }
}

/// The parts of a portfolio, in the order of its file; last the ledger's, which every portfolio has that has any: it is there
/// whatever the file says, and alone it is nothing to report on.
pub fn parts(sources: &Sources) -> Vec<(PartId, Source<'_>)> {
    let mut parts: Vec<(PartId, Source<'_>)> = Vec::new();
    for table in &sources.dynamodb {
        parts.push((PartId::of_table(&table.table), Source::Table(table)));
    }
    parts.extend(
        sources
            .handoffs
            .iter()
            .map(|source| (fixed_part("handoffs"), Source::Handoffs(source))),
    );
    parts.extend(
        sources
            .inventory
            .iter()
            .map(|source| (fixed_part("inventory"), Source::Inventory(source))),
    );
    if !sources.environment.is_empty() {
        let source = Source::Environment(&sources.environment);
        parts.push((fixed_part("environment"), source));
    }
    if !parts.is_empty() {
        parts.push((fixed_part("ledger"), Source::Ledger));
    }
    parts
}

fn fixed_part(id: &str) -> PartId {
    id.parse().expect("made of lower-case letters, digits and dots")
}

/// How often the message that asks for this part was received, this time included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// From 1.
    pub received: u32,
}

impl Delivery {
    /// At this receipt a source that still cannot be read is reported as failed. Below the queue's max receive count,
    /// because a reason in the report is better than a message in the DLQ.
    pub const PATIENCE: u32 = 3;

    fn is_last(self) -> bool {
        self.received >= Self::PATIENCE
    }
}

/// Reads a source and writes its tables. `envelope` is that of the part.
///
/// # Errors
/// See [`SourceError`]; a source that is missing or refused is no error.
pub async fn collect(
    deps: &Deps,
    invocation: &Invocation<'_>,
    source: Source<'_>,
    portfolio: &Portfolio,
    envelope: &Envelope,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Answer, SourceError> {
    let as_of = envelope.business_date.0;
    // Each portfolio sees its own inputs and no other's.
    let inputs = PrefixStore::new(Arc::clone(&deps.inputs), pointer::inputs_prefix(&portfolio.id));
    match source {
        Source::Table(table) => {
            let progress = dynamodb::progress::Progress {
                ledger: Arc::clone(&deps.ledger),
                objects: deps.objects.clone(),
                clock: Arc::clone(&deps.clock),
                run: envelope.run.clone(),
                generation: envelope.generation,
                part: PartId::of_table(&table.table),
            };
            let live = match invocation.elsewhere {
                Some(there) => {
                    let client = there.client(table.region.as_deref(), table.role.as_deref()).await;
                    dynamodb::live::Live::new(&client, table, as_of)
                }
                None => dynamodb::live::Live::local(&deps.tables, table, as_of),
            };
            let export = match (&table.from, invocation.elsewhere) {
                (ReadFrom::Export(path), Some(_)) => {
                    Some(dynamodb::export::Export::new(table, path, &inputs, &live, as_of))
                }
                _ => None,
            };
            let means = dynamodb::Means {
                pages: export.as_ref().map_or(&live as &dyn Pages, |export| export),
                progress: &progress,
                timer: &RealTime,
                ends: invocation.ends,
            };
            Box::pin(dynamodb::collect(table, &means, folder)).await
        }
        Source::Handoffs(source) => {
            let collected = handoffs::collect(source, portfolio, as_of, &inputs, folder, delivery);
            collected.await.map(Answer::from)
        }
        Source::Inventory(source) => {
            let account = deps.account.as_deref();
            let left = invocation.ends.map(|ends| ends.duration_since(deps.clock.now()));
            let left = left.map(|left| Duration::try_from(left).unwrap_or_default());
            let collected = inventory::collect(source, &inputs, account, as_of, left, folder, delivery);
            collected.await.map(Answer::from)
        }
        Source::Environment(source) => {
            let means = environment::Means {
                variable: &deps.variable,
                account: deps.account.as_deref(),
            };
            let collected = environment::collect(source, &means, folder, delivery);
            collected.await.map(Answer::from)
        }
        Source::Ledger => {
            let (run, due) = (&envelope.run, envelope.scheduled_at);
            let collected = ledger::collect(&*deps.ledger, run, due, folder, delivery);
            collected.await.map(Answer::from)
        }
    }
}

/// What a source answered, and what is left of the way to it.
#[derive(Debug)]
pub struct Answer {
    /// For the part's manifest.
    pub collected: Collected,
    /// To be cleared when the manifest is written; none where there is nothing in it.
    pub work: Option<WorkFolder>,
}

impl From<Collected> for Answer {
    fn from(collected: Collected) -> Self {
        Self {
            collected,
            work: None,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The source may be readable at the next delivery of the message.
    #[error("{0}; it is tried again")]
    Later(String),
    /// There is more to do than there was time; what was done is kept.
    #[error("{0}; it is gone on with")]
    Unfinished(String),
    /// The snapshot cannot be written.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// How it went.
    pub state: SourceState,
    /// Why, where it is not ok, and what to do.
    pub reason: Option<String>,
    /// What it brought.
    pub tables: Vec<TableManifest>,
}

impl Collected {
    fn ok(tables: Vec<TableManifest>) -> Self {
        Self {
            state: SourceState::Ok,
            reason: None,
            tables,
        }
    }
    /// Rows over all tables.
    pub fn rows(&self) -> u64 {
        self.tables
            .iter()
            .flat_map(|table| &table.files)
            .map(|file| file.rows)
            .sum()
    }
    /// The reason, where the source is unknown rather than empty.
    pub fn failure(&self) -> Option<String> {
        failure(self.state, self.reason.as_deref())
    }
    /// As the object that the ledger refers to.
    pub fn into_manifest(self, part: &PartId, source: Source<'_>) -> PartManifest {
        let files = self.tables.iter().flat_map(|table| &table.files);
        PartManifest {
            part: part.clone(),
            kind: source.kind().to_owned(),
            entity: source.entity().cloned(),
            core: source.is_core(),
            state: self.state,
            rows: self.rows(),
            bytes: files.map(|file| file.input.bytes).sum(),
            reason: self.reason,
            tables: self.tables,
        }
    }
}

/// What the ledger says of a part in this state.
pub fn failure(state: SourceState, reason: Option<&str>) -> Option<String> {
    match state {
        SourceState::Ok | SourceState::Empty => None,
        SourceState::Missing | SourceState::Failed | SourceState::Late => {
            Some(reason.unwrap_or("no reason was given").to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
