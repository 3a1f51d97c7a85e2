//! What people decided about actions, put on the agenda: `[[decisions]]` of portfolio.toml and the ledger's rows, one list that
//! [`made`] makes.
//!
//! A decision counts from its day on; of several about one action the last one stands. What was said to be done is
//! listed for a month with what it was to bring and what it brought: what is at stake tonight is the measure of it. An
//! action that is still there after that month is open again, whatever was said.

use jiff::ToSpan;
use shared::{
    facts::{Action, ActionDecision, ActionSource, ActionState, CheckStatus, Finding, Value},
    portfolio::{ActionCode, Decided, Decision},
};

use super::{
    super::{Night, shortfall::Unseen, values::difference},
    DONE_DAYS,
    made::Made,
    state,
};

/// What tonight could not be looked at, so that nothing is taken for mended because nobody saw it.
pub struct Sight<'a> {
    /// Rules that could not look.
    pub unseen: &'a [Unseen],
    /// What every check says of every resource.
    pub verdicts: &'a [Finding],
}

impl Sight<'_> {
    /// Whether somebody who would see its cause, or a part of it, could not look tonight.
    fn is_blind(&self, action: &Action) -> bool {
        let cause = action.fact.trim_start_matches("action:shortfall:");
        let id = cause.split(['@', '#']).next().unwrap_or(cause);
        let rule = |u: &Unseen| {
            u.id == id && (u.entity.is_none() || action.entity.is_none() || u.entity == action.entity)
        };
        match action.source {
            ActionSource::Task => true,
            ActionSource::Shortfall => self.unseen.iter().any(rule),
            ActionSource::Finding => self.of(action).any(|f| f.status == CheckStatus::Unknown),
        }
    }

    /// Whether its cause was looked for tonight, and is gone. What is accepted is still there.
    fn is_mended(&self, action: &Action) -> bool {
        match action.source {
            ActionSource::Task => false,
            ActionSource::Shortfall => !self.is_blind(action),
            ActionSource::Finding => {
                let mut own = self.of(action).peekable();
                own.peek().is_some() && own.all(|f| f.status == CheckStatus::Ok)
            }
        }
    }

    /// What the check behind an action says of its business.
    fn of(&self, action: &Action) -> impl Iterator<Item = &Finding> {
        let cause = action.fact.trim_start_matches("action:check:");
        let check = cause.split('@').next().unwrap_or(cause).to_owned();
        let entity = action.entity.clone();
        let concerns = move |f: &&Finding| f.check == check && (f.entity.is_none() || f.entity == entity);
        self.verdicts.iter().filter(concerns)
    }
}

/// Gives each action its code, and does with it what was decided: `all`, in their order.
pub fn decide(night: &Night<'_>, all: &[Made], actions: &mut Vec<Action>, sight: &Sight<'_>) {
    for action in actions.iter_mut() {
        action.code = ActionCode::of(&action.fact).to_string();
    }
    let earlier = night.previous.map_or(&[][..], |a| a.actions.as_slice());
    for (n, made) in all.iter().enumerate() {
        let decision = &made.decision;
        let mut later = all[n + 1..].iter().map(|made| &made.decision);
        let superseded = later.any(|d| d.action.code() == decision.action.code() && d.on <= night.as_of.0);
        if decision.on > night.as_of.0 || superseded {
            continue;
        }
        let meant = |a: &&mut Action| decision.action.is(&a.fact);
        let mut found: Vec<&mut Action> = actions.iter_mut().filter(meant).collect();
        match found.as_mut_slice() {
            [action] => {
                let before = earlier.iter().find(|a| a.fact == action.fact);
                put(night, action, decision, before, sight);
            }
            [] => match earlier.iter().find(|a| decision.action.is(&a.fact)) {
                Some(before) => actions.extend(gone(night, before, decision, sight)),
                None => unknown(night, made),
            },
            several => {
                let facts: Vec<&str> = several.iter().map(|a| a.fact.as_str()).collect();
                let message = format!("{} is the code of {}", decision.action, facts.join(" and "));
                made.report(night, message, "name the one that is meant by its fact id");
            }
        }
    }
}

/// A decision about an action of tonight.
fn put(
    night: &Night<'_>,
    action: &mut Action,
    decision: &Decision,
    before: Option<&Action>,
    sight: &Sight<'_>,
) {
    let holds = |until| night.as_of.0 <= until;
    let until = match decision.decided {
        Decided::Done if lists(night, decision) => {
            action.state = ActionState::Done;
            action.score = 0.0;
            action.expected = expected(before);
            let now = action.impact.clone().filter(|_| !sight.is_blind(action));
            action.measured = measured(action, now.as_ref());
            None
        }
        // A task that somebody ticked is done, whatever was said of it before.
        _ if action.state == ActionState::Done => return,
        Decided::Snoozed(until) if holds(until) => {
            action.due = action.due.max(Some(until));
            action.state = ActionState::Snoozed;
            Some(until)
        }
        Decided::Accepted(until) if holds(until) => {
            action.state = ActionState::Accepted;
            Some(until)
        }
        Decided::Snoozed(until) => {
            action.due = action.due.max(Some(until));
            action.state = state(night, action.due);
            return;
        }
        Decided::Done | Decided::Accepted(_) => return,
    };
    action.decision = Some(ActionDecision {
        on: decision.on,
        until,
        reason: decision.reason.clone(),
    });
}

/// What was done and is no longer found: all that it was to bring, unless nobody looked.
fn gone(night: &Night<'_>, before: &Action, decision: &Decision, sight: &Sight<'_>) -> Option<Action> {
    if decision.decided != Decided::Done || !lists(night, decision) {
        return None;
    }
    let mut action = Action {
        state: ActionState::Done,
        score: 0.0,
        expected: expected(Some(before)),
        code: ActionCode::of(&before.fact).to_string(),
        decision: Some(ActionDecision {
            on: decision.on,
            until: None,
            reason: decision.reason.clone(),
        }),
        ..before.clone()
    };
    let zero = action.expected.as_ref().and_then(|e| difference(e, e));
    let now = zero.filter(|_| sight.is_mended(before));
    action.measured = now.as_ref().and_then(|zero| measured(&action, Some(zero)));
    Some(action)
}

/// The impact on the last night before it was said to be done.
fn expected(before: Option<&Action>) -> Option<Value> {
    before.and_then(|b| match b.state {
        ActionState::Done => b.expected.clone(),
        _ => b.impact.clone(),
    })
}

/// By how much what is at stake has fallen. What a person expects of a task nobody measures.
fn measured(action: &Action, now: Option<&Value>) -> Option<Value> {
    if action.source == ActionSource::Task {
        return None;
    }
    difference(action.expected.as_ref()?, now?)
}

/// Whether what was done that day is still listed.
fn lists(night: &Night<'_>, decision: &Decision) -> bool {
    decision.on >= night.as_of.0.saturating_sub(DONE_DAYS.days())
}

/// A code that nobody knows is a slip of the pen, and is said on its first night: later its action may be gone of itself.
fn unknown(night: &Night<'_>, made: &Made) {
    let decision = &made.decision;
    if decision.on == night.as_of.0 {
        let message = format!(
            "there is no action {} tonight or the night before",
            decision.action
        );
        made.report(night, message, "the codes are beside the actions of the agenda");
    }
}
