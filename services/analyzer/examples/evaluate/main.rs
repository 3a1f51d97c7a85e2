//! Evaluates a snapshot in a folder as the analyzer does, and prints as JSON what came out and how long it took. For the
//! benches in `benches/analyzer`, which write the snapshots.
//!
//! usage: evaluate kpis FOLDER PORTFOLIO RUN FILE...   loads, and computes the KPIs of these files of the catalog
//!        evaluate night FOLDER PORTFOLIO RUN          the whole analysis, after one of its KPIs alone
//!        evaluate spill FOLDER PORTFOLIO RUN MB       two large queries in that much memory, beside the function's limits

mod kpis;
mod night;
mod spill;

use std::{path::Path, time::Duration};

use analyzer::{catalog::Catalog, warehouse::Warehouse};
use anyhow::Context;
use shared::{
    catalog::CatalogFiles,
    id::{BusinessDate, Generation, RunId},
    manifest::PartManifest,
    objects::{Objects, run_prefix},
    portfolio::{Bundle, Portfolio},
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [mode, folder, portfolio, run, rest @ ..] = &arguments[..] else {
        anyhow::bail!("usage: evaluate kpis|night|spill FOLDER PORTFOLIO RUN [FILE...|MB]");
    };
    let given = Given::read(Path::new(folder), Path::new(portfolio), run).await?;
    let told = match (*mode, rest) {
        ("kpis", files) if !files.is_empty() => kpis::tell(given, files).await?,
        ("night", []) => night::tell(&given).await?,
        ("spill", [megabytes]) => spill::tell(&given, megabytes.parse()?).await?,
        _ => anyhow::bail!("there is no {mode} with {} more arguments", rest.len()),
    };
    println!("{told}");
    Ok(())
}

/// What a night is made from.
struct Given {
    objects: Objects,
    manifests: Vec<PartManifest>,
    files: CatalogFiles,
    catalog: Catalog,
    portfolio: Portfolio,
    run: RunId,
}

impl Given {
    async fn read(folder: &Path, portfolio: &Path, run: &str) -> anyhow::Result<Self> {
        let objects = Objects::local(folder)?;
        let run: RunId = run.parse()?;
        let snapshot = format!("{}/snapshot", run_prefix(&run, Generation(0)));
        let mut manifests = Vec::new();
        for key in objects.list(&snapshot).await? {
            if key.ends_with(".json") {
                let manifest = serde_json::from_slice(&objects.get(&key).await?);
                manifests.push(manifest.with_context(|| format!("{key} is no manifest"))?);
            }
        }
        anyhow::ensure!(!manifests.is_empty(), "no manifest below {snapshot}");
        let bundle = Bundle::read(portfolio)?;
        let portfolio = Portfolio::parse(&bundle).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let files = CatalogFiles::of(&bundle);
        let (catalog, problems) = Catalog::load(&files);
        anyhow::ensure!(problems.is_empty(), "{problems:?}");
        Ok(Self {
            objects,
            manifests,
            files,
            catalog,
            portfolio,
            run,
        })
    }

    fn as_of(&self) -> BusinessDate {
        self.run.date()
    }

    /// Opens the snapshot; without the night before.
    async fn open(&self) -> anyhow::Result<Warehouse> {
        let (catalog, portfolio) = (&self.catalog, &self.portfolio);
        let opened = Warehouse::open(
            &self.objects,
            &self.manifests,
            catalog,
            portfolio,
            self.as_of(),
            std::sync::Arc::default(),
        );
        Ok(opened.await?)
    }
}

/// Seconds to the tenth of a millisecond: more digits would be noise.
fn seconds(taken: Duration) -> f64 {
    (taken.as_secs_f64() * 10_000.0).round() / 10_000.0
}

/// The most that this process has held, in MB, by Linux's count.
fn peak_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes
        .context("no VmHWM in /proc/self/status")?
        .parse::<u64>()?
        / 1024)
}
