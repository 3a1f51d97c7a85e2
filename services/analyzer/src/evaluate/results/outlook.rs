//! Days, forecasts and their grades as tables.

use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, Int64Array};
use shared::facts::{DayReport, Forecast, Value};

use super::{Reader, put_for_each, word};
use crate::{
    engine::SqlError,
    evaluate::{Night, outlook::Outlook},
    warehouse::system::{Columns, days, text, values},
};

/// `days`, `forecasts`, and `grades`: those of tonight; those of earlier nights are in `fact_history`.
pub fn put_outlook(night: &Night<'_>, outlook: &Outlook) -> Result<(), SqlError> {
    put_for_each(night, "days", |reader| day_columns(reader, &outlook.days))?;
    put_for_each(night, "forecasts", |reader| {
        let forecasts = outlook.forecasts.iter();
        columns(
            reader,
            &forecasts
                .filter(|f| reader.has(f.entity.as_deref()))
                .collect::<Vec<_>>(),
        )
    })?;
    put_for_each(night, "grades", |reader| {
        let own = outlook
            .grades
            .iter()
            .filter(|g| reader.has(g.forecast.entity.as_deref()));
        let grades: Vec<_> = own.collect();
        let mut graded = columns(reader, &grades.iter().map(|g| &g.forecast).collect::<Vec<_>>());
        graded.push((
            "actual",
            values(grades.iter().map(|g| reader.amount(Some(&g.actual)))),
        ));
        graded.push((
            "within",
            Arc::new(BooleanArray::from_iter(grades.iter().map(|g| g.within))),
        ));
        graded
    })
}

fn day_columns(reader: Reader<'_>, all: &[DayReport]) -> Columns {
    let reports: Vec<_> = all.iter().filter(|d| reader.has(d.entity.as_deref())).collect();
    let of = |get: &dyn Fn(&DayReport) -> Option<String>| text(reports.iter().map(|d| get(d)));
    let number =
        |get: &dyn Fn(&DayReport) -> Option<&Value>| values(reports.iter().map(|d| reader.amount(get(d))));
    let count = |get: &dyn Fn(&DayReport) -> u32| {
        Arc::new(Int64Array::from_iter(
            reports.iter().map(|d| Some(i64::from(get(d)))),
        ))
    };
    vec![
        ("series", of(&|d| Some(d.series.clone()))),
        ("title", of(&|d| Some(d.title.clone()))),
        ("entity", of(&|d| d.entity.clone())),
        ("unit", of(&|d| Some(word(d.unit)))),
        ("day", days(reports.iter().map(|d| Some(d.day)))),
        ("days", count(&|d| d.days)),
        ("value", number(&|d| Some(&d.value))),
        ("usual", number(&|d| d.usual.as_ref())),
        ("low", number(&|d| d.low.as_ref())),
        ("high", number(&|d| d.high.as_ref())),
        ("n", count(&|d| d.n)),
        (
            "surprise",
            Arc::new(BooleanArray::from_iter(reports.iter().map(|d| Some(d.surprise)))),
        ),
        ("gap", of(&|d| d.gap.clone())),
    ]
}

fn columns(reader: Reader<'_>, forecasts: &[&Forecast]) -> Columns {
    let of = |get: &dyn Fn(&Forecast) -> Option<String>| text(forecasts.iter().map(|f| get(f)));
    let number =
        |get: &dyn Fn(&Forecast) -> Option<&Value>| values(forecasts.iter().map(|f| reader.amount(get(f))));
    let date = |get: &dyn Fn(&Forecast) -> jiff::civil::Date| days(forecasts.iter().map(|f| Some(get(f))));
    let count = forecasts
        .iter()
        .map(|f| i64::from((f.to - f.from).get_days()) + 1);
    vec![
        ("series", of(&|f| Some(f.series.clone()))),
        ("title", of(&|f| Some(f.title.clone()))),
        ("entity", of(&|f| f.entity.clone())),
        ("unit", of(&|f| Some(word(f.unit)))),
        ("made_on", date(&|f| f.made_on)),
        ("from_day", date(&|f| f.from)),
        ("to_day", date(&|f| f.to)),
        ("days", Arc::new(Int64Array::from_iter(count.map(Some)))),
        ("value", number(&|f| Some(&f.value))),
        ("low", number(&|f| f.low.as_ref())),
        ("high", number(&|f| f.high.as_ref())),
        ("method", of(&|f| Some(f.method.clone()))),
        ("naive", number(&|f| Some(&f.naive))),
        (
            "origins",
            Arc::new(Int64Array::from_iter(
                forecasts.iter().map(|f| Some(i64::from(f.origins))),
            )),
        ),
        ("miss", number(&|f| f.miss.as_ref())),
        ("naive_miss", number(&|f| f.naive_miss.as_ref())),
    ]
}
