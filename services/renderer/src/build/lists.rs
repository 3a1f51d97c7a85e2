//! Sections that list facts: verdicts, shortfalls, missing KPIs, agenda, changes, rules, lint, sources.

use shared::facts::{Action, ActionState, Severity, SourceState, Status, Unit, Value};

use super::{
    Scope,
    front::{change_mark, plural, role_name},
    sections::plain,
};
use crate::{
    document::{Align, Block, Cell, Head, Item, Mark, Row, Section, Table, Tone},
    format::{self, NBSP, unquoted},
    spec::SectionSpec,
};

fn left(label: &str) -> Head {
    Head { label: label.to_owned(), unit: None, align: Align::Left, mail: true }
}
fn right(label: &str, unit: Option<&str>) -> Head {
    Head { label: label.to_owned(), unit: unit.map(str::to_owned), align: Align::Right, mail: true }
}
fn row(cells: Vec<Cell>, fact: Option<String>) -> Row {
    Row { cells, total: false, fact }
}
fn table(heads: Vec<Head>, rows: Vec<Row>, notes: Vec<String>) -> Block {
    Block::Table(Table { heads, rows, stack: false, figures: false, notes, more: Vec::new(), fact: None }.fit())
}
fn rest(shown: usize, all: usize, what: &str) -> Vec<String> {
    if shown < all { vec![format!("First {shown} of {all} {what}; all are in analysis.json.")] } else { Vec::new() }
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
        let kind = format!("{}, {}", e.kind, e.stage.replace('_', " "));
        let cells = vec![
            Cell::text(e.title.clone()).sub(Some(kind)),
            Cell::mark(e.status.into()),
            Cell::text(e.reason.clone()),
        ];
        row(cells, e.fact.clone())
    };
    let rows = entities.iter().map(line).collect();
    plain("Verdicts", heading, vec![table(vec![left("Business"), left("Verdict"), left("The one reason")], rows, vec![])])
}

/// Ranked by money at stake.
pub fn shortfalls(scope: &Scope, spec: &SectionSpec) -> Section {
    let mine: Vec<_> = scope
        .analysis
        .shortfalls
        .iter()
        .filter(|s| spec.role.as_ref().is_none_or(|r| *r == s.role))
        .filter(|s| scope.audited.is_none() || scope.includes(s.entity.as_deref()))
        .collect();
    if mine.is_empty() {
        let text = "No rule of the catalog found money at stake tonight.".to_owned();
        return plain("Shortfalls", "No shortfall found", vec![Block::Paragraph { text }]);
    }
    let critical = mine.iter().filter(|s| s.severity == Severity::Critical).count();
    let heading = match critical {
        0 => format!("{}, none critical", plural(mine.len() as u64, "shortfall", "shortfalls")),
        n => format!("{}, {n} of them critical", plural(mine.len() as u64, "shortfall", "shortfalls")),
    };
    let today = scope.analysis.run.business_date;
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
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
            figure_note: Some(if stake.is_some() { format!("per 30{NBSP}days") } else { "at stake".to_owned() }),
            figure: Some(stake.unwrap_or_else(|| format::UNKNOWN.to_owned())),
            text: Some(unquoted(&s.evidence)).filter(|t| !t.is_empty()),
            action: Some(unquoted(&s.remedy)).filter(|t| !t.is_empty()),
            command: None,
            meta,
            fact: s.fact.clone(),
        }
    });
    let mut blocks = vec![Block::Items { items: items.collect() }];
    blocks.extend(rest(shown, mine.len(), "shortfalls").into_iter().map(|text| Block::Note { text }));
    plain("Shortfalls by money at stake", heading, blocks)
}

fn since(first: jiff::civil::Date, today: jiff::civil::Date) -> String {
    let days = (today - first).get_days();
    match days {
        0 => "new tonight".to_owned(),
        1 => format!("since {} (1{NBSP}day)", format::short_day(first)),
        n => format!("since {} ({n}{NBSP}days)", format::short_day(first)),
    }
}

fn effort(days: f64) -> String {
    if days <= 0.0 {
        return "effort unknown".to_owned();
    }
    let style = format::Style::default();
    format!("effort {}", style.value(&Value::Number(days), Unit::Days))
}

/// KPIs that could not be computed, and the decision that each blocks.
pub fn missing(scope: &Scope, spec: &SectionSpec) -> Section {
    let role = spec.role.as_ref();
    let mine: Vec<_> =
        scope.analysis.missing_kpis.iter().filter(|m| role.is_none_or(|r| m.roles.contains(r))).collect();
    if mine.is_empty() {
        let text = "Every KPI of the catalog could be computed.".to_owned();
        return plain("Missing KPIs", "No KPI is missing", vec![Block::Paragraph { text }]);
    }
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let heading = match mine.len() {
        1 => "1 KPI cannot be computed, and blocks a decision".to_owned(),
        n => format!("{n} KPIs cannot be computed, and each blocks a decision"),
    };
    let rows = mine.iter().take(shown).map(|m| {
        let owner = m.owner.as_deref().map_or_else(|| Cell::gap("unassigned"), |o| Cell::text(role_name(o)));
        let cells = vec![
            Cell::text(m.title.clone()).sub(Some(unquoted(&m.detail))),
            Cell::text(unquoted(&m.fix)),
            Cell::text(unquoted(&m.blocks)),
            owner,
        ];
        row(cells, Some(m.fact.clone()))
    });
    let heads = vec![left("KPI"), left("What to supply"), left("Decision it blocks"), left("Owner")];
    plain("Missing KPIs", heading, vec![table(heads, rows.collect(), rest(shown, mine.len(), "missing KPIs"))])
}

/// The 30-day agenda.
pub fn actions(scope: &Scope, spec: &SectionSpec) -> Section {
    let mine: Vec<&Action> = scope
        .analysis
        .actions
        .iter()
        .filter(|a| spec.role.as_ref().is_none_or(|r| *r == a.owner))
        .filter(|a| scope.audited.is_none() || scope.includes(a.entity.as_deref()))
        .collect();
    if mine.is_empty() {
        let text = "No open task in the handoffs, and no remedy or fix is due.".to_owned();
        return plain("Agenda, 30 days", "Nothing on the agenda", vec![Block::Paragraph { text }]);
    }
    let today = scope.analysis.run.business_date;
    let week = today.saturating_add(jiff::Span::new().days(7));
    let slipped = mine.iter().filter(|a| a.state == ActionState::Slipped).count();
    let done = mine.iter().filter(|a| a.state == ActionState::Done).count();
    let soon = mine
        .iter()
        .filter(|a| a.state == ActionState::Open && a.due.is_some_and(|d| d >= today && d <= week))
        .count();
    let heading = format!(
        "{}: {slipped} slipped, {soon} due this week, {done} done",
        plural(mine.len() as u64, "action", "actions")
    );
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let picked = mine.iter().take(shown);
    let notes = rest(shown, mine.len(), "actions");
    let blocks = if picked.clone().any(|a| a.command.is_some()) {
        let mut blocks = vec![Block::Items { items: picked.map(|a| action_item(scope, a)).collect() }];
        blocks.extend(notes.into_iter().map(|text| Block::Note { text }));
        blocks
    } else {
        let heads = vec![
            left("Action"),
            left("Owner"),
            left("Due"),
            right("At stake, 30 days", None),
            right("Effort", Some("days")),
        ];
        vec![table(heads, picked.map(|a| action_row(scope, a)).collect(), notes)]
    };
    plain("Agenda, 30 days", heading, blocks)
}

fn due(action: &Action) -> Cell {
    let date = action.due.map_or_else(|| Cell::gap("no date"), |d| Cell::text(format::day(d)));
    match action.state {
        ActionState::Open => date,
        ActionState::Slipped => date.sub(Some("slipped".to_owned())),
        ActionState::Done => date.sub(Some("done".to_owned())),
    }
}

fn action_row(scope: &Scope, action: &Action) -> Row {
    let impact = scope.money(action.impact.as_ref());
    let owner = match action.owner.as_str() {
        "unassigned" => Cell::gap("unassigned"),
        owner => Cell::text(role_name(owner)),
    };
    let cells = vec![
        Cell::text(action.title.clone()).sub(scope.label(action.entity.as_deref())),
        owner,
        due(action),
        impact.map_or_else(|| Cell::gap(format::UNKNOWN), Cell::text),
        Cell::text(format!("{:.1}", action.effort_days)),
    ];
    row(cells, Some(action.fact.clone()))
}

fn action_item(scope: &Scope, action: &Action) -> Item {
    let due = due(action);
    let mut meta: Vec<String> = scope.label(action.entity.as_deref()).into_iter().collect();
    meta.push(format!("owner {}", role_name(&action.owner)));
    meta.push(match due.sub {
        Some(state) => format!("{} ({state})", due.text),
        None if due.gap => due.text,
        None => format!("by {}", due.text),
    });
    meta.push(effort(action.effort_days));
    meta.extend(action.rollback.iter().filter(|r| !r.is_empty()).map(|r| format!("rollback: {r}")));
    let impact = scope.money(action.impact.as_ref());
    Item {
        mark: Some(severity_mark(action.severity)),
        title: action.title.clone(),
        figure_note: impact.is_some().then(|| format!("per 30{NBSP}days")),
        figure: impact,
        text: None,
        action: None,
        command: action.command.clone().filter(|c| !c.is_empty()),
        meta,
        fact: action.fact.clone(),
    }
}

/// Since last night, in full.
pub fn changes(scope: &Scope, spec: &SectionSpec) -> Section {
    let mine: Vec<_> = scope
        .analysis
        .changes
        .iter()
        .filter(|c| spec.role.as_ref().is_none_or(|r| c.roles.contains(r)))
        .filter(|c| scope.audited.is_none() || scope.includes(c.entity.as_deref()))
        .collect();
    let heading = format!("{} since last night", plural(mine.len() as u64, "change", "changes"));
    if mine.is_empty() {
        let text = "Nothing that this document covers has changed.".to_owned();
        return plain("Changes", heading, vec![Block::Paragraph { text }]);
    }
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let rows = mine.iter().take(shown).map(|c| {
        let cells = vec![Cell::mark(change_mark(c.kind)), Cell::text(c.text.clone())];
        row(cells, Some(c.fact.clone()))
    });
    let notes = rest(shown, mine.len(), "changes");
    plain("Changes", heading, vec![table(vec![left("What"), left("Change")], rows.collect(), notes)])
}

/// The portfolio's non-negotiable rules.
pub fn rules(scope: &Scope) -> Section {
    let rules = &scope.analysis.rules;
    let failed = rules.iter().filter(|r| r.status == Status::Bad).count();
    let unknown = rules.iter().filter(|r| r.status == Status::Unknown).count();
    let heading = match (failed, unknown) {
        (0, 0) => format!("All {} rules hold", rules.len()),
        (0, n) => format!("{n} of {} rules cannot be judged", rules.len()),
        (n, _) => format!("{n} of {} rules broken", rules.len()),
    };
    let rows = rules.iter().map(|r| {
        let word = match r.status {
            Status::Good => "Pass",
            Status::Watch => "Watch",
            Status::Bad => "Fail",
            Status::Unknown => "Unknown",
        };
        let mark = Mark::new(r.status.into(), word);
        row(vec![Cell::text(r.title.clone()), Cell::mark(mark), Cell::text(r.reason.clone())], Some(r.fact.clone()))
    });
    let heads = vec![left("Rule"), left("Result"), left("Why")];
    plain("Non-negotiable rules", heading, vec![table(heads, rows.collect(), vec![])])
}

/// For the authors of handoff documents.
pub fn handoff_lint(scope: &Scope, spec: &SectionSpec) -> Section {
    let mine: Vec<_> = scope
        .analysis
        .handoff_lint
        .iter()
        .filter(|l| scope.audited.is_none() || scope.includes(l.entity.as_deref()))
        .collect();
    if mine.is_empty() {
        let text = "Its handoff document reads without a remark.".to_owned();
        return plain("Handoff", "No remark on the handoff", vec![Block::Paragraph { text }]);
    }
    let heading = format!("{} for the author of the handoff", plural(mine.len() as u64, "remark", "remarks"));
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let rows = mine.iter().take(shown).map(|l| {
        let place = format!("{}:{}", l.file, l.line);
        let fact = Some(format!("lint:{}:{place}", l.code));
        row(vec![Cell::text(place).sub(Some(l.code.clone())), Cell::text(unquoted(&l.message)), Cell::text(unquoted(&l.fix))], fact)
    });
    let heads = vec![left("Where"), left("What"), left("Fix")];
    plain("Handoff", heading, vec![table(heads, rows.collect(), rest(shown, mine.len(), "remarks"))])
}

/// What was collected, and how well.
pub fn sources(scope: &Scope) -> Section {
    let sources = &scope.analysis.sources;
    let read = sources.iter().filter(|s| matches!(s.state, SourceState::Ok | SourceState::Empty)).count();
    let heading = format!("{read} of {} sources read to their end", sources.len());
    let rows = sources.iter().map(|s| {
        let mark = match s.state {
            SourceState::Ok => Mark::new(Tone::Good, "Read"),
            SourceState::Empty => Mark::new(Tone::Watch, "Empty"),
            SourceState::Missing => Mark::new(Tone::Bad, "Missing"),
            SourceState::Failed => Mark::new(Tone::Bad, "Failed"),
            SourceState::Late => Mark::new(Tone::Bad, "Late"),
        };
        let known = matches!(s.state, SourceState::Ok | SourceState::Empty);
        let count = Value::Int(i64::try_from(s.rows).unwrap_or(i64::MAX));
        let rows = if known { Cell::text(scope.style.value(&count, Unit::Count)) } else { Cell::gap(format::UNKNOWN) };
        let reason = s.reason.clone().map_or_else(|| Cell::text(""), Cell::text);
        row(vec![Cell::text(s.id.clone()), Cell::mark(mark), rows, reason], None)
    });
    let heads = vec![left("Source"), left("State"), right("Rows", None), left("Remark")];
    plain("Sources", heading, vec![table(heads, rows.collect(), vec![])])
}
