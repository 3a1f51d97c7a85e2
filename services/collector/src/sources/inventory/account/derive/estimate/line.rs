//! A row of the estimate. Start at [`Line`].

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Place,
    prices::{PRICES, Price, Read},
};
use crate::sources::inventory::account::rows::Row;

/// Decimals of an amount.
const OF_AMOUNT: u32 = 4;
/// Decimals of a quantity.
const OF_QUANTITY: u32 = 6;

/// What a line rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis {
    /// Units at list price.
    ListPrice,
    /// A free allowance or a price for volume: less than nothing.
    Rebate,
    /// Resources that were seen, of which a figure is not known.
    Unknown,
    /// What no figure is collected of.
    LeftOut,
    /// Resources that could not be listed.
    NotRead,
}

impl Basis {
    fn name(self) -> &'static str {
        match self {
            Self::ListPrice => "list_price",
            Self::Rebate => "rebate",
            Self::Unknown => "unknown",
            Self::LeftOut => "left_out",
            Self::NotRead => "not_read",
        }
    }
}

/// A row of the estimate; see `cost_estimate` in catalog/collected.toml.
pub struct Line<'a> {
    service: &'a str,
    kind: &'a str,
    region: &'a str,
    entity: Option<&'a str>,
    item: &'a str,
    basis: Basis,
    quantity: Option<Decimal>,
    unit: Option<&'a str>,
    unit_price: Option<Decimal>,
    note: Option<String>,
}

impl<'a> Line<'a> {
    /// One without an amount, of a service and a collected table.
    pub fn new(service: &'a str, kind: &'a str, region: &'a str, item: &'a str, basis: Basis) -> Self {
        Self {
            service,
            kind,
            region,
            entity: None,
            item,
            basis,
            quantity: None,
            unit: None,
            unit_price: None,
            note: None,
        }
    }
    /// One without an amount, of a price's resources in a place.
    pub fn of(price: &'a Price, place: &'a Place, basis: Basis) -> Self {
        Self {
            entity: place.1.as_deref(),
            ..Self::new(&price.service, &price.of.kind, &place.0, &price.item, basis)
        }
    }
    /// How many resources it concerns.
    pub fn resources(self, resources: u64) -> Self {
        Self {
            quantity: Some(resources.into()),
            ..self
        }
    }
    /// Why it has no amount.
    pub fn because(self, why: String) -> Self {
        Self {
            note: Some(why),
            ..self
        }
    }
    /// With an amount: so many units at this price, which stands there.
    pub fn units(self, quantity: Decimal, unit: &'a str, unit_price: Decimal, read: &Read) -> Self {
        let (region, day) = (&PRICES.region, &PRICES.read_on);
        Self {
            quantity: Some(quantity),
            unit: Some(unit),
            unit_price: Some(unit_price),
            note: Some(format!(
                "price of {region} on {day}, {} ({})",
                read.page, read.source
            )),
            ..self
        }
    }
    /// As stored.
    pub fn row(self) -> Row {
        let amount = self
            .quantity
            .zip(self.unit_price)
            .map(|(quantity, price)| quantity * price);
        let cells = [
            ("service", Some(self.service.to_owned())),
            ("kind", Some(self.kind.to_owned())),
            ("region", Some(self.region.to_owned())),
            ("entity", self.entity.map(str::to_owned)),
            ("item", Some(self.item.to_owned())),
            ("basis", Some(self.basis.name().to_owned())),
            ("quantity", self.quantity.map(|units| rounded(units, OF_QUANTITY))),
            ("unit", self.unit.map(str::to_owned)),
            ("unit_price", self.unit_price.map(|price| price.to_string())),
            ("monthly_amount", amount.map(|amount| rounded(amount, OF_AMOUNT))),
            ("currency", amount.map(|_| PRICES.currency.clone())),
            ("note", self.note),
        ];
        cells.map(|(name, text)| (name.to_owned(), text)).into()
    }
}

/// Half away from zero, without zeros at its end.
fn rounded(decimal: Decimal, decimals: u32) -> String {
    let rounded = decimal.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    // A small rebate is no negative zero.
    let shown = if rounded.is_zero() { Decimal::ZERO } else { rounded };
    shown.normalize().to_string()
}
