//! The agenda: shortfalls' remedies, findings' fixes and the tasks people wrote down, each once, ranked by rule 17 of the
//! reports' formulas: $ at stake per 30 days x probability x confidence / effort-days, with a deadline multiplier;
//! severity breaks ties.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};
use rust_decimal::prelude::ToPrimitive;
use shared::{
    facts::{Action, ActionSource, ActionState, CheckStatus, Finding, Severity, Unit, Value},
    money::Currency,
};

use super::{
    Night, check,
    scopes::ask,
    shortfall::Found,
    values::{money, rounded, value},
};
use crate::{
    engine::{Cell, Rows, SqlError},
    warehouse::amount,
};

mod decided;
mod made;

pub use decided::Sight;

/// What is assumed of a task whose author gives a figure and no odds: it may work, and the figure may be right.
const TASK_LIKELIHOOD: f64 = 0.25;
/// Person-days of a task whose author gives none.
const TASK_EFFORT_DAYS: f64 = 1.0;
/// No effort is below a quarter of an hour: dividing by less would put trifles first.
const LEAST_EFFORT_DAYS: f64 = 0.03;
/// Done tasks stay on the list for a month, so that what was done can be measured.
const DONE_DAYS: i64 = 30;

/// All actions, ranked: what is to do first, then what was put off or accepted, then what is done.
pub async fn agenda(night: &Night<'_>, found: &[Found], sight: &Sight<'_>) -> Result<Vec<Action>, SqlError> {
    let mut actions: Vec<Action> = found.iter().map(|f| of_shortfall(night, f)).collect();
    actions.extend(of_findings(night, &check::listed(sight.verdicts)).await?);
    actions.extend(of_tasks(night).await?);
    let mut actions = once(actions);
    for action in &mut actions {
        let known = night
            .previous
            .and_then(|a| a.actions.iter().find(|b| b.fact == action.fact));
        action.since = known.map_or(action.since, |a| a.since);
    }
    decided::decide(night, &made::all(night).await, &mut actions, sight);
    actions.sort_by(|a, b| {
        let group = |a: &Action| (!a.state.is_to_do(), a.state == ActionState::Done);
        let due = |a: &Action| a.due.unwrap_or(Date::MAX);
        group(a)
            .cmp(&group(b))
            .then(b.score.total_cmp(&a.score))
            .then_with(|| (a.severity, due(a), &a.fact).cmp(&(b.severity, due(b), &b.fact)))
    });
    for (n, action) in actions.iter_mut().enumerate() {
        action.rank = u32::try_from(n + 1).unwrap_or(u32::MAX);
    }
    Ok(actions)
}

fn of_shortfall(night: &Night<'_>, found: &Found) -> Action {
    let s = &found.shortfall;
    let at_stake = worth(night, s.at_stake.as_ref());
    Action {
        fact: format!("action:{}", s.fact),
        rank: 0,
        source: ActionSource::Shortfall,
        title: s.remedy.clone(),
        entity: s.entity.clone(),
        owner: found.owner.clone(),
        due: Some(found.due),
        state: state(night, Some(found.due)),
        impact: s.at_stake.clone(),
        cost: None,
        effort_days: s.effort_days,
        score: score(night, at_stake * found.likelihood, s.effort_days, Some(found.due)),
        severity: s.severity,
        command: None,
        rollback: None,
        since: s.since,
        code: String::new(),
        decision: None,
        expected: None,
        measured: None,
    }
}

/// One action per check and business: nobody mends thirty log groups one by one. What a finding saves counts in full; a
/// finding that saves nothing is ranked by the revenue of the business behind it times how likely it is to cost it in
/// 30 days, which orders fixes and is never shown as an impact.
async fn of_findings(night: &Night<'_>, findings: &[Finding]) -> Result<Vec<Action>, SqlError> {
    let revenue = revenue(night).await?;
    let mut groups: BTreeMap<(String, Option<String>), Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.status == CheckStatus::Alarm) {
        groups
            .entry((finding.check.clone(), finding.entity.clone()))
            .or_default()
            .push(finding);
    }
    let actions = groups.into_iter().map(|((check, entity), group)| {
        let first = group[0];
        let savings: rust_decimal::Decimal = group
            .iter()
            .filter_map(|f| f.savings_monthly.as_ref())
            .filter_map(amount)
            .sum();
        let effort = rounded(group.iter().map(|f| f.effort_days).sum());
        let since = group.iter().map(|f| f.since).min().unwrap_or(night.as_of.0);
        let due = since.saturating_add(days_to_mend(first.severity).days());
        let behind = revenue
            .get(&entity)
            .or_else(|| revenue.get(&None))
            .copied()
            .unwrap_or(0.0);
        let worth = savings.to_f64().unwrap_or(0.0) + behind * exposure(first);
        Action {
            fact: format!(
                "action:check:{check}{}",
                entity.as_ref().map(|e| format!("@{e}")).unwrap_or_default()
            ),
            rank: 0,
            source: ActionSource::Finding,
            title: format!("{}: {}", first.title, resources(&group)),
            owner: "cto".into(),
            due: Some(due),
            state: state(night, Some(due)),
            impact: Some(savings)
                .filter(|s| !s.is_zero())
                .and_then(|s| money(s, night.portfolio.currency)),
            cost: None,
            effort_days: effort,
            score: score(night, worth, effort, Some(due)),
            severity: first.severity,
            command: Some(first.fix.clone()).filter(|c| !c.is_empty()),
            rollback: Some(first.rollback.clone()).filter(|c| !c.is_empty()),
            since,
            code: String::new(),
            decision: None,
            expected: None,
            measured: None,
            entity,
        }
    });
    Ok(actions.collect())
}

/// An amount in the portfolio's currency, in which scores are compared; one without a rate counts like an unknown one.
fn worth(night: &Night<'_>, value: Option<&Value>) -> f64 {
    let converted = value.and_then(|value| night.warehouse.in_portfolio(value, None));
    let number = converted.as_ref().and_then(amount);
    number.and_then(|number| number.to_f64()).unwrap_or(0.0)
}

fn resources(group: &[&Finding]) -> String {
    let names: Vec<&str> = group.iter().map(|f| f.resource.as_str()).collect();
    match names.as_slice() {
        [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", names.len() - 3),
        _ => names.join(", "),
    }
}

fn days_to_mend(severity: Severity) -> i64 {
    match severity {
        Severity::Critical => 3,
        Severity::High => 14,
        Severity::Medium => 30,
        Severity::Low => 60,
    }
}

/// How likely a gap is to cost the revenue behind it within 30 days. Only the order of these matters: a convention.
fn exposure(finding: &Finding) -> f64 {
    if !matches!(finding.area.as_str(), "security" | "reliability") {
        return 0.0;
    }
    match finding.severity {
        Severity::Critical => 0.05,
        Severity::High => 0.02,
        Severity::Medium => 0.005,
        Severity::Low => 0.001,
    }
}

/// Revenue per 30 days by business, and of all together, from the shared view `run_rate`, where there is one.
async fn revenue(night: &Night<'_>) -> Result<BTreeMap<Option<String>, f64>, SqlError> {
    let mut revenue = BTreeMap::new();
    if night
        .warehouse
        .fill("run_rate")
        .is_none_or(|f| !f.values.contains_key("revenue_30d"))
    {
        return Ok(revenue);
    }
    let sql = "select entity, revenue_30d from run_rate where entity is not null";
    let rows = night
        .warehouse
        .select("agenda", sql, night.warehouse.parameters())
        .await?
        .rows()?;
    for row in &rows.rows {
        let amount = rows
            .cell(row, "revenue_30d")
            .decimal()
            .and_then(|d| d.to_f64())
            .unwrap_or(0.0);
        *revenue.entry(None).or_default() += amount;
        revenue.insert(rows.cell(row, "entity").text().map(str::to_owned), amount);
    }
    Ok(revenue)
}

async fn of_tasks(night: &Night<'_>) -> Result<Vec<Action>, SqlError> {
    let sql = "select entity, title, owner, due_on, done_on, impact_monthly, cost, effort_days from actions";
    let mut tasks = Vec::new();
    for scope in ask(night, "agenda", sql).await? {
        let rows = scope.answer.rows()?;
        let own = rows.rows.iter().filter(|row| scope.has_row(night, &rows, row));
        tasks.extend(own.filter_map(|row| task(night, &rows, row, scope.currency)));
    }
    Ok(tasks)
}

fn task(night: &Night<'_>, rows: &Rows, row: &[Cell], currency: Currency) -> Option<Action> {
    let text = |name: &str| rows.cell(row, name).text().map(str::to_owned);
    let (title, entity) = (text("title")?, text("entity"));
    let (due, done) = (rows.cell(row, "due_on").date(), rows.cell(row, "done_on").date());
    if done.is_some_and(|d| d < night.as_of.0.saturating_sub(DONE_DAYS.days())) {
        return None;
    }
    let amount_of = |name: &str| {
        value(rows.cell(row, name), Unit::Money, currency)
            .ok()
            .filter(|v| *v != Value::Null)
    };
    let impact = amount_of("impact_monthly");
    let effort = rows
        .cell(row, "effort_days")
        .decimal()
        .and_then(|d| d.to_f64())
        .unwrap_or(TASK_EFFORT_DAYS);
    let worth = worth(night, impact.as_ref()) * TASK_LIKELIHOOD;
    Some(Action {
        // By what it says, not by where: a line moves whenever somebody edits the file above it.
        fact: super::fact_id("action:task", &slug(&title), entity.as_deref(), None),
        rank: 0,
        source: ActionSource::Task,
        owner: text("owner").map_or("unassigned".into(), |o| o.to_lowercase()),
        due,
        state: if done.is_some() {
            ActionState::Done
        } else {
            state(night, due)
        },
        cost: amount_of("cost"),
        effort_days: rounded(effort),
        score: if done.is_some() {
            0.0
        } else {
            score(night, worth, effort, due)
        },
        severity: Severity::Medium,
        command: None,
        rollback: None,
        since: night.as_of.0,
        code: String::new(),
        decision: None,
        expected: None,
        measured: None,
        title,
        entity,
        impact,
    })
}

fn slug(title: &str) -> String {
    let letters = title.chars().map(|c| {
        if c.is_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            ' '
        }
    });
    letters
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-")
}

/// Each action once: the same words for the same business are the same action, whoever wrote them down. An open one
/// goes before a done one, the machine's before a person's copy of it.
fn once(mut actions: Vec<Action>) -> Vec<Action> {
    actions.sort_by_key(|a| {
        (
            a.state == ActionState::Done,
            a.source as u8,
            a.due.unwrap_or(Date::MAX),
        )
    });
    let mut seen = BTreeSet::new();
    actions.retain(|a| seen.insert((a.entity.clone(), slug(&a.title))));
    actions
}

fn state(night: &Night<'_>, due: Option<Date>) -> ActionState {
    if due.is_some_and(|d| d < night.as_of.0) {
        ActionState::Slipped
    } else {
        ActionState::Open
    }
}

fn score(night: &Night<'_>, worth: f64, effort_days: f64, due: Option<Date>) -> f64 {
    let left = due.map(|d| (d - night.as_of.0).get_days());
    let deadline = match left {
        Some(..=7) => 2.0,
        Some(8..=14) => 1.5,
        Some(15..=30) => 1.2,
        Some(_) | None => 1.0,
    };
    rounded(worth / effort_days.max(LEAST_EFFORT_DAYS) * deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tasks_identity_is_its_words() {
        assert_eq!(slug("List on Sailo!  (again)"), "list-on-sailo-again");
        assert_eq!(slug("  list ON sailo again "), "list-on-sailo-again");
    }
}
