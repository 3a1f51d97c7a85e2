//! `[[decisions]]` of a portfolio.

use toml::Spanned;

use crate::{
    portfolio::{Decided, Decision},
    problem::{
        kinds::{date, line, one_of, parsed},
        reader::Table,
    },
};

/// One of them; its fields have to fit each other.
pub(super) fn decision(t: &mut Table<'_>) -> Option<Decision> {
    let action = t.required("action", "\"A7K2QX\"", parsed("bad-action"));
    let state = t.required("state", "\"done\"", one_of(&["done", "snoozed", "accepted"]));
    let on = t.required("on", "2026-11-20", date);
    let until = t.optional("until", date);
    let reason = t.optional("reason", line);
    let wrong = |code, message: &str, suggestion: &str| {
        t.report(t.error(code, t.span(), message).suggest(suggestion));
    };
    let (state, on) = (state?, on?.into_inner());
    let until = until.map(Spanned::into_inner);
    let decided = match (state.get_ref().as_str(), until) {
        ("done", None) => Decided::Done,
        ("done", Some(_)) => {
            wrong(
                "bad-decision",
                "what is done is done for good",
                "take `until` away, or write state = \"snoozed\"",
            );
            return None;
        }
        (state, None) => {
            wrong(
                "missing-key",
                &format!("what is {state} comes back one day"),
                "add `until = 2027-03-31`",
            );
            return None;
        }
        (_, Some(until)) if until < on => {
            wrong(
                "bad-decision",
                "`until` is before `on`",
                "write the last day that the decision holds",
            );
            return None;
        }
        ("accepted", Some(_)) if reason.is_none() => {
            wrong(
                "missing-key",
                "a risk is accepted for a reason",
                "add `reason = \"budgeted for the first quarter\"`",
            );
            return None;
        }
        ("accepted", Some(until)) => Decided::Accepted(until),
        (_, Some(until)) => Decided::Snoozed(until),
    };
    Some(Decision {
        action: action?.into_inner(),
        decided,
        on,
        reason: reason.map(Spanned::into_inner),
    })
}
