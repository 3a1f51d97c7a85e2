//! Bars that lie: long names on the left, one row each; and the waterfall, read from top to bottom.

use super::{
    BAD, BODY, Chart, Form, GOOD, INK, MUTED, RULE, SERIES,
    frame::legend,
    scale::{Scale, short},
    svg::{self, Anchor, Svg},
};

/// Height of a row on a screen.
pub const ROW: f64 = 26.0;
/// On paper.
pub const PAGE_ROW: f64 = 21.0;
/// On half a page.
pub const HALF_ROW: f64 = 16.0;

/// As high as its rows.
pub fn height(chart: &Chart, row: f64) -> f64 {
    let several = chart.series.len() > 1;
    let bars = if chart.form == Form::Bar && several {
        chart.series.len() as f64 * 12.0 + row * 0.46
    } else {
        row
    };
    let head = if several {
        26.0 * (chart.series.len() as f64 / 3.0).ceil()
    } else {
        2.0
    };
    let values = chart.series.first().map_or(&[][..], |s| s.values.as_slice());
    let total = usize::from(chart.form == Form::Waterfall && !has_total(values));
    head + bars * (chart.categories.len() + total) as f64 + 4.0
}

/// One bar: from where to where, in which colour, with which label.
struct Bar<'a> {
    from: f64,
    to: f64,
    colour: &'a str,
    label: Option<String>,
    total: bool,
}

/// Draws it.
pub fn draw(chart: &Chart, width: f64, height: f64) -> String {
    let mut svg = Svg::new(width, height);
    let several = chart.series.len() > 1;
    let mut top = 2.0;
    if several {
        let names: Vec<(&str, &str)> = chart
            .series
            .iter()
            .zip(SERIES.iter().cycle())
            .map(|(s, c)| (s.name.as_str(), *c))
            .collect();
        top = legend(&mut svg, &names, width) + 4.0;
    }
    let rows: Vec<Vec<Bar>> = match chart.form {
        Form::Waterfall => waterfall(chart),
        Form::Stacked => (0..chart.categories.len()).map(|i| stack(chart, i)).collect(),
        _ => (0..chart.categories.len())
            .map(|i| side_by_side(chart, i))
            .collect(),
    };
    let all = || rows.iter().flatten();
    let target = chart
        .target
        .iter()
        .flat_map(|t| t.values.iter().copied().flatten());
    let scale = Scale::new(all().flat_map(|b| [b.from, b.to]).chain(target.clone()), true, 4);
    let room = |text: f64| text.min(width * 0.36);
    let left = room(chart.categories.iter().map(|c| svg::width(c)).fold(0.0, f64::max)) + 10.0;
    let right = width
        - all()
            .filter_map(|b| b.label.as_deref())
            .map(svg::width)
            .fold(0.0, f64::max)
        - 8.0;
    let negative = all().any(|b| b.to.min(b.from) < 0.0);
    let label_left = if negative { width - right } else { 0.0 };
    let x = |value: f64| left + label_left + scale.at(value) * (right - left - label_left);
    let row_height = (height - top - 2.0) / rows.len().max(1) as f64;
    let names = chart
        .categories
        .iter()
        .map(String::as_str)
        .chain(std::iter::once("Total"));
    for (i, (bars, name)) in rows.iter().zip(names).enumerate() {
        let y = top + row_height * i as f64;
        if i > 0 {
            svg.line((0.0, y), (width, y), RULE, 0.5, false);
        }
        let bold = bars.iter().any(|b| b.total);
        let name = svg::fitted(name, left - 10.0);
        svg.text(
            0.0,
            y + row_height / 2.0 + 4.0,
            Anchor::Start,
            if bold { INK } else { BODY },
            bold,
            &name,
        );
        row(
            &mut svg,
            chart,
            bars,
            &x,
            (y, row_height),
            chart.partial == Some(i),
        );
    }
    svg.line((x(0.0), top), (x(0.0), height - 2.0), MUTED, 1.0, false);
    if let (Some(target), Some(first)) = (&chart.target, target.clone().next()) {
        svg.line((x(first), top), (x(first), height - 2.0), INK, 1.25, true);
        svg.text_over(
            x(first) + 5.0,
            height - 6.0,
            Anchor::Start,
            INK,
            false,
            &target.name,
        );
    }
    svg.finish()
}

fn row(svg: &mut Svg, chart: &Chart, bars: &[Bar], x: &dyn Fn(f64) -> f64, at: (f64, f64), partial: bool) {
    let (y, height) = at;
    let stacked = chart.form != Form::Bar;
    let lanes = if stacked { 1.0 } else { bars.len().max(1) as f64 };
    let thick = if lanes > 1.0 {
        11.0
    } else {
        (height * 0.58).min(15.0)
    };
    let first = y + (height - thick * lanes) / 2.0;
    for (k, bar) in bars.iter().enumerate() {
        let (low, high) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
        let top = if stacked { first } else { first + thick * k as f64 };
        if partial {
            svg.hatched(low, top, high - low, thick, bar.colour);
        } else {
            svg.rect(
                low,
                top,
                (high - low).max(1.0),
                thick - if lanes > 1.0 { 1.0 } else { 0.0 },
                bar.colour,
            );
        }
        let Some(label) = &bar.label else { continue };
        let baseline = top + thick / 2.0 + 4.0;
        let colour = if bar.total { INK } else { BODY };
        if bar.to < bar.from && bar.to < 0.0 && bar.from <= 0.0 {
            svg.text(low - 5.0, baseline, Anchor::End, colour, bar.total, label);
        } else {
            svg.text(high + 5.0, baseline, Anchor::Start, colour, bar.total, label);
        }
    }
}

fn side_by_side(chart: &Chart, i: usize) -> Vec<Bar<'_>> {
    let bar = |(s, colour): (&super::Series, &&'static str)| {
        let value = s.values.get(i).copied().flatten();
        let label = value.map_or_else(|| crate::format::UNKNOWN.to_owned(), |v| short(v, &chart.axis));
        Bar {
            from: 0.0,
            to: value.unwrap_or(0.0),
            colour,
            label: Some(label),
            total: false,
        }
    };
    chart.series.iter().zip(SERIES.iter().cycle()).map(bar).collect()
}

fn stack(chart: &Chart, i: usize) -> Vec<Bar<'_>> {
    let (mut up, mut down) = (0.0, 0.0);
    let mut bars = Vec::new();
    for (s, colour) in chart.series.iter().zip(SERIES.iter().cycle()) {
        let Some(value) = s.values.get(i).copied().flatten() else {
            continue;
        };
        let base = if value < 0.0 { &mut down } else { &mut up };
        bars.push(Bar {
            from: *base,
            to: *base + value,
            colour,
            label: None,
            total: false,
        });
        *base += value;
    }
    let sum = up + down;
    if let Some(last) = bars.iter_mut().rev().find(|b| b.to >= b.from) {
        last.label = Some(short(sum, &chart.axis));
    }
    bars
}

/// Steps from one total to the next. A value that equals what has been summed so far is a total, drawn from zero: the
/// rows of a P&L say it themselves.
fn waterfall(chart: &Chart) -> Vec<Vec<Bar<'_>>> {
    let values = chart.series.first().map_or(&[][..], |s| s.values.as_slice());
    let mut sum = 0.0;
    let mut rows = Vec::new();
    let ends_itself = has_total(values);
    for (i, value) in values.iter().enumerate() {
        let Some(value) = *value else {
            let label = Some(crate::format::UNKNOWN.to_owned());
            rows.push(vec![Bar {
                from: sum,
                to: sum,
                colour: MUTED,
                label,
                total: false,
            }]);
            continue;
        };
        let label = Some(short(value, &chart.axis));
        let total = ends_itself && (i == 0 || (value - sum).abs() < 0.01);
        let bar = if total {
            sum = value;
            Bar {
                from: 0.0,
                to: value,
                colour: SERIES.first().copied().unwrap_or(INK),
                label,
                total,
            }
        } else {
            let from = sum;
            sum += value;
            Bar {
                from,
                to: sum,
                colour: if value < 0.0 { BAD } else { GOOD },
                label,
                total,
            }
        };
        rows.push(vec![bar]);
    }
    if !ends_itself {
        let colour = SERIES.first().copied().unwrap_or(INK);
        rows.push(vec![Bar {
            from: 0.0,
            to: sum,
            colour,
            label: Some(short(sum, &chart.axis)),
            total: true,
        }]);
    }
    rows
}

/// Whether a later row restates the sum of those before it.
fn has_total(values: &[Option<f64>]) -> bool {
    let mut sum = 0.0;
    values.iter().enumerate().any(|(i, value)| {
        let Some(value) = *value else { return false };
        let total = i > 1 && (value - sum).abs() < 0.01;
        sum += value;
        total
    })
}
