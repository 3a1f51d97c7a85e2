//! `quarterdeck check`: every error of the configuration, the catalog and the templates at once.

use anyhow::Context;
use shared::{
    catalog::CatalogFiles,
    portfolio::{Bundle, Portfolio},
    problem::{self, Problem, Severity, render_with},
};

use crate::{args::CheckArgs, exit::Exit, output};

/// Reports all problems.
///
/// # Errors
/// If the folder cannot be read.
pub async fn check(args: &CheckArgs, json: bool) -> anyhow::Result<Exit> {
    let folder = &args.portfolio;
    let bundle =
        Bundle::read(folder).with_context(|| format!("{} is no portfolio's folder", folder.display()))?;
    let problems = problems_of(&bundle).await;
    let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
    if json {
        output::json(&serde_json::json!({ "errors": errors, "problems": problems }))?;
    } else {
        // A portfolio's mistake may show in a built-in file: its line is shown as well.
        let catalog = CatalogFiles::of(&bundle);
        let text = |file: &str| bundle.get(file).or_else(|| catalog.get(file));
        if problems.is_empty() {
            let files = bundle.0.len();
            output::say(format!("{}: no problems in {files} files", folder.display()))?;
        } else {
            output::say(render_with(&problems, text, output::color()).trim_end())?;
        }
    }
    Ok(if errors == 0 { Exit::Ok } else { Exit::Config })
}

/// All problems of a portfolio's folder. A broken portfolio.toml keeps nothing else from being checked, but the catalog needs its entities and sources.
pub(super) async fn problems_of(bundle: &Bundle) -> Vec<Problem> {
    let mut problems = renderer::check_templates(bundle);
    let templates = renderer::specs::names(bundle);
    let templates: Vec<&str> = templates.iter().map(String::as_str).collect();
    let (portfolio, found) = Portfolio::parse_partly(bundle, &templates);
    problems.extend(found);
    if let Some(portfolio) = portfolio {
        problems.extend(analyzer::check_catalog(bundle, &portfolio).await);
    }
    problem::sort(&mut problems);
    problems.dedup();
    problems
}
