//! A series taken apart into trend, week and rest: STL (Cleveland et al., 1990) by the `stlrs` crate.

use super::{STL_FROM, WEEK, recent, spread};

/// The end of a series, as its parts have it.
pub struct Parts {
    trend: f64,
    /// The last week's seasonal part, oldest day first.
    week: Vec<f64>,
    /// How far the rest strays.
    pub spread: f64,
}

impl Parts {
    /// Of a series that ends the day before the first day to come. Robust, single days do not bend it, and totals are those of
    /// plain days; otherwise each day counts. None for less than eight weeks.
    pub fn of(points: &[f64], robust: bool) -> Option<Self> {
        let points = recent(points);
        if points.len() < STL_FROM {
            return None;
        }
        let fit = stlrs::Stl::params().robust(robust).fit(points, WEEK).ok()?;
        let seasonal = fit.seasonal();
        Some(Self {
            trend: *fit.trend().last()?,
            week: seasonal[seasonal.len() - WEEK..].to_vec(),
            spread: spread(fit.remainder().iter().copied(), 0.0),
        })
    }

    /// The level of today with the week's shape, `ahead` days after the first one to come. The trend is not drawn on: over
    /// four weeks its slope at the end is mostly chance.
    pub fn at(&self, ahead: usize) -> f64 {
        self.trend + self.week[ahead % WEEK]
    }
}
