//! Values and units of facts.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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

// Derived, it would try one kind after the other, and write a message for each that it is not: an analysis has thousands of figures.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, true, false, a number, a text, or an amount as {minor, currency}")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }
    fn visit_i64<E>(self, whole: i64) -> Result<Value, E> {
        Ok(Value::Int(whole))
    }
    fn visit_u64<E>(self, whole: u64) -> Result<Value, E> {
        Ok(i64::try_from(whole).map_or(Value::Number(whole as f64), Value::Int))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        #[derive(Deserialize)]
        struct Amount {
            minor: i64,
            currency: String,
        }
        let Amount { minor, currency } = Amount::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Value::Money { minor, currency })
    }
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
            Value::Text("a \"quoted\" \u{1f6cb}".into()),
            Value::Int(i64::MIN),
        ] {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{json}");
            let tree: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::from_value::<Value>(tree).unwrap(), value, "{json}");
        }
    }

    /// What serde derives of the same kinds.
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Derived {
        Null,
        Bool(bool),
        Money { minor: i64, currency: String },
        Int(i64),
        Number(f64),
        Text(String),
    }

    #[test]
    fn it_reads_what_serde_would_have_derived() {
        let texts = [
            "null",
            "true",
            "0",
            "-0",
            "-7",
            "1e3",
            "3.0",
            "-0.5",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            r#""""#,
            r#""2026-11-20""#,
            r#""\u00e9\n""#,
            "[]",
            r#"[1, "USD"]"#,
            "{}",
            r#"{"minor": 1}"#,
            r#"{"minor": 1, "currency": "USD"}"#,
            r#"{"currency": "EUR", "minor": -5, "more": [1]}"#,
            r#"{"minor": 1.5, "currency": "USD"}"#,
            r#"{"minor": 1, "minor": 2, "currency": "USD"}"#,
            "nul",
        ];
        for text in texts {
            let derived = serde_json::from_str(text).ok().map(|read| match read {
                Derived::Null => Value::Null,
                Derived::Bool(yes) => Value::Bool(yes),
                Derived::Money { minor, currency } => Value::Money { minor, currency },
                Derived::Int(whole) => Value::Int(whole),
                Derived::Number(number) => Value::Number(number),
                Derived::Text(text) => Value::Text(text),
            });
            assert_eq!(serde_json::from_str::<Value>(text).ok(), derived, "{text}");
        }
        let error = serde_json::from_str::<Value>("[]").unwrap_err().to_string();
        assert!(error.contains("an amount as {minor, currency}"), "{error}");
    }

    #[test]
    fn decimals_become_the_shortest_number() {
        assert_eq!(Value::number("3.000".parse().unwrap()), Value::Int(3));
        assert_eq!(Value::number("0.15500".parse().unwrap()), Value::Number(0.155));
    }
}
