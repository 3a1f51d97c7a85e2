//! Sections about the night itself: changes, rules, remarks on handoffs, sources.

use shared::facts::{SourceReport, SourceState, Status, Unit, Value};

use super::{
    Scope,
    front::{MAX_CHANGES, change_mark, concerning, plural},
    lists::{left, row, table},
    sections::plain,
};
use crate::{
    document::{Block, Cell, Mark, Section, Tone},
    format::unquoted,
    spec::SectionSpec,
};

/// The changes that page one had no room for; no section where it had.
pub fn changes(scope: &Scope, spec: &SectionSpec) -> Option<Section> {
    let others: Vec<_> = concerning(scope).skip(MAX_CHANGES).collect();
    if others.is_empty() {
        return None;
    }
    let word = if others.len() == 1 { "change" } else { "changes" };
    let heading = format!("{} more {word} since last night", others.len());
    let shown = spec.limit.unwrap_or(others.len()).min(others.len());
    let rows = others.iter().take(shown).map(|c| {
        let cells = vec![Cell::mark(change_mark(c.kind)), Cell::text(c.text.clone())];
        row(cells, Some(c.fact.clone()))
    });
    let heads = vec![left("What"), left("Change")];
    Some(plain(
        "Changes",
        heading,
        vec![table(heads, rows.collect(), others.len(), "further changes")],
    ))
}

/// The portfolio's non-negotiable rules.
pub fn rules(scope: &Scope) -> Section {
    let rules = &scope.analysis.rules;
    let failed = rules.iter().filter(|r| r.status == Status::Bad).count();
    let unknown = rules.iter().filter(|r| r.status == Status::Unknown).count();
    let heading = match (failed, unknown) {
        (0, 0) if rules.is_empty() => "The portfolio has no rules".to_owned(),
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
        row(
            vec![
                Cell::text(r.title.clone()),
                Cell::mark(mark),
                Cell::text(r.reason.clone()),
            ],
            Some(r.fact.clone()),
        )
    });
    let heads = vec![left("Rule"), left("Result"), left("Why")];
    let section = plain(
        "Non-negotiable rules",
        heading,
        vec![table(heads, rows.collect(), rules.len(), "rules")],
    );
    Section {
        keep: rules.len(),
        ..section
    }
}

/// For the authors of handoff documents; no section where there is nothing to mend.
pub fn handoff_lint(scope: &Scope, spec: &SectionSpec) -> Option<Section> {
    let mine: Vec<_> = scope
        .analysis
        .handoff_lint
        .iter()
        .filter(|l| scope.audited.is_none() || scope.includes(l.entity.as_deref()))
        .collect();
    if mine.is_empty() {
        return None;
    }
    let heading = format!(
        "{} for the author of the handoff",
        plural(mine.len() as u64, "remark", "remarks")
    );
    let shown = spec.limit.unwrap_or(mine.len()).min(mine.len());
    let rows = mine.iter().take(shown).map(|l| {
        let place = format!("{}:{}", l.file, l.line);
        let fact = Some(format!("lint:{}:{place}", l.code));
        row(
            vec![
                Cell::text(place).small(Some(l.code.clone())),
                Cell::text(unquoted(&l.message)),
                Cell::text(unquoted(&l.fix)),
            ],
            fact,
        )
    });
    let heads = vec![left("Where"), left("What"), left("Fix")];
    Some(plain(
        "Handoff",
        heading,
        vec![table(heads, rows.collect(), mine.len(), "remarks")],
    ))
}

/// What was collected, and how well: a row for each source that was not read, one line for those that were.
pub fn sources(scope: &Scope) -> Section {
    let known = |s: &SourceReport| matches!(s.state, SourceState::Ok | SourceState::Empty);
    let sources = &scope.analysis.sources;
    let read = sources.iter().filter(|s| known(s)).count();
    let heading = format!("{read} of {} sources read to their end", sources.len());
    let mut blocks = Vec::new();
    let others: Vec<_> = sources.iter().filter(|s| s.state != SourceState::Ok).collect();
    if !others.is_empty() {
        let rows = others.iter().map(|s| {
            let reason = s.reason.clone().map_or_else(|| Cell::text(""), Cell::text);
            row(
                vec![Cell::text(s.id.clone()), Cell::mark(source_mark(s.state)), reason],
                None,
            )
        });
        let heads = vec![left("Source"), left("State"), left("Remark")];
        blocks.push(table(heads, rows.collect(), others.len(), "sources"));
    }
    let rows = |s: &SourceReport| {
        let count = Value::Int(i64::try_from(s.rows).unwrap_or(i64::MAX));
        format!("{} {}", s.id, scope.style.value(&count, Unit::Count))
    };
    let fine: Vec<String> = sources
        .iter()
        .filter(|s| s.state == SourceState::Ok)
        .map(rows)
        .collect();
    if !fine.is_empty() {
        blocks.push(Block::Note {
            text: format!("Rows read: {}.", fine.join(", ")),
        });
    }
    plain("Sources", heading, blocks)
}

fn source_mark(state: SourceState) -> Mark {
    match state {
        SourceState::Ok => Mark::new(Tone::Good, "Read"),
        SourceState::Empty => Mark::new(Tone::Watch, "Empty"),
        SourceState::Missing => Mark::new(Tone::Bad, "Missing"),
        SourceState::Failed => Mark::new(Tone::Bad, "Failed"),
        SourceState::Late => Mark::new(Tone::Bad, "Late"),
    }
}
