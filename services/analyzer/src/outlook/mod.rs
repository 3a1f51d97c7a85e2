//! What a figure usually is on such a day, and what the next days should bring: statistics over one value a day, without
//! SQL, facts or clock. Reports rule 16 is what this implements.
//!
//! [`usual`] judges a day by the days before it; [`forecast`] makes totals of days to come, by the plainest method that has
//! done best so far; [`stl`] takes a series apart. Start at [`usual::of`] and [`forecast::totals`].

pub mod forecast;
mod stl;
pub mod usual;

#[cfg(test)]
mod tests;

/// Days after which a business's figures repeat.
pub const WEEK: usize = 7;

/// Points from which on a series is taken apart: eight weeks.
pub const STL_FROM: usize = 8 * WEEK;

/// Points that are looked at, the last ones: 53 weeks, so that the same weekday of a year before is among them.
pub const LONGEST: usize = 53 * WEEK;

/// The middle value, or the mean of the two in the middle; none of none.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
}

/// The median absolute deviation from a middle, times 1.4826: the standard deviation, were the values normal (Rousseeuw and
/// Croux, Alternatives to the Median Absolute Deviation, 1993).
fn spread(values: impl Iterator<Item = f64>, middle: f64) -> f64 {
    let mut deviations: Vec<f64> = values.map(|v| (v - middle).abs()).collect();
    median(&mut deviations).unwrap_or(0.0) * 1.4826
}

/// The last `LONGEST` points.
fn recent(points: &[f64]) -> &[f64] {
    &points[points.len().saturating_sub(LONGEST)..]
}
