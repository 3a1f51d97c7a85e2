//! The format of the catalog's TOML files as a JSON schema, which editors complete and check by. What it cannot say, such as
//! whether a query plans, `quarterdeck check` does.

use schemars::{JsonSchema, Schema, schema_for};

use super::{Check, Invariant, Kpi, Model, Series, Shortfall};

/// A file of entries.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Quarterdeck catalog")]
#[expect(dead_code, reason = "only its schema is used: files are read entry by entry")]
struct EntryFile {
    /// In `catalog/kpis/`.
    #[serde(default)]
    kpi: Vec<Kpi>,
    /// In `catalog/shortfalls/`.
    #[serde(default)]
    shortfall: Vec<Shortfall>,
    /// In `catalog/checks/`.
    #[serde(default)]
    check: Vec<Check>,
    /// In `catalog/series/`.
    #[serde(default)]
    series: Vec<Series>,
    /// In `catalog/models/`.
    #[serde(default)]
    model: Vec<Model>,
    /// In `catalog/invariants/`.
    #[serde(default)]
    invariant: Vec<Invariant>,
}

/// Of a file below `kpis`, `shortfalls`, `checks`, `series`, `models` or `invariants`.
pub fn schema() -> Schema {
    schema_for!(EntryFile)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::file::Entry;

    /// `QUARTERDECK_WRITE_SCHEMA=1 cargo test` writes it anew.
    #[test]
    fn the_published_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalog.schema.json");
        let mut text = serde_json::to_string_pretty(&schema()).unwrap();
        text.push('\n');
        if std::env::var_os("QUARTERDECK_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            published == text,
            "docs/catalog.schema.json is not what the types say: write it anew"
        );
    }

    fn agrees<E: Entry>(name: &str) {
        let schema = schema();
        let entry = &schema.as_value()["$defs"][name];
        let names = |value: &serde_json::Value| -> BTreeSet<String> {
            match value {
                serde_json::Value::Object(map) => map.keys().cloned().collect(),
                serde_json::Value::Array(list) => list
                    .iter()
                    .filter_map(|n| n.as_str().map(str::to_owned))
                    .collect(),
                _ => BTreeSet::new(),
            }
        };
        let keys: BTreeSet<String> = E::KEYS.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(
            names(&entry["properties"]),
            keys,
            "{name} has the keys that are read"
        );
        let (sample, _) = toml::de::DeTable::parse_recoverable(E::SAMPLE);
        let needed: BTreeSet<String> = sample.get_ref().keys().map(|k| k.get_ref().to_string()).collect();
        assert_eq!(
            names(&entry["required"]),
            needed,
            "{name} must have what an entry must have"
        );
        assert_eq!(entry["additionalProperties"], false);
    }

    #[test]
    fn an_editor_and_the_reader_agree_on_the_keys() {
        agrees::<Kpi>("Kpi");
        agrees::<Shortfall>("Shortfall");
        agrees::<Check>("Check");
        agrees::<Series>("Series");
        agrees::<Model>("Model");
        agrees::<Invariant>("Invariant");
    }
}
