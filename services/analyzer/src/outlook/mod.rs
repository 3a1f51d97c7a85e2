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

/// Points that are looked at, the last ones: 60 weeks, so that the days of a year before, and fifteen times four weeks, are
/// among them.
pub const LONGEST: usize = 60 * WEEK;

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

/// Days whose totals are judged: one, unless too little happens on most days, then seven, then 28.
const SPANS: [usize; 3] = [1, WEEK, 4 * WEEK];

/// The fewest days whose totals are more often something than nothing, over at least fifteen of them; none where even
/// four weeks are mostly empty. Of a series on most of whose days nothing happens every day with something is out of line.
pub fn span(points: &[f64]) -> Option<usize> {
    SPANS.into_iter().find(|days| {
        let totals = back(recent(points), *days);
        totals.len() > usual::LEAST && totals.iter().filter(|t| **t != 0.0).count() * 2 >= totals.len()
    })
}

/// Totals of so many days each, back from the last, oldest first; what does not fill the first is left out.
pub fn back(points: &[f64], days: usize) -> Vec<f64> {
    let totals = points.rchunks_exact(days).map(|days| days.iter().sum());
    let mut totals: Vec<f64> = totals.collect();
    totals.reverse();
    totals
}

/// The last `LONGEST` points.
fn recent(points: &[f64]) -> &[f64] {
    &points[points.len().saturating_sub(LONGEST)..]
}
