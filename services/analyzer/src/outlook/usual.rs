//! What a day's figure usually is, judged by the days before it.

use jiff::{ToSpan, civil::Date};

use super::{LONGEST, STL_FROM, median, spread, stl::Parts};

/// Points below which a value is only shown.
pub const LEAST: usize = 14;
/// Spreads from the middle within which a value is no surprise.
const SPREADS: f64 = 3.0;
/// Of the same weekday, so many at least; with fewer all days are taken.
const SAME_WEEKDAY: usize = 4;

/// By what a day was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The median of the same weekday.
    Weekday,
    /// The median of all days: too few of the same weekday are known.
    AllDays,
    /// Trend and week by STL.
    Stl,
}

impl By {
    /// As facts have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weekday => "weekday",
            Self::AllDays => "all_days",
            Self::Stl => "stl",
        }
    }
}

/// What a day was to be expected to bring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// The middle.
    pub value: f64,
    /// A value below is a surprise.
    pub low: f64,
    /// A value above is a surprise.
    pub high: f64,
    /// By what.
    pub by: By,
    /// So many days.
    pub n: usize,
}

impl Usual {
    /// Whether a value lies outside.
    pub fn is_surprised_by(&self, value: f64) -> bool {
        value < self.low || value > self.high
    }
}

/// What `day` usually brings, from the points before it, oldest first, at most one a day. None below 14 points.
///
/// From eight weeks without a gap that end the day before, by STL; else by the median of the same weekday, with a band of
/// three spreads to both sides. Figures that were never negative are not expected to be.
pub fn of(before: &[(Date, f64)], day: Date) -> Option<Usual> {
    if before.len() < LEAST {
        return None;
    }
    let run = unbroken(before, day);
    let (value, spread, by, n) = match Parts::of(&run, true) {
        Some(parts) if run.len() >= STL_FROM => (parts.at(0), parts.spread, By::Stl, run.len().min(LONGEST)),
        _ => by_medians(before, day)?,
    };
    let never_negative = before.iter().all(|(_, v)| *v >= 0.0);
    let floor = |v: f64| if never_negative { v.max(0.0) } else { v };
    Some(Usual {
        value: floor(value),
        low: floor(value - SPREADS * spread),
        high: floor(value + SPREADS * spread),
        by,
        n,
    })
}

fn by_medians(before: &[(Date, f64)], day: Date) -> Option<(f64, f64, By, usize)> {
    let same = before.iter().filter(|(d, _)| d.weekday() == day.weekday());
    let mut values: Vec<f64> = same.map(|(_, v)| *v).collect();
    let mut by = By::Weekday;
    if values.len() < SAME_WEEKDAY {
        (values, by) = (before.iter().map(|(_, v)| *v).collect(), By::AllDays);
    }
    let (middle, n) = (median(&mut values)?, values.len());
    Some((middle, spread(values.into_iter(), middle), by, n))
}

/// The last values without a day between them that has none, up to the day before.
fn unbroken(before: &[(Date, f64)], day: Date) -> Vec<f64> {
    let mut wanted = day;
    let mut values: Vec<f64> = before
        .iter()
        .rev()
        .take_while(|(date, _)| {
            wanted = wanted.saturating_sub(1.day());
            *date == wanted
        })
        .map(|(_, value)| *value)
        .collect();
    values.reverse();
    values
}
