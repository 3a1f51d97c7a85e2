//! When a portfolio's nights are, and which day each reports on.
//!
//! A run reports on the last complete local day: the night run of 02:30 on the 21st reports on the 20th. The business
//! date is derived once, from the scheduled time in the portfolio's zone, and travels with every message; nothing
//! later asks a clock for it, so a backlog that starts the night after midnight, or three days late, changes nothing.
//!
//! The clocks' changes: a scheduled time inside the spring gap is moved behind it by the gap's length (02:30 becomes
//! 03:30), one inside the autumn fold is its first occurrence. EventBridge Scheduler *skips* the former and runs the
//! latter once; see docs/SEMANTICS.md for who starts the night of the gap.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Portfolio, zone};
use crate::id::BusinessDate;

/// Why there is no such night.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The zone is unknown; a parsed portfolio's never is.
    #[error("{0:?} is no IANA time zone")]
    Zone(String),
    /// Beyond the calendar.
    #[error("{0} is beyond the calendar")]
    Range(String),
    /// The zone went from one side of the date line to the other and left the day out.
    #[error("{date} is no day in {zone}: the zone skipped it")]
    Skipped {
        /// The day.
        date: BusinessDate,
        /// The zone.
        zone: String,
    },
}

/// The last local day that is over at an instant.
///
/// # Errors
/// [`ScheduleError`].
pub fn last_complete_day(portfolio: &Portfolio, at: Timestamp) -> Result<BusinessDate, ScheduleError> {
    let range = |_| ScheduleError::Range(at.to_string());
    // The day before is the one of the instant before this day began, which is not always the date minus one: a zone
    // that crosses the date line leaves a day out.
    let midnight = at.to_zoned(tz(portfolio)?).start_of_day().map_err(range)?;
    let before = midnight
        .checked_sub(SignedDuration::from_nanos(1))
        .map_err(range)?;
    Ok(BusinessDate(before.date()))
}

/// When the night that reports on a day is due.
///
/// # Errors
/// [`ScheduleError`], for a day that the zone never had or whose night is beyond the calendar.
pub fn scheduled_at(portfolio: &Portfolio, date: BusinessDate) -> Result<Timestamp, ScheduleError> {
    let range = |_| ScheduleError::Range(date.to_string());
    let zone = tz(portfolio)?;
    let noon = zone.to_zoned(date.0.at(12, 0, 0, 0)).map_err(range)?;
    if noon.date() != date.0 {
        return Err(ScheduleError::Skipped {
            date,
            zone: portfolio.timezone.clone(),
        });
    }
    let next = date
        .0
        .tomorrow()
        .map_err(range)?
        .to_datetime(portfolio.schedule.at);
    // "Compatible": behind a gap by its length, the first of a fold.
    zone.to_ambiguous_zoned(next)
        .compatible()
        .map(|at| at.timestamp())
        .map_err(range)
}

/// When the mails of the night that is due at an instant stop being worth sending.
pub fn not_after(portfolio: &Portfolio, scheduled_at: Timestamp) -> Timestamp {
    let hours = SignedDuration::from_hours(portfolio.schedule.mail_until_hours);
    scheduled_at.checked_add(hours).unwrap_or(Timestamp::MAX)
}

/// Until when the parts of a run that is planned at an instant are waited for. Counted from the plan, not from the scheduled
/// time: a night that starts late has its time all the same.
pub fn collect_until(portfolio: &Portfolio, planned_at: Timestamp) -> Timestamp {
    let minutes = SignedDuration::from_mins(portfolio.schedule.collect_minutes);
    planned_at.checked_add(minutes).unwrap_or(Timestamp::MAX)
}

fn tz(portfolio: &Portfolio) -> Result<TimeZone, ScheduleError> {
    zone(&portfolio.timezone).ok_or_else(|| ScheduleError::Zone(portfolio.timezone.clone()))
}

#[cfg(test)]
mod tests;
