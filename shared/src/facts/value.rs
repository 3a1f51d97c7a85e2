//! Values and units of facts.

use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// [`Value::Money`].
    Money,
    /// Whole things.
    Count,
    /// 0.15 is 15 %.
    Ratio,
    /// Days.
    Days,
    /// Months.
    Months,
    /// Hours.
    Hours,
    /// A day, ISO.
    Date,
    /// Any other number.
    Number,
    /// Words.
    Text,
    /// `good`, `watch`, `bad`, `unknown`.
    Status,
}

/// A figure. Untagged in JSON; the unit beside it says how to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// Unknown or not applicable.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An amount.
    Money {
        /// Minor units.
        minor: i64,
        /// ISO 4217.
        currency: String,
    },
    /// A whole number.
    Int(i64),
    /// Any other number, rounded to six digits behind the point.
    Number(f64),
    /// Words, or an ISO day.
    Text(String),
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money {
            minor: money.minor,
            currency: money.currency.code().to_owned(),
        }
    }
}

impl Value {
    /// The amount, if it is money.
    pub fn as_money(&self) -> Option<Money> {
        match self {
            Self::Money { minor, currency } => Some(Money {
                minor: *minor,
                currency: currency.parse::<Currency>().ok()?,
            }),
            _ => None,
        }
    }
    /// A number to compare by: minor units for money.
    pub fn magnitude(&self) -> Option<f64> {
        match self {
            Self::Money { minor, .. } => minor.to_f64(),
            Self::Int(n) => n.to_f64(),
            Self::Number(n) => Some(*n),
            Self::Null | Self::Bool(_) | Self::Text(_) => None,
        }
    }
    /// A decimal as a JSON number: a whole one as an integer, others rounded to six digits, half away from zero.
    pub fn number(decimal: Decimal) -> Self {
        let rounded = decimal
            .round_dp_with_strategy(6, MidpointAwayFromZero)
            .normalize();
        match (rounded.scale(), rounded.to_i64()) {
            (0, Some(whole)) => Self::Int(whole),
            _ => rounded.to_f64().map_or(Self::Null, Self::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_json_and_back() {
        let money = Value::Money {
            minor: 123_456,
            currency: "USD".into(),
        };
        for value in [
            Value::Null,
            Value::Bool(true),
            money,
            Value::Int(3),
            Value::Number(0.155),
            Value::Text("x".into()),
        ] {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{json}");
        }
    }

    #[test]
    fn decimals_become_the_shortest_number() {
        assert_eq!(Value::number("3.000".parse().unwrap()), Value::Int(3));
        assert_eq!(Value::number("0.15500".parse().unwrap()), Value::Number(0.155));
    }
}
