//! Lines, bars and stacks over an x axis.

use super::{
    BODY, Chart, Form, INK, MUTED, RULE, SERIES,
    frame::{legend, legend_height, spread},
    scale::{Scale, short, tick_labels},
    svg::{self, Anchor, Svg},
};

const BOTTOM: f64 = 24.0;
const GAP: f64 = 14.0;

struct Plot<'a> {
    chart: &'a Chart,
    width: f64,
    scale: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Plot<'_> {
    fn y(&self, value: f64) -> f64 {
        self.bottom - self.scale.at(value) * (self.bottom - self.top)
    }
    fn slot(&self) -> f64 {
        (self.right - self.left) / self.chart.categories.len().max(1) as f64
    }
    fn x(&self, index: usize) -> f64 {
        self.left + self.slot() * (index as f64 + 0.5)
    }
}

/// Draws it.
pub fn draw(chart: &Chart, width: f64, height: f64) -> String {
    let mut svg = Svg::new(width, height);
    let several = chart.series.len() > 1;
    let direct = chart.form == Form::Line && chart.series.len() <= 3;
    let with_legend = several && !direct;
    let named: Vec<(&str, &str)> = chart
        .series
        .iter()
        .zip(SERIES.iter().cycle())
        .map(|(s, c)| (s.name.as_str(), *c))
        .collect();
    let top = if with_legend {
        legend(&mut svg, &named, width) + 4.0
    } else {
        14.0
    };
    debug_assert!(!with_legend || legend_height(&chart.series, width) <= top);
    let scale = Scale::new(
        extent(chart),
        chart.form != Form::Line,
        if height < 200.0 { 3 } else { 4 },
    );
    let ticks = tick_labels(&scale, &chart.axis);
    let left = ticks.iter().map(|t| svg::width(t)).fold(0.0, f64::max) + 10.0;
    let right = if direct {
        width
            - end_labels(chart, width)
                .iter()
                .map(|t| svg::width(t))
                .fold(0.0, f64::max)
            - 12.0
    } else {
        width - 2.0
    };
    let plot = Plot {
        chart,
        width,
        scale,
        left,
        right,
        top,
        bottom: height - BOTTOM,
    };
    grid(&mut svg, &plot, &ticks);
    match chart.form {
        Form::Line => lines(&mut svg, &plot),
        Form::Stacked => stacks(&mut svg, &plot),
        _ => bars(&mut svg, &plot),
    }
    target(&mut svg, &plot);
    x_labels(&mut svg, &plot);
    svg.finish()
}

fn extent(chart: &Chart) -> impl Iterator<Item = f64> {
    let plain = chart
        .series
        .iter()
        .flat_map(|s| s.values.iter().copied().flatten());
    let target = chart
        .target
        .iter()
        .flat_map(|t| t.values.iter().copied().flatten());
    let band = chart
        .band
        .iter()
        .flat_map(|(low, high)| low.iter().chain(high).copied().flatten());
    let sums = (0..chart.categories.len()).flat_map(|i| {
        let at = || {
            chart
                .series
                .iter()
                .filter_map(move |s| s.values.get(i).copied().flatten())
        };
        [
            at().filter(|v| *v > 0.0).sum::<f64>(),
            at().filter(|v| *v < 0.0).sum::<f64>(),
        ]
    });
    let sums: Vec<f64> = if chart.form == Form::Stacked {
        sums.collect()
    } else {
        Vec::new()
    };
    plain
        .chain(target)
        .chain(band)
        .chain(sums)
        .collect::<Vec<_>>()
        .into_iter()
}

fn grid(svg: &mut Svg, plot: &Plot, ticks: &[String]) {
    for (value, label) in plot.scale.ticks.iter().zip(ticks) {
        let y = plot.y(*value);
        let zero = value.abs() < 1e-9;
        let colour = if zero { MUTED } else { RULE };
        svg.line((plot.left, y), (plot.right, y), colour, 1.0, false);
        svg.text(plot.left - 8.0, y + 4.0, Anchor::End, MUTED, false, label);
    }
}

/// Every so many names that they do not touch; the last is always among them.
fn x_labels(svg: &mut Svg, plot: &Plot) {
    let names = &plot.chart.categories;
    let widest = names.iter().map(|n| svg::width(n)).fold(0.0, f64::max);
    let step = ((widest + 10.0) / plot.slot()).ceil().max(1.0) as usize;
    let last = names.len().saturating_sub(1);
    for (i, name) in names.iter().enumerate() {
        if (last - i).is_multiple_of(step) {
            let half = svg::width(name) / 2.0;
            let x = plot.x(i).max(half).min(plot.width - half);
            svg.text(x, plot.bottom + 17.0, Anchor::Middle, MUTED, false, name);
        }
    }
}

fn runs(plot: &Plot, values: &[Option<f64>]) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (i, value) in values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(v), Some(run)) => run.push((plot.x(i), plot.y(*v))),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|r| !r.is_empty());
    runs
}

fn end_labels(chart: &Chart, width: f64) -> Vec<String> {
    let label = |s: &super::Series| {
        let value = s
            .values
            .iter()
            .rev()
            .copied()
            .flatten()
            .next()
            .map_or_else(String::new, |v| short(v, &chart.axis));
        if chart.series.len() == 1 {
            value
        } else {
            format!("{} {value}", svg::fitted(&s.name, width * 0.24))
        }
    };
    chart.series.iter().map(label).collect()
}

fn lines(svg: &mut Svg, plot: &Plot) {
    let chart = plot.chart;
    if let Some((low, high)) = &chart.band {
        let up = runs(plot, high).into_iter().flatten();
        let down: Vec<_> = runs(plot, low).into_iter().flatten().collect();
        let points: Vec<_> = up.chain(down.into_iter().rev()).collect();
        svg.area(&points, SERIES.first().unwrap_or(&INK), 0.14);
    }
    let labels = end_labels(chart, plot.width);
    let mut ends = Vec::new();
    for (s, colour) in chart.series.iter().zip(SERIES.iter().cycle()) {
        for run in runs(plot, &s.values) {
            let open = chart
                .partial
                .is_some_and(|p| run.last().is_some_and(|l| (l.0 - plot.x(p)).abs() < 0.1));
            let split = if open {
                run.len().saturating_sub(2)
            } else {
                run.len()
            };
            svg.polyline(
                run.get(..=split.min(run.len() - 1)).unwrap_or(&run),
                colour,
                2.0,
                false,
            );
            if open && run.len() > 1 {
                svg.polyline(run.get(split..).unwrap_or_default(), colour, 2.0, true);
            }
        }
        let last = s
            .values
            .iter()
            .enumerate()
            .rev()
            .find_map(|(i, v)| Some((plot.x(i), plot.y((*v)?))));
        ends.push(last.unwrap_or((plot.right, plot.bottom)));
    }
    let mut ys: Vec<f64> = ends.iter().map(|e| e.1).collect();
    spread(&mut ys, GAP, plot.top, plot.bottom);
    if chart.series.len() <= 3 {
        for (((end, y), label), colour) in ends.iter().zip(&ys).zip(&labels).zip(SERIES.iter().cycle()) {
            svg.dot(*end, 3.5, colour);
            svg.text_over(end.0 + 8.0, y + 4.0, Anchor::Start, colour, true, label);
        }
    }
    if let [only] = chart.series.as_slice() {
        lowest(svg, plot, &only.values);
    }
}

/// Marks the lowest point of a lone line, unless it is an end.
fn lowest(svg: &mut Svg, plot: &Plot, values: &[Option<f64>]) {
    let known = values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?)));
    let Some((i, value)) = known.min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return;
    };
    let edge = values.len().saturating_sub(1);
    if i == 0 || i == edge {
        return;
    }
    let Some(colour) = SERIES.first() else { return };
    let (x, y) = (plot.x(i), plot.y(value));
    svg.dot((x, y), 3.5, colour);
    let below = y + 18.0 < plot.bottom;
    svg.text_over(
        x,
        if below { y + 17.0 } else { y - 9.0 },
        Anchor::Middle,
        BODY,
        true,
        &short(value, &plot.chart.axis),
    );
}

fn bars(svg: &mut Svg, plot: &Plot) {
    let chart = plot.chart;
    let group = (plot.slot() * 0.72).min(64.0 * chart.series.len() as f64);
    let width = group / chart.series.len().max(1) as f64;
    let zero = plot.y(0.0);
    for (k, (s, colour)) in chart.series.iter().zip(SERIES.iter().cycle()).enumerate() {
        for (i, value) in s.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let x = plot.x(i) - group / 2.0 + width * k as f64;
            let y = plot.y(*value);
            let (top, height) = if y < zero { (y, zero - y) } else { (zero, y - zero) };
            let wide = if chart.series.len() > 1 {
                width - 1.0
            } else {
                width
            };
            if chart.partial == Some(i) && !s.is_intent() {
                svg.hatched(x, top, wide, height, colour);
            } else {
                svg.rect(x, top, wide, height, colour);
            }
            let label = short(*value, &chart.axis);
            if chart.series.len() == 1 && svg::width(&label) + 4.0 < plot.slot() {
                let at = if *value < 0.0 {
                    top + height + 13.0
                } else {
                    top - 5.0
                };
                svg.text(x + width / 2.0, at, Anchor::Middle, BODY, false, &label);
            }
        }
    }
    svg.line((plot.left, zero), (plot.right, zero), MUTED, 1.0, false);
}

fn stacks(svg: &mut Svg, plot: &Plot) {
    let chart = plot.chart;
    let width = (plot.slot() * 0.72).min(64.0);
    for i in 0..chart.categories.len() {
        let (mut up, mut down) = (0.0, 0.0);
        for (s, colour) in chart.series.iter().zip(SERIES.iter().cycle()) {
            let Some(value) = s.values.get(i).copied().flatten() else {
                continue;
            };
            let base = if value < 0.0 { &mut down } else { &mut up };
            let (from, to) = (plot.y(*base), plot.y(*base + value));
            *base += value;
            let (top, height) = (from.min(to), (from - to).abs());
            if chart.partial == Some(i) {
                svg.hatched(plot.x(i) - width / 2.0, top, width, height, colour);
            } else {
                svg.rect(plot.x(i) - width / 2.0, top, width, height - 0.75, colour);
            }
        }
    }
    let zero = plot.y(0.0);
    svg.line((plot.left, zero), (plot.right, zero), MUTED, 1.0, false);
}

/// A dashed line with its name, where there is most room for it.
fn target(svg: &mut Svg, plot: &Plot) {
    let Some(target) = &plot.chart.target else { return };
    let known: Vec<f64> = target.values.iter().copied().flatten().collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return;
    };
    let flat = known.iter().all(|v| (v - first).abs() < 1e-9);
    if flat {
        let y = plot.y(*first);
        svg.line((plot.left, y), (plot.right, y), INK, 1.25, true);
    } else {
        for run in runs(plot, &target.values) {
            svg.polyline(&run, INK, 1.25, true);
        }
    }
    let label = if flat {
        format!("{} {}", target.name, short(*first, &plot.chart.axis))
    } else {
        target.name.clone()
    };
    let (left, right) = (distance(plot, *first, true), distance(plot, *last, false));
    let y = |value: f64| plot.y(value) - 5.0;
    if left >= right {
        svg.text_over(plot.left + 4.0, y(*first), Anchor::Start, INK, false, &label);
    } else {
        svg.text_over(plot.right - 4.0, y(*last), Anchor::End, INK, false, &label);
    }
}

/// How far the drawing is from a target's value near one edge.
fn distance(plot: &Plot, value: f64, left: bool) -> f64 {
    let near = plot.chart.categories.len().div_ceil(4).max(1);
    let values = plot.chart.series.iter().flat_map(|s| {
        let take = |i: &usize| {
            if left {
                *i < near
            } else {
                *i + near >= s.values.len()
            }
        };
        s.values
            .iter()
            .enumerate()
            .filter(move |(i, _)| take(i))
            .filter_map(|(_, v)| *v)
    });
    values
        .map(|v| (plot.y(v) - plot.y(value) + 10.0).abs())
        .fold(f64::INFINITY, f64::min)
}
