//! Infrastructure checks: every resource, and what each check says of it. Unknown is never a pass.

use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{CheckStatus, Finding, Unit, Value};

use super::{
    Night,
    gaps::Gaps,
    needs::{applies, unseen},
    values::{rounded, value, weight},
};
use crate::{
    catalog,
    engine::{Cell, Rows, SqlError},
    in_order::in_order,
    warehouse::problem,
};

/// Evaluates all checks that apply. One that cannot run, or is blind for part of the resources, has a finding of its own,
/// unknown, for resource `*`.
pub async fn evaluate(night: &Night<'_>) -> Vec<Finding> {
    let gaps = Gaps::read(night).await;
    if let Err(error) = &gaps {
        let file = "catalog/collected.toml";
        night
            .warehouse
            .report(problem(file, Some("inventory_gap"), error));
    }
    if let Ok(gaps) = &gaps {
        // KPIs, shortfalls and models come after the checks, and ask for the holes of what they read.
        let holes = gaps.holes(night.warehouse.collected_tables());
        night.warehouse.note_holes(holes);
    }
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
                let could_not_run = rows
                    .iter()
                    .any(|v| v.resource == "*" && v.status == CheckStatus::Unknown);
                let blind = match &gaps {
                    Ok(gaps) => gaps.blinding(entry, &rows),
                    Err(error) => Some(format!(
                        "what the inventory lacks cannot be read: {}",
                        error.in_one_line()
                    )),
                };
                let blind = blind.filter(|_| !could_not_run);
                verdicts.extend(blind.map(|why| unknown(night, entry, why)));
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

async fn one(night: &Night<'_>, entry: &catalog::Check) -> Result<Vec<Finding>, SqlError> {
    let source = format!("check {}", entry.id.get_ref());
    let parameters = night.warehouse.parameters();
    let rows = night
        .warehouse
        .select(&source, entry.sql.get_ref(), parameters)
        .await?
        .rows()?;
    let mut regions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for cells in &rows.rows {
        let text = |name| rows.cell(cells, name).text();
        if let (Some(resource), Some(region)) = (text("resource"), text("region")) {
            regions.entry(resource).or_default().insert(region);
        }
    }
    let shared = |name: &str| regions.get(name).is_some_and(|regions| regions.len() > 1);
    rows.rows
        .iter()
        .map(|cells| row(night, entry, &rows, cells, &shared))
        .collect()
}

/// A resource: its name, and its region where that name is in several.
struct Resource {
    name: String,
    region: Option<String>,
}

impl Resource {
    fn shown(&self) -> String {
        match &self.region {
            Some(region) => format!("{} ({region})", self.name),
            None => self.name.clone(),
        }
    }
    /// A command for it. The AWS command would take its default region, and mend the other one.
    fn command(&self, text: &str) -> String {
        let text = text.replace("{resource}", &self.name);
        match &self.region {
            Some(region) if text.starts_with("aws ") => format!("export AWS_REGION={region}; {text}"),
            _ => text,
        }
    }
}

/// A row's verdict; `shared` tells whether a name is in several regions.
fn row(
    night: &Night<'_>,
    entry: &catalog::Check,
    rows: &Rows,
    cells: &[Cell],
    shared: &dyn Fn(&str) -> bool,
) -> Result<Finding, SqlError> {
    let text = |name: &str| rows.cell(cells, name).text().map(str::to_owned);
    let name = text("resource").ok_or_else(|| SqlError::new("a row has no `resource`"))?;
    let region = text("region").filter(|_| shared(&name));
    let resource = Resource { name, region };
    let status = match text("status").as_deref() {
        Some("ok") => CheckStatus::Ok,
        Some("alarm") => CheckStatus::Alarm,
        Some("skip") => CheckStatus::Skip,
        Some("unknown") | None => CheckStatus::Unknown,
        Some(other) => {
            return Err(SqlError::new(format!(
                "{} has status {other:?}, not ok, alarm, skip or unknown",
                resource.shown()
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
    let all = Resource {
        name: "*".into(),
        region: None,
    };
    verdict(night, entry, all, CheckStatus::Unknown, reason)
}

fn verdict(
    night: &Night<'_>,
    entry: &catalog::Check,
    resource: Resource,
    status: CheckStatus,
    reason: String,
) -> Finding {
    let id = entry.id.get_ref();
    let fact = format!("check:{id}:{}", resource.shown());
    let known = night
        .previous
        .and_then(|a| a.findings.iter().find(|f| f.fact == fact));
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
        fix: resource.command(&entry.fix),
        rollback: resource.command(&entry.rollback),
        equivalent: entry.equivalent.clone(),
        effort_days: rounded(entry.effort_days),
        savings_monthly: None,
        since: known.map_or(night.as_of.0, |f| f.since),
        resource: resource.shown(),
        fact,
    }
}

/// Whether two facts may be of one resource, which is named with its region as soon as another region has one of that name.
pub fn may_be_the_same(a: &Finding, b: &Finding) -> bool {
    let with_region = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.starts_with(" ("))
    };
    a.check == b.check && (with_region(&a.resource, &b.resource) || with_region(&b.resource, &a.resource))
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
