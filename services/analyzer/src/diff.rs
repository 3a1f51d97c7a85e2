//! Two nights, fact by fact. Start at [`diff`]. Unlike `changes` of an analysis, which a reader is told of, nothing is weighed
//! here: whatever is not equal is listed.

use std::{collections::BTreeMap, str::FromStr};

use serde::Serialize;
use serde_json::json;
use shared::facts::{Analysis, Change, RunInfo, Unit, Value};

use crate::functions::format;

/// What two nights do not have in common.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// The earlier night.
    pub before: RunInfo,
    /// The later one.
    pub after: RunInfo,
    /// Whether both were made from the same data.
    pub same_snapshot: bool,
    /// Whether both had the same catalog, views, templates' aside, and settings.
    pub same_catalog: bool,
    /// Facts that are equal in both.
    pub equal: usize,
    /// The others, by kind and id.
    pub facts: Vec<FactDiff>,
}

/// What kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// A source and how it was read.
    Source,
    /// A KPI with a value.
    Kpi,
    /// A KPI without.
    Missing,
    /// Money at stake.
    Shortfall,
    /// A finding of an infrastructure check.
    Check,
    /// An item of the agenda.
    Action,
    /// A rule of the portfolio's.
    Rule,
    /// Figures that must be the same.
    Invariant,
    /// A table of the documents.
    Model,
    /// A business's verdict.
    Entity,
}

impl FactKind {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Source, "source"),
        (Self::Kpi, "kpi"),
        (Self::Missing, "missing"),
        (Self::Shortfall, "shortfall"),
        (Self::Check, "check"),
        (Self::Action, "action"),
        (Self::Rule, "rule"),
        (Self::Invariant, "invariant"),
        (Self::Model, "model"),
        (Self::Entity, "entity"),
    ];
}

impl FromStr for FactKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(_, name)| *name == text);
        known.map(|(kind, _)| *kind).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(_, name)| *name).collect();
            format!("there is no such kind; there are {}", names.join(", "))
        })
    }
}

/// In which of the two nights a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Only in the later one.
    Added,
    /// Only in the earlier one.
    Gone,
    /// In both, with other figures.
    Changed,
}

/// A fact that the nights do not have in common.
#[derive(Debug, Serialize)]
pub struct FactDiff {
    /// What kind.
    pub kind: FactKind,
    /// Its id.
    pub fact: String,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub presence: Presence,
    /// What of it differs; all of it where it is only in one.
    pub fields: Vec<FieldDiff>,
}

/// A field that differs.
#[derive(Debug, Serialize)]
pub struct FieldDiff {
    /// As `analysis.json` calls it.
    pub field: &'static str,
    /// Before; null where the fact was not there.
    pub before: serde_json::Value,
    /// After; null where the fact is not there.
    pub after: serde_json::Value,
    /// Both, as documents show them.
    #[serde(skip)]
    pub shown: (String, String),
}

/// All that differs between two nights.
pub fn diff(before: &Analysis, after: &Analysis) -> Diff {
    let (was, is) = (facts(before), facts(after));
    let mut keys: Vec<&(FactKind, String)> = was.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    let all = keys.len();
    // Which rows of the past changed is known of the night that was compared with, and of no other.
    let follows = after.run.previous_run.as_deref() == Some(before.run.id.as_str());
    let facts: Vec<FactDiff> = keys
        .into_iter()
        .filter_map(|key| {
            let (kind, fact) = key.clone();
            let (was, is) = (was.get(key), is.get(key));
            let presence = match (was, is) {
                (None, _) => Presence::Added,
                (_, None) => Presence::Gone,
                _ => Presence::Changed,
            };
            let mut fields = fields(was, is);
            if follows && kind == FactKind::Kpi {
                fields.extend(restated(before, after, &fact));
            }
            let title = is.or(was).map(|row| row.title.clone()).unwrap_or_default();
            (presence != Presence::Changed || !fields.is_empty()).then_some(FactDiff {
                kind,
                fact,
                title,
                presence,
                fields,
            })
        })
        .collect();
    Diff {
        before: before.run.clone(),
        after: after.run.clone(),
        same_snapshot: before.run.snapshot_sha256 == after.run.snapshot_sha256,
        same_catalog: before.run.catalog_sha256 == after.run.catalog_sha256,
        equal: all - facts.len(),
        facts,
    }
}

/// A fact's fields: as in JSON, and as shown.
struct Row {
    title: String,
    fields: Vec<(&'static str, serde_json::Value, String)>,
}

impl Row {
    fn of(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            fields: Vec::new(),
        }
    }
    /// A field of words, a count, a date.
    fn with<T: Serialize>(mut self, name: &'static str, value: &T) -> Self {
        let json = json!(value);
        let shown = match &json {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        self.fields.push((name, json, shown));
        self
    }
    fn figure(mut self, name: &'static str, value: Option<&Value>, unit: Unit) -> Self {
        let shown = value.map(|value| format::value(value, unit)).unwrap_or_default();
        self.fields.push((name, json!(value), shown));
        self
    }
}

fn fields(was: Option<&Row>, is: Option<&Row>) -> Vec<FieldDiff> {
    let Some(either) = is.or(was) else {
        return Vec::new();
    };
    let nothing = (serde_json::Value::Null, String::new());
    let at = |row: Option<&Row>, name: &str| {
        let field = row.and_then(|row| row.fields.iter().find(|(field, ..)| *field == name));
        field.map_or_else(
            || nothing.clone(),
            |(_, json, shown)| (json.clone(), shown.clone()),
        )
    };
    let differ = |(field, ..): &(&'static str, serde_json::Value, String)| {
        let (before, after) = (at(was, field), at(is, field));
        (before.0 != after.0).then(|| FieldDiff {
            field,
            shown: (before.1, after.1),
            before: before.0,
            after: after.0,
        })
    };
    either.fields.iter().filter_map(differ).collect()
}

/// The rows behind a figure that was restated.
fn restated(before: &Analysis, after: &Analysis, fact: &str) -> Option<FieldDiff> {
    // A generation of the night before that was made later is not what was compared with.
    let was = before.kpis.iter().find(|kpi| kpi.fact == fact)?;
    let of_fact = |change: &&Change| {
        change.fact == fact && change.restated.is_some() && change.before.as_ref() == Some(&was.value)
    };
    let change = after.changes.iter().find(of_fact)?;
    Some(FieldDiff {
        field: "restated",
        before: serde_json::Value::Null,
        after: json!(change.restated),
        shown: (String::new(), change.text.clone()),
    })
}

/// What of each fact is compared: what it says, not where it ranks in a list or since when it is known.
fn facts(a: &Analysis) -> BTreeMap<(FactKind, String), Row> {
    let mut facts = BTreeMap::new();
    let mut put = |kind, fact: &str, row: Row| _ = facts.insert((kind, fact.to_owned()), row);
    for s in &a.sources {
        let row = Row::of(&s.id).with("state", &s.state).with("rows", &s.rows);
        put(FactKind::Source, &s.id, row.with("reason", &s.reason));
    }
    for k in &a.kpis {
        let row = Row::of(&k.title)
            .figure("value", Some(&k.value), k.unit)
            .figure("target", k.target.as_ref(), k.unit)
            .with("status", &k.status)
            .with("n", &k.n);
        put(
            FactKind::Kpi,
            &k.fact,
            row.with("note", &k.note).with("gap", &k.gap),
        );
    }
    for m in &a.missing_kpis {
        let row = Row::of(&m.title)
            .with("reason", &m.reason)
            .with("detail", &m.detail);
        put(FactKind::Missing, &m.fact, row);
    }
    for s in &a.shortfalls {
        let row = Row::of(&s.title)
            .figure("at_stake", s.at_stake.as_ref(), Unit::Money)
            .with("severity", &s.severity);
        put(
            FactKind::Shortfall,
            &s.fact,
            row.with("headline", &s.headline).with("n", &s.n),
        );
    }
    for f in &a.findings {
        let row = Row::of(&f.title)
            .with("status", &f.status)
            .with("reason", &f.reason);
        put(FactKind::Check, &f.fact, row.with("severity", &f.severity));
    }
    for action in &a.actions {
        let row = Row::of(&action.title)
            .with("state", &action.state)
            .with("owner", &action.owner)
            .with("due", &action.due)
            .figure("impact", action.impact.as_ref(), Unit::Money);
        put(FactKind::Action, &action.fact, row);
    }
    for r in &a.rules {
        let row = Row::of(&r.title)
            .with("status", &r.status)
            .with("reason", &r.reason);
        put(FactKind::Rule, &r.fact, row);
    }
    for i in &a.invariants {
        let row = Row::of(&i.title)
            .with("status", &i.status)
            .with("reason", &i.reason);
        put(FactKind::Invariant, &i.fact, row);
    }
    for m in a.models.values() {
        let mut row = Row::of(&m.title)
            .with("status", &m.status)
            .with("headline", &m.headline)
            .with("reason", &m.reason);
        row.fields
            .push(("rows", json!(m.rows), format!("{} rows", m.rows.len())));
        put(FactKind::Model, &m.fact, row);
    }
    for e in &a.entities {
        let row = Row::of(&e.title)
            .with("status", &e.status)
            .with("reason", &e.reason);
        put(FactKind::Entity, &format!("entity:{}", e.id), row);
    }
    facts
}

#[cfg(test)]
mod tests;
