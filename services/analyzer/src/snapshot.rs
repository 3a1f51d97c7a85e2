//! What a night is made from. Start at [`Snapshot::read`].

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use shared::{
    facts::Analysis,
    id::{BusinessDate, Generation, PartId, RunId, Sha256},
    ledger::{Ledger, RunRow},
    manifest::PartManifest,
    message::Input,
    objects::Objects,
};

use crate::{
    history::{self, History},
    report,
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
    /// Where the manifests are that it was made from. They are read only if the past changed.
    pub previous_parts: Vec<Input>,
    /// Every fact of the nights before.
    pub history: Arc<History>,
    /// Why the file of it was not read, and nights are missing in it.
    pub history_lost: Option<String>,
}

impl Snapshot {
    /// Of a run, as it stands on the ledger.
    ///
    /// # Errors
    /// A manifest or an analysis that cannot be read, or is not what the ledger says.
    pub async fn read(ledger: &dyn Ledger, objects: &Objects, row: RunRow) -> anyhow::Result<Self> {
        let mut manifests = Vec::with_capacity(row.parts.len());
        for reference in row.parts.values() {
            let manifest = manifest(objects, &reference.input).await?;
            manifests.push((manifest, reference.input.sha256.clone()));
        }
        let before = previous(ledger, objects, &row.plan.run).await?;
        let (history, history_lost) = match &before {
            Some(before) => history(objects, &before.analysis, &before.at, row.plan.run.date()).await?,
            None => (History::default(), None),
        };
        let (previous, previous_parts) = before.map(|b| (b.analysis, b.parts)).unzip();
        Ok(Self {
            previous,
            previous_parts: previous_parts.unwrap_or_default(),
            history: Arc::new(history),
            history_lost,
            run: row.plan.run,
            generation: row.plan.generation,
            scheduled_at: row.plan.scheduled_at,
            manifests,
            late: row.missing_parts,
        })
    }

    /// The manifests that the analysis of the night before was made from.
    ///
    /// # Errors
    /// If one cannot be read, or they are not what that analysis says that it was made from.
    pub async fn manifests_before(&self, objects: &Objects) -> anyhow::Result<Vec<PartManifest>> {
        let previous = self.previous.as_ref().context("there is no night before")?;
        let mut manifests = Vec::with_capacity(self.previous_parts.len());
        for at in &self.previous_parts {
            manifests.push(manifest(objects, at).await?);
        }
        if digest(&manifests).as_str() != previous.run.snapshot_sha256 {
            bail!(
                "the parts of {} are not those that it was made from",
                previous.run.id
            );
        }
        Ok(manifests)
    }
}

/// The night before: its analysis, where that is, and where the manifests are that it was made from.
struct Before {
    analysis: Analysis,
    at: Input,
    parts: Vec<Input>,
}

/// The newest earlier night with an analysis. One that this build cannot read is as good as none, and says so.
async fn previous(ledger: &dyn Ledger, objects: &Objects, run: &RunId) -> anyhow::Result<Option<Before>> {
    let runs = ledger.runs(run.portfolio(), RUNS_BACK).await;
    let mut earlier: Vec<RunRow> = runs.context("failed to list earlier runs")?;
    earlier.retain(|r| r.plan.run.date() < run.date());
    earlier.sort_by_key(|r| std::cmp::Reverse(r.plan.run.date()));
    let Some((at, parts)) = earlier.into_iter().find_map(|r| Some((r.analysis?, r.parts))) else {
        return Ok(None);
    };
    let bytes = objects
        .get_checked(&at)
        .await
        .context("failed to read the analysis before this one")?;
    match serde_json::from_slice(&bytes) {
        Ok(analysis) => Ok(Some(Before {
            analysis,
            at,
            parts: parts.into_values().map(|part| part.input).collect(),
        })),
        Err(error) => {
            tracing::warn!(key = at.key, %error, "the analysis before this one cannot be read, nothing is compared");
            Ok(None)
        }
    }
}

async fn manifest(objects: &Objects, at: &Input) -> anyhow::Result<PartManifest> {
    let bytes = objects.get_checked(at).await;
    let bytes = bytes.with_context(|| format!("failed to read the manifest {}", at.key))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no manifest of a part", at.key))
}

/// What a snapshot is: the contents of its parts, not their keys, which name a run and a generation.
pub fn digest<'a>(manifests: impl IntoIterator<Item = &'a PartManifest>) -> Sha256 {
    let contents = manifests
        .into_iter()
        .map(|m| (m.part.as_str(), m.content_digest()));
    let contents: Vec<(&str, Sha256)> = contents.collect();
    report::digest_of(contents.iter().map(|(part, digest)| (*part, digest.as_str())))
}

/// What the night before hands on, without what is not before this one; and why that is less than it should be, if it is.
/// An analysis without a file beside it is of an earlier build: then what it remembers itself is all there is.
async fn history(
    objects: &Objects,
    previous: &Analysis,
    at: &Input,
    as_of: BusinessDate,
) -> anyhow::Result<(History, Option<String>)> {
    let own = || History::of(previous).context("failed to read the facts of the night before");
    let (history, lost) = match &previous.history {
        None => (own()?, None),
        Some(reference) => match read_history(objects, &history::beside(&at.key, reference)).await {
            Ok(history) => (history, None),
            Err(error) => {
                let why = format!("the file of earlier nights cannot be read: {error:#}");
                tracing::error!(why, "only the night before is remembered");
                (own()?, Some(why))
            }
        },
    };
    let history = history
        .before(as_of.0)
        .context("failed to select earlier nights")?;
    Ok((history, lost))
}

async fn read_history(objects: &Objects, at: &Input) -> anyhow::Result<History> {
    let bytes = objects.get_checked(at).await?;
    Ok(History::read(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{PIECE, bundle, night, table};

    const KPI: &str = "[[kpi]]\nid = \"bookings.count\"\ntitle = \"Bookings\"\nunit = \"count\"\nblocks = \"x\"\nfix = \"x\"\nneeds = [\"bookings\"]\nsql = \"select count(*) as value from bookings\"\n";

    #[tokio::test]
    async fn a_history_that_is_damaged_is_named_and_the_night_before_is_remembered() {
        let files = [("views/bookings.trips.sql", PIECE), ("kpis/a.toml", KPI)];
        let rows: &[&[&str]] = &[&["2026-10-01", "$10", "completed"]];
        let of = |date| {
            let trips = table("boat-trips", &["on", "price", "state"], rows);
            async move { night(&bundle("", &files), date, vec![trips], None).await }
        };
        let (older, mut previous) = (of("2026-11-17").await, of("2026-11-18").await);
        let all = History::default().and(&older).unwrap().and(&previous).unwrap();
        let (bytes, reference) = all.to_parquet().unwrap();
        previous.history = reference;
        let at = |folder: &str| Input {
            key: format!("runs/{folder}/analysis.json"),
            sha256: Sha256::of(b"the analysis"),
            bytes: 12,
        };
        let objects = Objects::memory();
        let put = |folder: &str, bytes: Vec<u8>| {
            let (objects, key) = (objects.clone(), format!("runs/{folder}/{}", history::FILE));
            async move { objects.put_once(&key, bytes.into()).await.unwrap() }
        };
        put("whole", bytes.clone()).await;
        put("damaged", bytes[..bytes.len() - 1].to_vec()).await;
        let as_of: BusinessDate = "2026-11-19".parse().unwrap();
        let nights = |history: &History| history.points()["kpi:bookings.count"].len();

        let (whole, lost) = super::history(&objects, &previous, &at("whole"), as_of)
            .await
            .unwrap();
        assert_eq!((nights(&whole), lost), (2, None));
        for folder in ["damaged", "nowhere"] {
            let (own, lost) = super::history(&objects, &previous, &at(folder), as_of)
                .await
                .unwrap();
            assert_eq!(nights(&own), 1, "the night before, from its analysis");
            assert!(lost.unwrap().contains(folder), "and where to look");
        }
        previous.history = None;
        let (own, lost) = super::history(&objects, &previous, &at("whole"), as_of)
            .await
            .unwrap();
        assert_eq!(
            (nights(&own), lost),
            (1, None),
            "of an earlier build, which wrote none"
        );
    }
}
