//! Days, forecasts and their grades as tables.

use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, Int64Array};
use shared::facts::{DayReport, Forecast, Value};

use super::word;
use crate::{
    engine::SqlError,
    evaluate::{Night, outlook::Outlook},
    warehouse::system::{amount, days, put, text, values},
};

/// `days`, `forecasts`, and `grades`: those of tonight; those of earlier nights are in `fact_history`.
pub fn put_outlook(night: &Night<'_>, outlook: &Outlook) -> Result<(), SqlError> {
    put_days(night, &outlook.days)?;
    put(
        night.warehouse,
        "forecasts",
        columns(&outlook.forecasts.iter().collect::<Vec<_>>()),
    )?;
    let grades = &outlook.grades;
    let mut graded = columns(&grades.iter().map(|g| &g.forecast).collect::<Vec<_>>());
    graded.push(("actual", values(grades.iter().map(|g| amount(&g.actual)))));
    graded.push((
        "within",
        Arc::new(BooleanArray::from_iter(grades.iter().map(|g| g.within))),
    ));
    put(night.warehouse, "grades", graded)
}

fn put_days(night: &Night<'_>, reports: &[DayReport]) -> Result<(), SqlError> {
    let of = |get: &dyn Fn(&DayReport) -> Option<String>| text(reports.iter().map(get));
    let number =
        |get: &dyn Fn(&DayReport) -> Option<&Value>| values(reports.iter().map(|d| get(d).and_then(amount)));
    put(
        night.warehouse,
        "days",
        vec![
            ("series", of(&|d| Some(d.series.clone()))),
            ("title", of(&|d| Some(d.title.clone()))),
            ("entity", of(&|d| d.entity.clone())),
            ("unit", of(&|d| Some(word(d.unit)))),
            ("day", days(reports.iter().map(|d| Some(d.day)))),
            (
                "days",
                Arc::new(Int64Array::from_iter(
                    reports.iter().map(|d| Some(i64::from(d.days))),
                )),
            ),
            ("value", number(&|d| Some(&d.value))),
            ("usual", number(&|d| d.usual.as_ref())),
            ("low", number(&|d| d.low.as_ref())),
            ("high", number(&|d| d.high.as_ref())),
            (
                "n",
                Arc::new(Int64Array::from_iter(
                    reports.iter().map(|d| Some(i64::from(d.n))),
                )),
            ),
            (
                "surprise",
                Arc::new(BooleanArray::from_iter(reports.iter().map(|d| Some(d.surprise)))),
            ),
            ("gap", of(&|d| d.gap.clone())),
        ],
    )
}

fn columns(forecasts: &[&Forecast]) -> Vec<(&'static str, datafusion::arrow::array::ArrayRef)> {
    let of = |get: &dyn Fn(&Forecast) -> Option<String>| text(forecasts.iter().map(|f| get(f)));
    let number =
        |get: &dyn Fn(&Forecast) -> Option<&Value>| values(forecasts.iter().map(|f| get(f).and_then(amount)));
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
