//! The 30-day agenda: a table of dated, owned actions, or items where they come with commands.

use shared::facts::{Action, ActionState};

use super::{
    Scope,
    front::{plural, role_name},
    lists::{effort, left, right, row, severity_mark, table},
    sections::plain,
};
use crate::{
    document::{Block, Cell, Item, Items, Row, Section},
    format::{self, NBSP},
    spec::SectionSpec,
};

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
        return plain(
            "Agenda, 30 days",
            "Nothing on the agenda",
            vec![Block::Paragraph { text }],
        );
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
    // Commands are for who types them; everybody else gets the dense form.
    let blocks = if scope.spec.role == "cto" && picked.clone().any(|a| a.command.is_some()) {
        let items = picked.map(|a| action_item(scope, a)).collect();
        vec![Block::Items(Items::new(items, mine.len(), "actions"))]
    } else {
        let heads = vec![
            left("Action"),
            left("Owner"),
            left("Due"),
            right("At stake, 30 days", None),
            right("Effort", Some("days")),
        ];
        vec![table(
            heads,
            picked.map(|a| action_row(scope, a)).collect(),
            mine.len(),
            "actions",
        )]
    };
    plain("Agenda, 30 days", heading, blocks)
}

fn due(action: &Action) -> Cell {
    let date = action
        .due
        .map_or_else(|| Cell::gap("no date"), |d| Cell::text(format::day(d)));
    match action.state {
        ActionState::Open => date,
        ActionState::Slipped => date.small(Some("slipped".to_owned())),
        ActionState::Done => date.small(Some("done".to_owned())),
    }
}

fn action_row(scope: &Scope, action: &Action) -> Row {
    let impact = scope.money(action.impact.as_ref());
    let owner = match action.owner.as_str() {
        "unassigned" => Cell::gap("unassigned"),
        owner => Cell::text(role_name(owner)),
    };
    let cells = vec![
        Cell::text(action.title.clone()).small(scope.label(action.entity.as_deref())),
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
    meta.extend(
        action
            .rollback
            .iter()
            .filter(|r| !r.is_empty())
            .map(|r| format!("rollback: {r}")),
    );
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
