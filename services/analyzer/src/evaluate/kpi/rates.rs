//! A KPI where entities count in several currencies: their rows are read in their books, the portfolio's says at which rates it
//! was converted, and is unknown where an amount behind it has no rate.

use jiff::civil::Date;
use shared::facts::{Unit, Value};

use super::{Answer, Night, Row, Rows, SqlError, holes::is_for, rows_of, value};
use crate::{
    catalog::{self, entries::Grain},
    evaluate::scopes::UNCONVERTED,
    warehouse::{amount, holes::without},
};

/// Keeps the converted rows of entities for the table `kpis`: the portfolio's figure is made of them.
pub fn keep(night: &Night<'_>, entry: &catalog::Kpi, answer: &Answer) {
    if entry.unit != Unit::Money || entry.grain != Grain::Entity || night.warehouse.books().is_empty() {
        return;
    }
    // One that cannot be read is said where the rows are.
    let Ok(rows) = answer.rows() else { return };
    for cells in &rows.rows {
        let entity = rows.cell(cells, "entity").text();
        let entity = entity.filter(|id| night.warehouse.is_in_books(Some(id), entry.sql.get_ref()));
        let value = value(rows.cell(cells, "value"), entry.unit, night.portfolio.currency);
        if let (Some(entity), Some(value)) = (entity, value.ok().as_ref().and_then(amount)) {
            night.warehouse.keep_converted(entry.id.get_ref(), entity, value);
        }
    }
}

/// Adds the rows of the books to the periods' rows, and says of the portfolio's what it rests on.
pub async fn convert(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    source: &str,
    days: &[(Date, Date)],
    periods: &mut [Result<Rows, SqlError>],
) {
    let sql = entry.sql.get_ref();
    if entry.grain == Grain::Entity {
        for books in night.warehouse.books_for(sql) {
            let answers = night.warehouse.select_each_in(books, source, sql, days).await;
            let mut answers = answers.into_iter();
            for period in periods.iter_mut() {
                let failed = || Err(SqlError::new("the query has no answer"));
                let own = answers.next().unwrap_or_else(failed);
                let own = own.and_then(|answer| rows_of(night, entry, &answer, Some(books)));
                if let Ok(rows) = period {
                    match own {
                        Ok(own) => rows.extend(own),
                        Err(error) => *period = Err(error),
                    }
                }
            }
        }
    }
    for (entity, row) in periods.iter_mut().flatten().flatten() {
        if night.warehouse.is_converted(entity.as_deref(), sql) {
            tell(night, entry, row);
        }
    }
}

/// What a row of the night's session says of its rates. The gap goes with every period: what has a rate in one and none in another is no
/// change.
fn tell(night: &Night<'_>, entry: &catalog::Kpi, row: &mut Row) {
    let (warehouse, sql) = (night.warehouse, entry.sql.get_ref());
    // A number of things has no currency, as far as anybody can tell. A day may be that on which money runs out.
    let counts = matches!(entry.unit, Unit::Count | Unit::Hours | Unit::Status);
    let mut unrated = warehouse.rate_holes(sql);
    unrated.retain(|hole| {
        let mut entities = night.portfolio.entities.iter();
        entities.any(|e| hole.is_of(e.id.as_str()) && is_for(entry, e))
    });
    let lack = without(&unrated, night.portfolio);
    let lack = lack.or_else(|| {
        let mixed = entry.unit == Unit::Money && warehouse.reads_unconverted(sql);
        mixed.then(|| UNCONVERTED.to_owned())
    });
    match lack {
        Some(_) if counts => {}
        Some(lack) => {
            row.value = Value::Null;
            row.note = Some(format!("unknown: {lack}"));
            row.gap = Some(lack);
        }
        None if counts || row.value == Value::Null => {}
        None => {
            if let Some(said) = warehouse.converted(sql) {
                row.note = Some(match row.note.take() {
                    Some(note) => format!("{note}; {said}"),
                    None => said,
                });
            }
        }
    }
}
