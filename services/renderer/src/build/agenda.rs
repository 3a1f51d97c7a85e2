//! The 30-day agenda: a table of dated, owned actions, or items where they come with commands.

use shared::facts::{Action, ActionState};

use super::{
    Scope,
    front::{plural, role_name},
    lists::{effort, left, right, row, severity_mark, since, table},
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
    let mut heading = format!(
        "{}: {slipped} slipped, {soon} due this week, {done} done",
        plural(mine.len() as u64, "action", "actions")
    );
    for (state, word) in [
        (ActionState::Snoozed, "snoozed"),
        (ActionState::Accepted, "accepted"),
    ] {
        match mine.iter().filter(|a| a.state == state).count() {
            0 => {}
            n => heading.push_str(&format!(", {n} {word}")),
        }
    }
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
    let until = |word: &str| {
        let until = action.decision.as_ref().and_then(|d| d.until);
        until.map_or_else(|| word.to_owned(), |d| format!("{word} until {}", format::day(d)))
    };
    match action.state {
        ActionState::Open => date,
        ActionState::Slipped => date.small(Some("slipped".to_owned())),
        ActionState::Snoozed => date.small(Some(until("snoozed"))),
        ActionState::Accepted => date.small(Some(until("accepted"))),
        ActionState::Done => {
            let on = action
                .decision
                .as_ref()
                .map(|d| format!("done {}", format::day(d.on)));
            date.small(Some(on.unwrap_or_else(|| "done".to_owned())))
        }
    }
}

/// What is at stake; of what a decision says is done, what it was to bring and what it brought.
fn at_stake(scope: &Scope, action: &Action) -> Cell {
    let or_unknown = |text: Option<String>| text.map_or_else(|| Cell::gap(format::UNKNOWN), Cell::text);
    if action.state != ActionState::Done || action.decision.is_none() {
        return or_unknown(scope.money(action.impact.as_ref()));
    }
    let measured = scope.money(action.measured.as_ref());
    let measured = measured.map_or_else(|| "not measured".to_owned(), |m| format!("measured {m}"));
    or_unknown(scope.money(action.expected.as_ref())).small(Some(measured))
}

/// What people call it, whose it is, and since when it is there.
fn named(scope: &Scope, action: &Action) -> Option<String> {
    let code = Some(action.code.clone()).filter(|code| !code.is_empty());
    let parts: Vec<String> = code
        .into_iter()
        .chain(scope.label(action.entity.as_deref()))
        .chain([since(action.since, scope.analysis.run.business_date)])
        .collect();
    Some(parts.join(" · ")).filter(|named| !named.is_empty())
}

fn action_row(scope: &Scope, action: &Action) -> Row {
    let owner = match action.owner.as_str() {
        "unassigned" => Cell::gap("unassigned"),
        owner => Cell::text(role_name(owner)),
    };
    let cells = vec![
        Cell::text(action.title.clone()).small(named(scope, action)),
        owner,
        due(action),
        at_stake(scope, action),
        Cell::text(format!("{:.1}", action.effort_days)),
    ];
    row(cells, Some(action.fact.clone()))
}

fn action_item(scope: &Scope, action: &Action) -> Item {
    let due = due(action);
    let mut meta: Vec<String> = named(scope, action).into_iter().collect();
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
