//! Since last night: new, worse, better, resolved, restated, each with the fact it is about (reports rules 15 and 16).
//!
//! A change of a figure is listed when it crosses its target, or when it is both material and, once there are two weeks
//! of nights to judge by, a surprise. Days of a rolling period shift it every night: a list of all would say nothing.

use std::collections::BTreeMap;

use shared::facts::{
    Action, ActionState, Analysis, Change, ChangeKind, CheckStatus, Finding, Shortfall, SourceState, Status,
    Unit, Value,
};

use crate::{
    evaluate::{check::may_be_the_same, shortfall::Unseen, values::weight},
    functions::format,
    history::History,
};

mod figures;
use figures::MATERIAL;

/// All changes, in the order new, worse, better, resolved, restated, each by weight.
/// A rule that could not look found nothing, and resolved nothing: `unseen`.
pub fn changes(before: &Analysis, now: &Analysis, unseen: &[Unseen], history: &History) -> Vec<Change> {
    let mut changes = Vec::new();
    verdicts(before, now, &mut changes);
    figures::kpis(before, now, history, &mut changes);
    figures::days(before, now, &mut changes);
    missing(before, now, &mut changes);
    shortfalls(before, now, unseen, &mut changes);
    findings(before, now, &mut changes);
    rules(before, now, &mut changes);
    invariants(before, now, &mut changes);
    actions(before, now, &mut changes);
    sources(before, now, &mut changes);
    changes.sort_by(order);
    changes
}

/// By kind, then the weightiest first.
pub fn order(a: &Change, b: &Change) -> std::cmp::Ordering {
    let heavier = b.weight.cmp(&a.weight);
    a.kind
        .cmp(&b.kind)
        .then(heavier)
        .then_with(|| a.fact.cmp(&b.fact))
}

/// Facts of both nights: (before, now), by fact id.
fn pairs<'a, T>(
    before: &'a [T],
    now: &'a [T],
    fact: impl Fn(&T) -> &str,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let mut pairs: BTreeMap<String, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in before {
        pairs.entry(fact(item).to_owned()).or_default().0 = Some(item);
    }
    for item in now {
        pairs.entry(fact(item).to_owned()).or_default().1 = Some(item);
    }
    pairs.into_values().collect()
}

fn change(
    kind: ChangeKind,
    fact: &str,
    entity: Option<&String>,
    roles: &[String],
    title: &str,
    text: String,
) -> Change {
    Change {
        kind,
        fact: fact.to_owned(),
        entity: entity.cloned(),
        roles: roles.to_vec(),
        title: title.to_owned(),
        before: None,
        after: None,
        text,
        weight: 0,
        restated: None,
    }
}

fn roles(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn verdicts(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.entities, &now.entities, |e| e.id.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let kind = match (was.status, is.status) {
            (a, b) if a == b => continue,
            (_, Status::Unknown) => ChangeKind::Worse,
            (Status::Unknown, _) => ChangeKind::New,
            (a, b) if b > a => ChangeKind::Worse,
            _ => ChangeKind::Better,
        };
        let text = format!(
            "{}: {} (was {}): {}",
            is.title,
            word(is.status),
            word(was.status),
            is.reason
        );
        let fact = format!("entity:{}", is.id);
        changes.push(change(
            kind,
            &fact,
            Some(&is.id),
            &roles(&["ceo"]),
            &is.title,
            text,
        ));
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Good => "good",
        Status::Watch => "to be watched",
        Status::Bad => "bad",
        Status::Unknown => "unknown",
    }
}

fn name(analysis: &Analysis, entity: &str) -> String {
    analysis
        .entities
        .iter()
        .find(|e| e.id == entity)
        .map_or_else(|| entity.to_owned(), |e| e.title.clone())
}

fn missing(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.missing_kpis, &now.missing_kpis, |m| m.fact.as_str()) {
        changes.extend(match pair {
            (None, Some(m)) => {
                let text = format!("{} can no longer be computed: {}", m.title, m.detail);
                // What the catalog did not have last night is not lost.
                let known = before.kpis.iter().any(|k| k.id == m.id);
                known.then(|| change(ChangeKind::Worse, &m.fact, None, &m.roles, &m.title, text))
            }
            (Some(m), None) if now.kpis.iter().any(|k| k.id == m.id) => {
                let text = format!("{} can be computed now", m.title);
                Some(change(
                    ChangeKind::Resolved,
                    &m.fact,
                    None,
                    &m.roles,
                    &m.title,
                    text,
                ))
            }
            _ => None,
        });
    }
}

fn shortfalls(before: &Analysis, now: &Analysis, unseen: &[Unseen], changes: &mut Vec<Change>) {
    for pair in pairs(&before.shortfalls, &now.shortfalls, |s| s.fact.as_str()) {
        let blind = pair.0.and_then(|s| unseen.iter().find(|u| u.is_of(s)));
        let (kind, s, text) = match pair {
            (None, Some(s)) => (ChangeKind::New, s, whose(now, s)),
            // Nobody looked: it may be there still.
            (Some(s), None) if blind.is_some() => {
                let why = blind.map_or("", |u| u.why.as_str());
                let text = format!("Cannot be seen any more ({why}): {}", whose(now, s));
                (ChangeKind::Worse, s, text)
            }
            (Some(s), None) => (
                ChangeKind::Resolved,
                s,
                format!("No longer so: {}", whose(now, s)),
            ),
            (Some(_), Some(_)) if blind.is_some() => continue,
            (Some(was), Some(is)) => {
                let (old, new) = (weight(was.at_stake.as_ref()), weight(is.at_stake.as_ref()));
                #[expect(clippy::cast_precision_loss, reason = "a tenth of an amount needs no 53 bits")]
                let moved = (new - old).abs() as f64 >= MATERIAL * old as f64 && old != new;
                let severer = was.severity.cmp(&is.severity);
                let kind = match severer {
                    std::cmp::Ordering::Greater => ChangeKind::Worse,
                    std::cmp::Ordering::Less => ChangeKind::Better,
                    std::cmp::Ordering::Equal if !moved => continue,
                    std::cmp::Ordering::Equal if new > old => ChangeKind::Worse,
                    std::cmp::Ordering::Equal => ChangeKind::Better,
                };
                let amount = |v: &Option<Value>| {
                    v.as_ref()
                        .map_or("an unknown amount".into(), |v| format::value(v, Unit::Money))
                };
                let owner = is.entity.as_ref().map(|e| format!("{}: ", name(now, e)));
                let text = format!(
                    "{}{}: {} at stake, was {}",
                    owner.unwrap_or_default(),
                    is.title,
                    amount(&is.at_stake),
                    amount(&was.at_stake)
                );
                (kind, is, text)
            }
            (None, None) => continue,
        };
        changes.push(Change {
            before: pair.0.and_then(|s| s.at_stake.clone()),
            after: pair.1.and_then(|s| s.at_stake.clone()),
            weight: weight(s.at_stake.as_ref()),
            ..change(
                kind,
                &s.fact,
                s.entity.as_ref(),
                &roles(&["ceo", &s.role]),
                &s.title,
                text,
            )
        });
    }
}

/// A shortfall's headline, with the business that it is about.
fn whose(now: &Analysis, shortfall: &Shortfall) -> String {
    match shortfall.entity.as_ref().map(|e| name(now, e)) {
        Some(name) if !shortfall.headline.contains(&name) => format!("{name}: {}", shortfall.headline),
        _ => shortfall.headline.clone(),
    }
}

fn findings(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    // An unknown row of a check that was not there the night before stands for what could not be listed.
    let blind = |check: &str| {
        let known = |fact: &str| before.findings.iter().any(|f| f.fact == fact);
        now.findings.iter().any(|f| {
            f.check == check && f.status == CheckStatus::Unknown && (f.resource == "*" || !known(&f.fact))
        })
    };
    for pair in pairs(&before.findings, &now.findings, |f| f.fact.as_str()) {
        let alarm = |f: Option<&Finding>| f.is_some_and(|f| f.status == CheckStatus::Alarm);
        let (kind, f, text) = match pair {
            (was, Some(f)) if f.status == CheckStatus::Alarm && !alarm(was) => (
                ChangeKind::New,
                f,
                format!("{}: {} ({})", f.title, f.resource, f.reason),
            ),
            (None, Some(f)) if f.status == CheckStatus::Unknown => (
                ChangeKind::Worse,
                f,
                format!("{}: cannot be seen any more: {}", f.title, f.reason),
            ),
            (Some(f), Some(is)) if alarm(Some(f)) && is.status == CheckStatus::Unknown => (
                ChangeKind::Worse,
                is,
                format!("{}: {} cannot be seen any more", f.title, f.resource),
            ),
            (Some(f), Some(is)) if alarm(Some(f)) && is.status == CheckStatus::Accepted => (
                ChangeKind::Resolved,
                is,
                format!("{}: {} {}", f.title, f.resource, is.reason),
            ),
            // Gone while the check sees nothing is not mended, nor is what only has another name now.
            (Some(f), None)
                if alarm(Some(f))
                    && !blind(&f.check)
                    && !now.findings.iter().any(|n| may_be_the_same(f, n)) =>
            {
                (
                    ChangeKind::Resolved,
                    f,
                    format!("{}: {} is mended, or gone", f.title, f.resource),
                )
            }
            _ => continue,
        };
        changes.push(Change {
            weight: weight(f.savings_monthly.as_ref()),
            ..change(kind, &f.fact, f.entity.as_ref(), &roles(&["cto"]), &f.title, text)
        });
    }
}

fn rules(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.rules, &now.rules, |r| r.fact.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let kind = match (was.status, is.status) {
            (a, b) if a == b => continue,
            (_, Status::Good) => ChangeKind::Better,
            _ => ChangeKind::Worse,
        };
        let text = format!("{}: {}", is.title, is.reason);
        changes.push(change(
            kind,
            &is.fact,
            None,
            &roles(&["ceo", "cfo"]),
            &is.title,
            text,
        ));
    }
}

fn invariants(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.invariants, &now.invariants, |i| i.fact.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let kind = match (was.status, is.status) {
            (a, b) if a == b => continue,
            (_, Status::Bad) => ChangeKind::Worse,
            (Status::Bad, _) => ChangeKind::Resolved,
            _ => continue,
        };
        let text = format!("{}: {}", is.title, is.reason);
        changes.push(change(kind, &is.fact, None, &is.roles, &is.title, text));
    }
}

fn actions(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.actions, &now.actions, |a| a.fact.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let (kind, what) = match (was.state, is.state) {
            (was, ActionState::Done) if was != ActionState::Done => (ChangeKind::Resolved, "done"),
            (ActionState::Open, ActionState::Slipped) => (ChangeKind::Worse, "slipped"),
            (was, ActionState::Snoozed) if was.is_to_do() => (ChangeKind::Resolved, "snoozed"),
            (was, ActionState::Accepted) if was.is_to_do() => (ChangeKind::Resolved, "accepted"),
            (ActionState::Done, is) if is.is_to_do() => (ChangeKind::Worse, "open again"),
            (ActionState::Snoozed | ActionState::Accepted, is) if is.is_to_do() => (ChangeKind::New, "back"),
            _ => continue,
        };
        let until = is.decision.as_ref().and_then(|d| d.until);
        let due = match (until, is.due) {
            (Some(until), _) => format!(" until {}", format::day(until)),
            (None, Some(due)) => format!(", due {}", format::day(due)),
            (None, None) => String::new(),
        };
        let text = format!("{}: {what}{due} ({})", is.title, is.owner);
        changes.push(Change {
            weight: impact(is),
            ..change(
                kind,
                &is.fact,
                is.entity.as_ref(),
                &roles(&["ceo", &is.owner]),
                &is.title,
                text,
            )
        });
    }
}

fn impact(action: &Action) -> i64 {
    weight(action.impact.as_ref())
}

fn sources(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    let read = |s: SourceState| matches!(s, SourceState::Ok | SourceState::Empty);
    for pair in pairs(&before.sources, &now.sources, |s| s.id.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let (kind, text) = match (read(was.state), read(is.state)) {
            (true, false) => {
                let why = is.reason.as_deref().unwrap_or("no reason given");
                (ChangeKind::Worse, format!("{} was not read: {why}", is.id))
            }
            (false, true) => (ChangeKind::Resolved, format!("{} is read again", is.id)),
            _ => continue,
        };
        let fact = format!("source:{}", is.id);
        changes.push(change(
            kind,
            &fact,
            is.entity.as_ref(),
            &roles(&["ceo", "cto"]),
            &is.id,
            text,
        ));
    }
}
