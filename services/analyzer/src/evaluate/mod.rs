//! A night's evaluation: the catalog over the warehouse.
//!
//! Start at [`evaluate`], whose order is the one that docs/CATALOG.md promises: checks, KPIs, shortfalls, the agenda, series, models,
//! rules, invariants, each readable as a table by what comes after it. Every query fails alone: its entry becomes missing or unknown, with
//! the error, and nothing else stops. Where entities count in several currencies, a row that names an entity is read in its books, and
//! every other in the portfolio's currency: [`scopes`].

use std::collections::BTreeMap;

use shared::{
    facts::{Action, Analysis, Finding, InvariantResult, Model, RuleResult},
    id::BusinessDate,
    money::Currency,
    portfolio::{Mute, Portfolio},
};

use crate::{catalog::Catalog, engine::SqlError, warehouse::Warehouse};

pub mod agenda;
pub mod check;
mod gaps;
mod invariant;
pub mod kpi;
mod model;
mod needs;
pub mod outlook;
pub mod period;
pub mod results;
mod rule;
pub mod scopes;
pub mod shortfall;
pub mod values;

/// What a night is evaluated from.
#[derive(Clone, Copy)]
pub struct Night<'a> {
    /// Its tables.
    pub warehouse: &'a Warehouse,
    /// What to compute.
    pub catalog: &'a Catalog,
    /// Whose.
    pub portfolio: &'a Portfolio,
    /// The last complete day.
    pub as_of: BusinessDate,
    /// The analysis of the run before, if there is one.
    pub previous: Option<&'a Analysis>,
}

impl Night<'_> {
    /// The currency of an entity's figures; the portfolio's for none.
    pub fn currency(&self, entity: Option<&str>) -> Currency {
        let entity = entity.and_then(|id| self.portfolio.entities.iter().find(|e| e.id.as_str() == id));
        entity.map_or(self.portfolio.currency, |e| e.currency)
    }
    /// Whether a fact is accepted on this day.
    pub fn mute(&self, fact: &str) -> Option<&Mute> {
        self.portfolio
            .mutes
            .iter()
            .find(|m| m.fact == fact && m.until >= self.as_of.0)
    }
}

/// What a night's queries found.
pub struct Results {
    /// Checks, ok ones too.
    pub verdicts: Vec<Finding>,
    /// KPIs.
    pub kpis: kpi::Kpis,
    /// Ranked.
    pub shortfalls: Vec<shortfall::Found>,
    /// Rules that could not look at somebody.
    pub unseen: Vec<shortfall::Unseen>,
    /// The agenda, ranked.
    pub actions: Vec<Action>,
    /// Days, and days to come.
    pub outlook: outlook::Outlook,
    /// By id.
    pub models: BTreeMap<String, Model>,
    /// In the order of portfolio.toml.
    pub rules: Vec<RuleResult>,
    /// By id.
    pub invariants: Vec<InvariantResult>,
}

/// Evaluates the whole catalog.
///
/// # Errors
/// Only if a result cannot be registered as a table: a defect of this program, not of a query.
pub async fn evaluate(night: &Night<'_>) -> Result<Results, SqlError> {
    let verdicts = check::evaluate(night).await;
    results::put_findings(night, &verdicts)?;
    let kpis = kpi::evaluate(night).await;
    results::put_kpis(night, &kpis)?;
    let (shortfalls, unseen) = shortfall::evaluate(night).await;
    results::put_shortfalls(night, &shortfalls)?;
    let sight = agenda::Sight {
        unseen: &unseen,
        verdicts: &verdicts,
    };
    let actions = agenda::agenda(night, &shortfalls, &sight).await?;
    results::put_agenda(night, &actions)?;
    let outlook = outlook::evaluate(night).await;
    results::put_outlook(night, &outlook)?;
    let models = model::evaluate(night).await;
    let rules = rule::evaluate(night).await;
    let invariants = invariant::evaluate(night).await;
    Ok(Results {
        verdicts,
        kpis,
        shortfalls,
        unseen,
        actions,
        outlook,
        models,
        rules,
        invariants,
    })
}

/// `kind:id[@entity][#key]`.
pub fn fact_id(kind: &str, id: &str, entity: Option<&str>, key: Option<&str>) -> String {
    let mut fact = format!("{kind}:{id}");
    for (mark, part) in [('@', entity), ('#', key)] {
        if let Some(part) = part {
            fact.push(mark);
            fact.push_str(part);
        }
    }
    fact
}
