//! The price list, as data: `prices.toml`. Start at [`PRICES`].

use std::{collections::BTreeMap, sync::LazyLock};

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::sources::inventory::account::rows::{Row, text};

/// What is priced, what comes off again, and what is left out.
pub static PRICES: LazyLock<PriceList> = LazyLock::new(|| {
    toml::from_str(include_str!("prices.toml")).unwrap_or_else(|e| panic!("prices.toml: {e}"))
});

/// More units of anything than any account has: a figure above it is no figure.
const MOST: u64 = 1_000_000_000_000_000_000;
/// Hours of a month, as AWS bills it: 365 days of 24 hours, a twelfth.
const MONTH: u32 = 730;

/// The price list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// Whose prices they are.
    pub region: String,
    /// What they are in.
    pub currency: String,
    /// The day on which they were read.
    pub read_on: String,
    /// What is priced.
    #[serde(rename = "price")]
    pub prices: Vec<Price>,
    /// What comes off.
    #[serde(rename = "rebate")]
    pub rebates: Vec<Rebate>,
    /// What no figure is collected of.
    #[serde(rename = "left_out")]
    pub left_out: Vec<LeftOut>,
}

impl PriceList {
    /// The services whose lines rest on the rows of a collected table, each once, as they stand in the file.
    pub fn services_of(&self, kind: &str) -> Vec<&str> {
        let priced = self.prices.iter().map(|price| (Some(&price.of), &price.service));
        let other = self.left_out.iter().map(|line| (line.of.as_ref(), &line.service));
        let mut services: Vec<&str> = Vec::new();
        for (of, service) in priced.chain(other) {
            if of.is_some_and(|of| of.kind == kind) && !services.contains(&service.as_str()) {
                services.push(service);
            }
        }
        services
    }
}

/// A decimal that is written as a text.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Exact(pub Decimal);

impl TryFrom<String> for Exact {
    type Error = rust_decimal::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// Rows of a collected table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// The table.
    pub kind: String,
    /// Only those with these cells.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
    /// Not those with these.
    #[serde(default)]
    pub except: BTreeMap<String, String>,
}

impl Of {
    /// Whether a row is one of them; `None` where a cell that decides it is unknown.
    pub fn has(&self, row: &Row) -> Option<bool> {
        let is = |column: &str, value: &str| text(row, column).map(|text| text == value);
        let only = self.only.iter().map(|(column, value)| is(column, value));
        let except = self
            .except
            .iter()
            .map(|(column, value)| is(column, value).map(|is| !is));
        let answers: Vec<Option<bool>> = only.chain(except).collect();
        if answers.contains(&Some(false)) {
            return Some(false);
        }
        (!answers.contains(&None)).then_some(true)
    }
}

/// Where a figure stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The provider's page.
    pub page: String,
    /// What was read of it: a stored copy, another page that cites it, or nothing (`known`).
    pub source: String,
}

/// A price and what it is of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What rebates call it.
    pub id: String,
    /// As Cost Explorer names it.
    pub service: String,
    /// Whose cost it is.
    pub of: Of,
    /// What is paid for.
    pub item: String,
    /// What the price is of.
    pub unit: String,
    /// Of one unit, for a month where it is one of time.
    pub price: Exact,
    /// Their product is how many units a resource has; without any it is one.
    #[serde(default)]
    pub columns: Vec<String>,
    times: Option<Exact>,
    per: Option<Exact>,
    /// How many days the columns count.
    days: Option<u32>,
    /// Where it stands.
    pub read: Read,
}

impl Price {
    /// How many units a resource has in a month; `None` where one of its figures is unknown, or none that can be reckoned with.
    pub fn quantity(&self, row: &Row) -> Option<Decimal> {
        let of = |decimal: Option<Exact>| decimal.map_or(Decimal::ONE, |exact| exact.0);
        let mut units = of(self.times);
        for column in &self.columns {
            let figure: Decimal = text(row, column)?.parse().ok()?;
            units = units.checked_mul(figure).filter(|_| !figure.is_sign_negative())?;
        }
        units = units.checked_div(of(self.per))?;
        if let Some(days) = self.days {
            units = units
                .checked_mul(MONTH.into())?
                .checked_div(Decimal::from(24 * days))?;
        }
        (units < Decimal::from(MOST)).then_some(units)
    }
}

/// What comes off the sum of some prices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rebate {
    /// Whose units, in this order.
    pub prices: Vec<String>,
    /// What it is called.
    pub item: String,
    /// The first units of them all.
    pub first: Option<Exact>,
    /// The units beyond so many.
    pub beyond: Option<Exact>,
    /// What comes off a unit; all of it, if nothing is said.
    pub off: Option<Exact>,
    /// Whether each region has its own.
    #[serde(default)]
    pub per_region: bool,
    /// Where it stands.
    pub read: Read,
}

/// What no figure is collected of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// As Cost Explorer names it.
    pub service: String,
    /// Whose cost it would be; without it, it is always told.
    pub of: Option<Of>,
    /// What would be paid for.
    pub item: String,
}
