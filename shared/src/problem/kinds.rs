//! The kinds of values that a schema asks for: functions from a TOML value to ours, or to a [`Fault`].

use std::fmt::Display;

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::{
    nearest,
    reader::{Fault, type_name},
};

/// Any text.
///
/// # Errors
/// Another type; numbers get told to wear quotes.
pub fn string(value: &DeValue<'_>) -> Result<String, Fault> {
    let quoted = |written: &dyn Display| {
        Err(Fault::wrong_type("a string", value).suggest(format!("write \"{written}\", in quotes")))
    };
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => quoted(number),
        DeValue::Float(number) => quoted(number),
        DeValue::Boolean(flag) => quoted(flag),
        DeValue::Datetime(moment) => quoted(moment),
        DeValue::Array(_) | DeValue::Table(_) => Err(Fault::wrong_type("a string", value)),
    }
}

/// Text on one line, with something in it, of at most 200 characters: what may become a header or a heading.
///
/// # Errors
/// Another type, or text of another shape.
pub fn line(value: &DeValue<'_>) -> Result<String, Fault> {
    let text = string(value)?;
    if text.trim().is_empty() {
        return Err(Fault::new("empty-text", "is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::new(
            "bad-text",
            "has a line break or another control character; one line is needed",
        ));
    }
    if text.chars().count() > 200 {
        return Err(Fault::new("bad-text", "is longer than 200 characters"));
    }
    Ok(text)
}

/// Text that may have lines, with something in it.
///
/// # Errors
/// Another type, or nothing in it.
pub fn block(value: &DeValue<'_>) -> Result<String, Fault> {
    let text = string(value)?;
    if text.trim().is_empty() {
        Err(Fault::new("empty-text", "is empty"))
    } else {
        Ok(text)
    }
}

/// `true` or `false`.
///
/// # Errors
/// Another type; quotes are told to go.
pub fn boolean(value: &DeValue<'_>) -> Result<bool, Fault> {
    let wrong = || Fault::wrong_type("true or false", value);
    match value {
        DeValue::Boolean(flag) => Ok(*flag),
        DeValue::String(text) if text == "true" || text == "false" => {
            Err(wrong().suggest(format!("write {text}, without quotes")))
        }
        _ => Err(wrong()),
    }
}

/// A whole number within bounds, both inclusive.
pub fn whole(low: i64, high: i64) -> impl Fn(&DeValue<'_>) -> Result<i64, Fault> {
    move |value| {
        let DeValue::Integer(number) = value else {
            return Err(Fault::wrong_type("a whole number", value));
        };
        match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(good) if (low..=high).contains(&good) => Ok(good),
            _ => Err(Fault::new(
                "out-of-range",
                format!("{number} is not from {low} to {high}"),
            )),
        }
    }
}

/// An exact decimal: the digits are taken as written, never through a float.
///
/// # Errors
/// Another type, or a number beyond 28 digits.
pub fn decimal(value: &DeValue<'_>) -> Result<Decimal, Fault> {
    let beyond = |written: &dyn Display| Fault::new("bad-number", format!("{written} has too many digits"));
    match value {
        DeValue::Integer(n) if n.radix() == 10 => n.as_str().parse().map_err(|_| beyond(n)),
        DeValue::Integer(n) => {
            let number = i64::from_str_radix(n.as_str(), n.radix()).map_err(|_| beyond(n))?;
            Ok(number.into())
        }
        DeValue::Float(n) => {
            let text = n.as_str();
            let parsed = text.parse().or_else(|_| Decimal::from_scientific(text));
            parsed.map_err(|_| {
                Fault::new(
                    "bad-number",
                    format!("{text} is no number that can be counted with"),
                )
            })
        }
        DeValue::String(text) if text.parse::<Decimal>().is_ok() => {
            let fault = Fault::new("bad-number", "is a number in quotes");
            Err(fault.suggest(format!("write {text}, without quotes")))
        }
        _ => Err(Fault::new(
            "bad-number",
            format!("is {}, and must be a number", type_name(value)),
        )),
    }
}
/// A calendar date, bare or in quotes.
///
/// # Errors
/// Another type, a date with a time, or a day that does not exist.
pub fn date(value: &DeValue<'_>) -> Result<Date, Fault> {
    let bad = |what: String| Fault::new("bad-date", what).suggest("write a date such as 2027-03-31");
    match value {
        DeValue::Datetime(moment) => match (moment.date, moment.time) {
            (Some(d), None) => {
                let (year, month, day) = (i16::try_from(d.year), i8::try_from(d.month), i8::try_from(d.day));
                let parts = year.ok().zip(month.ok()).zip(day.ok());
                let found = parts.and_then(|((y, m), d)| Date::new(y, m, d).ok());
                found.ok_or_else(|| bad(format!("{moment} is no day of the calendar")))
            }
            _ => Err(bad(format!("{moment} is no date alone"))),
        },
        DeValue::String(text) => text.parse().map_err(|_| bad(format!("{text:?} is no date"))),
        _ => Err(bad(format!("is {}, and must be a date", type_name(value)))),
    }
}

/// A time of day to the minute, `"02:30"`.
///
/// # Errors
/// Another type or another form.
pub fn hour_minute(value: &DeValue<'_>) -> Result<Time, Fault> {
    let bad = |written: &str| {
        let fault = Fault::new("bad-time", format!("{written:?} is no time of day"));
        fault.suggest("write hours and minutes of a 24-hour day, such as \"02:30\"")
    };
    let text = match value {
        DeValue::Datetime(moment) if moment.date.is_none() && moment.offset.is_none() => moment.to_string(),
        other => string(other)?,
    };
    let (hour, minute) = text
        .get(..5)
        .and_then(|hm| hm.split_once(':'))
        .ok_or_else(|| bad(&text))?;
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse::<i8>().ok() } else { None }
    };
    let time = two(hour)
        .zip(two(minute))
        .and_then(|(h, m)| Time::new(h, m, 0, 0).ok());
    match (time, text.get(5..)) {
        (Some(time), Some("" | ":00")) => Ok(time),
        _ => Err(bad(&text)),
    }
}

/// One of some words.
pub fn one_of(words: &'static [&'static str]) -> impl Fn(&DeValue<'_>) -> Result<String, Fault> {
    move |value| {
        let text = string(value)?;
        if words.contains(&text.as_str()) {
            return Ok(text);
        }
        let fault = Fault::new(
            "unknown-value",
            format!("{text:?} is none of {}", words.join(", ")),
        );
        Err(match nearest(&text, words.iter().copied()) {
            Some(word) => fault.suggest(format!("did you mean \"{word}\"?")),
            None => fault,
        })
    }
}

/// Anything that parses from text and says itself what is wrong with it: ids, currencies.
pub fn parsed<T>(code: &'static str) -> impl Fn(&DeValue<'_>) -> Result<T, Fault>
where
    T: std::str::FromStr<Err: Display>,
{
    move |value| {
        string(value)?
            .parse()
            .map_err(|error: T::Err| Fault::new(code, error.to_string()))
    }
}

#[cfg(test)]
mod tests;
