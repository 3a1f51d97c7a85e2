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
                let filled = fill_chunk(walk, &region, *days, metrics, chunk).await;
                let errors = filled.unwrap_or_else(|error| vec![error]);
                let gap = |error| Gap::new("cloudwatch", &region, "GetMetricData", error);
                gaps.extend(errors.iter().map(gap));
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

/// Answers why columns stayed NULL, once a row and reason.
async fn fill_chunk(
    walk: &Walk<'_>,
    region: &str,
    days: i64,
    metrics: &[&Metric],
    rows: &mut [&mut Row],
) -> Result<Vec<CallError>, CallError> {
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
        return Ok(Vec::new());
    }
    let mut columns: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (m, metric) in metrics.iter().enumerate() {
        columns.entry(&metric.column).or_default().push(m);
    }
    let mut errors = Vec::new();
    let points = points(walk, region, days, queries).await?;
    for (r, row) in rows.iter_mut().enumerate() {
        let mut failed: Vec<CallError> = Vec::new();
        for (column, of) in &columns {
            let metric = metrics[of[0]];
            let number = |number: f64| format!("{:.*}", metric.decimals, number * metric.scale);
            let series: Result<Vec<_>, CallError> = of.iter().map(|m| points.complete(&id(r, *m))).collect();
            let text = match series.as_ref().map(|series| figure(metric.reduce, series)) {
                Ok(Some(Figure::Number(sum))) => Some(number(sum)),
                Ok(Some(Figure::Day(day))) => Some(day),
                Ok(None) => metric.none.clone(),
                Err(error) => {
                    if !failed.contains(error) {
                        failed.push(error.clone());
                    }
                    None
                }
            };
            set(row, column, text);
            for (n, m) in of.iter().enumerate() {
                if let Some(own) = &metrics[*m].part {
                    let part = series.as_ref().ok().and_then(|series| share(series, n));
                    set(row, own, part.map(number));
                }
            }
        }
        errors.extend(failed);
    }
    Ok(errors)
}

fn id(row: usize, metric: usize) -> String {
    format!("r{row}m{metric}")
}

/// What one query came to.
#[derive(Default)]
struct Series {
    /// Oldest first: instant and value.
    points: Vec<(String, f64)>,
    /// The last page's word on it.
    status: Option<String>,
}

/// By query.
#[derive(Default)]
struct Points(BTreeMap<String, Series>);

impl Points {
    /// A query's data points. One that failed has none either, and that is not zero:
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html>, `StatusCode`.
    fn complete(&self, id: &str) -> Result<&[(String, f64)], CallError> {
        let series = self.0.get(id).ok_or(CallError::Unreadable)?;
        match series.status.as_deref() {
            Some("Complete") => Ok(&series.points),
            Some(other) => Err(CallError::Refused(other.to_owned())),
            None => Err(CallError::Unreadable),
        }
    }
}

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
    let mut points = Points::default();
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
        let series = points.0.entry(id).or_default();
        series.status = result.get_field("StatusCode").as_string().cloned();
        for (time, value) in times.into_iter().zip(values) {
            series
                .points
                .push((time, value.parse().map_err(|_| CallError::Unreadable)?));
        }
    }
    for series in points.0.values_mut() {
        series.points.sort_by(|a, b| a.0.cmp(&b.0));
    }
    Ok(points)
}

enum Figure {
    Number(f64),
    Day(String),
}

/// The figure of a column that one metric fills, or several together.
fn figure(reduce: Reduce, series: &[&[(String, f64)]]) -> Option<Figure> {
    let sum = |numbers: Vec<f64>| (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>());
    let each = |of: fn(&[(String, f64)]) -> Option<f64>| sum(series.iter().filter_map(|s| of(s)).collect());
    let number = match reduce {
        Reduce::Sum => {
            each(|points| (!points.is_empty()).then(|| points.iter().map(|(_, value)| value).sum()))
        }
        Reduce::Max => each(|points| points.iter().map(|(_, value)| *value).reduce(f64::max)),
        Reduce::Mean => each(|points| {
            let sum: f64 = points.iter().map(|(_, value)| value).sum();
            (!points.is_empty()).then(|| sum / points.len() as f64)
        }),
        // Of the newest day alone: a storage class that was emptied stops sending, and its last size is no size of today.
        Reduce::Last => {
            let newest = newest(series)?;
            let of_newest = series
                .iter()
                .filter_map(|s| s.last())
                .filter(|(time, _)| time == newest);
            sum(of_newest.map(|(_, value)| *value).collect())
        }
        Reduce::LastDay => {
            let above = series
                .iter()
                .flat_map(|s| s.iter())
                .filter(|(_, value)| *value > 0.0);
            let time = above.map(|(time, _)| time).max()?;
            return Some(Figure::Day(time.get(..10)?.to_owned()));
        }
    };
    number.map(Figure::Number)
}

/// What of the newest day's figure is one metric's: nothing, if others have a data point of that day and it has none.
fn share(series: &[&[(String, f64)]], of: usize) -> Option<f64> {
    let newest = newest(series)?;
    let own = series.get(of)?.last().filter(|(time, _)| time == newest);
    Some(own.map_or(0.0, |(_, value)| *value))
}

fn newest<'a>(series: &[&'a [(String, f64)]]) -> Option<&'a String> {
    series.iter().filter_map(|s| s.last()).map(|(time, _)| time).max()
}

#[cfg(test)]
mod tests;
