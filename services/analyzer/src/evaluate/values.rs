//! Cells of a result as values of facts, and arithmetic on those.

use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero, prelude::ToPrimitive};
use shared::{
    facts::{Better, Status, Unit, Value},
    money::{Currency, Money},
};

use crate::engine::Cell;

/// A cell in a unit. NULL stays NULL.
///
/// # Errors
/// In words, if the cell cannot be of that unit.
pub fn value(cell: &Cell, unit: Unit, currency: Currency) -> Result<Value, String> {
    let wrong = || Err(format!("{cell:?} is no {}", format!("{unit:?}").to_lowercase()));
    if cell.is_null() {
        return Ok(Value::Null);
    }
    match unit {
        Unit::Text | Unit::Status => Ok(match cell {
            Cell::Text(text) => Value::Text(text.clone()),
            Cell::Bool(yes) => Value::Bool(*yes),
            Cell::Date(date) => Value::Text(date.to_string()),
            other => other.decimal().map_or(Value::Null, Value::number),
        }),
        Unit::Date => cell.date().map_or_else(wrong, |d| Ok(Value::Text(d.to_string()))),
        Unit::Money => match cell.decimal() {
            Some(amount) => money(amount, currency).ok_or_else(|| format!("{amount} is too large")),
            None => wrong(),
        },
        _ => cell.decimal().map_or_else(wrong, |n| Ok(Value::number(n))),
    }
}

/// An amount, rounded to the minor unit half away from zero.
pub fn money(amount: Decimal, currency: Currency) -> Option<Value> {
    let rounded = amount.round_dp_with_strategy(currency.exponent(), MidpointAwayFromZero);
    Money::from_decimal(rounded, currency).ok().map(Value::from)
}

/// A target in a KPI's unit.
pub fn target(amount: Decimal, unit: Unit, currency: Currency) -> Option<Value> {
    match unit {
        Unit::Money => money(amount, currency),
        Unit::Text | Unit::Status | Unit::Date => None,
        _ => Some(Value::number(amount)),
    }
}

/// `a - b`, where both are amounts of one currency, or numbers.
pub fn difference(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (
            Value::Money {
                minor: x,
                currency: c,
            },
            Value::Money {
                minor: y,
                currency: d,
            },
        ) if c == d => Some(Value::Money {
            minor: x.checked_sub(*y)?,
            currency: c.clone(),
        }),
        (Value::Int(_) | Value::Number(_), Value::Int(_) | Value::Number(_)) => {
            let decimal = |v: &Value| crate::warehouse::amount(v);
            Some(Value::number(decimal(a)?.checked_sub(decimal(b)?)?))
        }
        _ => None,
    }
}

/// How a value stands against its target: within a fifth of it is to be watched.
pub fn against(value: &Value, target: &Value, better: Better) -> Status {
    if let (Some(value), Some(target)) = (value.as_money(), target.as_money())
        && value.currency != target.currency
    {
        return Status::Unknown;
    }
    let (Some(value), Some(target)) = (value.magnitude(), target.magnitude()) else {
        return Status::Unknown;
    };
    let slack = target.abs() * 0.2;
    let short = match better {
        Better::Up => target - value,
        Better::Down => value - target,
        Better::None => return Status::Good,
    };
    match short {
        short if short <= 0.0 => Status::Good,
        short if short <= slack => Status::Watch,
        _ => Status::Bad,
    }
}

/// Minor units of money, for ordering; other values have no weight.
pub fn weight(value: Option<&Value>) -> i64 {
    value
        .and_then(Value::as_money)
        .map_or(0, |m| m.minor.saturating_abs())
}

/// A figure rounded to six digits, so that JSON has the shortest text of it.
pub fn rounded(number: f64) -> f64 {
    Decimal::try_from(number)
        .ok()
        .and_then(|d| d.round_dp_with_strategy(6, MidpointAwayFromZero).to_f64())
        .unwrap_or(number)
}

#[cfg(test)]
mod tests;
