//! Calls that had no answer, and what they hide: from checks ([`Gaps::blinding`]), and from whatever else reads the inventory
//! ([`Gaps::holes`]). Start at [`Gaps::read`].
//!
//! Where rows may be missing a check is blind, whatever it says of the rows that are there. Where cells are NULL its own rows say
//! so; only if none does, it is taken for one that does not look, and then what it says is no more than unknown either.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    facts::{CheckStatus, Finding},
    manifest::collected_from,
};

use super::Night;
use crate::{
    catalog,
    engine::{Rows, SqlError},
    warehouse::{Hole, holes},
};

/// What a gap leaves unknown: see `inventory_gap.concerns` in catalog/collected.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unknown {
    /// Rows of this table may be missing.
    Rows(String),
    /// Cells of this table's column may be NULL.
    Cells(String, String),
    /// It is not told: what begins with the service's name (`lambda_function`, `lambda.url_public`), or is called so.
    Named(String),
}

#[derive(Debug)]
struct Gap {
    operation: String,
    region: Option<String>,
    error: String,
    unknown: Vec<Unknown>,
}

/// The gaps of a night.
#[derive(Debug, Default)]
pub struct Gaps(Vec<Gap>);

impl Gaps {
    /// Those of the inventory.
    ///
    /// # Errors
    /// If the table cannot be read: then nothing says what is missing.
    pub async fn read(night: &Night<'_>) -> Result<Self, SqlError> {
        let sql = "select service, operation, region, error, concerns from inventory_gap \
                   order by operation, error, region, service";
        let parameters = night.warehouse.parameters();
        let rows = night
            .warehouse
            .select("inventory_gap", sql, parameters)
            .await?
            .rows()?;
        Ok(Self((0..rows.rows.len()).map(|at| gap(&rows, at)).collect()))
    }

    /// Why a check that found these verdicts is blind for part of the resources; `None` if it is not.
    pub fn blinding(&self, entry: &catalog::Check, verdicts: &[Finding]) -> Option<String> {
        let words = words(entry);
        let has = |word: &str| words.contains(word);
        let says_so = verdicts.iter().any(|v| v.status == CheckStatus::Unknown);
        let hides = |unknown: &Unknown| match unknown {
            Unknown::Rows(table) => has(table),
            Unknown::Cells(table, column) => !says_so && has(table) && has(column),
            Unknown::Named(service) => {
                entry.id.get_ref().split('.').next() == Some(service)
                    || words.iter().any(|word| is_of(service, word))
            }
        };
        why(self.0.iter().filter(|gap| gap.unknown.iter().any(hides)))
    }

    /// What the tables of the inventory lack, for everything else that reads them: by table, or by a column of one.
    pub fn holes<'a>(&self, tables: impl Iterator<Item = &'a str> + Clone) -> Vec<Hole> {
        let cells = |table: &str, column: &str| (table.to_owned(), Some(column.to_owned()));
        let mut hidden: BTreeMap<(String, Option<String>), Vec<&Gap>> = BTreeMap::new();
        for gap in &self.0 {
            let mut places = BTreeSet::new();
            for unknown in &gap.unknown {
                match unknown {
                    Unknown::Rows(table) => _ = places.insert((table.clone(), None)),
                    Unknown::Cells(table, column) => _ = places.insert(cells(table, column)),
                    Unknown::Named(service) => {
                        let theirs = tables.clone().filter(|table| is_of(service, table));
                        places.extend(theirs.map(|table| (table.to_owned(), None)));
                    }
                }
                if hides_tags(unknown) {
                    let theirs = tables.clone().filter(|table| has_tags(table));
                    places.extend(theirs.map(|table| cells(table, "entity")));
                }
            }
            for place in places {
                hidden.entry(place).or_default().push(gap);
            }
        }
        let hole = |((table, column), gaps)| Hole {
            table,
            column,
            entity: None,
            why: why(gaps).unwrap_or_default(),
        };
        hidden.into_iter().map(hole).collect()
    }
}

/// The calls that failed, of these gaps: `ListSecrets failed in eu-west-1: AccessDenied`; none without any.
fn why<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> Option<String> {
    let mut calls: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for gap in gaps {
        let regions = calls.entry((&gap.operation, &gap.error)).or_default();
        regions.extend(gap.region.as_deref());
    }
    let reasons = calls
        .iter()
        .map(|((operation, error), regions)| format!("{operation} failed{}: {error}", places(regions)));
    (!calls.is_empty()).then(|| listed(reasons.collect(), "; ", "call"))
}

/// Whether tags could not be read: then nobody knows whose a resource is that nothing else tells of.
fn hides_tags(unknown: &Unknown) -> bool {
    matches!(unknown, Unknown::Rows(table) if table == "resource_entity")
}

/// Whether a table has its `entity` from tags: all of the inventory, but for what Cost Explorer tells by tag itself.
fn has_tags(table: &str) -> bool {
    collected_from(table) == "inventory" && !["cost_daily", "cost_forecast"].contains(&table)
}

/// Whether a table or another word is called after a service.
fn is_of(service: &str, word: &str) -> bool {
    word.strip_prefix(service)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn gap(rows: &Rows, at: usize) -> Gap {
    let text = |name: &str| rows.cell(&rows.rows[at], name).text().map(str::to_owned);
    let concerns: Option<Vec<String>> = text("concerns").and_then(|json| serde_json::from_str(&json).ok());
    let unknown = match concerns {
        Some(list) => list
            .into_iter()
            .map(|what| match what.split_once('.') {
                Some((table, column)) => Unknown::Cells(table.to_owned(), column.to_owned()),
                None => Unknown::Rows(what),
            })
            .collect(),
        None => vec![Unknown::Named(text("service").unwrap_or_default())],
    };
    Gap {
        operation: text("operation").unwrap_or_default(),
        region: text("region"),
        error: text("error").unwrap_or_default(),
        unknown,
    }
}

/// Whatever a check's query may name, and the tables that it says it needs.
fn words(entry: &catalog::Check) -> BTreeSet<String> {
    let needs = entry.needs.iter().flat_map(|need| need.get_ref().split('.'));
    let needs = needs.map(str::to_ascii_lowercase);
    needs.chain(holes::words(entry.sql.get_ref())).collect()
}

/// ` in us-west-2`; nothing for what is in no single region.
fn places(regions: &[&str]) -> String {
    let named: Vec<String> = regions
        .iter()
        .filter(|region| !["global", "other", ""].contains(region))
        .map(|region| (*region).to_owned())
        .collect();
    match named.is_empty() {
        true => String::new(),
        false => format!(" in {}", listed(named, ", ", "region")),
    }
}

/// The first three, and how many more there are.
fn listed(texts: Vec<String>, between: &str, kind: &str) -> String {
    let more = texts.len().saturating_sub(3);
    let first = texts[..texts.len() - more].join(between);
    match more {
        0 => first,
        1 => format!("{first} and 1 more {kind}"),
        more => format!("{first} and {more} more {kind}s"),
    }
}
