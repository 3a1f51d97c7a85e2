//! Newtypes that are parsed once, at the edge; past that point an id is known to be well formed.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Why a text is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is no {kind}: {reason}")]
pub struct IdError {
    /// What was expected, in words.
    pub kind: &'static str,
    /// What was given.
    pub value: String,
    /// The rule that it breaks.
    pub reason: &'static str,
}

fn check(
    kind: &'static str,
    value: &str,
    max: usize,
    extra: &[char],
    reason: &'static str,
) -> Result<(), IdError> {
    let ok = !value.is_empty()
        && value.len() <= max
        && value
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || extra.contains(&c));
    if ok {
        return Ok(());
    }
    Err(IdError {
        kind,
        value: value.to_owned(),
        reason,
    })
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $extra:expr, $reason:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, as parsed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                check($kind, value, $max, &$extra, $reason)?;
                Ok(Self(value.to_owned()))
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                value.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A portfolio: part of every key, prefix and run id.
    PortfolioId, "portfolio id", 32, ['-'], "use 1 to 32 of a-z, 0-9 and -"
);
text_id!(
    /// One business of the portfolio.
    EntityId, "entity id", 32, ['-', '_'], "use 1 to 32 of a-z, 0-9, - and _"
);
text_id!(
    /// One document of a run, such as `cfo` or `audit-rental`.
    DocumentId, "document id", 48, ['-', '_'], "use 1 to 48 of a-z, 0-9, - and _"
);
text_id!(
    /// One part of a run's collection, such as `dynamodb.jada-calendar` or `handoffs`.
    PartId, "part id", 160, ['-', '_', '.'], "use 1 to 160 of a-z, 0-9, -, _ and ."
);

impl PartId {
    /// `dynamodb.<table>`. A part id is lower case and short, a table's name need not be: then a digest of the name keeps
    /// `Jobs` and `jobs` apart.
    pub fn of_table(table: &str) -> Self {
        let digest = Sha256::of(table.as_bytes());
        let lower: String = table.to_ascii_lowercase().chars().take(120).collect();
        let plain = format!("dynamodb.{table}").parse();
        plain
            .or_else(|_| format!("dynamodb.{lower}-{}", digest.short()).parse())
            .unwrap_or_else(|_| Self(format!("dynamodb.{}", digest.short())))
    }
}

/// The day a run reports on, in the portfolio's zone: derived once from the scheduled time, never from `now()` later on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDate(pub Date);

impl FromStr for BusinessDate {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        value.parse().map(Self).map_err(|_| IdError {
            kind: "business date",
            value: value.to_owned(),
            reason: "use YYYY-MM-DD",
        })
    }
}
impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A run: `<portfolio>.<business date>`. The same night started twice has the same id, so it is planned once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId {
    portfolio: PortfolioId,
    date: BusinessDate,
}

impl RunId {
    /// The run of a portfolio for a business date.
    pub fn new(portfolio: PortfolioId, date: BusinessDate) -> Self {
        Self { portfolio, date }
    }
    /// Whose run it is.
    pub fn portfolio(&self) -> &PortfolioId {
        &self.portfolio
    }
    /// The day it reports on.
    pub fn date(&self) -> BusinessDate {
        self.date
    }
}
impl FromStr for RunId {
    type Err = IdError;
    fn from_str(value: &str) -> Result<Self, IdError> {
        let (portfolio, date) = value.split_once('.').ok_or_else(|| IdError {
            kind: "run id",
            value: value.to_owned(),
            reason: "use <portfolio>.<YYYY-MM-DD>",
        })?;
        Ok(Self {
            portfolio: portfolio.parse()?,
            date: date.parse()?,
        })
    }
}
impl TryFrom<String> for RunId {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}
impl From<RunId> for String {
    fn from(run: RunId) -> String {
        run.to_string()
    }
}
impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.portfolio, self.date)
    }
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);
        impl $name {
            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}
counter!(
    /// Counts recomputations of a run. A higher one makes all work of a lower one stale.
    Generation, "g"
);
counter!(
    /// Permission to mail again. Recomputing never raises it by accident.
    MailEpoch, "e"
);

/// A SHA-256, lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sha256(String);

impl Sha256 {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(hex::encode(sha2::Sha256::digest(bytes)))
    }
    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The first 12 digits, for a reader's eye.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}
impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_survives_text_and_back() {
        let run: RunId = "harbor.2026-11-20".parse().unwrap();
        assert_eq!(run.to_string(), "harbor.2026-11-20");
        assert_eq!(run.portfolio().as_str(), "harbor");
    }

    #[test]
    fn ids_refuse_what_would_break_a_key() {
        for bad in ["", "a/b", "A", "a b", "a\r\nb"] {
            assert!(bad.parse::<DocumentId>().is_err(), "{bad:?}");
        }
        assert!("harbor".parse::<RunId>().is_err());
        assert!("harbor.2026-02-30".parse::<RunId>().is_err());
    }
}
