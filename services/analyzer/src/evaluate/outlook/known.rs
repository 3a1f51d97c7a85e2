//! What is known of a series: one value a day, without a gap, up to its last day.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use shared::money::Currency;

use super::Days;
use crate::catalog::Absent;

/// Days looked back: two years, so that what is begun earlier weighs nothing.
const BACK: i64 = 800;
/// Days that a series may be behind the night, as bills are.
const BEHIND: i32 = 3;

/// A series of days.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Whose; none is the portfolio's.
    pub entity: Option<String>,
    /// Of money.
    pub currency: Currency,
    /// The day of the first value.
    first: Date,
    /// One a day.
    pub values: Vec<Decimal>,
    /// Why there are none.
    pub gap: Option<String>,
}

impl Known {
    /// Nothing, and why.
    pub fn unknown(entity: Option<String>, currency: Currency, gap: String) -> Self {
        Self {
            entity,
            currency,
            first: Date::default(),
            values: Vec::new(),
            gap: Some(gap),
        }
    }

    /// Of rows by day; a day whose value is NULL is not known, and what is before it is not looked at.
    pub fn of(entity: Option<String>, currency: Currency, days: &Days, absent: Absent, as_of: Date) -> Self {
        let Some((begin, end)) = days.keys().next().copied().zip(days.keys().next_back().copied()) else {
            return Self::unknown(entity, currency, "there are no records".to_owned());
        };
        let zero = absent == Absent::Zero;
        let end = if zero { as_of } else { end };
        if (as_of - end).get_days() > BEHIND {
            let day = crate::functions::format::day(end);
            return Self::unknown(entity, currency, format!("the last day known is {day}"));
        }
        let begin = begin.max(as_of.saturating_sub(BACK.days()));
        let (mut values, mut day) = (Vec::new(), end);
        while day >= begin {
            match days.get(&day) {
                Some(Some(value)) => values.push(*value),
                None if zero => values.push(Decimal::ZERO),
                _ => break,
            }
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        if values.is_empty() {
            let day = crate::functions::format::day(end);
            return Self::unknown(entity, currency, format!("the value of {day} is not known"));
        }
        values.reverse();
        Self {
            first: day.saturating_add(1.day()),
            entity,
            currency,
            values,
            gap: None,
        }
    }

    /// The day of the last value.
    pub fn last(&self) -> Option<Date> {
        let days = i64::try_from(self.values.len()).ok()?.checked_sub(1)?;
        (days >= 0).then(|| self.first.saturating_add(days.days()))
    }

    /// The values of these days together, if each is known.
    pub fn total(&self, from: Date, to: Date) -> Option<Decimal> {
        let at = |day: Date| usize::try_from((day - self.first).get_days()).ok();
        let (from, to) = (at(from)?, at(to)?);
        sum(self.values.get(from..=to)?)
    }
}

/// The values together; none beyond 96 bits.
pub fn sum(values: &[Decimal]) -> Option<Decimal> {
    values
        .iter()
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(of: &[(i8, Option<i64>)]) -> Days {
        let day = |(day, value): &(i8, Option<i64>)| (date(2026, 11, *day), value.map(Decimal::from));
        of.iter().map(day).collect()
    }

    fn of_days(days: &Days, absent: Absent, as_of: Date) -> Known {
        Known::of(None, "USD".parse().unwrap(), days, absent, as_of)
    }

    fn values(known: &Known) -> Vec<i64> {
        use rust_decimal::prelude::ToPrimitive;
        known.values.iter().filter_map(ToPrimitive::to_i64).collect()
    }

    #[test]
    fn days_without_a_row_are_nothing_since_the_first_row() {
        let rows = days(&[(3, Some(5)), (5, Some(2))]);
        let known = of_days(&rows, Absent::Zero, date(2026, 11, 7));
        assert_eq!(values(&known), [5, 0, 2, 0, 0]);
        assert_eq!(known.last(), Some(date(2026, 11, 7)));
        assert_eq!(
            known.total(date(2026, 11, 3), date(2026, 11, 5)),
            Some(Decimal::from(7))
        );
        assert_eq!(
            known.total(date(2026, 11, 2), date(2026, 11, 5)),
            None,
            "before the records"
        );
        assert_eq!(
            known.total(date(2026, 11, 6), date(2026, 11, 8)),
            None,
            "not over yet"
        );
    }

    #[test]
    fn days_without_a_row_are_not_known_where_each_has_one() {
        let rows = days(&[(2, Some(9)), (4, Some(5)), (5, Some(2))]);
        let known = of_days(&rows, Absent::Unknown, date(2026, 11, 7));
        assert_eq!(values(&known), [5, 2]);
        assert_eq!(known.last(), Some(date(2026, 11, 5)), "bills are days behind");
        let late = of_days(&rows, Absent::Unknown, date(2026, 11, 9));
        assert_eq!(late.gap.as_deref(), Some("the last day known is 5 Nov 2026"));
        assert_eq!((late.last(), late.values.len()), (None, 0));
    }

    #[test]
    fn amounts_beyond_all_measure_have_no_sum_and_stop_nothing() {
        let rows = Days::from([
            (date(2026, 11, 5), Some(Decimal::MAX)),
            (date(2026, 11, 6), Some(Decimal::MAX)),
        ]);
        let known = of_days(&rows, Absent::Zero, date(2026, 11, 6));
        assert_eq!(known.total(date(2026, 11, 5), date(2026, 11, 6)), None);
        assert_eq!(sum(&known.values[..1]), Some(Decimal::MAX));
    }

    #[test]
    fn what_is_before_a_day_that_is_not_known_is_not_looked_at() {
        let rows = days(&[(2, Some(9)), (3, None), (5, Some(2))]);
        let known = of_days(&rows, Absent::Zero, date(2026, 11, 6));
        assert_eq!(values(&known), [0, 2, 0]);
        let last = days(&[(2, Some(9)), (6, None)]);
        let known = of_days(&last, Absent::Zero, date(2026, 11, 6));
        assert_eq!(known.gap.as_deref(), Some("the value of 6 Nov 2026 is not known"));
    }
}
