//! The days that an entry looks at, and those it is compared with.

use jiff::{Span, ToSpan, civil::Date};
use shared::facts::{self, ComparedWith};

use crate::catalog::Period;

/// A period and those that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First and last day, both inclusive.
    pub now: (Date, Date),
    /// The comparisons, the one to show first; none for a point in time. No two are of the same days.
    pub compared: Vec<Compared>,
    /// In words.
    pub label: String,
    /// Whether the period is not over.
    pub partial: bool,
}

/// A period to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Which.
    pub with: ComparedWith,
    /// First and last day, both inclusive.
    pub days: (Date, Date),
    /// In words.
    pub label: String,
}

impl Window {
    /// As a fact; none for a point in time.
    pub fn fact(&self) -> Option<facts::Period> {
        self.compared.first()?;
        let (from, to) = self.now;
        Some(facts::Period {
            from,
            to,
            label: self.label.clone(),
            partial: self.partial,
        })
    }
}

/// The window of a period as seen at the end of a day. A period to date is compared with the same days of an earlier one
/// (reports rule 15), any other first with the equally long one before it. docs/CATALOG.md has the table.
pub fn window(period: Period, as_of: Date) -> Window {
    match period {
        Period::Last7d => last(7, as_of),
        Period::Last30d => last(30, as_of),
        Period::Last90d => last(90, as_of),
        Period::Ttm => Window {
            label: "last 12 months".into(),
            compared: vec![Compared {
                with: ComparedWith::YearAgo,
                days: (before(as_of, (2 * 365 - 1).days()), before(as_of, 365.days())),
                label: "12 months before".into(),
            }],
            ..last(365, as_of)
        },
        Period::Mtd => Window {
            now: (as_of.first_of_month(), as_of),
            compared: vec![
                to_date(ComparedWith::SameDaysLastMonth, as_of, 1.month(), "%b"),
                to_date(ComparedWith::YearAgo, as_of, 1.year(), "%b %Y"),
            ],
            label: format!("{} to date", as_of.strftime("%b %Y")),
            partial: as_of != as_of.last_of_month(),
        },
        Period::LastMonth => {
            let month = before(as_of.first_of_month(), 1.day());
            let whole = |with, back: Span| {
                let day = before(month.first_of_month(), back);
                Compared {
                    with,
                    days: (day, day.last_of_month()),
                    label: day.strftime("%b %Y").to_string(),
                }
            };
            Window {
                now: (month.first_of_month(), month),
                compared: vec![
                    whole(ComparedWith::Previous, 1.month()),
                    whole(ComparedWith::YearAgo, 1.year()),
                ],
                label: month.strftime("%b %Y").to_string(),
                partial: false,
            }
        }
        Period::Ytd => {
            let first = as_of.first_of_year();
            Window {
                now: (first, as_of),
                compared: vec![Compared {
                    with: ComparedWith::YearAgo,
                    days: (before(first, 1.year()), before(as_of, 1.year())),
                    label: format!("same days of {}", as_of.year() - 1),
                }],
                label: format!("{} to date", as_of.year()),
                partial: as_of != as_of.last_of_year(),
            }
        }
        Period::None => Window {
            now: (as_of, as_of),
            compared: Vec::new(),
            label: format!("on {}", as_of.strftime("%-d %b %Y")),
            partial: false,
        },
    }
}

/// A number of days that ends with `as_of`.
fn last(days: i64, as_of: Date) -> Window {
    // All are equally long: 28 February is the end of as many days as 30 March is.
    let ending = |with, to: Date, label: String| Compared {
        with,
        days: (before(to, (days - 1).days()), to),
        label,
    };
    let mut compared = vec![ending(
        ComparedWith::Previous,
        before(as_of, days.days()),
        format!("{days} days before"),
    )];
    // Thirty days that end a month ago are the thirty days before but for one or two.
    if days < 28 {
        let to = before(as_of, 1.month());
        compared.push(ending(
            ComparedWith::SameDaysLastMonth,
            to,
            format!("same days of {}", to.strftime("%b")),
        ));
    }
    compared.push(ending(
        ComparedWith::YearAgo,
        before(as_of, 1.year()),
        "same days a year before".into(),
    ));
    Window {
        now: (before(as_of, (days - 1).days()), as_of),
        compared,
        label: format!("last {days} days"),
        partial: false,
    }
}

/// The month to date of an earlier month: day 31 has no equal in a month of 30, and the comparison ends with that month.
fn to_date(with: ComparedWith, as_of: Date, back: Span, month: &str) -> Compared {
    let to = before(as_of, back);
    Compared {
        with,
        days: (to.first_of_month(), to),
        label: format!("same days of {}", to.strftime(month)),
    }
}

fn before(day: Date, by: Span) -> Date {
    day.saturating_sub(by)
}

#[cfg(test)]
mod tests;
