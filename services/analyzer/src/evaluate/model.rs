//! Models: tables that documents show, with a finding as their heading.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    facts::{Column, Model, ModelOfEntity, Status, Unit, Value},
    id::Sha256,
    money::Currency,
};

use super::{
    Night,
    needs::{applies, lacking},
    scopes::{Scope, ask},
    values::{difference, value},
};
use crate::{
    catalog,
    engine::{Answer, Rows, SqlError},
    in_order::in_order,
    warehouse::{self, Books, holes::Hole, only, problem},
};

mod currencies;

use currencies::{Merged, Rates, has_money, merge};

/// Evaluates all models that apply, by id.
pub async fn evaluate(night: &Night<'_>) -> BTreeMap<String, Model> {
    let entries = night
        .catalog
        .models
        .iter()
        .filter(|m| applies(&m.kinds, night.portfolio));
    let models = in_order(entries.map(|entry| async move {
        let lack = lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())).map(|l| l.detail);
        let model = match lack {
            Some(reason) => unknown(entry, reason),
            None => one(night, entry).await.unwrap_or_else(|error| {
                night
                    .warehouse
                    .report(problem(&entry.file, Some(entry.id.get_ref()), &error));
                unknown(entry, format!("its query failed: {}", error.in_one_line()))
            }),
        };
        (entry.id.get_ref().clone(), model)
    }));
    models.await.into_iter().collect()
}

async fn one(night: &Night<'_>, entry: &catalog::Model) -> Result<Model, SqlError> {
    let source = format!("model {}", entry.id.get_ref());
    let (holes, rates) = (holes(night, entry), Rates::of(night, entry));
    let unseen = |entity: &str| holes.iter().any(|h| h.entity.as_deref() == Some(entity));
    let mut scopes = ask(night, &source, entry.sql.get_ref()).await?;
    for Scope { answer, .. } in &mut scopes {
        answer.batches = only(&answer.batches, |entity| !entity.is_some_and(unseen))?;
    }
    // Without rows of entities nothing is left that rests on no rate.
    let of_entities = scopes.len() > 1;
    if let Some(lack) = rates.lack.as_ref().filter(|_| !of_entities) {
        return Ok(unknown(entry, lack.clone()));
    }
    let whole = rates.lack.is_none() || !has_money(entry);
    let merged = match of_entities {
        true => Some(merge(night, entry.sql.get_ref(), &scopes, whole)?),
        false => None,
    };
    // One business's own table has nothing to convert.
    let own = whole && merged.as_ref().is_some_and(|merged| merged.sole.is_some());
    let Scope { answer, currency, .. } = scopes.swap_remove(0);
    let mut model = match merged {
        Some(merged) => several(night, entry, merged, (answer, currency)).await?,
        None => {
            let cells = cells(entry, &answer, std::iter::repeat(currency))?;
            let mut model = unknown(entry, String::new());
            model.by_entity = by_entity(night, entry, &answer, &cells).await?;
            model.total = entry.total.then(|| total(entry, &cells));
            let own = format!("model {}", entry.id.get_ref());
            (model.headline, model.status) = headline(night, entry, &own, answer, None).await?;
            (model.reason, model.rows) = (None, cells);
            model
        }
    };
    if !own {
        rates.tell(&mut model, of_entities);
    }
    if let Some(without) = warehouse::holes::without(&holes, night.portfolio) {
        tell(&mut model, &without);
    }
    Ok(model)
}

/// A model whose rows are of several currencies; `all` has them in one.
async fn several(
    night: &Night<'_>,
    entry: &catalog::Model,
    merged: Merged<'_>,
    all: (Answer, Currency),
) -> Result<Model, SqlError> {
    let rows = cells(entry, &merged.answer, merged.currencies.iter().copied())?;
    let mut model = unknown(entry, String::new());
    model.by_entity = by_entity(night, entry, &merged.answer, &rows).await?;
    let sums = match merged.sole {
        Some(_) => rows.clone(),
        None => cells(entry, &all.0, std::iter::repeat(all.1))?,
    };
    model.total = entry.total.then(|| total(entry, &sums));
    // What compares no amounts is about the rows that are shown.
    let about = match merged.sole.is_some() || !has_money(entry) {
        true => merged.answer,
        false => all.0,
    };
    let own = format!("model {}", entry.id.get_ref());
    (model.headline, model.status) = headline(night, entry, &own, about, merged.sole).await?;
    (model.reason, model.rows) = (None, rows);
    Ok(model)
}

/// The cells of a query's rows, each row's amounts in its currency.
fn cells(
    entry: &catalog::Model,
    answer: &Answer,
    currencies: impl Iterator<Item = Currency>,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let rows = answer.rows()?;
    let positions = entry.columns.iter().map(|column| {
        let missing = || SqlError::new(format!("the query has no column `{}`", column.name));
        Ok((rows.column(&column.name).ok_or_else(missing)?, column.unit))
    });
    let positions = positions.collect::<Result<Vec<_>, SqlError>>()?;
    let mut cells = Vec::with_capacity(rows.rows.len());
    for (row, currency) in rows.rows.iter().zip(currencies) {
        let typed = positions
            .iter()
            .map(|(at, unit)| value(&row[*at], *unit, currency).map_err(SqlError::new));
        cells.push(typed.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(cells)
}

/// The holes in what the model reads, of entities that it is for.
fn holes(night: &Night<'_>, entry: &catalog::Model) -> Vec<Hole> {
    let mut holes = night.warehouse.holes(entry.sql.get_ref());
    // A model of results, such as `agenda`, rests on what they were made from: it says so by its needs.
    for need in &entry.needs {
        let need = need.get_ref().as_str();
        let (table, column) = need.split_once('.').unwrap_or((need, "*"));
        holes.extend(night.warehouse.holes(&format!("select {column} from {table}")));
    }
    holes.sort();
    holes.dedup();
    holes.retain(|hole| {
        hole.entity.as_deref().is_none_or(|id| {
            let mut entities = night.portfolio.entities.iter();
            entities.any(|e| e.id.as_str() == id && (entry.kinds.is_empty() || entry.kinds.contains(&e.kind)))
        })
    });
    holes
}

/// What a model with holes says: what it is without, and nothing that only all rows could say.
fn tell(model: &mut Model, without: &str) {
    let mut said = format!("{}{}.", without[..1].to_uppercase(), &without[1..]);
    if let Some(note) = &model.note {
        said = format!("{said} {note}");
    }
    model.note = Some(said);
    if model.rows.is_empty() {
        (model.headline, model.status, model.reason) = (None, Status::Unknown, Some(without.to_owned()));
    } else if model.status == Status::Good {
        model.status = Status::Unknown;
    }
}

/// What the model says of each business, where it is about one kind of them and has rows of several.
async fn by_entity(
    night: &Night<'_>,
    entry: &catalog::Model,
    answer: &Answer,
    cells: &[Vec<Value>],
) -> Result<BTreeMap<String, ModelOfEntity>, SqlError> {
    let mut found = BTreeMap::new();
    let Some(at) = entry.columns.iter().position(|c| c.name == "entity") else {
        return Ok(found);
    };
    let of = |row: &Vec<Value>| match &row[at] {
        Value::Text(id) => Some(id.clone()),
        _ => None,
    };
    let entities: BTreeSet<String> = cells.iter().filter_map(of).collect();
    if entry.kinds.is_empty() || entities.len() < 2 {
        return Ok(found);
    }
    for id in entities {
        let own: Vec<Vec<Value>> = cells
            .iter()
            .filter(|row| of(row).as_ref() == Some(&id))
            .cloned()
            .collect();
        let part = Answer {
            schema: answer.schema.clone(),
            batches: only(&answer.batches, |entity| entity == Some(id.as_str()))?,
            unreadable: Vec::new(),
        };
        let name = format!("model {} of {id}", entry.id.get_ref());
        // Its rows are in its currency, where they are of several.
        let books = night.warehouse.books_of(Some(&id));
        let books = books.filter(|_| night.warehouse.is_in_books(Some(&id), entry.sql.get_ref()));
        let (headline, status) = headline(night, entry, &name, part, books).await?;
        let total = entry.total.then(|| total(entry, &own));
        found.insert(
            id,
            ModelOfEntity {
                headline,
                status,
                total,
            },
        );
    }
    Ok(found)
}

/// The finding and how it stands, from the model's own rows.
async fn headline(
    night: &Night<'_>,
    entry: &catalog::Model,
    own: &str,
    answer: Answer,
    books: Option<&Books>,
) -> Result<(Option<String>, Status), SqlError> {
    let Some(sql) = &entry.headline_sql else {
        return Ok((None, Status::Unknown));
    };
    let source = format!("model {} headline", entry.id.get_ref());
    // Models are evaluated side by side: each has its own table, which its headline calls `model`.
    night.warehouse.put(own, answer.schema, answer.batches)?;
    let parameters = night.warehouse.parameters().calling(own, "model");
    let warehouse = night.warehouse;
    let answer = match books {
        Some(books) => {
            warehouse
                .select_in(books, &source, sql.get_ref(), &parameters)
                .await?
        }
        None => warehouse.select(&source, sql.get_ref(), &parameters).await?,
    };
    let rows: Rows = answer.rows()?;
    let Some(row) = rows.rows.first() else {
        return Ok((None, Status::Unknown));
    };
    let Some(headline) = rows.cell(row, "headline").text() else {
        return Ok((None, Status::Unknown));
    };
    let status = match rows.cell(row, "status").text() {
        Some("good") => Status::Good,
        Some("watch") => Status::Watch,
        Some("bad") => Status::Bad,
        _ => Status::Unknown,
    };
    Ok((Some(headline.to_owned()), status))
}

/// Money and counts added up; the first column says what the row is. A column with an unknown cell has an unknown sum.
fn total(entry: &catalog::Model, rows: &[Vec<Value>]) -> Vec<Value> {
    let sum = |at: usize| {
        let zero = rows
            .first()
            .and_then(|r| difference(&r[at], &r[at]))
            .unwrap_or(Value::Null);
        rows.iter().try_fold(zero, |sum, row| {
            let negative = difference(&difference(&row[at], &row[at])?, &row[at])?;
            difference(&sum, &negative)
        })
    };
    let cell = |(at, column): (usize, &catalog::ModelColumn)| match column.unit {
        Unit::Money | Unit::Count if !rows.is_empty() => sum(at).unwrap_or(Value::Null),
        _ if at == 0 => Value::Text("Total".into()),
        _ => Value::Null,
    };
    entry.columns.iter().enumerate().map(cell).collect()
}

fn unknown(entry: &catalog::Model, reason: String) -> Model {
    let column = |c: &catalog::ModelColumn| Column {
        name: c.name.clone(),
        label: c.label.clone(),
        unit: c.unit,
    };
    Model {
        fact: format!("model:{}", entry.id.get_ref()),
        title: entry.title.clone(),
        headline: None,
        status: Status::Unknown,
        reason: Some(reason),
        columns: entry.columns.iter().map(column).collect(),
        rows: Vec::new(),
        total: None,
        note: entry.note.clone(),
        by_entity: BTreeMap::new(),
        sql_sha256: Sha256::of(entry.sql.get_ref().as_bytes()).to_string(),
    }
}
