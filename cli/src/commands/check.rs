//! `quarterdeck check`: every error of the configuration, the catalog and the templates at once.

use anyhow::Context;
use shared::{
    portfolio::{Bundle, Portfolio},
    problem::{Problem, Severity, render_problems},
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
        eprint!("{}", render_problems(&problems, &bundle, output::color()));
        match (errors, problems.len()) {
            (0, 0) => println!("{}: no problems in {} files", folder.display(), bundle.0.len()),
            (errors, all) => println!(
                "{}: {errors} error(s), {} warning(s)",
                folder.display(),
                all - errors
            ),
        }
    }
    Ok(if errors == 0 { Exit::Ok } else { Exit::Config })
}

/// All problems of a portfolio's folder. A broken portfolio.toml keeps nothing else from being checked, but the catalog needs its entities and sources.
pub(super) async fn problems_of(bundle: &Bundle) -> Vec<Problem> {
    let mut problems = renderer::check_templates(bundle);
    let templates = renderer::specs::names(bundle);
    let templates: Vec<&str> = templates.iter().map(String::as_str).collect();
    match Portfolio::parse_with(bundle, &templates) {
        Ok(portfolio) => problems.extend(analyzer::check_catalog(bundle, &portfolio).await),
        Err(found) => problems.extend(found),
    }
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    problems.dedup();
    problems
}
