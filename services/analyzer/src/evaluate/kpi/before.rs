//! A KPI's value over the periods that it is compared with, and whether there is one: where an entity's records begin later
//! than a period does, the query's answer is a zero that nobody counted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::facts::{Comparison, Value};

use super::{Night, Rows, difference, holes::is_for};
use crate::{
    catalog,
    engine::SqlError,
    evaluate::period::{Compared, Window},
    warehouse::holes::{relations, words},
};

/// What a KPI was in earlier periods.
#[derive(Debug)]
pub struct Before {
    periods: Vec<(Compared, Rows)>,
    begins: Begins,
    titles: BTreeMap<String, String>,
}

impl Before {
    /// Of the answers for the window's comparisons, in their order.
    pub fn of(
        night: &Night<'_>,
        entry: &catalog::Kpi,
        window: &Window,
        answers: impl Iterator<Item = Result<Rows, SqlError>>,
    ) -> Self {
        // A comparison is a service: where it fails, the value stands without it.
        let answers = answers.map(Result::unwrap_or_default);
        let entities = night.portfolio.entities.iter();
        Self {
            periods: window.compared.iter().cloned().zip(answers).collect(),
            begins: Begins::of(night, entry),
            titles: entities.map(|e| (e.id.to_string(), e.title.clone())).collect(),
        }
    }

    /// Every comparison of an entity's value, or of the portfolio's.
    pub fn comparisons(&self, entity: Option<&str>, now: &Value) -> Vec<Comparison> {
        let key = entity.map(str::to_owned);
        let compare = |(period, rows): &(Compared, Rows)| {
            let (from, to) = period.days;
            let answered = rows.get(&key).filter(|row| row.gap.is_none());
            let (value, note) = match (answered, self.begins.after(entity, from)) {
                (Some(row), Late::No) => (row.value.clone(), None),
                (Some(row), Late::Some(of)) => (row.value.clone(), Some(self.without(&of))),
                (_, Late::Unknown) => (
                    Value::Null,
                    Some("nobody knows since when there are records".into()),
                ),
                (_, Late::All(day)) => (Value::Null, Some(format!("records begin on {}", words_of(day)))),
                (None, _) => (Value::Null, None),
            };
            Comparison {
                with: period.with,
                label: period.label.clone(),
                from,
                to,
                // What is there tonight and was not then is no growth.
                delta: difference(now, &value).filter(|_| note.is_none()),
                value,
                note,
            }
        };
        self.periods.iter().map(compare).collect()
    }

    fn without(&self, of: &[(String, Date)]) -> String {
        let named = of.iter().map(|(id, day)| {
            let title = self.titles.get(id).unwrap_or(id);
            format!("{title} (records begin on {})", words_of(*day))
        });
        format!("without {}", named.collect::<Vec<_>>().join(", "))
    }
}

fn words_of(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// Whose records begin after a day.
#[derive(Debug, PartialEq, Eq)]
enum Late {
    /// Nobody's, as far as anybody can tell.
    No,
    /// Of what the portfolio's value is made of, these entities', by id.
    Some(Vec<(String, Date)>),
    /// All.
    All(Date),
    /// There are records, and nobody knows since when.
    Unknown,
}

/// The first day of the records that a query reads, by entity.
#[derive(Debug, Default, PartialEq, Eq)]
struct Begins {
    first: BTreeMap<Option<String>, Date>,
    /// There are records, of which none has a day.
    undated: bool,
}

impl Begins {
    /// Of the tables that the query reads, and a column of dates of: a table's records begin with the first day in any of its
    /// columns, and those of several tables together with the latest of them.
    fn of(night: &Night<'_>, entry: &catalog::Kpi) -> Self {
        let sql = entry.sql.get_ref();
        let named = words(sql);
        let entities = night.portfolio.entities.iter().filter(|e| is_for(entry, e));
        let whose: Vec<&str> = entities.map(|e| e.id.as_str()).collect();
        let concerns = |entity: &Option<String>| entity.as_deref().is_none_or(|id| whose.contains(&id));
        let mut first: BTreeMap<Option<String>, Date> = BTreeMap::new();
        let mut has_rows = false;
        for table in relations(sql) {
            let Some(fill) = night.warehouse.fill(&table) else {
                continue;
            };
            has_rows |= fill.rows > 0;
            // All of its columns, not only the named one: that may be the last day that a ledger has, and is no beginning.
            let is_dated = fill.first.keys().any(|column| named.contains(column));
            let columns = fill.first.values().filter(|_| is_dated);
            let mut own: BTreeMap<&Option<String>, Date> = BTreeMap::new();
            for (entity, day) in columns.flatten() {
                own.entry(entity)
                    .and_modify(|known| *known = (*known).min(*day))
                    .or_insert(*day);
            }
            for (entity, day) in own.into_iter().filter(|(entity, _)| concerns(entity)) {
                first
                    .entry(entity.clone())
                    .and_modify(|known| *known = (*known).max(day))
                    .or_insert(day);
            }
        }
        let undated = has_rows && first.is_empty();
        Self { first, undated }
    }

    fn after(&self, entity: Option<&str>, from: Date) -> Late {
        if self.undated {
            return Late::Unknown;
        }
        if let Some(id) = entity {
            // Rows of no entity are everybody's.
            let shared = self.first.get(&None);
            let own = self
                .first
                .get(&Some(id.to_owned()))
                .into_iter()
                .chain(shared)
                .min();
            return own
                .filter(|day| **day > from)
                .map_or(Late::No, |day| Late::All(*day));
        }
        if let Some(day) = self.first.values().min().filter(|day| **day > from) {
            return Late::All(*day);
        }
        let named = self
            .first
            .iter()
            .filter_map(|(id, day)| Some((id.clone()?, *day)));
        let late: Vec<_> = named.filter(|(_, day)| *day > from).collect();
        if late.is_empty() {
            Late::No
        } else {
            Late::Some(late)
        }
    }
}
