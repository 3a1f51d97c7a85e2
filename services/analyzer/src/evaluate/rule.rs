//! The portfolio's non-negotiable rules: pass, fail, or unknown.

use shared::{
    facts::{RuleResult, Status},
    portfolio::Rule,
};

use super::Night;
use crate::{
    engine::{Cell, SqlError},
    warehouse::holes,
};

/// Evaluates all rules, in the order of portfolio.toml.
pub async fn evaluate(night: &Night<'_>) -> Vec<RuleResult> {
    let mut results = Vec::new();
    for rule in &night.portfolio.rules {
        let (status, reason) = one(night, rule).await.unwrap_or_else(|error| {
            night.warehouse.report(crate::warehouse::problem(
                "portfolio.toml",
                Some(&format!("rules.{}", rule.id)),
                &error,
            ));
            (
                Status::Unknown,
                format!("cannot be decided: {}", error.in_one_line()),
            )
        });
        results.push(RuleResult {
            fact: format!("rule:{}", rule.id),
            title: rule.title.clone(),
            status,
            reason,
        });
    }
    results
}

async fn one(night: &Night<'_>, rule: &Rule) -> Result<(Status, String), SqlError> {
    let source = format!("rule {}", rule.id);
    let unrated = night.warehouse.rate_holes(&rule.sql);
    if let Some(without) = holes::without(&unrated, night.portfolio) {
        return Ok((Status::Unknown, without));
    }
    if night.warehouse.reads_unconverted(&rule.sql) {
        return Ok((Status::Unknown, super::scopes::UNCONVERTED.to_owned()));
    }
    let rows = night
        .warehouse
        .select(&source, &rule.sql, night.warehouse.parameters())
        .await?
        .rows()?;
    let [row] = rows.rows.as_slice() else {
        return Err(SqlError::new(format!(
            "its query answers {} rows, not one",
            rows.rows.len()
        )));
    };
    let reason = rows.cell(row, "reason").text().map(str::to_owned);
    let reason = match (reason, night.warehouse.converted(&rule.sql)) {
        (Some(reason), Some(converted)) => Some(format!("{reason} ({converted})")),
        (reason, _) => reason,
    };
    Ok(match rows.cell(row, "ok") {
        Cell::Bool(true) => (Status::Good, reason.unwrap_or_else(|| "holds".into())),
        Cell::Bool(false) => (Status::Bad, reason.unwrap_or_else(|| "does not hold".into())),
        Cell::Null => (
            Status::Unknown,
            reason.unwrap_or_else(|| "the figures it needs are not there".into()),
        ),
        other => {
            return Err(SqlError::new(format!(
                "column `ok` is {other:?}, not true or false"
            )));
        }
    })
}
