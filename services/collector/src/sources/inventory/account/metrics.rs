//! Columns from CloudWatch: one data point a day, in batches of what one call takes. Start at [`fill`].

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use super::{
    calls::{Metric, Reduce, Service},
    client::CallError,
    context::{row_value, string},
    expression::elements,
    rows::{Gap, Row, set, text},
    walk::{Place, Walk},
};

/// Queries that GetMetricData takes at once:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>.
const BATCH: usize = 500;
/// Seconds.
const DAY: u32 = 86_400;

/// Fills the metric columns of rows. Those of a call that failed stay NULL, and the answer has its gap.
pub async fn fill(walk: &Walk<'_>, place: Place<'_>, rows: &mut [Row]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut windows: BTreeMap<i64, Vec<&Metric>> = BTreeMap::new();
    for metric in &place.table.metrics {
        windows.entry(metric.days).or_default().push(metric);
    }
    let mut regions: BTreeMap<String, Vec<&mut Row>> = BTreeMap::new();
    for row in rows {
        regions.entry(region_of(place, row)).or_default().push(row);
    }
    for (region, mut rows) in regions {
        for (days, metrics) in &windows {
            // A row's columns are filled together, so that a column of several metrics is whole or unknown.
            for chunk in rows.chunks_mut((BATCH / metrics.len()).max(1)) {
                if let Err(error) = fill_chunk(walk, &region, *days, metrics, chunk).await {
                    gaps.push(Gap::new("cloudwatch", &region, "GetMetricData", &error));
                }
            }
        }
    }
    gaps
}

/// Where a row's metrics are: a bucket is listed globally and measured where it is.
fn region_of(place: Place<'_>, row: &Row) -> String {
    let own = text(row, "region").filter(|_| place.shown != place.region);
    own.unwrap_or(place.region).to_owned()
}

async fn fill_chunk(
    walk: &Walk<'_>,
    region: &str,
    days: i64,
    metrics: &[&Metric],
    rows: &mut [&mut Row],
) -> Result<(), CallError> {
    let mut queries = Vec::new();
    for (r, row) in rows.iter().enumerate() {
        let context = walk.context(region, &[("row", row_value(row))]);
        for (m, metric) in metrics.iter().enumerate() {
            let mut dimensions = Vec::new();
            for (name, template) in &metric.dimensions {
                let value = template
                    .text(&context, str::to_owned)
                    .map_err(|_| CallError::NotCalled)?;
                dimensions.push(json!({"Name": name, "Value": value}));
            }
            let of =
                json!({"Namespace": metric.namespace, "MetricName": metric.metric, "Dimensions": dimensions});
            queries.push(json!({"Id": id(r, m), "MetricStat": {"Metric": of, "Period": DAY, "Stat": metric.stat}, "ReturnData": true}));
        }
    }
    if queries.is_empty() {
        return Ok(());
    }
    let points = points(walk, region, days, queries).await?;
    for (r, row) in rows.iter_mut().enumerate() {
        let mut columns: BTreeMap<&str, Option<Figure>> = BTreeMap::new();
        for (m, metric) in metrics.iter().enumerate() {
            let figure = points
                .get(&id(r, m))
                .and_then(|points| reduce(metric.reduce, points));
            let column = columns.entry(&metric.column).or_default();
            *column = match (column.take(), figure) {
                (Some(Figure::Number(a)), Some(Figure::Number(b))) => Some(Figure::Number(a + b)),
                (a, b) => a.or(b),
            };
        }
        for metric in metrics {
            let text = match columns.get(metric.column.as_str()).and_then(Option::as_ref) {
                Some(Figure::Number(number)) => {
                    Some(format!("{:.*}", metric.decimals, number * metric.scale))
                }
                Some(Figure::Day(day)) => Some(day.clone()),
                None => metric.none.clone(),
            };
            set(row, &metric.column, text);
        }
    }
    Ok(())
}

fn id(row: usize, metric: usize) -> String {
    format!("r{row}m{metric}")
}

/// Data points by query, oldest first: instant and value.
type Points = BTreeMap<String, Vec<(String, f64)>>;

async fn points(walk: &Walk<'_>, region: &str, days: i64, queries: Vec<Value>) -> Result<Points, CallError> {
    let service = Service::named("cloudwatch");
    let end = walk
        .as_of
        .checked_add(1.day())
        .map_err(|_| CallError::NotCalled)?;
    let start = end.checked_sub(days.days()).map_err(|_| CallError::NotCalled)?;
    let at = |day: Date| string(&format!("{day}T00:00:00Z"));
    let queries = jmespath::Variable::try_from(Value::Array(queries)).map_err(|_| CallError::NotCalled)?;
    let context = walk.context(
        region,
        &[
            ("start", at(start)),
            ("end", at(end)),
            ("queries", queries.into()),
        ],
    );
    let pages = walk
        .client
        .pages(service, service.other("GetMetricData"), region, &context)
        .await?;
    let mut points = Points::new();
    for result in pages
        .iter()
        .flat_map(|page| elements(&page.get_field("MetricDataResults").get_field("member")))
    {
        let texts = |name: &str| {
            let values = elements(&result.get_field(name).get_field("member"));
            values
                .iter()
                .filter_map(|value| value.as_string().cloned())
                .collect::<Vec<_>>()
        };
        let (times, values) = (texts("Timestamps"), texts("Values"));
        let id = result
            .get_field("Id")
            .as_string()
            .cloned()
            .ok_or(CallError::Unreadable)?;
        if times.len() != values.len() {
            return Err(CallError::Unreadable);
        }
        let list = points.entry(id).or_default();
        for (time, value) in times.into_iter().zip(values) {
            list.push((time, value.parse().map_err(|_| CallError::Unreadable)?));
        }
    }
    points
        .values_mut()
        .for_each(|list| list.sort_by(|a, b| a.0.cmp(&b.0)));
    Ok(points)
}

enum Figure {
    Number(f64),
    Day(String),
}

fn reduce(reduce: Reduce, points: &[(String, f64)]) -> Option<Figure> {
    let values = points.iter().map(|(_, value)| *value);
    let number = match reduce {
        Reduce::Sum => (!points.is_empty()).then(|| values.sum()),
        Reduce::Max => values.reduce(f64::max),
        Reduce::Mean => (!points.is_empty()).then(|| values.sum::<f64>() / points.len() as f64),
        Reduce::Last => points.last().map(|(_, value)| *value),
        Reduce::LastDay => {
            let (time, _) = points.iter().rev().find(|(_, value)| *value > 0.0)?;
            return Some(Figure::Day(time.get(..10)?.to_owned()));
        }
    };
    number.map(Figure::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_one_figure_and_none_stays_none() {
        let points = [
            ("2026-11-18T00:00:00Z", 3.0),
            ("2026-11-19T00:00:00Z", 5.0),
            ("2026-11-20T00:00:00Z", 0.0),
        ];
        let points = points.map(|(time, value)| (time.to_owned(), value));
        let number = |how| match reduce(how, &points) {
            Some(Figure::Number(number)) => number,
            _ => f64::NAN,
        };
        assert_eq!(
            [Reduce::Sum, Reduce::Max, Reduce::Last].map(number),
            [8.0, 5.0, 0.0]
        );
        assert!((number(Reduce::Mean) - 8.0 / 3.0).abs() < 1e-9);
        assert!(matches!(reduce(Reduce::LastDay, &points), Some(Figure::Day(day)) if day == "2026-11-19"));
        assert!(reduce(Reduce::Sum, &[]).is_none() && reduce(Reduce::LastDay, &points[2..]).is_none());
    }
}
