//! Models: tables that documents show, with a finding as their heading.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    arrow::{
        array::{AsArray, BooleanArray, RecordBatch},
        compute::filter_record_batch,
    },
    common::DataFusionError,
};
use shared::{
    facts::{Column, Model, ModelOfEntity, Status, Unit, Value},
    id::Sha256,
};

use super::{
    Night,
    needs::{applies, lacking},
    values::{difference, value},
};
use crate::{
    catalog,
    engine::{Answer, Rows, SqlError},
    in_order::in_order,
    warehouse::{self, holes::Hole, problem},
};

/// Evaluates all models that apply, by id.
pub async fn evaluate(night: &Night<'_>) -> BTreeMap<String, Model> {
    let entries = night
        .catalog
        .models
        .iter()
        .filter(|m| applies(&m.kinds, night.portfolio));
    let models = in_order(entries.map(|entry| async move {
        let lack = lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())).map(|l| l.detail);
        let model = match lack.or_else(|| mixed(night, entry)) {
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
    let mut answer = night
        .warehouse
        .select(&source, entry.sql.get_ref(), night.warehouse.parameters())
        .await?;
    let holes = holes(night, entry);
    let unseen = |entity: &str| holes.iter().any(|h| h.entity.as_deref() == Some(entity));
    answer.batches = only(&answer, |entity| !entity.is_some_and(unseen))?;
    let rows = answer.rows()?;
    let positions = entry.columns.iter().map(|column| {
        let missing = || SqlError::new(format!("the query has no column `{}`", column.name));
        Ok((rows.column(&column.name).ok_or_else(missing)?, column.unit))
    });
    let positions = positions.collect::<Result<Vec<_>, SqlError>>()?;
    let currency = night.portfolio.currency;
    let mut cells = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let typed = positions
            .iter()
            .map(|(at, unit)| value(&row[*at], *unit, currency).map_err(SqlError::new));
        cells.push(typed.collect::<Result<Vec<_>, _>>()?);
    }
    let mut model = unknown(entry, String::new());
    model.by_entity = by_entity(night, entry, &answer, &cells).await?;
    let own = format!("model {}", entry.id.get_ref());
    let (headline, status) = headline(night, entry, &own, answer).await?;
    model.total = entry.total.then(|| total(entry, &cells));
    (model.headline, model.status, model.reason, model.rows) = (headline, status, None, cells);
    if let Some(without) = warehouse::holes::without(&holes, night.portfolio) {
        tell(&mut model, &without);
    }
    Ok(model)
}

/// Money of several currencies is never added up, and a table of them would be read as one of the portfolio's.
fn mixed(night: &Night<'_>, entry: &catalog::Model) -> Option<String> {
    let currencies: BTreeSet<_> = night
        .portfolio
        .entities
        .iter()
        .map(|e| e.currency.to_string())
        .collect();
    let money = entry.columns.iter().any(|c| c.unit == Unit::Money);
    (money && currencies.len() > 1).then(|| {
        let currencies: Vec<String> = currencies.into_iter().collect();
        format!(
            "its money is of several currencies ({}), which are not added up",
            currencies.join(", ")
        )
    })
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

/// The batches with those rows whose `entity` passes; all, of a table without that column.
fn only(answer: &Answer, keep: impl Fn(Option<&str>) -> bool) -> Result<Vec<RecordBatch>, SqlError> {
    let filtered = answer.batches.iter().map(|batch| {
        let Some(entities) = batch
            .column_by_name("entity")
            .and_then(|c| c.as_string_opt::<i32>())
        else {
            return Ok(batch.clone());
        };
        let kept: BooleanArray = entities.iter().map(|e| Some(keep(e))).collect();
        filter_record_batch(batch, &kept).map_err(|e| SqlError::from(DataFusionError::from(e)))
    });
    filtered.collect()
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
            batches: only(answer, |entity| entity == Some(id.as_str()))?,
            unreadable: Vec::new(),
        };
        let name = format!("model {} of {id}", entry.id.get_ref());
        let (headline, status) = headline(night, entry, &name, part).await?;
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
) -> Result<(Option<String>, Status), SqlError> {
    let Some(sql) = &entry.headline_sql else {
        return Ok((None, Status::Unknown));
    };
    let source = format!("model {} headline", entry.id.get_ref());
    // Models are evaluated side by side: each has its own table, which its headline calls `model`.
    night.warehouse.put(own, answer.schema, answer.batches)?;
    let parameters = night.warehouse.parameters().calling(own, "model");
    let rows: Rows = night
        .warehouse
        .select(&source, sql.get_ref(), &parameters)
        .await?
        .rows()?;
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
