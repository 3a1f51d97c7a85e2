//! Holes: rows that a table should have and has not, because a view piece could not be read or a call of the inventory had
//! no answer. What rests on them is unknown: a sum over what is left would be a silent zero, and bad news that is no longer
//! seen would read as good.
//!
//! A piece that fails, for want of its source or by itself, leaves a hole in its canonical table: of the entity that it
//! writes as a literal (`'qdn' as entity`), or else of the one that its source is declared for, or else of all.
//! [`Warehouse::holes`] says which holes a query rests on, through all the derived views between.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::PoisonError,
};

use datafusion::sql::sqlparser::{
    ast::{Expr, SelectItem, SetExpr, Statement, Value, ValueWithSpan, visit_relations},
    dialect::GenericDialect,
    parser::Parser,
};
use shared::{
    manifest::{collected_from, sql_name},
    portfolio::Portfolio,
};

use super::Warehouse;
use crate::{
    catalog::{Catalog, SqlFile},
    engine::RAW,
};

/// Rows that a canonical or collected table lacks, or cells of one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// The table.
    pub table: String,
    /// The only column that is lacking; none: whole rows are.
    pub column: Option<String>,
    /// Whose rows; none: nobody knows whose.
    pub entity: Option<String>,
    /// Why, as a clause: `eyd-jobs was not read`.
    pub why: String,
}

impl Hole {
    /// Whether rows of this entity may be in it.
    pub fn is_of(&self, entity: &str) -> bool {
        self.entity.as_deref().is_none_or(|e| e == entity)
    }
}

/// Why these holes are there, each reason once.
pub fn why<'a>(holes: impl IntoIterator<Item = &'a Hole>) -> String {
    let whys: BTreeSet<&str> = holes.into_iter().map(|h| h.why.as_str()).collect();
    whys.into_iter().collect::<Vec<_>>().join("; ")
}

/// `without Expert Yacht Delivery: eyd-jobs was not read`.
pub fn without(holes: &[Hole], portfolio: &Portfolio) -> Option<String> {
    if holes.is_empty() {
        return None;
    }
    let title = |id: &str| {
        let entity = portfolio.entities.iter().find(|e| e.id.as_str() == id);
        entity.map_or_else(|| id.to_owned(), |e| e.title.clone())
    };
    let names: BTreeSet<String> = holes
        .iter()
        .map(|h| h.entity.as_deref().map_or("a part".to_owned(), title))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    Some(format!("without {}: {}", names.join(", "), why(holes)))
}

impl Warehouse {
    /// Whether a derived view reads a table, itself or through others.
    pub(super) fn reads(&self, view: &str, table: &str) -> bool {
        self.reads.get(view).is_some_and(|tables| tables.contains(table))
    }

    /// The holes that a query rests on: in the tables that it reads, or that what it reads was made from.
    pub fn holes(&self, sql: &str) -> Vec<Hole> {
        let known = self.holes.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return Vec::new();
        }
        Behind::of(sql, &self.reads).holes(&known)
    }

    /// The holes in anything that is this entity's alone.
    pub fn holes_of(&self, entity: &str) -> Vec<Hole> {
        let known = self.holes.lock().unwrap_or_else(PoisonError::into_inner);
        let own = known.iter().filter(|h| h.entity.as_deref() == Some(entity));
        own.cloned().collect()
    }

    pub(crate) fn note_holes(&self, holes: Vec<Hole>) {
        self.holes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(holes);
    }
}

/// The holes that a piece leaves: one that failed, or that reads what was never collected.
pub fn of_piece(warehouse: &Warehouse, piece: &SqlFile, portfolio: &Portfolio, ran: bool) -> Vec<Hole> {
    let reads = relations(&piece.sql);
    let mut whys = Vec::new();
    let mut owners = BTreeSet::new();
    for source in &portfolio.sources.dynamodb {
        let name = sql_name(&source.table);
        if reads.contains(&format!("{RAW}.{name}")) && !warehouse.came.contains(&name) {
            whys.push(format!("{} was not read", source.table));
            owners.insert(source.entity.as_ref().map(ToString::to_string));
        }
    }
    let sources = &portfolio.sources;
    let declared = |table: &str| match collected_from(table) {
        "environment" => !sources.environment.is_empty(),
        "handoffs" => sources.handoffs.is_some(),
        // The ledger is read for every portfolio.
        "ledger" => true,
        _ => sources.inventory.is_some(),
    };
    for table in reads
        .iter()
        .filter(|t| warehouse.was_collected(t) == Some(false) && declared(t))
    {
        whys.push(format!("{table} was not collected"));
        owners.insert(None);
    }
    if whys.is_empty() && ran {
        return Vec::new();
    }
    if whys.is_empty() {
        whys.push(format!("{} failed", piece.path.trim_start_matches("catalog/")));
        owners.insert(None);
    }
    let why = whys.join(", ");
    let entities = literal_entities(&piece.sql).unwrap_or(owners);
    // Where nobody knows whose rows they are, naming some owners would clear the others.
    let entities = if entities.contains(&None) {
        BTreeSet::from([None])
    } else {
        entities
    };
    let hole = |entity| Hole {
        table: piece.name.clone(),
        column: None,
        entity,
        why: why.clone(),
    };
    entities.into_iter().map(hole).collect()
}

/// What a query reads: the tables that it names, and those that they were made from.
pub(super) struct Behind<'a> {
    own: BTreeSet<String>,
    words: BTreeSet<String>,
    behind: BTreeSet<&'a str>,
}

impl<'a> Behind<'a> {
    /// `reads`: what each derived view was made from.
    pub fn of(sql: &str, reads: &'a BTreeMap<String, BTreeSet<String>>) -> Self {
        let own = relations(sql);
        let behind = own.iter().filter_map(|view| reads.get(view)).flatten();
        Self {
            behind: behind.map(String::as_str).collect(),
            words: words(sql),
            own,
        }
    }

    /// All of them.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.own
            .iter()
            .map(String::as_str)
            .chain(self.behind.iter().copied())
    }

    /// Whether the query rests on a table, or on one column of it.
    pub fn rests_on(&self, table: &str, column: Option<&str>) -> bool {
        // Which columns a view took nobody looks up: it may be any.
        self.behind.contains(table)
            || self.own.contains(table) && column.is_none_or(|column| self.words.contains(column))
    }

    /// Those that it rests on, in order, each once.
    pub fn holes(&self, known: &[Hole]) -> Vec<Hole> {
        let rests = |hole: &&Hole| self.rests_on(&hole.table, hole.column.as_deref());
        let mut found: Vec<Hole> = known.iter().filter(rests).cloned().collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The tables that a query reads, and all that those are made from.
pub fn tables_behind(sql: &str, catalog: &Catalog) -> BTreeSet<String> {
    let reads = reads(catalog);
    let behind = Behind::of(sql, &reads);
    behind.tables().map(str::to_owned).collect()
}

/// For each derived view all tables that it is made from, through the views before it.
pub fn reads(catalog: &Catalog) -> BTreeMap<String, BTreeSet<String>> {
    reads_up_to(catalog, &BTreeSet::new())
}

/// The same, where some views stand for themselves, whatever they are made from.
pub fn reads_up_to(catalog: &Catalog, ends: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut reads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for view in catalog.derived.iter().filter(|view| !ends.contains(&view.name)) {
        let mut tables = relations(&view.sql);
        for table in tables.clone() {
            tables.extend(reads.get(&table).into_iter().flatten().cloned());
        }
        reads.insert(view.name.clone(), tables);
    }
    reads
}

/// The tables that a query names, as the engine folds their case; none if it does not parse, which running it will say.
pub fn relations(sql: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(statements) = Parser::parse_sql(&GenericDialect {}, sql) else {
        return found;
    };
    let _: ControlFlow<()> = visit_relations(&statements, |name| {
        let parts = name.0.iter().filter_map(|part| part.as_ident());
        let parts = parts.map(|ident| match ident.quote_style {
            Some(_) => ident.value.clone(),
            None => ident.value.to_lowercase(),
        });
        found.insert(parts.collect::<Vec<_>>().join("."));
        ControlFlow::Continue(())
    });
    found
}

/// Everything in a text that a query may name: too many words do no harm, too few would.
pub fn words(sql: &str) -> BTreeSet<String> {
    let other = |c: char| !(c.is_alphanumeric() || c == '_');
    sql.split(other).map(str::to_ascii_lowercase).collect()
}

/// The entities that a piece writes as literals; none if one of its parts takes them from the data.
fn literal_entities(sql: &str) -> Option<BTreeSet<Option<String>>> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return None;
    };
    let mut found = BTreeSet::new();
    literals(&query.body, None, &mut found)?;
    Some(found)
}

/// Collects the literals at `entity`; answers its place, which the other parts of a union share.
fn literals(body: &SetExpr, at: Option<usize>, found: &mut BTreeSet<Option<String>>) -> Option<usize> {
    match body {
        SetExpr::Select(select) => {
            let named = select.projection.iter().position(
                |item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if alias.value == "entity"),
            );
            let at = named.or(at)?;
            let (SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr)) =
                select.projection.get(at)?
            else {
                return None;
            };
            let Expr::Value(ValueWithSpan {
                value: Value::SingleQuotedString(text),
                ..
            }) = expr
            else {
                return None;
            };
            found.insert(Some(text.clone()));
            Some(at)
        }
        SetExpr::Query(query) => literals(&query.body, at, found),
        SetExpr::SetOperation { left, right, .. } => {
            let at = literals(left, at, found)?;
            literals(right, Some(at), found)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
