//! What a fact id stands for: the fact in an analysis, and the entry of the catalog that makes it.

use serde::Serialize;
use shared::{facts::Analysis, problem::nearest};

use crate::{
    catalog::Period,
    engine::Parameters,
    evaluate::{Night, period::window},
};

/// A night has no such fact.
#[derive(Debug, thiserror::Error)]
#[error("{run} has no fact {fact}{}", .near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
pub struct Unknown {
    fact: String,
    run: String,
    near: Option<String>,
}

/// A fact of an analysis.
pub struct Found {
    /// Its id.
    pub fact: String,
    /// Its title.
    pub title: String,
    /// As in `analysis.json`.
    pub json: serde_json::Value,
    /// The fact id that names what made it: of an action what it is to mend, of a verdict what it rests on.
    pub made_by: String,
}

/// The fact of this id; the kind may be left out (`bookings.revenue_30d`).
///
/// # Errors
/// [`Unknown`], with the nearest one.
pub fn find(analysis: &Analysis, id: &str) -> Result<Found, Unknown> {
    let all = all(analysis);
    let exact = all.iter().position(|found| found.fact == id);
    let without_kind = |found: &Found| found.fact.split_once(':').is_some_and(|(_, rest)| rest == id);
    match exact.or_else(|| all.iter().position(without_kind)) {
        Some(at) => Ok(all
            .into_iter()
            .nth(at)
            .unwrap_or_else(|| unreachable!("found above"))),
        None => Err(Unknown {
            fact: id.to_owned(),
            run: analysis.run.id.clone(),
            near: nearest(id, all.iter().map(|found| found.fact.as_str())).map(str::to_owned),
        }),
    }
}

fn all(analysis: &Analysis) -> Vec<Found> {
    fn one<T: Serialize>(fact: &str, title: &str, of: &T) -> Found {
        Found {
            fact: fact.to_owned(),
            title: title.to_owned(),
            json: serde_json::to_value(of).unwrap_or_default(),
            made_by: fact.to_owned(),
        }
    }
    let a = analysis;
    let mut all: Vec<Found> = Vec::new();
    all.extend(a.kpis.iter().map(|k| one(&k.fact, &k.title, k)));
    all.extend(a.missing_kpis.iter().map(|m| one(&m.fact, &m.title, m)));
    all.extend(a.shortfalls.iter().map(|s| one(&s.fact, &s.title, s)));
    all.extend(a.findings.iter().map(|f| one(&f.fact, &f.title, f)));
    all.extend(a.models.values().map(|m| one(&m.fact, &m.title, m)));
    all.extend(a.days.iter().map(|d| one(&d.fact, &d.title, d)));
    all.extend(a.forecasts.iter().map(|f| one(&f.fact, &f.title, f)));
    all.extend(a.rules.iter().map(|r| one(&r.fact, &r.title, r)));
    all.extend(a.invariants.iter().map(|i| one(&i.fact, &i.title, i)));
    all.extend(a.actions.iter().map(|action| Found {
        made_by: action.fact.trim_start_matches("action:").to_owned(),
        ..one(&action.fact, &action.title, action)
    }));
    all.extend(a.entities.iter().map(|e| Found {
        made_by: e.fact.clone().unwrap_or_default(),
        ..one(&format!("entity:{}", e.id), &e.title, e)
    }));
    all
}

/// The query behind a fact.
pub struct Asked {
    /// Its file.
    pub file: String,
    /// Its entry.
    pub entry: String,
    /// The query.
    pub sql: String,
    /// Whose row of it.
    pub entity: Option<String>,
    period: Period,
}

impl Asked {
    /// With the days that it was asked for.
    pub fn parameters(&self, night: &Night<'_>) -> Parameters {
        let (from, to) = window(self.period, night.as_of.0).now;
        night.warehouse.parameters().during(from, to)
    }
}

/// The entry that makes a fact; none where no query does.
pub fn asked(night: &Night<'_>, fact: &str) -> Option<Asked> {
    let (kind, rest) = fact.split_once(':')?;
    let id = rest.split(['@', '#', ':']).next().unwrap_or(rest);
    let entity = rest
        .split_once('@')
        .map(|(_, entity)| entity.split('#').next().unwrap_or(entity));
    let catalog = night.catalog;
    let of = |file: &str, sql: &str, period| Asked {
        file: file.to_owned(),
        entry: format!("{kind} {id}"),
        sql: sql.to_owned(),
        entity: entity.map(str::to_owned),
        period,
    };
    macro_rules! entry {
        ($entries:expr, $period:expr) => {
            $entries
                .iter()
                .find(|entry| entry.id.get_ref() == id)
                .map(|entry| of(&entry.file, entry.sql.get_ref(), $period(entry)))
        };
    }
    match kind {
        "kpi" => entry!(catalog.kpis, |k: &crate::catalog::Kpi| k.period),
        "shortfall" => entry!(catalog.shortfalls, |_| Period::None),
        "check" => entry!(catalog.checks, |_| Period::None),
        "model" => entry!(catalog.models, |_| Period::None),
        "day" | "forecast" => entry!(catalog.series, |_| Period::None),
        "invariant" => entry!(catalog.invariants, |_| Period::None),
        "rule" => {
            let rule = night.portfolio.rules.iter().find(|rule| rule.id == id);
            rule.map(|rule| of("portfolio.toml", &rule.sql, Period::None))
        }
        _ => None,
    }
}
