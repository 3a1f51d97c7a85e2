//! From values to pixels, and round numbers for axes.

use super::Axis;
use crate::format;

/// A linear scale with its ticks.
#[derive(Debug, Clone)]
pub struct Scale {
    low: f64,
    high: f64,
    /// Round values within.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// Covers all values; with `zero`, zero too. About `want` ticks.
    pub fn new(values: impl Iterator<Item = f64>, zero: bool, want: usize) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in values.filter(|v| v.is_finite()) {
            low = low.min(v);
            high = high.max(v);
        }
        if zero || !low.is_finite() {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        // A line that uses only the top tenth of its axis says nothing; one that starts near zero starts at zero.
        if low > 0.0 && low < high * 0.45 {
            low = 0.0;
        }
        if (high - low).abs() < f64::EPSILON {
            high = low + if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
        }
        let step = nice((high - low) / want.max(1) as f64);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as usize)
            .map(|i| (first + i as f64) * step)
            .collect();
        Self {
            low: first * step,
            high: last * step,
            ticks,
        }
    }
    /// 0 at the low end, 1 at the high end.
    pub fn at(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

fn nice(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let unit = rough / power;
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|s| unit <= s + 1e-9)
        .unwrap_or(10.0);
    step * power
}

/// The labels of an axis, all in one order of magnitude: `$0k` next to `$10k` would be two scales.
pub fn tick_labels(scale: &Scale, axis: &Axis) -> Vec<String> {
    let largest = scale.ticks.iter().map(|t| t.abs()).fold(0.0, f64::max);
    let (unit, letter) = magnitude(largest);
    scale
        .ticks
        .iter()
        .map(|t| {
            if *t == 0.0 {
                short(0.0, axis)
            } else {
                written(*t, unit, letter, axis)
            }
        })
        .collect()
}

fn magnitude(size: f64) -> (f64, &'static str) {
    match size {
        s if s >= 999_500.0 => (1e6, "M"),
        s if s >= 9_999.5 => (1e3, "k"),
        _ => (1.0, ""),
    }
}

/// A value for an axis or a label: `$40k`, `-$1.2M`, `350`, `12.5%`.
pub fn short(value: f64, axis: &Axis) -> String {
    let (unit, letter) = magnitude(value.abs());
    written(value, unit, letter, axis)
}

fn written(value: f64, unit: f64, letter: &str, axis: &Axis) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let scaled = value.abs() / unit;
    let decimals = match scaled {
        s if (s - s.round()).abs() < 1e-9 || s >= 100.0 => 0,
        s if s < 1.0 && letter.is_empty() => 2,
        _ => 1,
    };
    let decimal = rust_decimal::prelude::FromPrimitive::from_f64(scaled).unwrap_or_default();
    let mut digits = format::grouped(decimal, decimals);
    if digits.contains('.') {
        digits = digits.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format!("{sign}{}{digits}{letter}{}", axis.prefix, axis.suffix)
}
