//! One night from snapshot to analysis, without queue or ledger. Start at [`analyze`].

use std::sync::Arc;

use anyhow::Context as _;
use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, QueryProblem, RunInfo, SourceReport, SourceState},
    id::{PartId, Sha256},
    manifest::PartManifest,
    objects::Objects,
    portfolio::{Bundle, Portfolio},
};

use crate::{
    catalog::Catalog,
    evaluate::{self, Night},
    history, report, restated,
    snapshot::{self, Snapshot},
    warehouse::Warehouse,
};

/// Evaluates the catalog over a snapshot.
///
/// # Errors
/// An object that cannot be read or is damaged. What is wrong with a source, a view or a query is part of the analysis.
pub async fn analyze(
    objects: &Objects,
    bundle: &Bundle,
    portfolio: &Portfolio,
    snapshot: &Snapshot,
) -> anyhow::Result<Analysis> {
    analyze_with(objects, &CatalogFiles::of(bundle), portfolio, snapshot).await
}

/// The same with a given catalog.
///
/// # Errors
/// As [`analyze`].
pub async fn analyze_with(
    objects: &Objects,
    files: &CatalogFiles,
    portfolio: &Portfolio,
    snapshot: &Snapshot,
) -> anyhow::Result<Analysis> {
    let (catalog, warehouse) = open(objects, files, portfolio, snapshot).await?;
    let night = Night {
        warehouse: &warehouse,
        catalog: &catalog,
        portfolio,
        as_of: snapshot.run.date(),
        previous: snapshot.previous.as_ref(),
    };
    let mut analysis = evaluated(&night, files, snapshot).await?;
    // What is read again below is read into the room that the night's tables leave.
    drop(warehouse);
    restated::name_rows(objects, &catalog, portfolio, snapshot, &mut analysis).await;
    Ok(analysis)
}

/// The catalog, and the snapshot's tables; what is wrong with either is among the warehouse's problems.
pub(crate) async fn open(
    objects: &Objects,
    files: &CatalogFiles,
    portfolio: &Portfolio,
    snapshot: &Snapshot,
) -> anyhow::Result<(Catalog, Warehouse)> {
    let (catalog, problems) = Catalog::load(files);
    let manifests: Vec<PartManifest> = snapshot.manifests.iter().map(|(m, _)| m.clone()).collect();
    let (as_of, history) = (snapshot.run.date(), Arc::clone(&snapshot.history));
    let warehouse = Warehouse::open(objects, &manifests, &catalog, portfolio, as_of, history).await;
    let warehouse = warehouse.context("failed to open the snapshot")?;
    for problem in problems {
        warehouse.report(QueryProblem {
            file: problem.file,
            entry: None,
            line: u32::try_from(problem.line).ok().filter(|line| *line > 0),
            message: problem.message,
            suggestion: problem.suggestion,
        });
    }
    if let Some(why) = &snapshot.history_lost {
        warehouse.report(QueryProblem {
            file: history::FILE.to_owned(),
            entry: None,
            line: None,
            message: why.clone(),
            suggestion: Some("restore the object; nights after it begin anew".to_owned()),
        });
    }
    Ok((catalog, warehouse))
}

/// The analysis of an opened night. Afterwards all results are tables of its warehouse.
pub(crate) async fn evaluated(
    night: &Night<'_>,
    files: &CatalogFiles,
    snapshot: &Snapshot,
) -> anyhow::Result<Analysis> {
    let results = evaluate::evaluate(night)
        .await
        .context("failed to keep a result as a table")?;
    let info = run_info(snapshot, files, night.portfolio);
    let sources = sources(snapshot, night.portfolio);
    report::analysis(night, info, sources, results)
        .await
        .context("failed to put the analysis together")
}

/// The file that hands the facts of all nights on to the next one; the analysis then says of it where it is.
///
/// # Errors
/// What Arrow and Parquet say; not expected.
pub fn remember(snapshot: &Snapshot, analysis: &mut Analysis) -> anyhow::Result<Vec<u8>> {
    let all = snapshot
        .history
        .and(analysis)
        .context("failed to add the night to the history")?;
    let (bytes, reference) = all.to_parquet().context("failed to write the history")?;
    analysis.history = reference;
    Ok(bytes)
}

/// As stored: one line per list item is not worth its bytes, but a newline at the end is.
///
/// # Errors
/// Never for an [`Analysis`]: all its keys are texts.
pub fn to_json(analysis: &Analysis) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(analysis).context("failed to serialise the analysis")?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn run_info(snapshot: &Snapshot, files: &CatalogFiles, portfolio: &Portfolio) -> RunInfo {
    let mut parameters = format!(
        "{:?}{:?}{:?}",
        portfolio.parameters, portfolio.targets, portfolio.rules
    );
    // What is read of these places is part of the snapshot's digest. Where there are none, the digest is what it always was.
    if !portfolio.sources.environment.is_empty() {
        parameters += &format!("{:?}", portfolio.sources.environment);
    }
    if !portfolio.decisions.is_empty() {
        parameters += &format!("{:?}", portfolio.decisions);
    }
    let (catalog, parameters) = (files.digest(), Sha256::of(parameters.as_bytes()));
    RunInfo {
        id: snapshot.run.to_string(),
        portfolio: portfolio.id.to_string(),
        title: portfolio.title.clone(),
        business_date: snapshot.run.date().0,
        tz: portfolio.timezone.clone(),
        currency: portfolio.currency.to_string(),
        as_of: snapshot.scheduled_at,
        generation: snapshot.generation.0,
        snapshot_sha256: snapshot::digest(snapshot.manifests.iter().map(|(m, _)| m)).to_string(),
        catalog_sha256: report::digest_of([("catalog", catalog.as_str()), ("settings", parameters.as_str())])
            .to_string(),
        previous_run: snapshot.previous.as_ref().map(|a| a.run.id.clone()),
    }
}

/// Every source, also those that never came.
fn sources(snapshot: &Snapshot, portfolio: &Portfolio) -> Vec<SourceReport> {
    let came = snapshot.manifests.iter().map(|(m, _)| SourceReport {
        id: m.part.to_string(),
        kind: m.kind.clone(),
        entity: m.entity.as_ref().map(ToString::to_string),
        core: m.core,
        state: m.state,
        rows: m.rows,
        bytes: m.bytes,
        reason: m.reason.clone(),
    });
    let late = snapshot.late.iter().map(|part| {
        let kind = part.as_str().split('.').next().unwrap_or_default();
        let source = portfolio
            .sources
            .dynamodb
            .iter()
            .find(|s| PartId::of_table(&s.table) == *part);
        SourceReport {
            id: part.to_string(),
            kind: kind.to_owned(),
            entity: source.and_then(|s| s.entity.as_ref()).map(ToString::to_string),
            core: source.is_some_and(|s| s.core),
            state: SourceState::Late,
            rows: 0,
            bytes: 0,
            reason: Some("it did not come in time; see the collector's log".into()),
        }
    });
    let mut sources: Vec<SourceReport> = came.chain(late).collect();
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    sources
}
