//! `day` and `instant`: dates and times as tables hold them, in the portfolio's zone.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    fmt::{rfc2822, temporal::Pieces},
    tz::TimeZone,
};

use super::number::number;

/// What a text says about when.
enum When {
    /// A day, without a time.
    Day(Date),
    /// A wall-clock time, without a zone: the portfolio's.
    Local(DateTime),
    /// A point in time.
    Instant(Timestamp),
}

/// The day that a text names, in the zone.
pub fn day(text: &str, zone: &TimeZone) -> Option<Date> {
    Some(match when(text.trim())? {
        When::Day(date) => date,
        When::Local(local) => local.date(),
        When::Instant(instant) => zone.to_datetime(instant).date(),
    })
}

/// The point in time that a text names; a day is its midnight in the zone.
pub fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local = match when(text.trim())? {
        When::Instant(instant) => return Some(instant),
        When::Day(date) => date.at(0, 0, 0, 0),
        When::Local(local) => local,
    };
    // In a spring gap the later reading, in an autumn fold the earlier one (RFC 5545).
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

fn when(text: &str) -> Option<When> {
    let first = text.bytes().next()?;
    if text.contains('/') && !text.contains('[') {
        return slashed(text);
    }
    if first.is_ascii_digit() && text.bytes().all(|b| b.is_ascii_digit() || b"+.eE".contains(&b)) {
        return compact(text).or_else(|| epoch(text));
    }
    iso(text)
        .or_else(|| named(text))
        .or_else(|| rfc2822::parse(text).ok().map(|z| When::Instant(z.timestamp())))
}

/// `2026-11-20`, `2026-11-20T18:00:00Z`, `2026-11-20 18:00`, `…+01:00`, `…[America/Los_Angeles]`.
fn iso(text: &str) -> Option<When> {
    let pieces = Pieces::parse(text).ok()?;
    let Some(time) = pieces.time() else {
        return Some(When::Day(pieces.date()));
    };
    let local = pieces.date().to_datetime(time);
    if let Some(offset) = pieces.to_numeric_offset() {
        return offset.to_timestamp(local).ok().map(When::Instant);
    }
    match pieces.to_time_zone() {
        Ok(Some(zone)) => zone
            .to_ambiguous_timestamp(local)
            .compatible()
            .ok()
            .map(When::Instant),
        Ok(None) => Some(When::Local(local)),
        Err(_) => None,
    }
}

/// `20261120`: eight digits that are a date are one; as epoch seconds they would lie in 1970.
fn compact(text: &str) -> Option<When> {
    if text.len() != 8 || !text.starts_with(['1', '2']) {
        return None;
    }
    let piece = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let (year, month, day) = (
        piece(0..4)?,
        i8::try_from(piece(4..6)?).ok()?,
        i8::try_from(piece(6..8)?).ok()?,
    );
    Date::new(year, month, day).ok().map(When::Day)
}

/// Seconds (from 1973 on) or milliseconds since 1970, also as `1.7E9` or with a fraction.
fn epoch(text: &str) -> Option<When> {
    let millis = i64::try_from(number(text)?.at_scale(3, 18)?).ok()?;
    let millis = match millis / 1000 {
        100_000_000..100_000_000_000 => millis,
        100_000_000_000..100_000_000_000_000 => millis / 1000,
        _ => return None,
    };
    Timestamp::from_millisecond(millis).ok().map(When::Instant)
}

/// `7/1/2015` (month first), `7/1/15`, `2015/07/01`, each with a time or without.
fn slashed(text: &str) -> Option<When> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(clock(time)?)),
        None => (text, None),
    };
    let mut pieces = date.split('/').map(|p| p.trim_matches(',').parse::<i16>().ok());
    let (a, b, c) = (pieces.next()??, pieces.next()??, pieces.next()??);
    if pieces.next().is_some() {
        return None;
    }
    let (year, month, day) = if a > 99 { (a, b, c) } else { (full_year(c)?, a, b) };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(at(date, time))
}

fn at(date: Date, time: Option<Time>) -> When {
    time.map_or(When::Day(date), |time| When::Local(date.to_datetime(time)))
}

fn full_year(year: i16) -> Option<i16> {
    match year {
        0..100 => Some(2000 + year),
        1000.. => Some(year),
        _ => None,
    }
}

/// `1 July 2015`, `July 1, 2015`, `1-Jul-2015`, `Wed 1st Jul 2015`, each with a time or without.
fn named(text: &str) -> Option<When> {
    let (mut day, mut month, mut year, mut time) = (None, None, None, None);
    let words = text
        .split(|c: char| c.is_whitespace() || c == ',' || c == '-')
        .filter(|w| !w.is_empty());
    let words: Vec<&str> = words.collect();
    for (n, word) in words.iter().enumerate() {
        if word.contains(':') {
            time = Some(clock(&words[n..].join(" "))?);
            break;
        } else if let Some(found) = month_of(word) {
            replace(&mut month, found)?;
        } else if n == 0 && is_weekday(word) {
        } else {
            let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let number = digits.parse::<i16>().ok()?;
            let ordinal = ["", "st", "nd", "rd", "th"]
                .iter()
                .any(|o| word[digits.len()..].eq_ignore_ascii_case(o));
            if digits.len() <= 2 && day.is_none() && ordinal {
                day = Some(i8::try_from(number).ok()?);
            } else if digits.len() == word.len() && matches!(digits.len(), 2 | 4) {
                replace(&mut year, full_year(number)?)?;
            } else {
                return None;
            }
        }
    }
    Date::new(year?, month?, day?).ok().map(|date| at(date, time))
}

/// Sets what may be said once only.
fn replace<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn month_of(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let at = MONTHS
        .iter()
        .position(|m| word == *m || word == m[..3] || (word == "sept" && *m == "september"))?;
    i8::try_from(at + 1).ok()
}

fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    days.iter().any(|d| word == *d || word == d[..3])
}

/// `14:30`, `14:30:05`, `2:30 PM`.
fn clock(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase();
    let (digits, half) = match text
        .strip_suffix("am")
        .map(|t| (t, 0))
        .or(text.strip_suffix("pm").map(|t| (t, 12)))
    {
        Some((digits, half)) => (digits.trim_end(), Some(half)),
        None => (text.as_str(), None),
    };
    let mut pieces = digits.split(':').map(|p| p.parse::<i8>().ok());
    let (hour, minute, second) = (
        pieces.next()??,
        pieces.next()??,
        pieces.next().unwrap_or(Some(0))?,
    );
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    if pieces.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests;
