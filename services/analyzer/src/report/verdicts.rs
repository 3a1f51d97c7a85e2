//! A verdict per business: the worst of its shortfalls and of its KPIs against target, and the one reason for it.

use shared::{
    facts::{Analysis, EntityReport, Kpi, Severity, SourceState, Status, Value},
    portfolio::{Entity, Portfolio},
};

use crate::functions::format;

/// All businesses, in the order of portfolio.toml.
pub fn verdicts(portfolio: &Portfolio, analysis: &Analysis) -> Vec<EntityReport> {
    portfolio
        .entities
        .iter()
        .map(|entity| verdict(entity, analysis))
        .collect()
}

struct Ground {
    status: Status,
    reason: String,
    fact: Option<String>,
}

fn verdict(entity: &Entity, analysis: &Analysis) -> EntityReport {
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
    let Ground { status, reason, fact } = worst.unwrap_or_else(|| nothing_wrong(entity, analysis));
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
fn nothing_wrong(entity: &Entity, analysis: &Analysis) -> Ground {
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
    let (status, reason) = match (known.len(), aimed) {
        (0, _) => (
            Status::Unknown,
            "none of its figures could be computed".to_owned(),
        ),
        (n, 0) => (
            Status::Good,
            format!("no shortfall found; {n} figures known, none has a target"),
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
