//! `quarterdeck query`.

use std::collections::BTreeMap;

use analyzer::{catalog::Catalog, snapshot::Snapshot, warehouse::Warehouse};
use anyhow::Context;
use shared::{
    catalog::CatalogFiles,
    manifest::PartManifest,
    portfolio::{Bundle, Portfolio},
};

use crate::{args::QueryArgs, exit::Exit, local::Local, output};

/// Answers one SELECT from a night's snapshot, under the configuration of that night.
///
/// # Errors
/// If there is no such night, or the query does not plan or run.
pub async fn query(args: &QueryArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out).await?;
    let row = local.find_run(args.date).await?;
    let bundle = Bundle::load(&local.objects, &row.plan.portfolio).await?;
    let portfolio = Portfolio::parse(&bundle).map_err(|problems| crate::exit::ConfigErrors {
        problems,
        bundle: bundle.clone(),
    })?;
    let run = row.plan.run.clone();
    let snapshot = Snapshot::read(&*local.ledger, &local.objects, row).await?;
    let manifests: Vec<PartManifest> = snapshot.manifests.into_iter().map(|(m, _)| m).collect();
    let (catalog, _) = Catalog::load(&CatalogFiles::of(&bundle));
    let warehouse = Warehouse::open(
        &local.objects,
        &manifests,
        &catalog,
        &portfolio,
        run.date(),
        snapshot.history,
    )
    .await?;
    let answer = warehouse.query(&args.sql).await;
    let answer = answer.map_err(|error| anyhow::anyhow!("{}", error.in_one_line()))?;
    let rows = answer
        .rows
        .iter()
        .map(|row| row.iter().map(serde_json::to_value).collect());
    let rows = rows
        .collect::<Result<Vec<Vec<_>>, _>>()
        .context("failed to write the answer as JSON")?;
    if json {
        let named = |row| {
            answer
                .columns
                .iter()
                .map(String::as_str)
                .zip(row)
                .collect::<BTreeMap<_, _>>()
        };
        output::json(&rows.iter().map(named).collect::<Vec<_>>())?;
    } else {
        output::say(output::answer(&answer.columns, &rows))?;
        output::say(format!("\n{} row(s) of {}", rows.len(), run))?;
    }
    Ok(Exit::Ok)
}
