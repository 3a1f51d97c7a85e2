//! Totals of days to come. The last week repeated comes first; another method is used only where it has missed by less.

use super::{WEEK, recent, stl::Parts};

/// Earlier evenings that a method is tried on, a week apart.
const ORIGINS: usize = 12;
/// Points that a method is given on the earliest of them.
const LEAST: usize = 14;
/// Evenings from which on a band is drawn.
const FOR_A_BAND: usize = 5;
/// Share of those evenings on which the total was within the band.
const WITHIN: f64 = 0.8;
/// Weeks of the mean by weekday.
const WEEKS: usize = 8;

/// How the days to come are guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// The last week again.
    SeasonalNaive,
    /// The mean of the last eight of the same weekday.
    WeekdayMean,
    /// The same weekday 52 weeks before.
    YearAgo,
    /// Level and week by STL.
    Stl,
}

impl Method {
    /// Those that have to beat the first.
    const OTHERS: [Self; 3] = [Self::WeekdayMean, Self::YearAgo, Self::Stl];

    /// As facts have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "seasonal_naive",
            Self::WeekdayMean => "weekday_mean",
            Self::YearAgo => "year_ago",
            Self::Stl => "stl",
        }
    }

    /// The next `days` days after `known`, one value a day; none where too little is known for it.
    fn path(self, known: &[f64], days: usize) -> Option<Vec<f64>> {
        let known = recent(known);
        let n = known.len();
        let each = |value: &dyn Fn(usize) -> Option<f64>| (0..days).map(value).collect();
        match self {
            Self::SeasonalNaive => each(&|ahead| known.get((n + ahead % WEEK).checked_sub(WEEK)?).copied()),
            Self::WeekdayMean => {
                let first = n.checked_sub(WEEK * WEEKS)?;
                let of = |day: usize| known[first..].iter().skip(day).step_by(WEEK).sum::<f64>();
                #[expect(clippy::cast_precision_loss, reason = "eight")]
                each(&|ahead| Some(of(ahead % WEEK) / WEEKS as f64))
            }
            Self::YearAgo => each(&|ahead| known.get((n + ahead).checked_sub(52 * WEEK)?).copied()),
            Self::Stl => {
                // Not robust: a total has the days out of line in it too.
                let parts = Parts::of(known, false)?;
                each(&|ahead| Some(parts.at(ahead)))
            }
        }
    }
}

/// A total of days to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// How many days.
    pub days: usize,
    /// The total.
    pub value: f64,
    /// Within which it was on four of five earlier evenings; none from fewer than five.
    pub band: Option<(f64, f64)>,
    /// By which method.
    pub method: Method,
    /// What the last week repeated says.
    pub naive: f64,
    /// Earlier evenings that both were tried on.
    pub origins: usize,
    /// Mean absolute miss of the method on these.
    pub miss: Option<f64>,
    /// The same of the last week repeated.
    pub naive_miss: Option<f64>,
}

/// Totals of the next days after `known` (one value a day, oldest first), for each of `horizons`, in days. None below two weeks.
///
/// Rolling origin: each method is given what was known on up to twelve earlier evenings, a week apart, and its totals are
/// compared with what came. A method that could not have been asked on each of them is not chosen.
pub fn totals(known: &[f64], horizons: &[usize]) -> Vec<Total> {
    let Some(longest) = horizons.iter().copied().max() else {
        return Vec::new();
    };
    if known.len() < LEAST {
        return Vec::new();
    }
    let cuts: Vec<usize> = (0..ORIGINS)
        .map_while(|back| known.len().checked_sub(longest + WEEK * back))
        .filter(|cut| *cut >= LEAST)
        .collect();
    let tried: Vec<Tried> = std::iter::once(Method::SeasonalNaive)
        .chain(Method::OTHERS)
        .filter_map(|method| {
            let earlier = cuts.iter().map(|cut| method.path(&known[..*cut], longest));
            Some(Tried {
                method,
                ahead: method.path(known, longest)?,
                earlier: earlier.collect::<Option<_>>()?,
            })
        })
        .collect();
    let never_negative = known.iter().all(|v| *v >= 0.0);
    let of = |days: &usize| total(*days, known, &cuts, &tried, never_negative);
    horizons.iter().filter_map(of).collect()
}

/// What a method says, and what it would have said on each earlier evening: a value a day.
struct Tried {
    method: Method,
    ahead: Vec<f64>,
    earlier: Vec<Vec<f64>>,
}

fn total(days: usize, known: &[f64], cuts: &[usize], tried: &[Tried], never_negative: bool) -> Option<Total> {
    let misses = |paths: &[Vec<f64>]| -> Vec<f64> {
        let pairs = paths.iter().zip(cuts);
        let miss = |(path, cut): (&Vec<f64>, &usize)| {
            sum(&path[..days], never_negative) - known[*cut..*cut + days].iter().sum::<f64>()
        };
        pairs.map(|pair| miss(pair).abs()).collect()
    };
    let mean = |misses: &[f64]| {
        #[expect(clippy::cast_precision_loss, reason = "at most twelve")]
        (!misses.is_empty()).then(|| misses.iter().sum::<f64>() / misses.len() as f64)
    };
    let first = tried.first()?;
    let naive = sum(&first.ahead[..days], never_negative);
    let naive_misses = misses(&first.earlier);
    let mut best = (Method::SeasonalNaive, naive, naive_misses.clone());
    for other in &tried[1..] {
        let own = misses(&other.earlier);
        if mean(&own)
            .zip(mean(&best.2))
            .is_some_and(|(own, best)| own < best)
        {
            best = (other.method, sum(&other.ahead[..days], never_negative), own);
        }
    }
    let (method, value, mut own) = best;
    let miss = mean(&own);
    own.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "at most twelve"
    )]
    let rank = (own.len() as f64 * WITHIN).ceil() as usize;
    let width = own
        .get(rank.saturating_sub(1))
        .filter(|_| own.len() >= FOR_A_BAND);
    let floor = |v: f64| if never_negative { v.max(0.0) } else { v };
    Some(Total {
        days,
        value,
        band: width.map(|width| (floor(value - width), floor(value + width))),
        method,
        naive,
        origins: cuts.len(),
        miss,
        naive_miss: mean(&naive_misses),
    })
}

/// The days together; each at least nothing, where nothing was ever less.
fn sum(path: &[f64], never_negative: bool) -> f64 {
    let day = |v: &f64| if never_negative { v.max(0.0) } else { *v };
    path.iter().map(day).sum()
}
