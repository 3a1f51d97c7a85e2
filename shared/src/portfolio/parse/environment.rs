//! `[sources.environment]`: which values may be read elsewhere, and which targets and parameters are. Start at
//! [`setting`]; [`listed`] reads the list, and [`check`] holds the one to the other.

use std::{collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    portfolio::{VARIABLE_PREFIX, ValueSource},
    problem::{
        Severity,
        kinds::string,
        nearest,
        reader::{Fault, Table},
    },
};

type Kind<T> = Result<T, Fault>;

/// How a place is written.
const PLACES: [&str; 2] = ["env", "ssm"];
const WRITTEN: &str = "write { env = \"…\" } or { ssm = \"…\" }";

/// An entry of `[targets]` or `[parameters]`, with where it stands.
pub(super) type Entry<T> = (Spanned<String>, Spanned<Setting<T>>);

/// A target or a parameter: written here, or read elsewhere.
#[derive(Debug)]
pub(super) enum Setting<T> {
    Here(T),
    There(ValueSource),
}

/// Whether a table stands for a value that is read elsewhere, misspelt as it may be: `cash.unrestricted = 1` is a table too.
pub(super) fn is_elsewhere(table: &DeTable<'_>) -> bool {
    let named = PLACES.iter().any(|place| table.contains_key(*place));
    named || table.values().all(|value| value.get_ref().is_str())
}

/// A value of a kind, or `{ env = "…" }` or `{ ssm = "…" }`.
pub(super) fn setting<T>(
    kind: impl Fn(&DeValue<'_>) -> Kind<T>,
) -> impl Fn(&DeValue<'_>) -> Kind<Setting<T>> {
    move |value| match value {
        DeValue::Table(table) => elsewhere(table).map(Setting::There),
        here => kind(here).map(Setting::Here),
    }
}

fn elsewhere(table: &DeTable<'_>) -> Kind<ValueSource> {
    let mut entries = table.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else {
        let fault = Fault::new("contradiction", "is read in one place, and no more");
        return Err(fault.suggest(WRITTEN));
    };
    match key.get_ref().as_ref() {
        "env" => variable(value.get_ref()).map(ValueSource::Variable),
        "ssm" => ssm_parameter(value.get_ref()).map(ValueSource::Parameter),
        other => {
            let message = format!("is read of `{other}`, which is no place for values");
            Err(Fault::new("unknown-key", message).suggest(WRITTEN))
        }
    }
}

/// The name of an environment variable that a portfolio may have read.
fn variable(value: &DeValue<'_>) -> Kind<String> {
    let text = string(value)?;
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    match text.strip_prefix(VARIABLE_PREFIX) {
        Some(rest) if !rest.is_empty() && text.len() <= 200 && rest.chars().all(allowed) => Ok(text),
        _ => {
            let fault = Fault::new(
                "bad-variable",
                format!("{text:?} is no variable that is ever read"),
            );
            Err(fault.suggest(format!(
                "its name has to begin with {VARIABLE_PREFIX} and go on with A-Z, 0-9 and _"
            )))
        }
    }
}

/// The name of an SSM parameter, in full and without a version or label.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>
fn ssm_parameter(value: &DeValue<'_>) -> Kind<String> {
    let text = string(value)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let levels = text.strip_prefix('/').map(|rest| rest.split('/'));
    let is_name = levels.is_some_and(|mut levels| {
        text.len() <= 1011 && levels.all(|level| !level.is_empty() && level.chars().all(allowed))
    });
    if is_name {
        return Ok(text);
    }
    let fault = Fault::new(
        "bad-parameter-name",
        format!("{text:?} is no full name of an SSM parameter"),
    );
    Err(fault.suggest(
        "write it from its first /, of A-Z, a-z, 0-9, _, . and -, such as \"/quarterdeck/harbor/cash_floor\"",
    ))
}

/// All that may be read.
#[derive(Default)]
pub(super) struct Listed {
    pub variables: Vec<Spanned<String>>,
    pub parameters: Vec<Spanned<String>>,
}

pub(super) fn listed(t: &mut Table<'_>) -> Listed {
    let variables = t.list("variables", variable).map(Spanned::into_inner);
    let parameters = t.list("parameters", ssm_parameter).map(Spanned::into_inner);
    Listed {
        variables: variables.unwrap_or_default(),
        parameters: parameters.unwrap_or_default(),
    }
}

/// The entries that the file itself has; the others go to `elsewhere`.
pub(super) fn split<T>(
    entries: Vec<Entry<T>>,
    elsewhere: &mut BTreeMap<String, ValueSource>,
) -> BTreeMap<String, T> {
    let mut here = BTreeMap::new();
    for (key, value) in entries {
        match value.into_inner() {
            Setting::Here(value) => _ = here.insert(key.into_inner(), value),
            Setting::There(place) => _ = elsewhere.insert(key.into_inner(), place),
        }
    }
    here
}

/// What is read elsewhere must be on the list of what may be read; what nothing reads is on it by mistake.
pub(super) fn check<A, B>(root: &Table<'_>, list: &Listed, targets: &[Entry<A>], parameters: &[Entry<B>]) {
    let targets = targets.iter().filter_map(|e| place("target", e));
    let parameters = parameters.iter().filter_map(|e| place("parameter", e));
    let mut read = Vec::new();
    for (what, key, place, span) in targets.chain(parameters) {
        let (key_of_list, names) = match place {
            ValueSource::Variable(_) => ("variables", &list.variables),
            ValueSource::Parameter(_) => ("parameters", &list.parameters),
        };
        read.push(place.name());
        let known = || names.iter().map(|name| name.get_ref().as_str());
        if known().any(|name| name == place.name()) {
            continue;
        }
        let message = format!("{what} {key:?} is read of {place}, which is not listed");
        let problem = root.error("not-listed", span, message);
        let near = nearest(last(place.name()), known().map(last));
        root.report(
            match near.and_then(|near| known().find(|name| last(name) == near)) {
                Some(near) => problem.suggest(format!("did you mean {near}?")),
                None => problem.suggest(format!("add it to `{key_of_list}` under [sources.environment]")),
            },
        );
    }
    for name in list.variables.iter().chain(&list.parameters) {
        if !read.contains(&name.get_ref().as_str()) {
            let message = format!(
                "{:?} is listed, and no target or parameter is read of it",
                name.get_ref()
            );
            let mut problem = root.error("unused", name.span(), message);
            problem.severity = Severity::Warning;
            root.report(problem.suggest("take it off the list, or use it"));
        }
    }
}

/// Of an entry that is read elsewhere: what it is, its key, and where it is read.
fn place<'a, T>(
    what: &'static str,
    (key, value): &'a Entry<T>,
) -> Option<(&'static str, &'a str, &'a ValueSource, Range<usize>)> {
    match value.get_ref() {
        Setting::There(place) => Some((what, key.get_ref(), place, value.span())),
        Setting::Here(_) => None,
    }
}

/// What tells a name from its neighbours: all variables begin alike, and so do most parameters.
fn last(name: &str) -> &str {
    let name = name.strip_prefix(VARIABLE_PREFIX).unwrap_or(name);
    name.rsplit('/').next().unwrap_or(name)
}
