//! From a query to the sources: which tables it reads, what those are made from, and so on down.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;
use shared::{
    facts::Analysis,
    id::PartId,
    manifest::{collected_from, sql_name},
};

use super::fact::Asked;
use crate::{
    engine::RAW,
    evaluate::Night,
    warehouse::{RATES, holes::relations},
};

/// What kind of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A business's own, as collected.
    Raw,
    /// One of `collected.toml`.
    Collected,
    /// One of `schema.toml`: a portfolio's views put together.
    Canonical,
    /// A shared view of the catalog.
    Derived,
    /// The night's own: the portfolio's settings, earlier nights, results that were computed before.
    Own,
}

/// A table behind a fact.
#[derive(Debug, Serialize)]
pub struct Table {
    /// As SQL names it.
    pub name: String,
    /// What kind.
    pub kind: Kind,
    /// How many it has; none where it did not come.
    pub rows: Option<u64>,
    /// Files that make it.
    pub made_by: Vec<String>,
    /// Tables that those read.
    pub reads: BTreeSet<String>,
    /// Ids of the sources that it was collected from.
    pub sources: Vec<String>,
}

/// The tables behind a query, nearest first, and the text of every query on the way.
pub fn behind(night: &Night<'_>, analysis: &Analysis, asked: Option<&Asked>) -> (Vec<Table>, Vec<String>) {
    let (mut tables, mut texts): (Vec<Table>, Vec<String>) = (Vec::new(), Vec::new());
    // A task of a handoff has no query: it is a row of this table.
    let mut next: VecDeque<String> = match asked {
        Some(asked) => {
            texts.push(asked.sql.clone());
            let rates = night.warehouse.converted(&asked.sql).map(|_| RATES.to_owned());
            let rates = rates.filter(|_| night.warehouse.is_converted(asked.entity.as_deref(), &asked.sql));
            relations(&asked.sql).into_iter().chain(rates).collect()
        }
        None => VecDeque::from(["handoff_task".to_owned()]),
    };
    while let Some(name) = next.pop_front() {
        if tables.iter().any(|known| known.name == name) {
            continue;
        }
        // A name that is no table's is one that the query itself gives: `with months as (...)`.
        let Some((table, queries)) = one(night, analysis, &name) else {
            continue;
        };
        next.extend(table.reads.iter().cloned());
        tables.push(table);
        texts.extend(queries);
    }
    (tables, texts)
}

/// A table, and the queries that make it.
fn one(night: &Night<'_>, analysis: &Analysis, name: &str) -> Option<(Table, Vec<String>)> {
    let catalog = night.catalog;
    let mut table = Table {
        name: name.to_owned(),
        kind: Kind::Own,
        rows: night
            .warehouse
            .fill(name)
            .and_then(|fill| u64::try_from(fill.rows).ok()),
        made_by: Vec::new(),
        reads: BTreeSet::new(),
        sources: Vec::new(),
    };
    let made: Vec<_> = if let Some(raw) = name.strip_prefix(&format!("{RAW}.")) {
        let sources = &night.portfolio.sources.dynamodb;
        let declared = sources.iter().find(|source| sql_name(&source.table) == raw)?;
        let part = PartId::of_table(&declared.table);
        let source = analysis.sources.iter().find(|source| source.id == part.as_str());
        table.kind = Kind::Raw;
        table.rows = source.map(|source| source.rows);
        table.sources = vec![part.to_string()];
        Vec::new()
    } else if catalog.canonical.contains_key(name) {
        table.kind = Kind::Canonical;
        catalog.pieces.iter().filter(|piece| piece.name == name).collect()
    } else if let Some(view) = catalog.derived.iter().find(|view| view.name == name) {
        table.kind = Kind::Derived;
        vec![view]
    } else if let Some(came) = night.warehouse.was_collected(name) {
        table.kind = Kind::Collected;
        table.rows = table.rows.filter(|_| came);
        table.sources = of_kind(analysis, collected_from(name));
        Vec::new()
    } else {
        // `entities`, `history`, `kpis`: everything else that is a table at all.
        table.rows?;
        Vec::new()
    };
    for file in &made {
        table.made_by.push(file.path.clone());
        table.reads.extend(relations(&file.sql));
    }
    Some((table, made.into_iter().map(|file| file.sql.clone()).collect()))
}

fn of_kind(analysis: &Analysis, kind: &str) -> Vec<String> {
    let sources = analysis.sources.iter().filter(|source| source.kind == kind);
    sources.map(|source| source.id.clone()).collect()
}
