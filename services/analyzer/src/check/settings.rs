//! What portfolio.toml says of the catalog: queries of its rules, ids in its targets and mutes.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::{
    portfolio::{Bundle, FILE},
    problem::{Problem, nearest},
};
use toml::Spanned;

use super::{Check, of_toml, plan};
use crate::engine::{SqlError, error::Kind};

/// The places of what is checked here; everything else is the portfolio's own parser's business.
#[derive(Deserialize, Default)]
struct Settings {
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    targets: BTreeMap<Spanned<String>, toml::Value>,
    #[serde(default)]
    mutes: Vec<Mute>,
}

#[derive(Deserialize)]
struct Rule {
    sql: Spanned<String>,
}

#[derive(Deserialize)]
struct Mute {
    fact: Spanned<String>,
}

pub(super) async fn check(check: &Check<'_>, bundle: &Bundle, problems: &mut Vec<Problem>) {
    let text = bundle.get(FILE).unwrap_or_default();
    let settings: Settings = toml::from_str(text).unwrap_or_default();
    for rule in &settings.rules {
        let parameters = check.warehouse.parameters();
        match plan::plan(check.warehouse, rule.sql.get_ref(), parameters).await {
            Ok(schema) if schema.field_with_name("ok").is_ok() => {}
            Ok(_) => {
                let error = SqlError {
                    suggestion: Some("name the rule's yes or no: select … as ok".into()),
                    kind: Kind::UnknownColumn,
                    ..SqlError::new("the rule's query has no column `ok`")
                };
                problems.push(of_toml(FILE, text, &rule.sql, &error));
            }
            Err(errors) => {
                problems.extend(errors.iter().map(|error| of_toml(FILE, text, &rule.sql, error)));
            }
        }
    }
    let kpis: Vec<&str> = check
        .catalog
        .kpis
        .iter()
        .map(|k| k.id.get_ref().as_str())
        .collect();
    for target in settings.targets.keys() {
        let id = target.get_ref().split('@').next().unwrap_or_default();
        if !kpis.contains(&id) {
            let problem = Problem::warning("unknown-kpi", FILE, format!("there is no KPI {id}"))
                .at(text, target.span());
            problems.push(near(problem, id, &kpis));
        }
    }
    let ids = check.catalog.fact_ids();
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    for mute in &settings.mutes {
        let id = entry_of(mute.fact.get_ref());
        if !ids.contains(&id) {
            let message = format!("no fact of the catalog begins with {id}");
            let problem = Problem::warning("unknown-fact", FILE, message).at(text, mute.fact.span());
            problems.push(near(problem, &id, &known));
        }
    }
}

/// `check:lambda.env_secrets` of `check:lambda.env_secrets:fn`, `shortfall:x` of `shortfall:x@entity#key`.
fn entry_of(fact: &str) -> String {
    let (kind, rest) = fact.split_once(':').unwrap_or((fact, ""));
    format!(
        "{kind}:{}",
        rest.split([':', '@', '#']).next().unwrap_or_default()
    )
}

fn near(problem: Problem, given: &str, known: &[&str]) -> Problem {
    match nearest(given, known.iter().copied()) {
        Some(near) => problem.suggest(format!("did you mean {near}?")),
        None => problem,
    }
}
