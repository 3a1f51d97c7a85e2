//! The days that an entry looks at, and those it is compared with.

use jiff::{ToSpan, civil::Date};
use shared::facts;

use crate::catalog::Period;

/// A period and the one that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First and last day, both inclusive.
    pub now: (Date, Date),
    /// The same of the comparison; none for a point in time.
    pub before: Option<(Date, Date)>,
    /// In words.
    pub label: String,
    /// What `before` is, in words.
    pub compared_with: Option<String>,
    /// Whether the period is not over.
    pub partial: bool,
}

impl Window {
    /// As a fact.
    pub fn fact(&self) -> Option<facts::Period> {
        self.before?;
        let (from, to) = self.now;
        Some(facts::Period {
            from,
            to,
            label: self.label.clone(),
            partial: self.partial,
        })
    }
}

/// The window of a period as seen at the end of a day. A period to date is compared with the same days of the one
/// before (reports rule 15), any other with the equally long one before it.
pub fn window(period: Period, as_of: Date) -> Window {
    let back = |days: i64| as_of.saturating_sub(days.days());
    let last = |days: i64| Window {
        now: (back(days - 1), as_of),
        before: Some((back(2 * days - 1), back(days))),
        label: format!("last {days} days"),
        compared_with: Some(format!("{days} days before")),
        partial: false,
    };
    match period {
        Period::Last7d => last(7),
        Period::Last30d => last(30),
        Period::Last90d => last(90),
        Period::Ttm => Window {
            label: "last 12 months".into(),
            compared_with: Some("12 months before".into()),
            ..last(365)
        },
        Period::Mtd => {
            let first = as_of.first_of_month();
            let earlier = first.saturating_sub(1.month());
            let same_day = as_of.saturating_sub(1.month());
            // Day 31 has no equal in a month of 30: the comparison ends with that month.
            Window {
                now: (first, as_of),
                before: Some((earlier, same_day)),
                label: format!("{} to date", as_of.strftime("%b %Y")),
                compared_with: Some(format!("same days of {}", earlier.strftime("%b"))),
                partial: as_of != as_of.last_of_month(),
            }
        }
        Period::LastMonth => {
            let last_day = as_of.first_of_month().saturating_sub(1.day());
            let before_last = last_day.first_of_month().saturating_sub(1.day());
            Window {
                now: (last_day.first_of_month(), last_day),
                before: Some((before_last.first_of_month(), before_last)),
                label: last_day.strftime("%b %Y").to_string(),
                compared_with: Some(before_last.strftime("%b %Y").to_string()),
                partial: false,
            }
        }
        Period::Ytd => {
            let first = as_of.first_of_year();
            Window {
                now: (first, as_of),
                before: Some((first.saturating_sub(1.year()), as_of.saturating_sub(1.year()))),
                label: format!("{} to date", as_of.year()),
                compared_with: Some(format!("same days of {}", as_of.year() - 1)),
                partial: as_of != as_of.last_of_year(),
            }
        }
        Period::None => Window {
            now: (as_of, as_of),
            before: None,
            label: format!("on {}", as_of.strftime("%-d %b %Y")),
            compared_with: None,
            partial: false,
        },
    }
}

#[cfg(test)]
mod tests;
