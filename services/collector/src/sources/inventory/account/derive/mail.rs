//! SPF and DMARC of sending domains, from their zones' records, where the zone that answers for a name is in this account.
//! Elsewhere, and wherever the answer is not in the records themselves, they are unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::list;
use crate::sources::inventory::account::rows::{Inventory, Row, set, text};

/// Fills them.
pub fn fill(inventory: &mut Inventory) {
    let zones = Zones::of(inventory);
    // A registered domain is where the search for a policy ends (RFC 7489, 3.2); a parent of it is somebody else's.
    let registered: BTreeSet<String> = inventory
        .rows("route53_domain")
        .iter()
        .filter_map(|row| text(row, "name").map(str::to_ascii_lowercase))
        .collect();
    for row in inventory.rows_mut("ses_identity") {
        let Some(domain) = text(row, "identity")
            .filter(|identity| !identity.contains('@'))
            .map(str::to_ascii_lowercase)
        else {
            continue;
        };
        set(
            row,
            "spf",
            zones.publishes(&domain, "v=spf1").map(|has| has.to_string()),
        );
        set(
            row,
            "dmarc",
            dmarc(&zones, &domain, &registered).map(|has| has.to_string()),
        );
    }
}

/// A subdomain without a record of its own has its parents' policy (RFC 7489, 6.6.3).
fn dmarc(zones: &Zones, domain: &str, registered: &BTreeSet<String>) -> Option<bool> {
    let (mut name, mut known) = (domain, true);
    loop {
        match zones.publishes(&format!("_dmarc.{name}"), "v=dmarc1") {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
        let parent = name.split_once('.').map(|(_, parent)| parent);
        match parent.filter(|parent| parent.contains('.') && !registered.contains(name)) {
            Some(parent) => name = parent,
            None => return known.then_some(false),
        }
    }
}

/// The records of a name, by type.
type Records = BTreeMap<String, Vec<Row>>;

/// The public zones of this account.
struct Zones {
    /// By name; of each zone of that name its records by name, or none where they were not read.
    by_name: BTreeMap<String, Vec<Option<BTreeMap<String, Records>>>>,
}

impl Zones {
    fn of(inventory: &Inventory) -> Self {
        let mut records: BTreeMap<&str, BTreeMap<String, Records>> = BTreeMap::new();
        for row in inventory.rows("route53_record") {
            if let (Some(zone), Some(name), Some(kind)) =
                (text(row, "zone"), text(row, "name"), text(row, "type"))
            {
                // A star is written as its octal code.
                let name = name.to_ascii_lowercase().replace("\\052", "*");
                let of_name = records.entry(zone).or_default().entry(name).or_default();
                of_name.entry(kind.to_owned()).or_default().push(row.clone());
            }
        }
        let mut by_name: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for zone in inventory.rows("route53_zone") {
            // A private zone answers inside a network only.
            if text(zone, "private") != Some("false") {
                continue;
            }
            if let (Some(id), Some(name)) = (text(zone, "id"), text(zone, "name")) {
                // Every zone has records of its own, so one without any was not read.
                let of_zone = records.get(id).cloned();
                by_name
                    .entry(name.to_ascii_lowercase())
                    .or_default()
                    .push(of_zone);
            }
        }
        Self { by_name }
    }

    /// Whether a name has a text that begins so, if that can be told.
    fn publishes(&self, name: &str, mark: &str) -> Option<bool> {
        let (zone, records) = ancestors(name).find_map(|zone| Some((zone, self.by_name.get(zone)?)))?;
        // Which of two zones of one name is delegated to cannot be seen here.
        let [Some(records)] = &records[..] else {
            return None;
        };
        let below = ancestors(name).take_while(|above| *above != zone);
        if below
            .into_iter()
            .any(|above| records.get(above).is_some_and(|of| of.contains_key("NS")))
        {
            return None; // it is delegated
        }
        let of_name = match records.get(name) {
            Some(found) => found,
            None => {
                let mut wildcards = ancestors(name).skip(1).map(|above| format!("*.{above}"));
                return if wildcards.any(|wildcard| records.contains_key(&wildcard)) {
                    None
                } else {
                    Some(false)
                };
            }
        };
        let texts = of_name.get("TXT").map(Vec::as_slice).unwrap_or_default();
        let begins = |value: &String| {
            value
                .trim_start_matches('"')
                .to_ascii_lowercase()
                .starts_with(mark)
        };
        if texts
            .iter()
            .any(|row| list(row, "values").is_some_and(|values| values.iter().any(begins)))
        {
            return Some(true);
        }
        let elsewhere = of_name.contains_key("CNAME")
            || texts.iter().any(|row| {
                text(row, "alias").is_some_and(|alias| !alias.is_empty()) || list(row, "values").is_none()
            });
        (!elsewhere).then_some(false)
    }
}

/// A name and what it is below, the nearest first.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, parent)| parent))
}

#[cfg(test)]
mod tests;
