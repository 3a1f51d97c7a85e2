//! Sections that judge: verdicts, shortfalls, missing KPIs. What lists have in common is here too.

use shared::facts::{Severity, Status, Unit, Value};

use super::{
    Scope,
    front::{plural, role_name},
    sections::plain,
};
use crate::{
    document::{Align, Block, Cell, Head, Item, Items, Mark, Row, Section, Table, Tone, count},
    format::{self, NBSP, unquoted},
    spec::SectionSpec,
};

pub(super) fn left(label: &str) -> Head {
    Head {
        label: label.to_owned(),
        unit: None,
        align: Align::Left,
        mail: true,
    }
}
pub(super) fn right(label: &str, unit: Option<&str>) -> Head {
    Head {
        label: label.to_owned(),
        unit: unit.map(str::to_owned),
        align: Align::Right,
        mail: true,
    }
}
pub(super) fn row(cells: Vec<Cell>, fact: Option<String>) -> Row {
    Row {
        cells,
        total: false,
        fact,
    }
}
/// A table of the first of `all` things of a kind.
pub(super) fn table_of(heads: Vec<Head>, rows: Vec<Row>, all: usize, what: &str) -> Table {
    Table {
        count: count(rows.len(), all, what, None),
        heads,
        rows,
        stack: false,
        figures: false,
        all,
        what: what.to_owned(),
        notes: Vec::new(),
        more: Vec::new(),
        fact: None,
    }
    .fit()
}
pub(super) fn table(heads: Vec<Head>, rows: Vec<Row>, all: usize, what: &str) -> Block {
    Block::Table(table_of(heads, rows, all, what))
}

/// How bad, as a mark.
pub fn severity_mark(severity: Severity) -> Mark {
    match severity {
        Severity::Critical => Mark::new(Tone::Bad, "Critical"),
        Severity::High => Mark::new(Tone::Watch, "High"),
        Severity::Medium => Mark::new(Tone::Plain, "Medium"),
        Severity::Low => Mark::new(Tone::Plain, "Low"),
    }
}

/// A verdict per business.
pub fn verdicts(scope: &Scope) -> Section {
    let entities: Vec<_> = match &scope.audited {
        Some(audited) => audited.clone(),
        None => scope.analysis.entities.iter().collect(),
    };
    let bad = entities.iter().filter(|e| e.status == Status::Bad).count();
    let good = entities.iter().filter(|e| e.status == Status::Good).count();
    let heading = format!("{} of {} businesses good, {} bad", good, entities.len(), bad);
    let line = |e: &&shared::facts::EntityReport| {
        // What a reader would not expect: not yet, or no longer, at work.
        let stage = (e.stage != "operating").then(|| e.stage.replace('_', " "));
        let cells = vec![
            Cell::text(e.title.clone()).small(stage),
            Cell::mark(e.status.into()),
            Cell::text(e.reason.clone()),
        ];
        row(cells, e.fact.clone())
    };
    let rows: Vec<Row> = entities.iter().map(line).collect();
    let heads = vec![left("Business"), left("Verdict"), left("The one reason")];
    let keep = rows.len();
    let section = plain("Verdicts", heading, vec![table(heads, rows, keep, "businesses")]);
    Section { keep, ..section }
}

/// Ranked by money at stake, the critical ones first; these are shown whatever the limit is.
pub fn shortfalls(scope: &Scope, spec: &SectionSpec) -> Section {
    let mut mine: Vec<_> = scope
        .analysis
        .shortfalls
        .iter()
        .filter(|s| spec.role.as_ref().is_none_or(|r| *r == s.role))
        .filter(|s| spec.severity.is_none_or(|only| only == s.severity))
        .filter(|s| scope.audited.is_none() || scope.includes(s.entity.as_deref()))
        .collect();
    if mine.is_empty() {
        let text = "No rule of the catalog found money at stake tonight.".to_owned();
        return plain(
            "Shortfalls",
            "No shortfall found",
            vec![Block::Paragraph { text }],
        );
    }
    let critical = mine.iter().filter(|s| s.severity == Severity::Critical).count();
    let heading = match critical {
        0 => format!(
            "{}, none critical",
            plural(mine.len() as u64, "shortfall", "shortfalls")
        ),
        n => format!(
            "{}, {n} of them critical",
            plural(mine.len() as u64, "shortfall", "shortfalls")
        ),
    };
    mine.sort_by_key(|s| s.severity != Severity::Critical);
    let today = scope.analysis.run.business_date;
    let shown = spec.limit.unwrap_or(mine.len()).max(critical).min(mine.len());
    let items = mine.iter().take(shown).map(|s| {
        let mut meta: Vec<String> = scope.label(s.entity.as_deref()).into_iter().collect();
        meta.push(format!("owner {}", role_name(&s.role)));
        meta.push(since(s.since, today));
        meta.push(effort(s.effort_days));
        if let Some(n) = s.n {
            meta.push(format!("n{NBSP}={NBSP}{n}"));
        }
        let stake = scope.money(s.at_stake.as_ref());
        Item {
            mark: Some(severity_mark(s.severity)),
            title: s.headline.clone(),
            figure_note: Some(if stake.is_some() {
                format!("per 30{NBSP}days")
            } else {
                "at stake".to_owned()
            }),
            figure: Some(stake.unwrap_or_else(|| format::UNKNOWN.to_owned())),
            text: Some(unquoted(&s.evidence)).filter(|t| !t.is_empty()),
            action: Some(unquoted(&s.remedy)).filter(|t| !t.is_empty()),
            command: None,
            meta,
            fact: s.fact.clone(),
        }
    });
    let list = Items::new(items.collect(), mine.len(), "shortfalls");
    let section = plain("Shortfalls by money at stake", heading, vec![Block::Items(list)]);
    Section {
        keep: critical.max(1),
        ..section
    }
}

/// When a fact was first seen, and how long ago.
pub(super) fn since(first: jiff::civil::Date, today: jiff::civil::Date) -> String {
    let days = (today - first).get_days();
    match days {
        0 => "first seen tonight".to_owned(),
        1 => format!("first seen {} (1{NBSP}day ago)", format::short_day(first)),
        n => format!("first seen {} ({n}{NBSP}days ago)", format::short_day(first)),
    }
}

pub(super) fn effort(days: f64) -> String {
    if days <= 0.0 {
        return "effort unknown".to_owned();
    }
    let style = format::Style::default();
    format!("effort {}", style.value(&Value::Number(days), Unit::Days))
}

/// KPIs that could not be computed, and the decision that each blocks; those named, or all.
pub fn missing(scope: &Scope, spec: &SectionSpec) -> Section {
    let role = spec.role.as_ref();
    let named = |id: &str| {
        let like = |wanted: &String| match wanted.strip_suffix('*') {
            Some(area) => id.starts_with(area),
            None => id == wanted,
        };
        spec.kpis.is_empty() || spec.kpis.iter().any(like)
    };
    let mine: Vec<_> = scope
        .analysis
        .missing_kpis
        .iter()
        .filter(|m| role.is_none_or(|r| m.roles.contains(r)))
        .filter(|m| named(&m.id))
        .collect();
    if mine.is_empty() {
        let which = if spec.kpis.is_empty() {
            "of the catalog"
        } else {
            "that this section is about"
        };
        let text = format!("Every KPI {which} could be computed.");
        return plain(
            "Missing KPIs",
            "No KPI is missing",
            vec![Block::Paragraph { text }],
        );
    }
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let heading = match mine.len() {
        1 => "1 KPI cannot be computed, and blocks a decision".to_owned(),
        n => format!("{n} KPIs cannot be computed, and each blocks a decision"),
    };
    let rows = mine.iter().take(shown).map(|m| {
        let owner = m
            .owner
            .as_deref()
            .map_or_else(|| Cell::gap("unassigned"), |o| Cell::text(role_name(o)));
        let cells = vec![
            Cell::text(m.title.clone()).small(Some(unquoted(&m.detail))),
            Cell::text(unquoted(&m.fix)),
            Cell::text(unquoted(&m.blocks)),
            owner,
        ];
        row(cells, Some(m.fact.clone()))
    });
    let heads = vec![
        left("KPI"),
        left("What to supply"),
        left("Decision it blocks"),
        left("Owner"),
    ];
    let table = table(heads, rows.collect(), mine.len(), "missing KPIs");
    let section = plain("Missing KPIs", heading, vec![table]);
    Section {
        keep: shown,
        ..section
    }
}
