//! What one fact was made of: its query with the values in it, the tables and sources behind that, and whether it comes
//! out the same again.
//!
//! Start at [`explain`]. [`fact`] finds what a fact id stands for, [`lineage`] walks from a query to the sources.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;
use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, RunInfo, SourceReport},
    id::Sha256,
    objects::Objects,
    portfolio::{Bundle, Portfolio},
};

use crate::{engine::Rows, evaluate::Night, night, snapshot::Snapshot, warehouse::Books};

mod fact;
mod lineage;

pub use fact::Unknown;
pub use lineage::{Kind, Table};

use fact::Asked;

/// What a fact was made of.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// Fact id.
    pub fact: String,
    /// Its title.
    pub title: String,
    /// Which night, with the digests of what it was made from.
    pub run: RunInfo,
    /// The fact as that night's `analysis.json` has it.
    pub recorded: serde_json::Value,
    /// The same, computed again just now from the same snapshot; none if it did not come out at all.
    pub again: Option<serde_json::Value>,
    /// Whether the two are equal in everything.
    pub agrees: bool,
    /// The query; none for what a person wrote: a task of a handoff.
    pub query: Option<Query>,
    /// Every parameter that the query, or a view behind it, names: its value as SQL.
    pub parameters: BTreeMap<String, String>,
    /// The tables behind it, nearest first.
    pub tables: Vec<Table>,
    /// The sources behind those.
    pub sources: Vec<SourceReport>,
    /// What was not read and would be part of it.
    pub holes: Vec<String>,
}

/// A query and what it answers.
#[derive(Debug, Serialize)]
pub struct Query {
    /// The file that it stands in.
    pub file: String,
    /// The entry in that file.
    pub entry: String,
    /// As it stands there.
    pub sql: String,
    /// With the parameters' values in it: `quarterdeck query` answers it.
    pub bound: String,
    /// Digest of `sql`.
    pub sha256: String,
    /// Names of the answer's columns.
    pub columns: Vec<String>,
    /// Its rows, of every entity; decimals are text.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Why it has no answer.
    pub error: Option<String>,
}

/// Explains a fact of a night. The whole night is computed again for it, as results are tables that queries may read.
///
/// # Errors
/// [`Unknown`] for a fact that the night does not have; a snapshot that cannot be read.
pub async fn explain(
    objects: &Objects,
    bundle: &Bundle,
    portfolio: &Portfolio,
    snapshot: &Snapshot,
    recorded: &Analysis,
    id: &str,
) -> anyhow::Result<Explanation> {
    // Before the work: a slip of the pen is answered at once.
    fact::find(recorded, id)?;
    let files = CatalogFiles::of(bundle);
    let (catalog, warehouse) = night::open(objects, &files, portfolio, snapshot).await?;
    let night = Night {
        warehouse: &warehouse,
        catalog: &catalog,
        portfolio,
        as_of: snapshot.run.date(),
        previous: snapshot.previous.as_ref(),
    };
    let again = night::evaluated(&night, &files, snapshot).await?;
    explain_in(&night, &again, recorded, id).await
}

/// [`explain`] in a night that was computed `again`.
async fn explain_in(
    night: &Night<'_>,
    analysis: &Analysis,
    recorded: &Analysis,
    id: &str,
) -> anyhow::Result<Explanation> {
    let found = fact::find(recorded, id)?;
    let again = fact::find(analysis, &found.fact).ok().map(|again| again.json);
    let asked = fact::asked(night, &found.made_by);
    let (tables, texts) = lineage::behind(night, analysis, asked.as_ref());
    let parameters = match &asked {
        Some(asked) => asked.parameters(night),
        None => night.warehouse.parameters().clone(),
    };
    let query = match &asked {
        Some(asked) => Some(query(night, asked).await?),
        None => None,
    };
    let sources = analysis.sources.iter();
    let sources = sources.filter(|source| tables.iter().any(|table| table.sources.contains(&source.id)));
    let holes = asked.as_ref().map(|asked| {
        let unrated = match books(night, asked) {
            Some(_) => Vec::new(),
            None => night.warehouse.rate_holes(&asked.sql),
        };
        [night.warehouse.holes(&asked.sql), unrated].concat()
    });
    Ok(Explanation {
        title: found.title,
        agrees: again.as_ref() == Some(&found.json),
        recorded: found.json,
        again,
        fact: found.fact,
        run: recorded.run.clone(),
        query,
        parameters: texts.iter().flat_map(|text| parameters.named_in(text)).collect(),
        sources: sources.cloned().collect(),
        holes: holes.into_iter().flatten().map(|hole| hole.why).collect(),
        tables,
    })
}

/// The books that a fact was read in, if it was not in the night's session.
fn books<'a>(night: &Night<'a>, asked: &Asked) -> Option<&'a Books> {
    let entity = asked.entity.as_deref();
    let books = night.warehouse.books_of(entity)?;
    night.warehouse.is_in_books(entity, &asked.sql).then_some(books)
}

async fn query(night: &Night<'_>, asked: &Asked) -> anyhow::Result<Query> {
    let parameters = asked.parameters(night);
    let source = format!("explain {}", asked.entry);
    let warehouse = night.warehouse;
    // Where the fact was read: an entity of another currency has books of its own.
    let answer = match books(night, asked) {
        Some(books) => warehouse.select_in(books, &source, &asked.sql, &parameters).await,
        None => warehouse.select(&source, &asked.sql, &parameters).await,
    };
    let answer = answer.and_then(|answer| answer.rows());
    let (Rows { columns, rows }, error) = match answer {
        Ok(rows) => (rows, None),
        Err(error) => (Rows::default(), Some(error.in_one_line())),
    };
    let rows = rows
        .iter()
        .map(|row| row.iter().map(serde_json::to_value).collect())
        .collect::<Result<_, _>>()
        .context("failed to write the answer as JSON")?;
    Ok(Query {
        // What cannot be bound has failed above, and says why there.
        bound: night
            .warehouse
            .bound(&asked.sql, &parameters)
            .unwrap_or_else(|_| asked.sql.clone()),
        sha256: Sha256::of(asked.sql.as_bytes()).to_string(),
        file: asked.file.clone(),
        entry: asked.entry.clone(),
        sql: asked.sql.clone(),
        columns,
        rows,
        error,
    })
}

#[cfg(test)]
mod tests;
