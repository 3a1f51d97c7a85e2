//! A model's columns as a chart: picks the values, names the axes, and says in words what the picture shows.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use shared::facts::{Model, Unit, Value};
use shared::portfolio::Parameter;

use super::Scope;
use crate::{
    chart::{Axis, Chart, Form, Picker, Point, Series, Target},
    document::ChartBlock,
    format, glyphs,
    spec::{ChartKind, ChartSpec},
};

/// The chart of a section, or nothing where the model has no figures to draw.
pub fn block(
    scope: &Scope,
    spec: &ChartSpec,
    model: &Model,
    heading: &str,
    index: usize,
) -> Option<ChartBlock> {
    let columns = Columns(model);
    let chart = chart(scope, spec, &columns)?;
    let title = spec.title.clone().filter(|t| t != heading);
    let says = title.as_deref().unwrap_or(heading);
    let subtitle = spec.subtitle.clone();
    let alt = alt(scope, spec, &columns, &chart, says);
    let picture = chart.picture(scope.id, index, alt);
    let source = format!(
        "Source: {}; as of {}",
        model.fact,
        format::day(scope.analysis.run.business_date)
    );
    Some(ChartBlock {
        title,
        subtitle,
        source,
        picture,
    })
}

/// A model's cells by column name.
struct Columns<'a>(&'a Model);

impl Columns<'_> {
    fn index(&self, name: &str) -> Option<usize> {
        self.0.columns.iter().position(|c| c.name == name)
    }
    fn unit(&self, name: &str) -> Unit {
        self.index(name)
            .and_then(|i| self.0.columns.get(i))
            .map_or(Unit::Number, |c| c.unit)
    }
    fn label(&self, name: &str) -> String {
        self.index(name)
            .and_then(|i| self.0.columns.get(i))
            .map_or_else(|| name.to_owned(), |c| c.label.clone())
    }
    fn values(&self, name: &str) -> Option<Vec<&Value>> {
        let index = self.index(name)?;
        Some(self.0.rows.iter().filter_map(|r| r.get(index)).collect())
    }
    /// In major units and per cent, as axes show them; none of amounts in several currencies, which have no axis in common.
    fn numbers(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let amounts = self.values(name)?.into_iter().filter_map(Value::as_money);
        let currencies: BTreeSet<_> = amounts.map(|money| money.currency).collect();
        if currencies.len() > 1 {
            return None;
        }
        let percent = self.unit(name) == Unit::Ratio;
        Some(
            self.values(name)?
                .into_iter()
                .map(|v| number(v, percent))
                .collect(),
        )
    }
    fn axis(&self, name: &str) -> Axis {
        let currency = self
            .values(name)
            .and_then(|v| v.into_iter().find_map(Value::as_money));
        match (self.unit(name), currency) {
            (Unit::Money, Some(money)) => Axis {
                prefix: format::symbol(money.currency.code()),
                suffix: String::new(),
            },
            (Unit::Ratio, _) => Axis {
                prefix: String::new(),
                suffix: "%".to_owned(),
            },
            _ => Axis::default(),
        }
    }
}

fn number(value: &Value, percent: bool) -> Option<f64> {
    use rust_decimal::prelude::ToPrimitive;
    match value.as_money() {
        Some(money) => money.to_decimal().to_f64(),
        None if percent => value.magnitude().map(|m| m * 100.0),
        None => value.magnitude(),
    }
}

fn category(value: &Value, months: bool) -> String {
    match value {
        Value::Text(text) => match text.parse::<jiff::civil::Date>() {
            Ok(date) if months => format::day(date)
                .split_once(format::NBSP)
                .map_or_else(String::new, |(_, m)| m.to_owned()),
            Ok(date) => format::short_day(date),
            Err(_) => glyphs::drawable(text).0.into_owned(),
        },
        Value::Null => format::UNKNOWN.to_owned(),
        other => format::Style::default().value(other, Unit::Number),
    }
}

fn chart(scope: &Scope, spec: &ChartSpec, columns: &Columns) -> Option<Chart> {
    let first = spec.y.first()?;
    let axis = columns.axis(first);
    if spec.kind == ChartKind::Scatter {
        return scatter(spec, columns, axis);
    }
    let xs = columns.values(&spec.x)?;
    let months = xs
        .iter()
        .all(|v| matches!(v, Value::Text(t) if t.len() == 10 && t.ends_with("-01")));
    let (categories, series) = match &spec.series {
        None => {
            let picked = spec.y.iter().filter_map(|y| {
                Some(Series {
                    name: columns.label(y),
                    values: columns.numbers(y)?,
                })
            });
            (
                xs.iter().map(|v| category(v, months)).collect::<Vec<_>>(),
                picked.collect::<Vec<_>>(),
            )
        }
        Some(by) => {
            let names: Vec<String> = columns.values(by)?.iter().map(|v| category(v, false)).collect();
            let xs: Vec<String> = xs.iter().map(|v| category(v, months)).collect();
            let values = columns.numbers(first)?;
            let picker = Picker::new(&xs, &names, &values);
            (picker.categories, picker.series)
        }
    };
    if series.iter().all(|s| s.values.iter().all(Option::is_none)) || categories.is_empty() {
        return None;
    }
    let form = match spec.kind {
        ChartKind::Line => Form::Line,
        ChartKind::Bar => Form::Bar,
        ChartKind::Stacked => Form::Stacked,
        ChartKind::Waterfall => Form::Waterfall,
        ChartKind::Scatter => return None,
    };
    let band = spec
        .band
        .as_ref()
        .and_then(|[low, high]| Some((columns.numbers(low)?, columns.numbers(high)?)));
    let partial = months.then(|| partial_month(scope, &xs)).flatten();
    Some(Chart {
        form,
        categories,
        series,
        band,
        target: target(scope, spec, columns),
        axis,
        partial,
        points: Vec::new(),
    })
}

/// The last month, if the night lies within it.
fn partial_month(scope: &Scope, xs: &[&Value]) -> Option<usize> {
    let today = scope.analysis.run.business_date;
    if today == today.last_of_month() {
        return None;
    }
    let first = today.first_of_month().to_string();
    xs.iter().position(|v| matches!(v, Value::Text(t) if *t == first))
}

fn target(scope: &Scope, spec: &ChartSpec, columns: &Columns) -> Option<Target> {
    use rust_decimal::prelude::ToPrimitive;
    if let Some(name) = &spec.target {
        return Some(Target {
            name: columns.label(name),
            values: columns.numbers(name)?,
        });
    }
    let name = spec.target_parameter.as_ref()?;
    let setting = format!("parameters.{name}");
    // One that is read elsewhere is what was read; where that is unknown there is no line, whatever the default.
    let read = scope.analysis.environment.iter().find(|v| v.setting == setting);
    let value: Decimal = match (read, scope.context.parameters.get(name)) {
        (Some(read), _) => read.value.as_deref()?.parse().ok()?,
        (None, Some(Parameter::Number(value))) => *value,
        (None, _) => return None,
    };
    let name = name.replace('_', " ");
    Some(Target {
        name,
        values: vec![value.to_f64(); columns.0.rows.len().max(1)],
    })
}

fn scatter(spec: &ChartSpec, columns: &Columns, axis: Axis) -> Option<Chart> {
    let xs = columns.numbers(&spec.x)?;
    let ys = columns.numbers(spec.y.first()?)?;
    let names = spec.label.as_ref().and_then(|l| columns.values(l));
    let point = |(i, (x, y)): (usize, (Option<f64>, Option<f64>))| {
        let name = names
            .as_ref()
            .and_then(|n| n.get(i))
            .map_or_else(String::new, |v| category(v, false));
        Some(Point { x: x?, y: y?, name })
    };
    let points: Vec<Point> = xs.into_iter().zip(ys).enumerate().filter_map(point).collect();
    if points.is_empty() {
        return None;
    }
    let categories = vec![columns.label(&spec.x), columns.label(spec.y.first()?)];
    Some(Chart {
        form: Form::Scatter,
        categories,
        series: Vec::new(),
        band: None,
        target: None,
        axis,
        partial: None,
        points,
    })
}

/// The picture in words: the finding, then first, last, lowest and highest of each series.
fn alt(scope: &Scope, spec: &ChartSpec, columns: &Columns, chart: &Chart, says: &str) -> String {
    let mut text = format!("Chart. {says}.").replace("..", ".");
    if chart.form == Form::Scatter {
        let named = chart
            .points
            .iter()
            .map(|p| p.name.as_str())
            .filter(|n| !n.is_empty())
            .take(5);
        text.push_str(&format!(" {} points", chart.points.len()));
        let named: Vec<_> = named.collect();
        if !named.is_empty() {
            text.push_str(&format!(", among them {}", named.join("; ")));
        }
        text.push('.');
        return text;
    }
    let unit = spec.y.first().map_or(Unit::Number, |y| columns.unit(y));
    let show = |n: f64| match unit {
        Unit::Money => {
            let sign = if n < 0.0 { "-" } else { "" };
            let decimal = rust_decimal::prelude::FromPrimitive::from_f64(n.abs()).unwrap_or_default();
            format!("{sign}{}{}", chart.axis.prefix, format::grouped(decimal, 0))
        }
        Unit::Ratio => format!("{n:.1}{}%", format::NBSP),
        _ => scope.style.value(&Value::Number(n), Unit::Number),
    };
    for s in chart.series.iter().take(3) {
        let known: Vec<(usize, f64)> = s
            .values
            .iter()
            .enumerate()
            .filter_map(|(i, v)| Some((i, (*v)?)))
            .collect();
        let (Some(first), Some(last)) = (known.first(), known.last()) else {
            continue;
        };
        let Some(low) = known.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else {
            continue;
        };
        let Some(high) = known.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
            continue;
        };
        let at = |i: usize| chart.categories.get(i).map_or("", String::as_str);
        text.push_str(&format!(
            " {}: {} ({}) to {} ({}), lowest {} ({}), highest {} ({}).",
            s.name,
            show(first.1),
            at(first.0),
            show(last.1),
            at(last.0),
            show(low.1),
            at(low.0),
            show(high.1),
            at(high.0)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_of_several_currencies_are_not_drawn_on_one_axis() {
        let revenue = |second: &str| -> Model {
            serde_json::from_value(json!({
                "fact": "model:m", "title": "M", "headline": null, "status": "good", "reason": null,
                "columns": [
                    { "name": "entity", "label": "Entity", "unit": "text" },
                    { "name": "revenue", "label": "Revenue", "unit": "money" },
                ],
                "rows": [
                    ["boat", { "minor": 100_000, "currency": "USD" }],
                    ["van", { "minor": 11_050, "currency": second }],
                    ["kei", null],
                ],
                "total": null, "note": null, "sql_sha256": "",
            }))
            .unwrap()
        };
        let one = revenue("USD");
        assert_eq!(
            Columns(&one).numbers("revenue"),
            Some(vec![Some(1_000.0), Some(110.5), None])
        );
        let several = revenue("EUR");
        assert_eq!(Columns(&several).numbers("revenue"), None);
    }
}
