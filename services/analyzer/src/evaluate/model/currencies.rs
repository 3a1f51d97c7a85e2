//! A model where entities count in several currencies: each row that names one is in its currency, everything else in the
//! portfolio's. So no cell stands under another sign than its own, and nothing is added up that is not converted.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{AsArray, RecordBatch, UInt64Array},
        compute::{cast, concat_batches, take_record_batch},
        datatypes::DataType,
        error::ArrowError,
    },
    common::DataFusionError,
};
use shared::{
    facts::{Model, Status, Unit},
    money::Currency,
};

use super::Night;
use crate::{
    catalog,
    engine::{Answer, SqlError},
    evaluate::scopes::{Scope, UNCONVERTED},
    warehouse::{
        Books,
        holes::{self, words},
        tables::align,
    },
};

/// What a model's amounts rest on.
#[derive(Debug, Default)]
pub struct Rates {
    /// At which rates they were converted.
    pub said: Option<String>,
    /// Why nothing can be said but of single entities.
    pub lack: Option<String>,
    /// Whether a column is money.
    money: bool,
}

impl Rates {
    pub fn of(night: &Night<'_>, entry: &catalog::Model) -> Self {
        let headline = entry.headline_sql.as_ref().map(catalog::Sql::get_ref);
        let texts: Vec<&str> = std::iter::once(entry.sql.get_ref())
            .chain(headline)
            .map(String::as_str)
            .collect();
        let prints = |text: &&str| words(text).contains("fmt_money");
        // Words, days and numbers of things have no currency; a share may be one of money.
        let may_be_made_of_money =
            |unit: Unit| matches!(unit, Unit::Money | Unit::Ratio | Unit::Number | Unit::Months);
        let columns = entry.columns.iter();
        if !columns.map(|column| column.unit).any(may_be_made_of_money) && !texts.iter().any(prints) {
            return Self::default();
        }
        let warehouse = night.warehouse;
        let unrated: Vec<_> = texts.iter().flat_map(|sql| warehouse.rate_holes(sql)).collect();
        let unconverted = texts.iter().any(|sql| warehouse.reads_unconverted(sql));
        let lack = holes::without(&unrated, night.portfolio);
        Self {
            said: texts.iter().find_map(|sql| warehouse.converted(sql)),
            lack: lack.or_else(|| unconverted.then(|| UNCONVERTED.to_owned())),
            money: has_money(entry),
        }
    }

    /// Puts it below the table.
    pub fn tell(&self, model: &mut Model, of_entities: bool) {
        let said = match (&self.lack, &self.said, of_entities) {
            (Some(lack), ..) => {
                (model.headline, model.status, model.total) = (None, Status::Unknown, None);
                if model.rows.is_empty() {
                    model.reason = Some(lack.clone());
                }
                format!("Nothing is added up: {lack}.")
            }
            // Its heading is about the rows that are shown.
            (None, Some(_), true) if !self.money => return,
            (None, Some(said), true) => {
                format!("Each business is in its own currency; heading and sums are {said}.")
            }
            (None, Some(said), false) => format!("Amounts are {said}."),
            (None, None, _) => return,
        };
        model.note = Some(match model.note.take() {
            Some(note) => format!("{said} {note}"),
            None => said,
        });
    }
}

/// Whether a column of it is money.
pub fn has_money(entry: &catalog::Model) -> bool {
    entry.columns.iter().any(|column| column.unit == Unit::Money)
}

/// A model's rows with the currency of each.
pub struct Merged<'a> {
    /// All of them.
    pub answer: Answer,
    /// Of each row.
    pub currencies: Vec<Currency>,
    /// The books that all of them are from, if they are from one.
    pub sole: Option<&'a Books>,
}

/// Puts the rows of the books in the places of the night's rows of the same entity, one for one. `whole`: rows of no entity
/// are good too.
pub fn merge<'a>(
    night: &Night<'_>,
    sql: &str,
    scopes: &[Scope<'a>],
    whole: bool,
) -> Result<Merged<'a>, SqlError> {
    let [first, books @ ..] = scopes else {
        return Err(SqlError::new("the query has no answer"));
    };
    let schema = Arc::clone(&first.answer.schema);
    let parts = scopes.iter().map(|scope| {
        let one = concat_batches(&scope.answer.schema, &scope.answer.batches)?;
        align(&one, &schema)
    });
    let parts = parts.collect::<Result<Vec<RecordBatch>, ArrowError>>();
    let parts = parts.map_err(DataFusionError::from)?;
    let entities = parts.iter().map(entities).collect::<Result<Vec<_>, ArrowError>>();
    let entities = entities.map_err(DataFusionError::from)?;
    // Rows of the books that have no place yet, by entity.
    let mut waiting: BTreeMap<&str, VecDeque<(usize, usize)>> = BTreeMap::new();
    for (at, scope) in books.iter().enumerate() {
        for (row, entity) in entities[at + 1].iter().enumerate() {
            if let Some(id) = entity.as_deref().filter(|id| scope.has(night, Some(id))) {
                waiting.entry(id).or_default().push_back((at + 1, row));
            }
        }
    }
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for id in entities[0].iter().flatten() {
        *left.entry(id).or_default() += 1;
    }
    // A query that gives the first few only has chosen them by what they are worth to the portfolio.
    let chosen = words(sql).contains("limit") && whole;
    let mut order = Vec::new();
    for (row, entity) in entities[0].iter().enumerate() {
        let id = entity.as_deref();
        if first.has(night, id) {
            let known = |id: &str| night.portfolio.entities.iter().any(|e| e.id.as_str() == id);
            if whole || id.is_some_and(known) {
                order.push((0, row));
            }
            continue;
        }
        let Some(id) = id else { continue };
        let last = left.get_mut(id).is_some_and(|left| {
            *left -= 1;
            *left == 0
        });
        let own = waiting.entry(id).or_default();
        match last && !chosen {
            true => order.extend(own.drain(..)),
            false => order.extend(own.pop_front()),
        }
    }
    if !chosen {
        let mut rest: Vec<_> = waiting.into_values().flatten().collect();
        rest.sort_unstable();
        order.extend(rest);
    }
    let before = |part: usize| parts[..part].iter().map(RecordBatch::num_rows).sum::<usize>();
    let places = order.iter().map(|(part, row)| before(*part) + row);
    let places: UInt64Array = places.map(|at| u64::try_from(at).ok()).collect();
    let all = concat_batches(&schema, &parts).and_then(|all| take_record_batch(&all, &places));
    let from: Vec<usize> = order.iter().map(|(part, _)| *part).collect();
    let sole = from
        .first()
        .filter(|first| from.iter().all(|part| part == *first));
    Ok(Merged {
        sole: sole.and_then(|part| scopes[*part].books),
        currencies: from.iter().map(|part| scopes[*part].currency).collect(),
        answer: Answer {
            schema,
            batches: vec![all.map_err(DataFusionError::from)?],
            unreadable: Vec::new(),
        },
    })
}

/// The entity of each row, as far as it names one.
fn entities(batch: &RecordBatch) -> Result<Vec<Option<String>>, ArrowError> {
    let Some(column) = batch.column_by_name("entity") else {
        return Ok(vec![None; batch.num_rows()]);
    };
    let texts = cast(column, &DataType::Utf8)?;
    let texts = texts.as_string::<i32>().iter();
    Ok(texts.map(|text| text.map(str::to_owned)).collect())
}
