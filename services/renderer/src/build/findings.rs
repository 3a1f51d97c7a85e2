//! Infrastructure findings, one item per check: forty functions with the same flaw are one thing to do.

use std::collections::BTreeMap;

use shared::facts::{CheckStatus, Finding, Severity};

use super::{Scope, front::plural, lists::severity_mark, sections::plain};
use crate::{
    document::{Block, Item, Items, Mark, Section, Tone},
    format::NBSP,
    spec::SectionSpec,
};

const MAX_RESOURCES: usize = 6;

/// Worst first: what fails, then what could not be seen, then what is accepted.
pub fn findings(scope: &Scope, spec: &SectionSpec) -> Section {
    let mine: Vec<&Finding> = scope
        .analysis
        .findings
        .iter()
        .filter(|f| spec.area.as_ref().is_none_or(|a| *a == f.area))
        .filter(|f| scope.audited.is_none() || scope.includes(f.entity.as_deref()))
        .filter(|f| f.status != CheckStatus::Ok && f.status != CheckStatus::Skip)
        .collect();
    let area = spec.area.as_deref().unwrap_or("infrastructure");
    let topic = format!("Findings, {area}");
    if mine.is_empty() {
        let text = format!("No {area} check fails, and none is blind.");
        return plain(
            &topic,
            format!("No {area} finding"),
            vec![Block::Paragraph { text }],
        );
    }
    let count = |status| mine.iter().filter(|f| f.status == status).count() as u64;
    let mut parts = vec![format!(
        "{} open",
        plural(count(CheckStatus::Alarm), "finding", "findings")
    )];
    for (status, word) in [
        (CheckStatus::Unknown, "could not be checked"),
        (CheckStatus::Accepted, "accepted"),
    ] {
        if count(status) > 0 {
            parts.push(format!("{} {word}", count(status)));
        }
    }
    let groups = grouped(&mine);
    let shown = spec.limit.unwrap_or(groups.len()).min(groups.len());
    let items = groups.iter().take(shown).map(|g| item(scope, g)).collect();
    let list = Items::new(items, groups.len(), "checks");
    let urgent = |f: &&Finding| f.status == CheckStatus::Alarm && f.severity == Severity::Critical;
    let critical = |g: &&Vec<&Finding>| g.first().is_some_and(urgent);
    let section = plain(&topic, parts.join(", "), vec![Block::Items(list)]);
    Section {
        keep: groups.iter().take_while(critical).count(),
        ..section
    }
}

fn grouped<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let order = |s: CheckStatus| match s {
        CheckStatus::Alarm => 0,
        CheckStatus::Unknown => 1,
        _ => 2,
    };
    let mut groups: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for f in findings {
        groups
            .entry((order(f.status), f.severity, f.check.as_str()))
            .or_default()
            .push(f);
    }
    groups.into_values().collect()
}

fn item(scope: &Scope, group: &[&Finding]) -> Item {
    let Some(first) = group.first() else {
        return Item {
            mark: None,
            title: String::new(),
            figure: None,
            figure_note: None,
            text: None,
            action: None,
            command: None,
            meta: Vec::new(),
            fact: String::new(),
        };
    };
    let mark = match first.status {
        CheckStatus::Unknown => Mark::new(Tone::Unknown, "Unknown"),
        CheckStatus::Accepted => Mark::new(Tone::Plain, "Accepted"),
        _ => severity_mark(first.severity),
    };
    let mut names: Vec<&str> = group
        .iter()
        .map(|f| f.resource.as_str())
        .filter(|r| *r != "*")
        .collect();
    let more = names.len().saturating_sub(MAX_RESOURCES);
    names.truncate(MAX_RESOURCES);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let text = match (group.len(), names.is_empty()) {
        (1, false) => format!("{}: {}", names.join(", "), first.reason),
        (_, true) => first.reason.clone(),
        _ => format!("{}{more}. First: {}", names.join(", "), first.reason),
    };
    let savings: Vec<_> = group
        .iter()
        .filter_map(|f| f.savings_monthly.as_ref()?.as_money())
        .collect();
    let saved = savings.split_first().and_then(|(a, rest)| {
        rest.iter()
            .try_fold(*a, |sum, m| sum.checked_add(*m).ok())
            .filter(|sum| sum.minor != 0)
    });
    let mut owners: Vec<&str> = group
        .iter()
        .filter_map(|f| f.entity.as_deref())
        .map(|e| scope.name(e))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let mut meta = Vec::new();
    if !owners.is_empty() && scope.audited.is_none() {
        meta.push(owners.join(", "));
    }
    if first.status == CheckStatus::Alarm {
        meta.push(format!("risk: {}", first.risk));
        if !first.rollback.is_empty() {
            meta.push(format!("rollback: {}", first.rollback));
        }
    }
    Item {
        mark: Some(mark),
        title: match group.len() {
            1 => first.title.clone(),
            n => format!("{} ({n} resources)", first.title),
        },
        figure: saved.map(|m| scope.style.money(m)),
        figure_note: saved.map(|_| format!("saved a{NBSP}month")),
        text: Some(text),
        action: None,
        command: Some(first.fix.clone()).filter(|f| !f.is_empty() && first.status == CheckStatus::Alarm),
        meta,
        fact: match group.len() {
            1 => first.fact.clone(),
            n => format!("{} and {} more", first.fact, n - 1),
        },
    }
}
