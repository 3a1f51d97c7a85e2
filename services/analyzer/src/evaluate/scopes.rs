//! Which rows of a query count in which currency, where entities count in several.
//!
//! A query that reads amounts of entities is asked in the night's session, which has all of them in the portfolio's currency,
//! and once more in the books of each other currency. A row that names an entity is taken from where its amounts are as they
//! were recorded; any other from the night's session.

use shared::{facts::Value, money::Currency};

use super::Night;
use crate::{
    engine::{Answer, Cell, Rows, SqlError},
    warehouse::Books,
};

/// Why a figure of the portfolio is left out that rests on a business's own tables, without a view between.
pub const UNCONVERTED: &str =
    "it reads tables of several currencies that no view maps, which are not added up";

/// What a query answers in one currency.
pub struct Scope<'a> {
    /// The books it was asked in; none: the night's session.
    pub books: Option<&'a Books>,
    /// Its currency.
    pub currency: Currency,
    /// What it answers there.
    pub answer: Answer,
    /// Whether entities of other currencies have books that say otherwise.
    several: bool,
}

impl Scope<'_> {
    /// Whether a row about this entity counts here.
    pub fn has(&self, night: &Night<'_>, entity: Option<&str>) -> bool {
        match self.books {
            Some(books) => books.has(entity),
            None => !self.several || night.warehouse.books_of(entity).is_none(),
        }
    }

    /// The same of a row of its answer.
    pub fn has_row(&self, night: &Night<'_>, rows: &Rows, row: &[Cell]) -> bool {
        self.has(night, rows.cell(row, "entity").text())
    }
}

/// Asks a query wherever it says something of its own; the night's session first.
///
/// # Errors
/// The first that fails.
pub async fn ask<'a>(night: &Night<'a>, source: &str, sql: &str) -> Result<Vec<Scope<'a>>, SqlError> {
    let warehouse = night.warehouse;
    let parameters = warehouse.parameters();
    let answer = warehouse.select(source, sql, parameters).await?;
    let books = match answer.schema.field_with_name("entity") {
        Ok(_) => warehouse.books_for(sql),
        Err(_) => &[],
    };
    let mut scopes = vec![Scope {
        books: None,
        currency: night.portfolio.currency,
        answer,
        several: !books.is_empty(),
    }];
    for books in books {
        scopes.push(Scope {
            books: Some(books),
            currency: books.currency,
            answer: warehouse.select_in(books, source, sql, parameters).await?,
            several: true,
        });
    }
    Ok(scopes)
}

/// Minor units of the portfolio's currency, for ordering; no money, and money without a rate, has no weight.
pub fn weight(night: &Night<'_>, value: Option<&Value>) -> i64 {
    let converted = value.and_then(|value| night.warehouse.in_portfolio(value, None));
    super::values::weight(converted.as_ref())
}
