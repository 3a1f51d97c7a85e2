//! How figures are written. One place, so that the same fact is the same text in every document.
//!
//! Start at [`Style::value`]. Rules: money without cents from 10,000 up; days as `14 Mar 2026` in prose; a rate from
//! fewer than ten observations is not a percentage; what is not known is the word, never 0.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy, prelude::FromPrimitive};
use shared::{
    facts::{Kpi, Unit, Value},
    money::Money,
};

/// No-break space: between a figure and its unit.
pub const NBSP: char = '\u{00A0}';
/// What stands where a figure is not known.
pub const UNKNOWN: &str = "unknown";
/// Fewer observations than this make no percentage (reports rule 15).
pub const MIN_N_FOR_RATES: i64 = 10;
/// From this amount on, cents are noise.
const NO_CENTS_FROM: i64 = 10_000;

/// How a document writes negative amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// `-1,234`
    #[default]
    Minus,
    /// `(1,234)`, as accountants write it.
    Parentheses,
}

/// One document's way of writing figures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Of negative amounts.
    pub negative: Negative,
}

impl Style {
    /// A figure with its unit, for prose and KPI cells.
    pub fn value(self, value: &Value, unit: Unit) -> String {
        match value {
            Value::Null => UNKNOWN.to_owned(),
            Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Money { .. } => match value.as_money() {
                Some(money) => self.money(money),
                None => UNKNOWN.to_owned(),
            },
            Value::Text(text) => day_in_prose(text).unwrap_or_else(|| text.clone()),
            Value::Int(n) => self.number(Decimal::from(*n), unit),
            Value::Number(n) => match Decimal::from_f64(*n) {
                Some(decimal) => self.number(decimal, unit),
                None => UNKNOWN.to_owned(),
            },
        }
    }

    /// `$1,840.75`, `$18,401`, `-$12.50`.
    pub fn money(self, money: Money) -> String {
        let amount = money.to_decimal();
        let cents = if amount.abs() >= Decimal::from(NO_CENTS_FROM) {
            0
        } else {
            money.currency.exponent()
        };
        let digits = grouped(amount.abs(), cents);
        let symbol = symbol(money.currency.code());
        self.signed(amount, format!("{symbol}{digits}"))
    }

    /// An amount without its currency, for a column whose header names it.
    pub fn amount(self, money: Money, decimals: u32) -> String {
        let amount = money.to_decimal();
        self.signed(amount, grouped(amount.abs(), decimals))
    }

    fn signed(self, amount: Decimal, absolute: String) -> String {
        let negative = amount.is_sign_negative() && absolute.bytes().any(|b| matches!(b, b'1'..=b'9'));
        match (negative, self.negative) {
            (false, _) => absolute,
            (true, Negative::Minus) => format!("-{absolute}"),
            (true, Negative::Parentheses) => format!("({absolute})"),
        }
    }

    fn number(self, n: Decimal, unit: Unit) -> String {
        match unit {
            Unit::Ratio => format!("{}{NBSP}%", signed_grouped(n * Decimal::ONE_HUNDRED, 1)),
            Unit::Days => counted(n, "day", "days"),
            Unit::Months => counted(n, "month", "months"),
            Unit::Hours => counted(n, "hour", "hours"),
            Unit::Count => signed_grouped(n, 0),
            Unit::Money | Unit::Date | Unit::Number | Unit::Text | Unit::Status => plain(n),
        }
    }

    /// A KPI's value; a rate from too few observations is not shown as one.
    pub fn kpi(self, kpi: &Kpi) -> String {
        if too_few(kpi.unit, kpi.n) {
            return format!("too few (n{NBSP}={NBSP}{})", kpi.n.unwrap_or(0));
        }
        match (&kpi.value, &kpi.note) {
            // An answer that is no number, such as `not burning`, is an answer all the same.
            (Value::Null, Some(note)) => note.clone(),
            (value, _) => self.value(value, kpi.unit),
        }
    }

    /// A difference with its sign: `+$1,200`, `-1.2 points`, `+3 days`.
    pub fn delta(self, delta: &Value, unit: Unit) -> Option<String> {
        let size = delta.magnitude()?;
        let text = match (unit, delta) {
            (Unit::Ratio, Value::Int(_) | Value::Number(_)) => {
                let points = Decimal::from_f64(size)? * Decimal::ONE_HUNDRED;
                format!("{}{NBSP}points", grouped(points.abs(), 1))
            }
            (_, Value::Money { minor, currency }) => {
                let absolute = Value::Money {
                    minor: minor.saturating_abs(),
                    currency: currency.clone(),
                };
                self.value(&absolute, unit)
            }
            // The distance between two dates is days.
            (Unit::Date, _) => self.value(&Value::number(Decimal::from_f64(size.abs())?), Unit::Days),
            _ => self.value(&Value::number(Decimal::from_f64(size.abs())?), unit),
        };
        Some(match size.partial_cmp(&0.0)? {
            std::cmp::Ordering::Less => format!("-{text}"),
            std::cmp::Ordering::Equal => "no change".to_owned(),
            std::cmp::Ordering::Greater => format!("+{text}"),
        })
    }
}

/// Whether a figure is a rate with too little behind it.
pub fn too_few(unit: Unit, n: Option<i64>) -> bool {
    unit == Unit::Ratio && n.is_some_and(|n| n < MIN_N_FOR_RATES)
}

/// The relative change in percent, where one means something: base and value of one sign, base not 0, n not too small.
pub fn percent_change(previous: &Value, value: &Value, unit: Unit, n: Option<i64>) -> Option<String> {
    if matches!(unit, Unit::Ratio | Unit::Date | Unit::Text | Unit::Status)
        || n.is_some_and(|n| n < MIN_N_FOR_RATES)
    {
        return None;
    }
    let (base, now) = (previous.magnitude()?, value.magnitude()?);
    if base == 0.0 || base.signum() != now.signum() {
        return None;
    }
    let percent = (now - base) / base.abs() * 100.0;
    if percent.abs() >= 1000.0 {
        return None;
    }
    Some(format!("{percent:+.1}{NBSP}%"))
}

/// `14 Mar 2026`.
pub fn day(date: Date) -> String {
    let month = MONTHS
        .get(usize::from(date.month().unsigned_abs()).saturating_sub(1))
        .unwrap_or(&"");
    format!("{}{NBSP}{month}{NBSP}{}", date.day(), date.year())
}

/// `14 Mar`.
pub fn short_day(date: Date) -> String {
    let month = MONTHS
        .get(usize::from(date.month().unsigned_abs()).saturating_sub(1))
        .unwrap_or(&"");
    format!("{}{NBSP}{month}", date.day())
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Weekday and day: `Fri 20 Nov 2026`.
pub fn weekday(date: Date) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    format!("{}{NBSP}{}", DAYS.get(index).unwrap_or(&""), day(date))
}

/// Words of a catalog or a linter, without the marks that set names off in Markdown.
pub fn unquoted(text: &str) -> String {
    text.replace('`', "")
}

/// A month in words for `2026-11` or a first of a month; a day for any other ISO day.
pub fn day_in_prose(text: &str) -> Option<String> {
    (text.len() == 10)
        .then(|| text.parse::<Date>().ok())
        .flatten()
        .map(day)
}

/// A currency's sign, or its code and a blank.
pub fn symbol(code: &str) -> String {
    match code {
        "USD" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        other => format!("{other}{NBSP}"),
    }
}

/// Digits in groups of three, rounded half away from zero.
pub fn grouped(absolute: Decimal, decimals: u32) -> String {
    let rounded = absolute.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{rounded:.*}", decimals as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn signed_grouped(n: Decimal, decimals: u32) -> String {
    Style::default().signed(n, grouped(n.abs(), decimals))
}

/// At most two digits behind the point, none where they would be zero.
fn plain(n: Decimal) -> String {
    let decimals = n.round_dp(2).normalize().scale();
    signed_grouped(n, decimals)
}

fn counted(n: Decimal, one: &str, many: &str) -> String {
    let decimals = n.round_dp(1).normalize().scale();
    let unit = if n.abs() == Decimal::ONE { one } else { many };
    format!("{}{NBSP}{unit}", signed_grouped(n, decimals))
}

#[cfg(test)]
mod tests;
