//! Shortfalls: rules that find money at stake, ranked by it.

use jiff::{ToSpan, civil::Date};
use shared::{
    facts::{Severity, Shortfall, Unit, Value},
    id::Sha256,
};

use super::{
    Night, in_order,
    needs::{applies, lacking},
    values::{rounded, value, weight},
};
use crate::{
    catalog,
    engine::{Cell, Rows, SqlError},
    warehouse::problem,
};

/// A shortfall and what its action needs besides.
#[derive(Debug, Clone)]
pub struct Found {
    /// The fact.
    pub shortfall: Shortfall,
    /// Who acts.
    pub owner: String,
    /// By when.
    pub due: Date,
    /// That the remedy works, x confidence in the estimate.
    pub likelihood: f64,
}

/// Evaluates all rules that apply; ranked.
pub async fn evaluate(night: &Night<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    // What cannot be computed is a missing KPI's business to say; a rule without its tables finds nothing.
    let met =
        |s: &&catalog::Shortfall| lacking(night, s.needs.iter().map(|n| n.get_ref().as_str())).is_none();
    let entries = night
        .catalog
        .shortfalls
        .iter()
        .filter(|s| applies(&s.kinds, night.portfolio));
    let entries: Vec<_> = entries.filter(met).collect();
    let answers = in_order(entries.iter().map(|entry| one(night, entry))).await;
    for (entry, answer) in entries.into_iter().zip(answers) {
        match answer {
            Ok(rows) => found.extend(rows),
            Err(error) => night
                .warehouse
                .report(problem(&entry.file, Some(entry.id.get_ref()), &error)),
        }
    }
    rank(&mut found);
    found
}

async fn one(night: &Night<'_>, entry: &catalog::Shortfall) -> Result<Vec<Found>, SqlError> {
    let source = format!("shortfall {}", entry.id.get_ref());
    let parameters = night.warehouse.parameters();
    let rows = night
        .warehouse
        .select(&source, entry.sql.get_ref(), parameters)
        .await?
        .rows()?;
    let mut found: Vec<Found> = Vec::new();
    for cells in &rows.rows {
        let row = row(night, entry, &rows, cells)?;
        if found.iter().any(|f| f.shortfall.fact == row.shortfall.fact) {
            let message = format!("two rows are {}", row.shortfall.fact);
            let suggestion = Some("tell them apart with a column `key`".into());
            return Err(SqlError {
                suggestion,
                ..SqlError::new(message)
            });
        }
        found.push(row);
    }
    Ok(found)
}

fn row(
    night: &Night<'_>,
    entry: &catalog::Shortfall,
    rows: &Rows,
    cells: &[Cell],
) -> Result<Found, SqlError> {
    let text = |name: &str| rows.cell(cells, name).text().map(str::to_owned);
    let (id, entity, key) = (entry.id.get_ref(), text("entity"), text("key"));
    let fact = super::fact_id("shortfall", id, entity.as_deref(), key.as_deref());
    let headline = text("headline").ok_or_else(|| SqlError::new("a row has no `headline`"))?;
    let currency = night.currency(entity.as_deref());
    let at_stake = value(rows.cell(cells, "at_stake"), Unit::Money, currency).map_err(SqlError::new)?;
    let known = night
        .previous
        .and_then(|a| a.shortfalls.iter().find(|s| s.fact == fact));
    let since = known.map_or(night.as_of.0, |s| s.since);
    let mut evidence = text("evidence").unwrap_or_default();
    let mut severity = entry.severity;
    if let Some(mute) = night.mute(&fact) {
        // Accepted is not gone: it stays on the list, at its end, with who accepted it until when.
        severity = Severity::Low;
        let until = crate::functions::format::day(mute.until);
        evidence = format!(
            "{evidence}{}accepted until {until}: {}",
            if evidence.is_empty() { "" } else { "; " },
            mute.reason
        );
    }
    Ok(Found {
        // Counted from the night it was first seen, so that it can slip.
        due: rows
            .cell(cells, "due")
            .date()
            .unwrap_or_else(|| since.saturating_add(entry.due_days.days())),
        owner: text("owner").unwrap_or_else(|| entry.role.clone()),
        likelihood: entry.probability * entry.confidence,
        shortfall: Shortfall {
            fact,
            id: id.clone(),
            rank: 0,
            entity,
            title: entry.title.clone(),
            headline,
            evidence,
            role: entry.role.clone(),
            severity,
            at_stake: Some(at_stake).filter(|v| *v != Value::Null),
            remedy: entry.remedy.clone(),
            effort_days: rounded(entry.effort_days),
            n: rows.cell(cells, "n").int(),
            since,
            sql_sha256: Sha256::of(entry.sql.get_ref().as_bytes()).to_string(),
        },
    })
}

/// The most money first; at equal money the worse, then the older, then by id.
fn rank(found: &mut [Found]) {
    found.sort_by(|a, b| {
        let (a, b) = (&a.shortfall, &b.shortfall);
        let stake = |s: &Shortfall| weight(s.at_stake.as_ref());
        stake(b)
            .cmp(&stake(a))
            .then_with(|| (a.severity, a.since, &a.fact).cmp(&(b.severity, b.since, &b.fact)))
    });
    for (n, found) in found.iter_mut().enumerate() {
        found.shortfall.rank = u32::try_from(n + 1).unwrap_or(u32::MAX);
    }
}
