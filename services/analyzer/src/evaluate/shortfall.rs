//! Shortfalls: rules that find money at stake, ranked by it.

use jiff::{ToSpan, civil::Date};
use shared::{
    facts::{Severity, Shortfall, Unit, Value},
    id::Sha256,
    money::Currency,
};

use super::{
    Night,
    needs::{applies, lacking},
    scopes::{self, UNCONVERTED, ask},
    values::{rounded, value, weight},
};
use crate::{
    catalog,
    engine::{Cell, Rows, SqlError},
    in_order::in_order,
    warehouse::{self, problem},
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

/// A rule that could not look: what it found the night before is neither there nor gone.
#[derive(Debug, Clone)]
pub struct Unseen {
    /// The rule.
    pub id: String,
    /// At whom it could not look; none: at anybody.
    pub entity: Option<String>,
    /// Why.
    pub why: String,
}

impl Unseen {
    /// Whether it is about this shortfall of an earlier night.
    pub fn is_of(&self, earlier: &Shortfall) -> bool {
        self.id == earlier.id
            && (self.entity.is_none() || self.entity == earlier.entity || earlier.entity.is_none())
    }
}

/// No entity has this id. A rule that is blind for want of a rate alone sees every entity in its own currency, and only what is
/// about the portfolio itself it cannot see.
const PORTFOLIO_ALONE: &str = "";

/// Evaluates all rules that apply; ranked, with what could not be looked at.
pub async fn evaluate(night: &Night<'_>) -> (Vec<Found>, Vec<Unseen>) {
    let (mut found, mut unseen) = (Vec::new(), Vec::new());
    let entries = night
        .catalog
        .shortfalls
        .iter()
        .filter(|s| applies(&s.kinds, night.portfolio));
    let mut able = Vec::new();
    for entry in entries {
        let blind = |entity, why| Unseen {
            id: entry.id.get_ref().clone(),
            entity,
            why,
        };
        // What cannot be computed is a missing KPI's business to say; a rule without its tables finds nothing.
        if let Some(lack) = lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())) {
            unseen.push(blind(None, lack.detail));
            continue;
        }
        let holes = night.warehouse.holes(entry.sql.get_ref());
        unseen.extend(holes.into_iter().map(|h| blind(h.entity, h.why)));
        let unrated = night.warehouse.rate_holes(entry.sql.get_ref());
        unseen.extend(
            unrated
                .into_iter()
                .map(|h| blind(Some(PORTFOLIO_ALONE.to_owned()), h.why)),
        );
        able.push(entry);
    }
    let answers = in_order(able.iter().map(|entry| one(night, entry))).await;
    for (entry, answer) in able.into_iter().zip(answers) {
        match answer {
            Ok(rows) => found.extend(rows),
            Err(error) => {
                unseen.push(Unseen {
                    id: entry.id.get_ref().clone(),
                    entity: None,
                    why: error.in_one_line(),
                });
                night
                    .warehouse
                    .report(problem(&entry.file, Some(entry.id.get_ref()), &error));
            }
        }
    }
    rank(night, &mut found);
    (found, unseen)
}

async fn one(night: &Night<'_>, entry: &catalog::Shortfall) -> Result<Vec<Found>, SqlError> {
    let source = format!("shortfall {}", entry.id.get_ref());
    let sql = entry.sql.get_ref();
    let mut rows = Vec::new();
    for scope in ask(night, &source, sql).await? {
        let answer = scope.answer.rows()?;
        let own = answer
            .rows
            .iter()
            .filter(|cells| scope.has_row(night, &answer, cells));
        let own = own.map(|cells| row(night, entry, &answer, cells, scope.currency));
        rows.extend(own.collect::<Result<Vec<_>, _>>()?);
    }
    let mut found: Vec<Found> = Vec::new();
    let holes = night.warehouse.holes(sql);
    let without = warehouse::holes::without(&holes, night.portfolio);
    for mut row in rows {
        match &row.shortfall.entity {
            // What is not there may be what was not read.
            Some(entity) if holes.iter().any(|h| h.is_of(entity)) => continue,
            Some(entity) if night.warehouse.is_converted(Some(entity), sql) => {
                convert(night, sql, &mut row.shortfall);
            }
            Some(_) => {}
            None => {
                if let Some(without) = &without {
                    row.shortfall.evidence = format!("{}; {without}", row.shortfall.evidence);
                }
                convert(night, sql, &mut row.shortfall);
            }
        }
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

/// Says at which rates what is at stake of the portfolio was converted; where there is no rate, nobody knows what is.
fn convert(night: &Night<'_>, sql: &str, shortfall: &mut Shortfall) {
    if shortfall.at_stake.is_none() {
        return;
    }
    let unrated = night.warehouse.rate_holes(sql);
    let lack = warehouse::holes::without(&unrated, night.portfolio);
    let lack = lack.or_else(|| {
        let unconverted = night.warehouse.reads_unconverted(sql);
        unconverted.then(|| format!("what is at stake is unknown: {UNCONVERTED}"))
    });
    if lack.is_some() {
        shortfall.at_stake = None;
    }
    if let Some(said) = lack.or_else(|| night.warehouse.converted(sql)) {
        shortfall.evidence = format!("{}; {said}", shortfall.evidence);
    }
}

fn row(
    night: &Night<'_>,
    entry: &catalog::Shortfall,
    rows: &Rows,
    cells: &[Cell],
    currency: Currency,
) -> Result<Found, SqlError> {
    let text = |name: &str| rows.cell(cells, name).text().map(str::to_owned);
    let (id, entity, key) = (entry.id.get_ref(), text("entity"), text("key"));
    let fact = super::fact_id("shortfall", id, entity.as_deref(), key.as_deref());
    let headline = text("headline").ok_or_else(|| SqlError::new("a row has no `headline`"))?;
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
            same_as: None,
            since,
            sql_sha256: Sha256::of(entry.sql.get_ref().as_bytes()).to_string(),
        },
    })
}

/// The most money first, in the portfolio's currency; at equal money the worse, then the older, then by id.
fn rank(night: &Night<'_>, found: &mut [Found]) {
    found.sort_by(|a, b| {
        let (a, b) = (&a.shortfall, &b.shortfall);
        let stake = |s: &Shortfall| scopes::weight(night, s.at_stake.as_ref());
        stake(b)
            .cmp(&stake(a))
            .then_with(|| (a.severity, a.since, &a.fact).cmp(&(b.severity, b.since, &b.fact)))
    });
    for n in 0..found.len() {
        found[n].shortfall.rank = u32::try_from(n + 1).unwrap_or(u32::MAX);
        let same = found[..n]
            .iter()
            .find(|first| same_money(&first.shortfall, &found[n].shortfall));
        let Some(first) = same.map(|f| f.shortfall.clone()) else {
            continue;
        };
        let shortfall = &mut found[n].shortfall;
        shortfall.evidence = format!("{}; the same money as in {:?}", shortfall.evidence, first.title);
        shortfall.same_as = Some(first.fact);
    }
}

/// The same amount of the same business to the cent is the same money seen by two rules: its revenue, say.
fn same_money(a: &Shortfall, b: &Shortfall) -> bool {
    a.entity.is_some() && a.entity == b.entity && weight(a.at_stake.as_ref()) > 0 && a.at_stake == b.at_stake
}
