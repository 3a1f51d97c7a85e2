//! What charts share: a legend, and labels that keep their distance.

use super::{
    BODY, Series,
    svg::{self, Anchor, Svg},
};

/// Height of a legend's row.
pub const LEGEND: f64 = 22.0;

/// A row of names with their colours; answers the height used. Names wrap to a second row where one is too short.
pub fn legend(svg: &mut Svg, names: &[(&str, &str)], width: f64) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for (name, colour) in names {
        let name = svg::fitted(name, width - 20.0);
        let needs = 16.0 + svg::width(&name) + 16.0;
        if x > 0.0 && x + needs - 16.0 > width {
            x = 0.0;
            y += LEGEND - 4.0;
        }
        svg.rect(x, y + 3.0, 10.0, 10.0, colour);
        svg.text(x + 16.0, y + 12.0, Anchor::Start, BODY, false, &name);
        x += needs;
    }
    y + LEGEND
}

/// How many rows [`legend`] will take, as a height.
pub fn legend_height(series: &[Series], width: f64) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for s in series {
        let needs = 32.0 + svg::width(&svg::fitted(&s.name, width - 20.0));
        if x > 0.0 && x + needs - 16.0 > width {
            x = 0.0;
            y += LEGEND - 4.0;
        }
        x += needs;
    }
    y + LEGEND
}

/// Moves labels apart, in place, so that no two are nearer than `gap`; they stay between `top` and `bottom`.
pub fn spread(at: &mut [f64], gap: f64, top: f64, bottom: f64) {
    let mut order: Vec<usize> = (0..at.len()).collect();
    order.sort_by(|a, b| {
        at.get(*a)
            .partial_cmp(&at.get(*b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut low = top;
    for &i in &order {
        if let Some(y) = at.get_mut(i) {
            *y = y.max(low);
            low = *y + gap;
        }
    }
    let mut high = bottom;
    for &i in order.iter().rev() {
        if let Some(y) = at.get_mut(i) {
            *y = y.min(high);
            high = *y - gap;
        }
    }
}
