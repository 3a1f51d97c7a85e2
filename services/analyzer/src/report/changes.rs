//! Since last night: new, worse, better, resolved, restated, each with the fact it is about (reports rules 15 and 16).
//!
//! A change of a figure is listed when it crosses its target, or when it is both material and, once there are two weeks
//! of nights to judge by, a surprise. Days of a rolling period shift it every night: a list of all would say nothing.

use std::collections::BTreeMap;

use shared::facts::{
    Action, ActionState, Analysis, Better, Change, ChangeKind, CheckStatus, Finding, Kpi, Shortfall,
    SourceState, Status, Unit, Value,
};

use crate::{
    evaluate::{
        check::may_be_the_same,
        shortfall::Unseen,
        values::{difference, weight},
    },
    functions::format,
};

/// A tenth of the value before is material.
const MATERIAL: f64 = 0.1;
/// Nights from which on a change must also be a surprise.
const NIGHTS_TO_JUDGE: usize = 14;
/// Median absolute deviations from the median that are a surprise.
const SURPRISE: f64 = 3.0;
/// Below this many observations a figure moves by chance.
const LEAST_N: i64 = 10;

/// All changes, in the order new, worse, better, resolved, restated, each by weight.
/// A rule that could not look found nothing, and resolved nothing: `unseen`.
pub fn changes(before: &Analysis, now: &Analysis, unseen: &[Unseen]) -> Vec<Change> {
    let mut changes = Vec::new();
    verdicts(before, now, &mut changes);
    kpis(before, now, &mut changes);
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

fn kpis(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.kpis, &now.kpis, |k| k.fact.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let Some(kind) = movement(was, is) else { continue };
        let (old, new) = (
            format::value(&was.value, is.unit),
            format::value(&is.value, is.unit),
        );
        let whose = is
            .entity
            .as_ref()
            .map(|e| format!(" ({})", name(now, e)))
            .unwrap_or_default();
        let text = match kind {
            ChangeKind::Restated => format!(
                "{}{whose} is now {new}, and was given as {old} for the same days",
                is.title
            ),
            _ => format!("{}{whose}: {new}, was {old}", is.title),
        };
        let delta = difference(&is.value, &was.value);
        changes.push(Change {
            before: Some(was.value.clone()),
            after: Some(is.value.clone()),
            weight: weight(delta.as_ref()),
            ..change(kind, &is.fact, is.entity.as_ref(), &is.roles, &is.title, text)
        });
    }
}

fn name(analysis: &Analysis, entity: &str) -> String {
    analysis
        .entities
        .iter()
        .find(|e| e.id == entity)
        .map_or_else(|| entity.to_owned(), |e| e.title.clone())
}

fn movement(was: &Kpi, is: &Kpi) -> Option<ChangeKind> {
    if was.value == is.value || was.value == Value::Null || is.value == Value::Null {
        return None;
    }
    // A part of a figure is neither better nor worse than the whole.
    if was.gap.is_some() || is.gap.is_some() {
        return None;
    }
    // The same complete days, and another value: somebody changed the past.
    if let (Some(a), Some(b)) = (&was.period, &is.period)
        && (a.from, a.to) == (b.from, b.to)
    {
        return Some(ChangeKind::Restated);
    }
    let (old, new) = (was.value.magnitude()?, is.value.magnitude()?);
    let up = new > old;
    let kind = match (is.better, up) {
        (Better::None, _) => return None,
        (Better::Up, true) | (Better::Down, false) => ChangeKind::Better,
        _ => ChangeKind::Worse,
    };
    let crossed = is.target.is_some() && was.target == is.target && was.status != is.status;
    if crossed {
        return Some(kind);
    }
    // From zero there is no rate, and across zero none that means anything: then any change is material.
    let material = old == 0.0 || old.signum() != new.signum() || (new - old).abs() >= MATERIAL * old.abs();
    let counted = is.n.is_none_or(|n| n >= LEAST_N);
    (material && counted && is.unit != Unit::Date && surprising(is, new)).then_some(kind)
}

/// Whether a value lies outside of what the same weekday's nights were like; with too few nights every value may be.
fn surprising(kpi: &Kpi, value: f64) -> bool {
    if kpi.history.len() < NIGHTS_TO_JUDGE {
        return true;
    }
    let mut past: Vec<f64> = kpi.history.iter().filter_map(|p| p.value.magnitude()).collect();
    let Some(middle) = median(&mut past) else {
        return true;
    };
    let mut deviations: Vec<f64> = past.iter().map(|v| (v - middle).abs()).collect();
    let spread = median(&mut deviations).unwrap_or(0.0);
    (value - middle).abs() > SURPRISE * spread
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
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
