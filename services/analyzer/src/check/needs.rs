//! `needs`: tables and columns that do not exist would make an entry missing for ever.

use shared::problem::Problem;
use toml::Spanned;

use super::Check;
use crate::engine::error::suggest;

/// Results of a night that later stages read as tables; see [`crate::evaluate::results`].
const RESULTS: [&str; 8] = [
    "agenda",
    "days",
    "findings",
    "forecasts",
    "grades",
    "kpis",
    "missing",
    "shortfalls",
];

pub(super) fn check(check: &Check<'_>, problems: &mut Vec<Problem>) {
    let catalog = check.catalog;
    let kpis = catalog.kpis.iter().map(|e| (&e.file, &e.needs));
    let shortfalls = catalog.shortfalls.iter().map(|e| (&e.file, &e.needs));
    let checks = catalog.checks.iter().map(|e| (&e.file, &e.needs));
    let series = catalog.series.iter().map(|e| (&e.file, &e.needs));
    let models = catalog.models.iter().map(|e| (&e.file, &e.needs));
    let invariants = catalog.invariants.iter().map(|e| (&e.file, &e.needs));
    let rest = checks.chain(series).chain(models).chain(invariants);
    for (file, needs) in kpis.chain(shortfalls).chain(rest) {
        problems.extend(needs.iter().filter_map(|need| of_need(check, file, need)));
    }
}

fn of_need(check: &Check<'_>, file: &str, need: &Spanned<String>) -> Option<Problem> {
    let (table, column) = need
        .get_ref()
        .split_once('.')
        .map_or((need.get_ref().as_str(), None), |(t, c)| (t, Some(c)));
    let Some(fill) = check.warehouse.fill(table) else {
        // A derived view that did not plan has its own problem; results are tables only from a point of the night on.
        if RESULTS.contains(&table) || check.catalog.derived.iter().any(|d| d.name == table) {
            return None;
        }
        return Some(problem(
            check,
            file,
            need,
            "unknown-table",
            suggest(table, &check.catalog.table_names()),
        ));
    };
    let column = column?;
    if fill.values.contains_key(column) {
        return None;
    }
    let names: Vec<String> = fill.values.keys().cloned().collect();
    Some(problem(
        check,
        file,
        need,
        "unknown-column",
        suggest(column, &names),
    ))
}

fn problem(
    check: &Check<'_>,
    file: &str,
    need: &Spanned<String>,
    code: &'static str,
    near: Option<String>,
) -> Problem {
    let what = if code == "unknown-table" {
        "table"
    } else {
        "column"
    };
    let text = check.files.get(file).unwrap_or_default();
    let problem =
        Problem::error(code, file, format!("there is no {what} {}", need.get_ref())).at(text, need.span());
    match near {
        Some(near) => problem.suggest(near),
        None => problem,
    }
}
