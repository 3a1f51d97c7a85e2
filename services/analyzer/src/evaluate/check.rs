//! Infrastructure checks: every resource, and what each check says of it. Unknown is never a pass.

use shared::facts::{CheckStatus, Finding, Unit, Value};

use super::{
    Night,
    needs::{applies, unseen},
    values::{rounded, value, weight},
};
use crate::{
    catalog,
    engine::{Cell, Rows, SqlError},
    in_order::in_order,
    warehouse::problem,
};

/// Evaluates all checks that apply. One that cannot run is a single finding, unknown, for resource `*`.
pub async fn evaluate(night: &Night<'_>) -> Vec<Finding> {
    let gaps = gaps(night).await;
    let mut verdicts = Vec::new();
    let entries: Vec<_> = night
        .catalog
        .checks
        .iter()
        .filter(|c| applies(&c.kinds, night.portfolio))
        .collect();
    let answers = in_order(entries.iter().map(|entry| async {
        match unseen(night, entry.needs.iter().map(|n| n.get_ref().as_str())) {
            Some(reason) => Ok(vec![unknown(night, entry, reason)]),
            None => one(night, entry).await,
        }
    }));
    for (entry, answer) in entries.iter().zip(answers.await) {
        match answer {
            Ok(rows) => {
                let sees_gaps = rows.iter().any(|v| v.status == CheckStatus::Unknown);
                let gap = gaps
                    .iter()
                    .find(|(service, _)| concerns(entry, service))
                    .filter(|_| !sees_gaps);
                verdicts.extend(gap.map(|(_, why)| unknown(night, entry, why.clone())));
                verdicts.extend(rows);
            }
            Err(error) => {
                night
                    .warehouse
                    .report(problem(&entry.file, Some(entry.id.get_ref()), &error));
                verdicts.push(unknown(
                    night,
                    entry,
                    format!("the check failed: {}", error.in_one_line()),
                ));
            }
        }
    }
    verdicts
}

/// Services of which a call failed, and how.
async fn gaps(night: &Night<'_>) -> Vec<(String, String)> {
    let sql =
        "select service, operation, region, error from inventory_gap order by service, operation, region";
    let answer = night
        .warehouse
        .select("inventory_gap", sql, night.warehouse.parameters())
        .await;
    let Ok(rows) = answer.and_then(|a| a.rows()) else {
        return Vec::new();
    };
    let text = |cells: &[Cell], name: &str| rows.cell(cells, name).text().unwrap_or_default().to_owned();
    let gap = |cells: &Vec<Cell>| {
        (
            text(cells, "service"),
            format!("{} failed: {}", text(cells, "operation"), text(cells, "error")),
        )
    };
    rows.rows.iter().map(gap).collect()
}

/// Whether a check looks at a service: by its id (`lambda.url_auth`) or by the tables it needs (`lambda_function`).
fn concerns(entry: &catalog::Check, service: &str) -> bool {
    let of_table = |table: &str| table == service || table.starts_with(&format!("{service}_"));
    entry.id.get_ref().split('.').next() == Some(service) || entry.needs.iter().any(|n| of_table(n.get_ref()))
}

async fn one(night: &Night<'_>, entry: &catalog::Check) -> Result<Vec<Finding>, SqlError> {
    let source = format!("check {}", entry.id.get_ref());
    let parameters = night.warehouse.parameters();
    let rows = night
        .warehouse
        .select(&source, entry.sql.get_ref(), parameters)
        .await?
        .rows()?;
    rows.rows
        .iter()
        .map(|cells| row(night, entry, &rows, cells))
        .collect()
}

fn row(night: &Night<'_>, entry: &catalog::Check, rows: &Rows, cells: &[Cell]) -> Result<Finding, SqlError> {
    let text = |name: &str| rows.cell(cells, name).text().map(str::to_owned);
    let resource = text("resource").ok_or_else(|| SqlError::new("a row has no `resource`"))?;
    let status = match text("status").as_deref() {
        Some("ok") => CheckStatus::Ok,
        Some("alarm") => CheckStatus::Alarm,
        Some("skip") => CheckStatus::Skip,
        Some("unknown") | None => CheckStatus::Unknown,
        Some(other) => {
            return Err(SqlError::new(format!(
                "{resource} has status {other:?}, not ok, alarm, skip or unknown"
            )));
        }
    };
    let savings = value(
        rows.cell(cells, "savings_monthly"),
        Unit::Money,
        night.portfolio.currency,
    );
    let savings = savings.map_err(SqlError::new)?;
    let reason = text("reason").unwrap_or_default();
    let mut verdict = verdict(night, entry, resource, status, reason);
    verdict.entity = text("entity");
    verdict.savings_monthly = Some(savings).filter(|v| *v != Value::Null);
    Ok(verdict)
}

fn unknown(night: &Night<'_>, entry: &catalog::Check, reason: String) -> Finding {
    verdict(night, entry, "*".into(), CheckStatus::Unknown, reason)
}

fn verdict(
    night: &Night<'_>,
    entry: &catalog::Check,
    resource: String,
    status: CheckStatus,
    reason: String,
) -> Finding {
    let id = entry.id.get_ref();
    let fact = format!("check:{id}:{resource}");
    let known = night
        .previous
        .and_then(|a| a.findings.iter().find(|f| f.fact == fact));
    let for_resource = |text: &str| text.replace("{resource}", &resource);
    let (status, reason) = match night.mute(&fact).filter(|_| status == CheckStatus::Alarm) {
        Some(mute) => {
            let until = crate::functions::format::day(mute.until);
            (
                CheckStatus::Accepted,
                format!("{reason}; accepted until {until}: {}", mute.reason),
            )
        }
        None => (status, reason),
    };
    Finding {
        check: id.clone(),
        title: entry.title.clone(),
        severity: entry.severity,
        area: entry.area.clone(),
        entity: None,
        status,
        reason,
        risk: entry.risk.clone(),
        fix: for_resource(&entry.fix),
        rollback: for_resource(&entry.rollback),
        equivalent: entry.equivalent.clone(),
        effort_days: rounded(entry.effort_days),
        savings_monthly: None,
        since: known.map_or(night.as_of.0, |f| f.since),
        resource,
        fact,
    }
}

/// The findings that are listed: what is not ok, worst first.
pub fn listed(verdicts: &[Finding]) -> Vec<Finding> {
    let listed = [CheckStatus::Alarm, CheckStatus::Unknown, CheckStatus::Accepted];
    let mut findings: Vec<Finding> = verdicts
        .iter()
        .filter(|f| listed.contains(&f.status))
        .cloned()
        .collect();
    findings.sort_by(|a, b| {
        let order = |f: &Finding| (listed.iter().position(|s| *s == f.status), f.severity);
        let savings = |f: &Finding| weight(f.savings_monthly.as_ref());
        order(a)
            .cmp(&order(b))
            .then(savings(b).cmp(&savings(a)))
            .then_with(|| a.fact.cmp(&b.fact))
    });
    findings.dedup_by(|a, b| a.fact == b.fact);
    findings
}
