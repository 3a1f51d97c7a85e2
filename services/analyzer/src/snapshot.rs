//! What a night is made from. Start at [`Snapshot::read`].

use std::collections::BTreeSet;

use anyhow::Context as _;
use jiff::Timestamp;
use shared::{
    facts::Analysis,
    id::{Generation, PartId, RunId, Sha256},
    ledger::{Ledger, RunRow},
    manifest::PartManifest,
    objects::Objects,
};

/// Runs looked through for the one before: a month of nights.
const RUNS_BACK: usize = 31;

/// What a night is made from.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Which night.
    pub run: RunId,
    /// In which generation.
    pub generation: Generation,
    /// The scheduled time.
    pub scheduled_at: Timestamp,
    /// Manifests of the parts that came, each with its digest.
    pub manifests: Vec<(PartManifest, Sha256)>,
    /// Parts that never came.
    pub late: BTreeSet<PartId>,
    /// The analysis of the night before.
    pub previous: Option<Analysis>,
}

impl Snapshot {
    /// Of a run, as it stands on the ledger.
    ///
    /// # Errors
    /// A manifest or an analysis that cannot be read, or is not what the ledger says.
    pub async fn read(ledger: &dyn Ledger, objects: &Objects, row: RunRow) -> anyhow::Result<Self> {
        let mut manifests = Vec::with_capacity(row.parts.len());
        for (part, reference) in &row.parts {
            let bytes = objects.get_checked(&reference.input).await;
            let bytes = bytes.with_context(|| format!("failed to read the manifest of part {part}"))?;
            let manifest: PartManifest = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no manifest of a part", reference.input.key))?;
            manifests.push((manifest, reference.input.sha256.clone()));
        }
        Ok(Self {
            previous: previous(ledger, objects, &row.plan.run).await?,
            run: row.plan.run,
            generation: row.plan.generation,
            scheduled_at: row.plan.scheduled_at,
            manifests,
            late: row.missing_parts,
        })
    }
}

/// The newest earlier night with an analysis. One that this build cannot read is as good as none, and says so.
async fn previous(ledger: &dyn Ledger, objects: &Objects, run: &RunId) -> anyhow::Result<Option<Analysis>> {
    let runs = ledger.runs(run.portfolio(), RUNS_BACK).await;
    let mut earlier: Vec<RunRow> = runs.context("failed to list earlier runs")?;
    earlier.retain(|r| r.plan.run.date() < run.date());
    earlier.sort_by_key(|r| std::cmp::Reverse(r.plan.run.date()));
    let Some(input) = earlier.into_iter().find_map(|r| r.analysis) else {
        return Ok(None);
    };
    let bytes = objects
        .get_checked(&input)
        .await
        .context("failed to read the analysis before this one")?;
    match serde_json::from_slice(&bytes) {
        Ok(analysis) => Ok(Some(analysis)),
        Err(error) => {
            tracing::warn!(key = input.key, %error, "the analysis before this one cannot be read, nothing is compared");
            Ok(None)
        }
    }
}
