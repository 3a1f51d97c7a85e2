//! Named points over two axes.

use super::{
    BODY, Chart, MUTED, RULE, SERIES,
    scale::{Scale, short, tick_labels},
    svg::{self, Anchor, Svg},
};

/// A label's box: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

/// Draws it. Labels go where they touch nothing; one that fits nowhere is left to the table below the chart.
pub fn draw(chart: &Chart, width: f64, height: f64) -> String {
    let mut svg = Svg::new(width, height);
    let x_scale = Scale::new(
        chart.points.iter().map(|p| p.x),
        true,
        if width < 400.0 { 3 } else { 5 },
    );
    let y_scale = Scale::new(chart.points.iter().map(|p| p.y), true, 4);
    let labels = tick_labels(&y_scale, &chart.axis);
    let left = labels.iter().map(|t| svg::width(t)).fold(0.0, f64::max) + 10.0;
    let (right, top, bottom) = (width - 12.0, 26.0, height - 40.0);
    let x = |v: f64| left + x_scale.at(v) * (right - left);
    let y = |v: f64| bottom - y_scale.at(v) * (bottom - top);
    for (tick, label) in y_scale.ticks.iter().zip(&labels) {
        let colour = if tick.abs() < 1e-9 { MUTED } else { RULE };
        svg.line((left, y(*tick)), (right, y(*tick)), colour, 1.0, false);
        svg.text(left - 8.0, y(*tick) + 4.0, Anchor::End, MUTED, false, label);
    }
    for tick in &x_scale.ticks {
        svg.line((x(*tick), bottom), (x(*tick), bottom + 4.0), MUTED, 1.0, false);
        svg.text(
            x(*tick),
            bottom + 17.0,
            Anchor::Middle,
            MUTED,
            false,
            &short(*tick, &Default::default()),
        );
    }
    if let [x_title, y_title, ..] = chart.categories.as_slice() {
        svg.text(0.0, 12.0, Anchor::Start, MUTED, false, &format!("↑ {y_title}"));
        svg.text(
            right,
            height - 6.0,
            Anchor::End,
            MUTED,
            false,
            &format!("{x_title} →"),
        );
    }
    let colour = SERIES.first().copied().unwrap_or(BODY);
    let mut taken: Vec<Area> = chart
        .points
        .iter()
        .map(|p| around(x(p.x), y(p.y), 6.0, 6.0))
        .collect();
    for p in &chart.points {
        svg.dot((x(p.x), y(p.y)), 5.5, colour);
    }
    for p in &chart.points {
        let name = svg::fitted(&p.name, width * 0.3);
        let (px, py, w) = (x(p.x), y(p.y), svg::width(&name));
        let spots = [
            (px + 9.0, py + 4.0, Anchor::Start, px + 9.0),
            (px - 9.0, py + 4.0, Anchor::End, px - 9.0 - w),
            (px, py - 10.0, Anchor::Middle, px - w / 2.0),
            (px, py + 19.0, Anchor::Middle, px - w / 2.0),
        ];
        let free = spots.into_iter().find(|(_, baseline, _, from)| {
            let area = (*from, baseline - 11.0, from + w, baseline + 3.0);
            area.0 >= left
                && area.2 <= width
                && area.1 >= 0.0
                && area.3 <= bottom
                && !taken.iter().any(|t| overlap(*t, area))
        });
        if let Some((tx, baseline, anchor, from)) = free {
            svg.text(tx, baseline, anchor, BODY, false, &name);
            taken.push((from, baseline - 11.0, from + w, baseline + 3.0));
        }
    }
    svg.finish()
}

fn around(x: f64, y: f64, dx: f64, dy: f64) -> Area {
    (x - dx, y - dy, x + dx, y + dy)
}

fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}
