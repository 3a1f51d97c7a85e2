//! KPIs: a value now, the same over the comparison period, last night's, the target, and how it stands.

use std::collections::BTreeMap;

use shared::{
    facts::{Kpi, MissingKpi, MissingReason, Point, Status, Value},
    id::Sha256,
    money::Currency,
};

use super::{
    Night,
    needs::{Lack, applies, lacking},
    period::{Window, window},
    values::{against, difference, target, value},
};
use crate::{
    catalog::{self, entries::Grain},
    engine::{self, Answer, SqlError},
    in_order::in_order,
    warehouse::{self, Books, problem},
};

mod before;
mod holes;
mod rates;

use before::Before;

/// Nights kept in a KPI's history.
const HISTORY: usize = 30;

/// What the KPIs of a night come to.
#[derive(Debug, Default)]
pub struct Kpis {
    /// With a value, or with an answer in words.
    pub known: Vec<Kpi>,
    /// Without.
    pub missing: Vec<MissingKpi>,
    /// KPIs that apply to the portfolio.
    pub total: u32,
    /// Of these, those with a value or an answer.
    pub computable: u32,
}

/// Evaluates all KPIs that apply.
pub async fn evaluate(night: &Night<'_>) -> Kpis {
    let mut kpis = Kpis::default();
    let entries: Vec<_> = night
        .catalog
        .kpis
        .iter()
        .filter(|k| applies(&k.kinds, night.portfolio))
        .collect();
    let answers = in_order(entries.iter().map(|entry| one(night, entry))).await;
    for (entry, answer) in entries.into_iter().zip(answers) {
        kpis.total += 1;
        match answer {
            Ok(known) => {
                kpis.computable += 1;
                kpis.known.extend(known);
            }
            Err(lack) => kpis.missing.push(missing(night, entry, lack)),
        }
    }
    kpis
}

async fn one(night: &Night<'_>, entry: &catalog::Kpi) -> Result<Vec<Kpi>, Lack> {
    if let Some(lack) = lacking(night, entry.needs.iter().map(|n| n.get_ref().as_str())) {
        return Err(lack);
    }
    let window = window(entry.period, night.as_of.0);
    let failed = |error: SqlError| {
        night
            .warehouse
            .report(problem(&entry.file, Some(entry.id.get_ref()), &error));
        Lack {
            reason: MissingReason::Error,
            detail: error.in_one_line(),
        }
    };
    let mut periods = rows(night, entry, &window).await.into_iter();
    let none = || Err(SqlError::new("the query has no answer"));
    let mut now = periods.next().unwrap_or_else(none).map_err(failed)?;
    let holes = holes::of(night, entry);
    holes::cut(night, entry, &holes, &mut now);
    let before = Before::of(night, entry, &window, periods);
    let known: Vec<Kpi> = now
        .into_iter()
        .map(|(entity, row)| fact(night, entry, &window, entity, row, &before))
        .collect();
    let answers = |k: &Kpi| k.value != Value::Null || (k.note.is_some() && k.gap.is_none());
    if known.iter().any(answers) {
        let says = |k: &Kpi| k.value != Value::Null || k.note.is_some();
        return Ok(known.into_iter().filter(says).collect());
    }
    // The portfolio's row comes first: what is said of all goes before what is said of one.
    if let Some(gap) = known.iter().find_map(|k| k.gap.clone()) {
        return Err(Lack {
            reason: MissingReason::NoValue,
            detail: format!("not computable: {gap}"),
        });
    }
    if !holes.is_empty() {
        return Err(Lack {
            reason: MissingReason::NoValue,
            detail: format!("not computable: {}", warehouse::holes::why(&holes)),
        });
    }
    let when = window
        .fact()
        .map_or_else(String::new, |p| format!(" for {}", p.label));
    Err(Lack {
        reason: MissingReason::NoValue,
        detail: format!("not computable{when}: the query answers nothing"),
    })
}

/// What a query says of an entity, or of the portfolio.
#[derive(Debug)]
struct Row {
    value: Value,
    n: Option<i64>,
    note: Option<String>,
    /// Why the value is not there, or not whole.
    gap: Option<String>,
}

/// By entity; the portfolio's first.
type Rows = BTreeMap<Option<String>, Row>;

/// The rows of the period, then those of each that it is compared with.
async fn rows(night: &Night<'_>, entry: &catalog::Kpi, window: &Window) -> Vec<Result<Rows, SqlError>> {
    let days = std::iter::once(window.now).chain(window.compared.iter().map(|c| c.days));
    let days: Vec<_> = days.collect();
    let source = format!("kpi {}", entry.id.get_ref());
    let answers = night
        .warehouse
        .select_each(&source, entry.sql.get_ref(), &days)
        .await;
    if let Some(Ok(now)) = answers.first() {
        rates::keep(night, entry, now);
    }
    let read = |answer: Result<Answer, SqlError>| rows_of(night, entry, &answer?, None);
    let mut periods: Vec<_> = answers.into_iter().map(read).collect();
    rates::convert(night, entry, &source, &days, &mut periods).await;
    periods
}

fn rows_of(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    answer: &Answer,
    books: Option<&Books>,
) -> Result<Rows, SqlError> {
    let rows = answer.rows()?;
    if rows.column("value").is_none() {
        return Err(SqlError::new("the query has no column `value`"));
    }
    let mut found = BTreeMap::new();
    for cells in &rows.rows {
        let Some((entity, row)) = row(night, entry, &rows, cells, books)? else {
            continue;
        };
        if found.contains_key(&entity) {
            let whose = entity.as_deref().unwrap_or("the portfolio");
            return Err(SqlError::new(format!("two rows for {whose}")));
        }
        found.insert(entity, row);
    }
    Ok(found)
}

fn row(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    rows: &engine::Rows,
    cells: &[engine::Cell],
    books: Option<&Books>,
) -> Result<Option<(Option<String>, Row)>, SqlError> {
    let entity = match entry.grain {
        Grain::Entity => rows.cell(cells, "entity").text().map(str::to_owned),
        Grain::Portfolio => None,
    };
    let Some(currency) = currency_of(night, entry, entity.as_deref(), books) else {
        return Ok(None);
    };
    let value = value(rows.cell(cells, "value"), entry.unit, currency).map_err(SqlError::new)?;
    let n = rows.cell(cells, "n").int();
    let text = |name: &str| rows.cell(cells, name).text().map(str::to_owned);
    let (note, gap) = (text("note"), text("gap"));
    // What stands in place of a value says why there is none.
    let note = match (&value, &gap) {
        (Value::Null, Some(gap)) => Some(format!("unknown: {gap}")),
        _ => note,
    };
    Ok(Some((entity, Row { value, n, note, gap })))
}

/// The currency of a row: of the books that it was read in, or else the portfolio's; none where it is not shown.
fn currency_of(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    entity: Option<&str>,
    books: Option<&Books>,
) -> Option<Currency> {
    let portfolio = night.portfolio;
    match (entity, books) {
        (_, Some(books)) => books.has(entity).then_some(books.currency),
        // Rows of no entity of the portfolio are reported where they enter, in the canonical tables.
        (Some(id), None) => {
            let known = portfolio.entities.iter().any(|e| e.id.as_str() == id);
            let in_books = night.warehouse.is_in_books(entity, entry.sql.get_ref());
            (known && !in_books).then_some(portfolio.currency)
        }
        (None, None) => Some(portfolio.currency),
    }
}

fn fact(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    window: &Window,
    entity: Option<String>,
    row: Row,
    before: &Before,
) -> Kpi {
    let id = entry.id.get_ref();
    let key = entity
        .as_ref()
        .map_or_else(|| id.clone(), |e| format!("{id}@{e}"));
    let fact = format!("kpi:{key}");
    let last = night
        .previous
        .and_then(|a| a.kpis.iter().find(|k| k.fact == fact));
    let last_night = last.map(|k| k.value.clone()).filter(|v| *v != Value::Null);
    let comparisons = before.comparisons(entity.as_deref(), &row.value);
    let (previous, compared_with) = match (comparisons.first(), &last_night) {
        (Some(first), _) => (
            Some(first.value.clone()).filter(|v| *v != Value::Null),
            Some(first.label.clone()),
        ),
        // What is there tonight is a part of what was there last night, or the other way round.
        (None, Some(_)) if row.gap.is_some() || last.is_some_and(|k| k.gap.is_some()) => (None, None),
        (None, Some(value)) => (Some(value.clone()), Some("last night".to_owned())),
        (None, None) => (None, None),
    };
    let currency = entity
        .as_deref()
        .and_then(|id| night.portfolio.entities.iter().find(|e| e.id.as_str() == id));
    let currency = currency.map_or(night.portfolio.currency, |e| e.currency);
    let aim = night.warehouse.settings().targets.get(&key);
    let target = aim
        .and_then(|known| known.as_ref().ok())
        .and_then(|t| target(*t, entry.unit, currency));
    let unknown_target = aim.and_then(|known| known.as_ref().err());
    let status = match (&row.value, &target) {
        (Value::Null, _) => Status::Unknown,
        // A part that reaches the target says nothing of the whole: more may be better, and may be worse.
        (value, Some(target)) if row.gap.is_some() => match against(value, target, entry.better) {
            Status::Good | Status::Watch => Status::Unknown,
            status => status,
        },
        (value, Some(target)) => against(value, target, entry.better),
        (_, None) if unknown_target.is_some() => Status::Unknown,
        (_, None) => Status::Good,
    };
    let note = match unknown_target.filter(|_| row.value != Value::Null) {
        Some(why) => {
            let before = row.note.map(|note| format!("{note}; ")).unwrap_or_default();
            Some(format!("{before}its target is unknown: {why}"))
        }
        None => row.note,
    };
    Kpi {
        id: id.clone(),
        title: entry.title.clone(),
        unit: entry.unit,
        better: entry.better,
        roles: entry.roles.clone(),
        delta: match comparisons.first() {
            Some(first) => first.delta.clone(),
            None => previous.as_ref().and_then(|p| difference(&row.value, p)),
        },
        previous,
        compared_with,
        comparisons,
        history: history(night, last),
        last_night,
        target,
        status,
        n: row.n,
        period: window.fact(),
        note,
        gap: row.gap,
        value: row.value,
        sql_sha256: Sha256::of(entry.sql.get_ref().as_bytes()).to_string(),
        entity,
        fact,
    }
}

/// Earlier nights, oldest first: those that the last night remembered, and the last night itself.
fn history(night: &Night<'_>, last: Option<&Kpi>) -> Vec<Point> {
    let (Some(last), Some(previous)) = (last, night.previous) else {
        return Vec::new();
    };
    let itself = Point {
        date: previous.run.business_date,
        value: last.value.clone(),
    };
    // A part of a value is no point of its history.
    let itself = Some(itself).filter(|_| last.gap.is_none());
    let points: Vec<Point> = last
        .history
        .iter()
        .cloned()
        .chain(itself)
        .filter(|p| p.date < night.as_of.0)
        .collect();
    let skip = points.len().saturating_sub(HISTORY);
    points.into_iter().skip(skip).collect()
}

fn missing(night: &Night<'_>, entry: &catalog::Kpi, lack: Lack) -> MissingKpi {
    let id = entry.id.get_ref();
    let fact = format!("kpi:{id}");
    let since = night
        .previous
        .and_then(|a| a.missing_kpis.iter().find(|m| m.fact == fact))
        .map(|m| m.since);
    MissingKpi {
        id: id.clone(),
        title: entry.title.clone(),
        roles: entry.roles.clone(),
        reason: lack.reason,
        detail: lack.detail,
        needs: entry.needs.iter().map(|n| n.get_ref().clone()).collect(),
        blocks: entry.blocks.clone(),
        fix: entry.fix.clone(),
        owner: entry.owner.clone(),
        since: since.unwrap_or(night.as_of.0),
        fact,
    }
}
