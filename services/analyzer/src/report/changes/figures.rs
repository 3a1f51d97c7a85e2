//! Figures that changed: KPIs against last night, and days against what such a day usually brings.

use std::{cell::LazyCell, ops::Deref};

use rust_decimal::prelude::ToPrimitive;
use shared::facts::{Analysis, Better, Change, ChangeKind, DayReport, Kpi, Unit, Value};

use super::{change, name, pairs};
use crate::{
    evaluate::values::{difference, weight},
    functions::format,
    history::{History, Points},
    outlook::usual,
    warehouse::amount,
};

/// A tenth of the value before is material.
pub const MATERIAL: f64 = 0.1;
/// Below this many observations a figure moves by chance.
const LEAST_N: i64 = 10;

/// KPIs that crossed their target, or moved by surprise and by enough.
pub fn kpis(before: &Analysis, now: &Analysis, history: &History, changes: &mut Vec<Change>) {
    // Only on a night on which a figure has moved by enough.
    let points = LazyCell::new(|| history.points());
    for pair in pairs(&before.kpis, &now.kpis, |k| k.fact.as_str()) {
        let (Some(was), Some(is)) = pair else { continue };
        let Some(kind) = movement(was, is, now, &points) else {
            continue;
        };
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

fn movement(was: &Kpi, is: &Kpi, now: &Analysis, points: &dyn Deref<Target = Points>) -> Option<ChangeKind> {
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
    (material && counted && is.unit != Unit::Date && is_surprise(is, now, points)).then_some(kind)
}

/// Whether a value lies outside of what such a night was like; with fewer than two weeks of nights every value may be.
fn is_surprise(kpi: &Kpi, now: &Analysis, points: &dyn Deref<Target = Points>) -> bool {
    let own = points.get(&kpi.fact).map_or(&[][..], Vec::as_slice);
    let usual = usual::of(own, now.run.business_date);
    let value = amount(&kpi.value).and_then(|v| v.to_f64());
    usual
        .zip(value)
        .is_none_or(|(usual, value)| usual.is_surprised_by(value))
}

/// Days, or weeks, that were a surprise, each once.
pub fn days(before: &Analysis, now: &Analysis, changes: &mut Vec<Change>) {
    for pair in pairs(&before.days, &now.days, |d| d.fact.as_str()) {
        let (was, Some(is)) = pair else { continue };
        // A week that was said is in the next nights' weeks too.
        let is_said = |was: &DayReport| was.day >= is.day || (was.surprise && is.days > 1);
        if !is.surprise || was.is_some_and(is_said) {
            continue;
        }
        let Some(usual) = &is.usual else { continue };
        let delta = difference(&is.value, usual);
        let more = delta.as_ref().and_then(Value::magnitude).is_some_and(|d| d > 0.0);
        let kind = match (is.better, more) {
            (Better::None, _) => ChangeKind::New,
            (Better::Up, true) | (Better::Down, false) => ChangeKind::Better,
            _ => ChangeKind::Worse,
        };
        let value = |v: &Value| format::value(v, is.unit);
        let band = match (&is.low, &is.high) {
            (Some(low), Some(high)) if low != high => format!(" ({} to {})", value(low), value(high)),
            _ => String::new(),
        };
        let whose = is.entity.as_ref().map(|e| format!(" ({})", name(now, e)));
        let text = format!(
            "{}{}: {} {} {}, usually {}{band}, n = {}",
            is.title,
            whose.unwrap_or_default(),
            value(&is.value),
            match is.days {
                1 => "on".to_owned(),
                days => format!("in the {days} days to"),
            },
            format::day(is.day),
            value(usual),
            is.n
        );
        changes.push(Change {
            before: Some(usual.clone()),
            after: Some(is.value.clone()),
            weight: weight(delta.as_ref()),
            ..change(kind, &is.fact, is.entity.as_ref(), &is.roles, &is.title, text)
        });
    }
}
