//! The strip of figures on page one, and the table of KPIs.

use shared::facts::{Better, ComparedWith, Comparison, Kpi, MissingKpi, Unit, Value};

use super::{Scope, lists::table_of};
use crate::{
    chart::{self, spark_picture},
    document::{Align, Cell, Figure, Head, Mark, Row, Table, Tone},
    format::{self, NBSP},
};

const MAX_FIGURES: usize = 5;

/// Up to five figures; one that is missing keeps its place and says so.
pub fn strip(scope: &Scope) -> Vec<Figure> {
    scope
        .spec
        .kpis
        .iter()
        .take(MAX_FIGURES)
        .enumerate()
        .map(|(i, id)| figure(scope, i, id))
        .collect()
}

fn figure(scope: &Scope, index: usize, id: &str) -> Figure {
    let bare = id.split('@').next().unwrap_or(id);
    let Some(kpi) = scope.kpi(id) else {
        let missing = scope.analysis.missing_kpis.iter().find(|m| m.id == bare);
        return gap(id, missing);
    };
    let label = match (&scope.audited, &kpi.entity) {
        (None, Some(entity)) => format!("{}, {}", kpi.title, scope.name(entity)),
        _ => kpi.title.clone(),
    };
    let values: Vec<f64> = kpi
        .history
        .iter()
        .filter_map(|p| p.value.magnitude())
        .chain(kpi.value.magnitude())
        .collect();
    let spark = (values.len() >= 2).then(|| {
        let first = kpi
            .history
            .iter()
            .map(|p| &p.value)
            .find(|v| v.magnitude().is_some());
        let first = first.map_or_else(String::new, |v| scope.style.value(v, kpi.unit));
        let alt = format!(
            "{} nights: from {first} to {}",
            values.len(),
            scope.style.kpi(kpi)
        );
        spark_picture(scope.id, index, chart::Spark { values }, alt)
    });
    let mut notes = Vec::new();
    if let Some(target) = kpi.target.as_ref().filter(|t| **t != Value::Null) {
        notes.push(format!("target {}", scope.style.value(target, kpi.unit)));
    }
    if let (Unit::Ratio, Some(n)) = (kpi.unit, kpi.n) {
        notes.push(format!("n{NBSP}={NBSP}{n}"));
    }
    notes.extend(year_ago(kpi).map(|c| {
        let note = c
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!(", {note}"));
        format!("a year ago {}{note}", scope.style.value(&c.value, kpi.unit))
    }));
    notes.extend(partial(kpi));
    // Why it is unknown, or only a part: a figure that leaves something out says so where it stands.
    notes.extend(kpi.gap.as_deref().map(format::unquoted));
    let delta = delta(scope, kpi);
    let against = match (&delta, &kpi.compared_with) {
        (Some(_), Some(compared)) => format!("against {compared}"),
        (Some(_), None) => "against the period before".to_owned(),
        (None, _) => not_compared(scope, kpi).unwrap_or_default(),
    };
    let judged = kpi.target.is_some() || kpi.status != shared::facts::Status::Good;
    Figure {
        label,
        value: scope.style.kpi(kpi),
        known: kpi.value != Value::Null,
        delta,
        against,
        notes,
        mark: judged.then(|| kpi.status.into()),
        fact: kpi.fact.clone(),
        spark,
    }
}

fn gap(id: &str, missing: Option<&MissingKpi>) -> Figure {
    Figure {
        label: missing.map_or_else(|| id.to_owned(), |m| m.title.clone()),
        value: format::UNKNOWN.to_owned(),
        known: false,
        delta: None,
        against: missing.map_or_else(
            || "no such KPI for this document".to_owned(),
            |m| format::unquoted(&m.detail),
        ),
        notes: Vec::new(),
        mark: None,
        fact: missing.map_or_else(|| format!("kpi:{id}"), |m| m.fact.clone()),
        spark: None,
    }
}

/// `partial (20 of 30 days)`.
fn partial(kpi: &Kpi) -> Option<String> {
    let period = kpi.period.as_ref().filter(|p| p.partial)?;
    let days = period.to.day();
    Some(format!("partial ({days} of {} days)", period.to.days_in_month()))
}

/// Why there is nothing to compare with, or what there is, and whom it is without.
fn not_compared(scope: &Scope, kpi: &Kpi) -> Option<String> {
    let first = kpi.comparisons.first()?;
    let note = first.note.as_ref()?;
    Some(match &first.value {
        Value::Null => note.clone(),
        then => format!("{} {}, {note}", first.label, scope.style.value(then, kpi.unit)),
    })
}

/// The value a year before, where that is not what the change is against, and where it is known.
fn year_ago(kpi: &Kpi) -> Option<&Comparison> {
    let mut others = kpi.comparisons.iter().skip(1);
    let year = others.find(|c| c.with == ComparedWith::YearAgo)?;
    Some(year).filter(|c| c.value != Value::Null && !format::too_few(kpi.unit, kpi.n))
}

/// The change as a mark: its sign in words and tone, by which way is better.
fn delta(scope: &Scope, kpi: &Kpi) -> Option<Mark> {
    if format::too_few(kpi.unit, kpi.n) {
        return None;
    }
    let previous = kpi.previous.as_ref()?;
    let delta = kpi.delta.as_ref()?;
    let size = delta.magnitude()?;
    let tone = match (kpi.better, size.partial_cmp(&0.0)?) {
        (_, std::cmp::Ordering::Equal) | (Better::None, _) => Tone::Plain,
        (Better::Up, std::cmp::Ordering::Greater) | (Better::Down, std::cmp::Ordering::Less) => Tone::Good,
        _ => Tone::Bad,
    };
    if previous.magnitude() == Some(0.0) && size != 0.0 {
        return Some(Mark::new(tone, "new"));
    }
    let text = match format::percent_change(previous, &kpi.value, kpi.unit, kpi.n) {
        Some(percent) if size != 0.0 => percent,
        _ => scope.style.delta(delta, kpi.unit)?,
    };
    Some(Mark::new(tone, text))
}

/// A table of KPIs: `ids` are ids, or `area.*`.
pub fn table(scope: &Scope, ids: &[String], limit: Option<usize>) -> Option<Table> {
    let wanted = |k: &&Kpi| {
        ids.iter().any(|id| match id.strip_suffix('*') {
            Some(prefix) => k.id.starts_with(prefix),
            None => k.id == *id,
        }) && (scope.audited.is_none() || scope.includes(k.entity.as_deref()))
    };
    let all: Vec<&Kpi> = scope.analysis.kpis.iter().filter(wanted).collect();
    let shown: Vec<&Kpi> = all.iter().copied().take(limit.unwrap_or(40)).collect();
    if shown.is_empty() {
        return None;
    }
    let has_target = shown.iter().any(|k| k.target.is_some());
    let has_n = shown.iter().any(|k| k.n.is_some());
    let has_year = shown.iter().any(|k| year_ago(k).is_some());
    let head = |label: &str, align| Head {
        label: label.to_owned(),
        unit: None,
        align,
        mail: true,
    };
    let mut heads = vec![
        head("Figure", Align::Left),
        head("Now", Align::Right),
        head("Before", Align::Right),
    ];
    heads.push(head("Change", Align::Right));
    if has_year {
        // A phone has no room for it.
        heads.push(Head {
            mail: false,
            ..head("A year ago", Align::Right)
        });
    }
    if has_target {
        heads.push(head("Target", Align::Right));
    }
    if has_n {
        heads.push(head("n", Align::Right));
    }
    let row = |k: &&Kpi| {
        let named = scope
            .label(k.entity.as_deref())
            .map_or_else(String::new, |e| format!("{e} · "));
        let period = k.period.as_ref().map_or("", |p| p.label.as_str());
        // "Booked revenue, last 30 days" says its period itself.
        let period = if k.title.to_lowercase().contains(&period.to_lowercase()) {
            ""
        } else {
            period
        };
        let sub = format!("{named}{period}");
        let sub = sub.trim_end_matches(" · ").to_owned();
        let value = |v: &Option<Value>| match v {
            Some(v) if *v != Value::Null && !format::too_few(k.unit, k.n) => {
                Cell::text(scope.style.value(v, k.unit))
            }
            _ => Cell::gap("–"),
        };
        let mut cells = vec![
            Cell::text(k.title.clone()).small(Some(sub).filter(|s| !s.is_empty())),
            Cell::text(scope.style.kpi(k)).small(partial(k)),
            value(&k.previous).small(k.comparisons.first().and_then(|c| c.note.clone())),
            delta(scope, k).map_or_else(
                || Cell::gap("–"),
                |m| Cell {
                    text: m.word,
                    tone: None,
                    gap: false,
                    sub: None,
                },
            ),
        ];
        if has_year {
            let year = year_ago(k);
            cells.push(value(&year.map(|c| c.value.clone())).small(year.and_then(|c| c.note.clone())));
        }
        if has_target {
            cells.push(value(&k.target));
        }
        if has_n {
            cells.push(k.n.map_or_else(
                || Cell::gap("–"),
                |n| Cell::text(scope.style.value(&Value::Int(n), Unit::Count)),
            ));
        }
        Row {
            cells,
            total: false,
            fact: Some(k.fact.clone()),
        }
    };
    let rows = shown.iter().map(row).collect();
    Some(table_of(heads, rows, all.len(), "KPIs"))
}
