//! Sparklines: the shape of the last nights, without an axis.

use super::{Drawing, svg::Svg};
use crate::document::Picture;

/// The values, oldest first, today's last; at least two.
#[derive(Debug, Clone)]
pub struct Spark {
    /// Values.
    pub values: Vec<f64>,
}

const WIDTH: f64 = 104.0;
const HEIGHT: f64 = 24.0;
/// Four to one on white and on the dark paper of a mail at night: a sparkline has no ground of its own.
const COLOUR: &str = "#3F7CBF";

impl Spark {
    /// The drawing.
    pub fn svg(&self) -> String {
        let mut svg = Svg::new(WIDTH, HEIGHT);
        let low = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let span = high - low;
        let last = self.values.len().saturating_sub(1).max(1) as f64;
        let y = |v: f64| {
            if span > 0.0 {
                HEIGHT - 4.5 - (v - low) / span * (HEIGHT - 9.0)
            } else {
                HEIGHT / 2.0
            }
        };
        let points: Vec<(f64, f64)> = self
            .values
            .iter()
            .enumerate()
            .map(|(i, v)| (2.0 + i as f64 / last * (WIDTH - 8.0), y(*v)))
            .collect();
        svg.polyline(&points, COLOUR, 1.5, false);
        if let Some(end) = points.last() {
            svg.disc(*end, 2.5, COLOUR);
        }
        svg.finish()
    }
}

/// Its place in a document.
pub fn spark_picture(document: &str, index: usize, spark: Spark, alt: String) -> Picture {
    Picture {
        cid: format!("{document}-spark-{index}"),
        narrow_cid: None,
        file: format!("spark-{index}.svg"),
        width: WIDTH as u32,
        height: HEIGHT as u32,
        narrow_width: WIDTH as u32,
        narrow_height: HEIGHT as u32,
        alt,
        on_page: super::Size::Page,
        drawing: Drawing::Spark(spark),
    }
}
