//! `fmt_money`, `fmt_int`, `fmt_pct`, `fmt_day`: figures as documents show them. Used by catalog SQL, and by the
//! engine's own sentences, so that the same figure reads the same everywhere.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use shared::{
    facts::{Unit, Value},
    money::Currency,
};

/// `$1,840.75`; from 10,000 up without cents: `$18,401`.
pub fn money(amount: Decimal, currency: Currency) -> String {
    let digits = if amount.abs() < Decimal::from(10_000) {
        currency.exponent()
    } else {
        0
    };
    let rounded = amount.round_dp_with_strategy(digits, MidpointAwayFromZero);
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}{}{}", symbol(currency), grouped(rounded.abs(), digits))
}

fn symbol(currency: Currency) -> String {
    match currency.code() {
        "USD" => "$".into(),
        "EUR" => "€".into(),
        "GBP" => "£".into(),
        code => format!("{code} "),
    }
}

/// `12,345`.
pub fn int(number: Decimal) -> String {
    let rounded = number.round_dp_with_strategy(0, MidpointAwayFromZero);
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}{}", grouped(rounded.abs(), 0))
}

/// `15.3 %` of 0.153.
pub fn percent(ratio: Decimal) -> String {
    let points = (ratio * Decimal::ONE_HUNDRED).round_dp_with_strategy(1, MidpointAwayFromZero);
    let sign = if points.is_sign_negative() && !points.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}{} %", grouped(points.abs(), 1))
}

/// `14 Mar 2026`.
pub fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

fn grouped(positive: Decimal, digits: u32) -> String {
    let text = format!("{positive:.prec$}", prec = digits as usize);
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    for (n, c) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A fact's value in words.
pub fn value(value: &Value, unit: Unit) -> String {
    let number = |n: Decimal| match unit {
        Unit::Ratio => percent(n),
        Unit::Days => format!("{} days", plain(n)),
        Unit::Months => format!("{} months", plain(n)),
        Unit::Hours => format!("{} h", plain(n)),
        _ => plain(n),
    };
    match value {
        Value::Null => "unknown".into(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::Money { .. } => value
            .as_money()
            .map_or("unknown".into(), |m| money(m.to_decimal(), m.currency)),
        Value::Int(n) => number(Decimal::from(*n)),
        Value::Number(n) => Decimal::try_from(*n).map_or_else(|_| n.to_string(), number),
        Value::Text(text) if unit == Unit::Date => text.parse().map_or_else(|_| text.clone(), day),
        Value::Text(text) => text.clone(),
    }
}

/// A number with at most two digits behind the point.
fn plain(number: Decimal) -> String {
    let rounded = number.round_dp_with_strategy(2, MidpointAwayFromZero).normalize();
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}{}", grouped(rounded.abs(), rounded.scale()))
}

#[cfg(test)]
mod tests;
