//! A verdict per business: the worst of its shortfalls and of its KPIs against target, and the one reason for it.

use std::collections::BTreeSet;

use shared::{
    facts::{Analysis, EntityReport, Kpi, Severity, SourceState, Status, Value},
    portfolio::Entity,
};

use crate::{catalog::entries::Grain, evaluate::Night, functions::format, warehouse::holes::why};

/// Without a target, good news takes this share of the figures that there could be of a business: one in four.
const LEAST_KNOWN: usize = 4;

/// All businesses, in the order of portfolio.toml.
pub fn verdicts(night: &Night<'_>, analysis: &Analysis) -> Vec<EntityReport> {
    night
        .portfolio
        .entities
        .iter()
        .map(|entity| verdict(night, entity, analysis))
        .collect()
}

struct Ground {
    status: Status,
    reason: String,
    fact: Option<String>,
}

fn verdict(night: &Night<'_>, entity: &Entity, analysis: &Analysis) -> EntityReport {
    let id = entity.id.as_str();
    let shortfalls = analysis
        .shortfalls
        .iter()
        .filter(|s| s.entity.as_deref() == Some(id))
        .filter_map(|s| {
            let status = match s.severity {
                Severity::Critical => Status::Bad,
                Severity::High | Severity::Medium => Status::Watch,
                Severity::Low => return None,
            };
            Some(Ground {
                status,
                reason: s.headline.clone(),
                fact: Some(s.fact.clone()),
            })
        });
    let mine = |k: &&Kpi| k.entity.as_deref() == Some(id);
    let kpis = analysis.kpis.iter().filter(mine).filter_map(off_target);
    // In the order of rank, shortfalls before KPIs: the first of the worst status is the reason.
    let worst = shortfalls
        .chain(kpis)
        .fold(None, |worst: Option<Ground>, ground| match worst {
            Some(worst) if worst.status >= ground.status => Some(worst),
            _ => Some(ground),
        });
    // What is bad is bad whatever else there is; anything better would be said of a business that was not seen whole.
    let holes = night.warehouse.holes_of(id);
    let worst = worst.filter(|g| g.status == Status::Bad || holes.is_empty());
    let unseen = || {
        let ground = |reason| Ground {
            status: Status::Unknown,
            reason,
            fact: None,
        };
        (!holes.is_empty()).then(|| ground(format!("{}, so it cannot be judged", why(&holes))))
    };
    let Ground { status, reason, fact } = worst
        .or_else(unseen)
        .unwrap_or_else(|| nothing_wrong(night, entity, analysis));
    EntityReport {
        id: id.to_owned(),
        title: entity.title.clone(),
        kind: entity.kind.clone(),
        stage: entity.stage.clone(),
        status,
        reason,
        fact,
    }
}

fn off_target(kpi: &Kpi) -> Option<Ground> {
    let target = kpi
        .target
        .as_ref()
        .filter(|_| matches!(kpi.status, Status::Bad | Status::Watch))?;
    let (value, target) = (
        format::value(&kpi.value, kpi.unit),
        format::value(target, kpi.unit),
    );
    let reason = format!("{}: {value} against a target of {target}", kpi.title);
    Some(Ground {
        status: kpi.status,
        reason,
        fact: Some(kpi.fact.clone()),
    })
}

/// Nothing found is good news only where one could have found something.
fn nothing_wrong(night: &Night<'_>, entity: &Entity, analysis: &Analysis) -> Ground {
    let id = Some(entity.id.as_str());
    let unread = |s: &&shared::facts::SourceReport| {
        s.entity.as_deref() == id && s.core && !matches!(s.state, SourceState::Ok | SourceState::Empty)
    };
    if let Some(source) = analysis.sources.iter().find(unread) {
        let reason = format!("{} was not read, so nothing can be said", source.id);
        return Ground {
            status: Status::Unknown,
            reason,
            fact: None,
        };
    }
    let known: Vec<&Kpi> = analysis
        .kpis
        .iter()
        .filter(|k| k.entity.as_deref() == id && k.value != Value::Null)
        .collect();
    let aimed = known.iter().filter(|k| k.target.is_some()).count();
    let ids: BTreeSet<&str> = known.iter().map(|k| k.id.as_str()).collect();
    let possible = night
        .catalog
        .kpis
        .iter()
        .filter(|k| k.grain == Grain::Entity && (k.kinds.is_empty() || k.kinds.contains(&entity.kind)));
    let possible = possible.count();
    let own = |key: &str| key.split_once('@').map(|(_, entity)| entity) == id;
    let targets = night.warehouse.settings().targets.iter();
    let unread = targets.filter(|(key, value)| own(key) && value.is_err()).count();
    let (status, reason) = match (known.len(), aimed) {
        (0, _) => (
            Status::Unknown,
            "none of its figures could be computed".to_owned(),
        ),
        (_, 0) if ids.len() * LEAST_KNOWN < possible => (
            Status::Unknown,
            format!(
                "too little is known of it: {} of {possible} figures, none with a target",
                ids.len()
            ),
        ),
        (_, 0) if unread > 0 => (
            Status::Unknown,
            "no shortfall found, but none of its targets could be read".to_owned(),
        ),
        (n, 0) => (
            Status::Good,
            format!(
                "no shortfall found; {n} {} known, none has a target",
                if n == 1 { "figure" } else { "figures" }
            ),
        ),
        // Half of them met is no pass for the other half.
        (_, aimed) if unread > 0 => (
            if unread < aimed {
                Status::Good
            } else {
                Status::Unknown
            },
            format!(
                "no shortfall found; {aimed} of {} targets met, {unread} unknown",
                aimed + unread
            ),
        ),
        (_, aimed) => (
            Status::Good,
            format!("no shortfall found; {aimed} of {aimed} targets met"),
        ),
    };
    Ground {
        status,
        reason,
        fact: known.iter().find(|k| k.target.is_some()).map(|k| k.fact.clone()),
    }
}
