//! Converting: canonical tables row by row, and those derived views that schema.toml says are converted as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, RecordBatch},
        compute::{cast, filter_record_batch},
        datatypes::{DataType, Date32Type, Decimal128Type},
        error::ArrowError,
    },
    common::{DataFusionError, TableReference},
};
use jiff::civil::Date;
use shared::{facts::Unit, money::Currency, portfolio::Portfolio};

use super::{
    super::{
        Hole, Warehouse,
        canonical::why_empty,
        holes::{Behind, why},
        problem,
        rates::{Rates, TABLE, day_of},
        tables::align,
    },
    Used, days,
};
use crate::{
    catalog::{Catalog, ColumnType, Money, SqlFile},
    engine::{Answer, SqlError},
};

/// The file that says what is money.
const FILE: &str = "catalog/schema.toml";

/// Reads the rates, and registers every canonical table with money in it: converted in the night's session, and in each
/// of the books the rows of its entities as they are.
pub fn tables(
    warehouse: &Warehouse,
    catalog: &Catalog,
    portfolio: &Portfolio,
    as_of: Date,
    canonical: &BTreeMap<&str, Vec<RecordBatch>>,
) -> Result<(), SqlError> {
    let holes = warehouse.holes(&format!("select * from {TABLE}"));
    let none = canonical.get(TABLE).is_none_or(|batches| rows(batches) == 0);
    let reason = match (holes.is_empty(), none) {
        (false, _) => Some(why(&holes)),
        (true, true) => Some(why_empty(TABLE, catalog, &warehouse.problems())),
        (true, false) => None,
    };
    let given = canonical.get(TABLE).map_or(&[][..], Vec::as_slice);
    let days = days(catalog, portfolio, &warehouse.settings);
    let (rates, wrong) = Rates::of(given, (portfolio.currency, as_of, days), reason);
    for message in wrong {
        warehouse.report(problem(FILE, Some(TABLE), &SqlError::new(message)));
    }
    let rates = warehouse.currencies.rates.get_or_init(|| rates);
    for (name, table) in &catalog.canonical {
        let Some(batches) = canonical.get(name.as_str()) else {
            continue;
        };
        if !warehouse.currencies.money.contains(name) {
            continue;
        }
        let decimals = table.columns.iter().filter(|(_, t)| *t == ColumnType::Decimal);
        let all = Money {
            columns: decimals.map(|(column, _)| column.clone()).collect(),
            ..Money::default()
        };
        let mut converter = Converter::of(warehouse, rates, catalog, name, table.money.is_some());
        let money = table.money.as_ref().unwrap_or(&all);
        let converted = batches.iter().map(|batch| converter.batch(money, batch));
        let converted = converted.collect::<Result<_, _>>()?;
        converter.done(warehouse);
        let bare = TableReference::bare(name.as_str());
        warehouse.engine.put(bare, table.schema(), converted)?;
        for books in warehouse.books() {
            let own = only(batches, |entity| books.has(entity))?;
            warehouse.put_in(books, name, table.schema(), own)?;
        }
    }
    Ok(())
}

fn rows(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// Runs a derived view in each of the books, where it says something else there.
pub async fn answers(warehouse: &Warehouse, source: &str, view: &SqlFile) -> Vec<Result<Answer, SqlError>> {
    let mut answers = Vec::new();
    if warehouse.books().is_empty() || !warehouse.has_amounts(&Behind::of(&view.sql, &warehouse.reads)) {
        return answers;
    }
    for books in warehouse.books() {
        answers.push(
            warehouse
                .select_in(books, source, &view.sql, warehouse.parameters())
                .await,
        );
    }
    answers
}

/// Registers a derived view: where it is converted as a whole, the night's rows of other currencies come from the books.
pub fn put_view(
    warehouse: &Warehouse,
    catalog: &Catalog,
    view: &SqlFile,
    answer: Answer,
    in_books: Vec<Result<Answer, SqlError>>,
) -> Result<(), SqlError> {
    if in_books.is_empty() {
        return warehouse.put(&view.name, answer.schema, answer.batches);
    }
    let whole = catalog
        .canonical
        .values()
        .find_map(|table| table.whole.get(&view.name));
    let own = only(&answer.batches, |entity| warehouse.books_of(entity).is_none())?;
    let mut converted = if whole.is_some() {
        own.clone()
    } else {
        answer.batches
    };
    let mut full = own;
    let rates = warehouse.currencies.rates.get();
    let converter = rates.map(|rates| Converter::of(warehouse, rates, catalog, &view.name, true));
    let mut converter = converter.filter(|_| whole.is_some());
    for (books, theirs) in warehouse.books().iter().zip(in_books) {
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(error) => {
                warehouse.report(problem(&view.path, None, &error));
                continue;
            }
        };
        if theirs.schema.field_with_name("entity").is_ok() {
            let rows = only(&theirs.batches, |entity| books.has(entity))?;
            let rows = rows.iter().map(|batch| align(batch, &answer.schema));
            let rows: Vec<RecordBatch> = rows.collect::<Result<_, _>>().map_err(DataFusionError::from)?;
            if let (Some(money), Some(converter)) = (whole, converter.as_mut()) {
                for batch in &rows {
                    converted.push(converter.batch(money, batch)?);
                }
            }
            full.extend(rows);
        }
        warehouse.put_in(books, &view.name, theirs.schema, theirs.batches)?;
    }
    if let Some(converter) = converter {
        converter.done(warehouse);
    }
    warehouse.note_fill(&view.name, &answer.schema, &full);
    let bare = TableReference::bare(view.name.as_str());
    warehouse.engine.put(bare, answer.schema, converted)
}

/// The rows whose entity passes; all, of batches without that column.
pub fn only(
    batches: &[RecordBatch],
    keep: impl Fn(Option<&str>) -> bool,
) -> Result<Vec<RecordBatch>, SqlError> {
    let filtered = batches.iter().map(|batch| {
        let entities = batch.column_by_name("entity");
        let Some(entities) = entities.and_then(|c| c.as_string_opt::<i32>()) else {
            return Ok(batch.clone());
        };
        let kept: BooleanArray = entities.iter().map(|entity| Some(keep(entity))).collect();
        filter_record_batch(batch, &kept).map_err(|e| SqlError::from(DataFusionError::from(e)))
    });
    filtered.collect()
}

/// What converts a row.
#[derive(Clone)]
struct Row {
    entity: String,
    currency: Currency,
    day: Date,
    together: Option<String>,
}

/// One table on its way into the portfolio's currency.
struct Converter<'a> {
    warehouse: &'a Warehouse,
    rates: &'a Rates,
    /// KPIs in money.
    kpis: BTreeSet<&'a str>,
    table: String,
    /// Whether anybody said what of it is money.
    declared: bool,
    /// Days without a rate, by column and entity.
    missing: BTreeMap<(String, String), (Currency, BTreeSet<Date>)>,
    used: BTreeMap<String, Used>,
    /// What was added up so far of what belongs together, by column.
    sums: BTreeMap<(String, String, Date, String), i128>,
}

impl<'a> Converter<'a> {
    fn of(
        warehouse: &'a Warehouse,
        rates: &'a Rates,
        catalog: &'a Catalog,
        table: &str,
        declared: bool,
    ) -> Self {
        let kpis = catalog.kpis.iter().filter(|kpi| kpi.unit == Unit::Money);
        Self {
            warehouse,
            rates,
            kpis: kpis.map(|kpi| kpi.id.get_ref().as_str()).collect(),
            table: table.to_owned(),
            declared,
            missing: BTreeMap::new(),
            used: BTreeMap::new(),
            sums: BTreeMap::new(),
        }
    }

    fn batch(&mut self, money: &Money, batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
        let rows = self.rows(money, batch);
        if rows.iter().all(Option::is_none) {
            return Ok(batch.clone());
        }
        let schema = batch.schema();
        let fields = schema.fields().iter().zip(batch.columns());
        let columns = fields.map(|(field, column)| {
            if money.columns.contains(field.name()) {
                self.column(field.name(), column, &rows)
            } else {
                Ok(Arc::clone(column))
            }
        });
        let columns = columns.collect::<Result<Vec<_>, _>>();
        let converted = columns.and_then(|columns| RecordBatch::try_new(schema.clone(), columns));
        converted.map_err(|e| SqlError::from(DataFusionError::from(e)))
    }

    /// For each row what converts it; none for one that is left as it is.
    fn rows(&self, money: &Money, batch: &RecordBatch) -> Vec<Option<Row>> {
        let text = |name: &str, at: usize| {
            let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
            column.is_valid(at).then(|| column.value(at).to_owned())
        };
        let day = |name: &String, at: usize| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
            column.is_valid(at).then(|| day_of(column.value(at))).flatten()
        };
        let row = |at: usize| {
            let entity = text("entity", at)?;
            let books = self.warehouse.books_of(Some(&entity))?;
            let is_except = |(name, values): (&String, &Vec<String>)| {
                text(name, at).is_some_and(|value| values.contains(&value))
            };
            if money.except.iter().any(is_except) {
                return None;
            }
            if let Some(name) = &money.unit_of
                && !text(name, at).is_some_and(|fact| self.is_money(&fact))
            {
                return None;
            }
            let day = money.dated.iter().find_map(|name| day(name, at));
            Some(Row {
                currency: books.currency,
                day: self.rates.valued(day),
                together: money.together.as_ref().and_then(|name| text(name, at)),
                entity,
            })
        };
        (0..batch.num_rows()).map(row).collect()
    }

    /// Whether `kpi:cash.total@boat` is one in money.
    fn is_money(&self, fact: &str) -> bool {
        let id = fact.strip_prefix("kpi:").and_then(|rest| rest.split('@').next());
        id.is_some_and(|id| self.kpis.contains(id))
    }

    fn column(
        &mut self,
        name: &str,
        column: &ArrayRef,
        rows: &[Option<Row>],
    ) -> Result<ArrayRef, ArrowError> {
        let (precision, scale) = match column.data_type() {
            DataType::Decimal128(precision, scale) if *scale >= 0 => (*precision, *scale),
            _ => (38, 4),
        };
        let decimals = cast(column, &DataType::Decimal128(precision, scale))?;
        let decimals = decimals.as_primitive::<Decimal128Type>();
        let digits = u32::from(scale.unsigned_abs());
        let values = decimals.iter().zip(rows).map(|(value, row)| match (value?, row) {
            (0, _) => Some(0),
            (value, None) => Some(value),
            (value, Some(row)) => self.amount(name, row, value, digits),
        });
        let converted: Decimal128Array = values.collect();
        let converted = converted.with_precision_and_scale(precision, scale)?;
        cast(&converted, column.data_type())
    }

    fn amount(&mut self, column: &str, row: &Row, value: i128, digits: u32) -> Option<i128> {
        let rates = self.rates;
        let rate = rates.on(row.currency, Some(row.day)).filter(|_| self.declared);
        let converted = rate.and_then(|rate| match &row.together {
            None => rates.convert(value, digits, rate),
            // The difference of two converted sums: what comes to nothing comes to nothing, and no cent is lost or made.
            Some(key) => {
                let key = (column.to_owned(), row.entity.clone(), row.day, key.clone());
                let sum = self.sums.entry(key).or_default();
                let before = rates.convert(*sum, digits, rate)?;
                *sum = sum.checked_add(value)?;
                rates.convert(*sum, digits, rate)?.checked_sub(before)
            }
        });
        match (converted, rate) {
            (Some(converted), Some(rate)) => {
                self.used.entry(column.to_owned()).or_default().add(rate);
                Some(converted)
            }
            _ => {
                let key = (column.to_owned(), row.entity.clone());
                let missing = self.missing.entry(key);
                let (_, days) = missing.or_insert_with(|| (row.currency, BTreeSet::new()));
                days.insert(row.day);
                None
            }
        }
    }

    /// Notes what has no rate, and what was converted with which.
    fn done(self, warehouse: &Warehouse) {
        let table = self.table;
        let (rates, declared) = (self.rates, self.declared);
        let reason = |currency: Currency, days: &BTreeSet<Date>| {
            let lack = days
                .last()
                .map(|day| rates.lack(currency, *day))
                .unwrap_or_default();
            match days.len() {
                _ if !declared => format!("{FILE} does not say which columns of {table} are money"),
                0 | 1 => lack,
                2 => format!("{lack}, nor for 1 other day"),
                n => format!("{lack}, nor for {} other days", n - 1),
            }
        };
        let holes = self
            .missing
            .iter()
            .map(|((column, entity), (currency, days))| Hole {
                table: table.clone(),
                column: Some(column.clone()),
                entity: Some(entity.clone()),
                why: reason(*currency, days),
            });
        let mut found = warehouse.found();
        found.holes.extend(holes);
        let used = self.used.into_iter();
        found
            .used
            .extend(used.map(|(column, used)| ((table.clone(), column), used)));
    }
}
