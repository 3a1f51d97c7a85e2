//! Models: tables that documents show, with a finding as their heading.

use std::collections::BTreeMap;

use shared::{
    facts::{Column, Model, Status, Unit, Value},
    id::Sha256,
};

use super::{
    Night, in_order,
    needs::{applies, lacking},
    values::{difference, value},
};
use crate::{
    catalog,
    engine::{Answer, Rows, SqlError},
    warehouse::problem,
};

/// Evaluates all models that apply, by id.
pub async fn evaluate(night: &Night<'_>) -> BTreeMap<String, Model> {
    let entries = night
        .catalog
        .models
        .iter()
        .filter(|m| applies(&m.kinds, night.portfolio));
    let models = in_order(entries.map(|entry| async move {
        let model = match lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())) {
            Some(lack) => unknown(entry, lack.detail),
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
    let answer = night
        .warehouse
        .select(&source, entry.sql.get_ref(), night.warehouse.parameters())
        .await?;
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
    let (headline, status) = headline(night, entry, answer).await?;
    let mut model = unknown(entry, String::new());
    model.total = entry.total.then(|| total(entry, &cells));
    (model.headline, model.status, model.reason, model.rows) = (headline, status, None, cells);
    Ok(model)
}

/// The finding and how it stands, from the model's own rows.
async fn headline(
    night: &Night<'_>,
    entry: &catalog::Model,
    answer: Answer,
) -> Result<(Option<String>, Status), SqlError> {
    let Some(sql) = &entry.headline_sql else {
        return Ok((None, Status::Unknown));
    };
    let source = format!("model {} headline", entry.id.get_ref());
    // Models are evaluated side by side: each has its own table, which its headline calls `model`.
    let own = format!("model {}", entry.id.get_ref());
    night.warehouse.put(&own, answer.schema, answer.batches)?;
    let parameters = night.warehouse.parameters().calling(&own, "model");
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
        sql_sha256: Sha256::of(entry.sql.get_ref().as_bytes()).to_string(),
    }
}
