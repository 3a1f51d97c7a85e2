//! What a month costs by the price list, where Cost Explorer has no answer (docs/decisions/014). Start at [`fill`].
//!
//! [`prices`] says what is priced, what comes off again and what is left out, as data. What was seen and cannot be priced is counted,
//! what was not seen is named: neither is zero.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::sources::inventory::{
    account::{
        GLOBAL_NAME,
        reach::{Unknown, reach},
        rows::{Inventory, Row, text},
    },
    tables::ESTIMATE,
};

mod line;
mod prices;

use line::{Basis, Line};
use prices::{LeftOut, PRICES, Price, Rebate};

/// What Cost Explorer fills: if it is there, also without rows, there is a bill to read and nothing to estimate.
const BILLED: &str = "cost_daily";

/// A region, and whose it is.
type Place = (String, Option<String>);

/// Units of a price, by its position in the list.
type Units = BTreeMap<(usize, Place), Decimal>;

/// Makes the estimate; none where there is a bill, or where no resource that has a price was listed at all.
pub fn fill(inventory: &mut Inventory) {
    let listed = |price: &Price| inventory.tables.contains_key(price.of.kind.as_str());
    if inventory.tables.contains_key(BILLED) || !PRICES.prices.iter().any(listed) {
        return;
    }
    let (units, mut rows) = priced(inventory);
    let listed = units.iter().map(|((at, place), quantity)| {
        let price = &PRICES.prices[*at];
        let line = Line::of(price, place, Basis::ListPrice);
        line.units(*quantity, &price.unit, price.price.0, &price.read)
            .row()
    });
    rows.extend(listed);
    rows.extend(PRICES.rebates.iter().flat_map(|rebate| off(rebate, &units)));
    rows.extend(
        PRICES
            .left_out
            .iter()
            .filter_map(|line| left_out(line, inventory)),
    );
    rows.extend(not_read(inventory));
    inventory.tables.insert(ESTIMATE, rows);
}

/// How many units of each price there are, and the resources of which that is not known.
fn priced(inventory: &Inventory) -> (Units, Vec<Row>) {
    let (mut units, mut unknown) = (Units::new(), BTreeMap::<(usize, Place), u64>::new());
    for (at, price) in PRICES.prices.iter().enumerate() {
        for row in inventory.rows(&price.of.kind) {
            let place = place(row);
            let quantity = match price.of.has(row) {
                Some(false) => continue,
                Some(true) if !is_elsewhere(&place.0) => price.quantity(row),
                Some(true) | None => None,
            };
            match quantity {
                Some(quantity) => *units.entry((at, place)).or_default() += quantity,
                None => *unknown.entry((at, place)).or_default() += 1,
            }
        }
    }
    let rows = unknown.iter().map(|((at, place), resources)| {
        let price = &PRICES.prices[*at];
        let why = match is_elsewhere(&place.0) {
            true => "of another price list".to_owned(),
            false => {
                let columns = price.columns.iter().chain(price.of.only.keys());
                let columns: Vec<&str> = columns
                    .chain(price.of.except.keys())
                    .map(String::as_str)
                    .collect();
                format!("not known: {}", columns.join(" or "))
            }
        };
        let line = Line::of(price, place, Basis::Unknown);
        line.resources(*resources).because(why).row()
    });
    let rows = rows.collect();
    (units, rows)
}

/// What a rebate takes off: in each region, or in all together.
fn off(rebate: &Rebate, units: &Units) -> Vec<Row> {
    let of = |id: &String| PRICES.prices.iter().position(|price| price.id == *id);
    let prices: Vec<usize> = rebate.prices.iter().filter_map(of).collect();
    let regions: BTreeSet<Option<&String>> = match rebate.per_region {
        true => units.keys().map(|(_, (region, _))| Some(region)).collect(),
        false => BTreeSet::from([None]),
    };
    let mut rows = Vec::new();
    for region in regions {
        let mut left = rebate.first.map_or(Decimal::ZERO, |first| first.0);
        for at in &prices {
            let here = |(p, (r, _)): &(usize, Place)| p == at && region.is_none_or(|region| region == r);
            let total: Decimal = units.iter().filter(|(key, _)| here(key)).map(|(_, q)| *q).sum();
            let taken = match rebate.beyond {
                Some(beyond) => (total - beyond.0).max(Decimal::ZERO),
                None => total.min(left),
            };
            if taken.is_zero() {
                continue;
            }
            left -= taken;
            let price = &PRICES.prices[*at];
            let region = region.map_or(GLOBAL_NAME, String::as_str);
            let unit_price = rebate.off.unwrap_or(price.price).0;
            let line = Line::new(
                &price.service,
                &price.of.kind,
                region,
                &rebate.item,
                Basis::Rebate,
            );
            rows.push(line.units(-taken, &price.unit, unit_price, &rebate.read).row());
        }
    }
    rows
}

/// What no figure is collected of, with how many resources it may be of; nothing if there are none.
fn left_out(line: &LeftOut, inventory: &Inventory) -> Option<Row> {
    let of_kind = |kind| Line::new(&line.service, kind, GLOBAL_NAME, &line.item, Basis::LeftOut);
    let Some(of) = &line.of else {
        return Some(of_kind("").row());
    };
    let rows = inventory.rows(&of.kind).iter();
    let resources: u64 = rows.map(|row| u64::from(of.has(row) != Some(false))).sum();
    (resources > 0).then(|| of_kind(&of.kind).resources(resources).row())
}

/// Resources that could not be listed: without them the whole is a lower bound.
fn not_read(inventory: &Inventory) -> Vec<Row> {
    let mut rows = Vec::new();
    for gap in inventory.gaps.keys() {
        for unknown in reach(gap).unwrap_or_default() {
            let Unknown::Rows(kind) = unknown else { continue };
            rows.extend(PRICES.services_of(kind).into_iter().map(|service| {
                let line = Line::new(service, kind, &gap.region, "all", Basis::NotRead);
                line.because(format!("{} {}", gap.operation, gap.error)).row()
            }));
        }
    }
    rows
}

/// Where a resource is and whose. What has no region is global.
fn place(row: &Row) -> Place {
    let region = text(row, "region").filter(|region| !region.is_empty());
    let entity = text(row, "entity").filter(|entity| !entity.is_empty());
    (
        region.unwrap_or(GLOBAL_NAME).to_owned(),
        entity.map(str::to_owned),
    )
}

/// China and GovCloud have price lists of their own.
fn is_elsewhere(region: &str) -> bool {
    region.starts_with("cn-") || region.starts_with("us-gov-")
}

#[cfg(test)]
mod tests;
