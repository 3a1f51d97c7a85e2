//! Document specifications and parameters: the built-in ones under a portfolio's own.

use std::{borrow::Cow, collections::BTreeMap};

use shared::portfolio::{Bundle, Parameter, Portfolio};

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../catalog/documents/", $name, ".toml")))),*]
    };
}
const BUILT_IN: [(&str, &str); 8] = built_in![
    "accounting",
    "audit_client_portfolio",
    "audit_delivery",
    "audit_rental",
    "ceo",
    "cfo",
    "cmo",
    "cto",
];
const PARAMETERS: &str = include_str!("../../../catalog/parameters.toml");

/// Where a template's specification is, in the catalog and in a bundle.
pub fn path(template: &str) -> String {
    format!("catalog/documents/{template}.toml")
}

/// The specification's text: the portfolio's, or else the built-in one.
pub fn text<'a>(bundle: &'a Bundle, template: &str) -> Option<Cow<'a, str>> {
    let own = bundle.get(&path(template)).map(Cow::Borrowed);
    own.or_else(|| BUILT_IN.iter().find(|(name, _)| *name == template).map(|(_, text)| Cow::Borrowed(*text)))
}

/// The names of all templates, built-in and own, sorted.
pub fn names(bundle: &Bundle) -> Vec<String> {
    let own = bundle.under("catalog/documents/", ".toml").filter_map(|(path, _)| {
        Some(path.strip_prefix("catalog/documents/")?.strip_suffix(".toml")?.to_owned())
    });
    let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect();
    names.sort();
    names.dedup();
    names
}

/// The catalog's defaults under the portfolio's own parameters.
pub fn parameters(bundle: &Bundle, portfolio: &Portfolio) -> BTreeMap<String, Parameter> {
    let mut all = BTreeMap::new();
    for text in [Some(PARAMETERS), bundle.get("catalog/parameters.toml")].into_iter().flatten() {
        all.extend(defaults(text));
    }
    all.extend(portfolio.parameters.clone());
    all
}

/// Only numbers and days can stand in a chart; the catalog's own loader says what is wrong with the others.
fn defaults(text: &str) -> BTreeMap<String, Parameter> {
    let Ok(table) = text.parse::<toml::Table>() else { return BTreeMap::new() };
    let value = |entry: &toml::Value| match entry.get("default")? {
        toml::Value::Integer(n) => Some(Parameter::Number((*n).into())),
        toml::Value::Float(n) => Some(Parameter::Number(rust_decimal::prelude::FromPrimitive::from_f64(*n)?)),
        toml::Value::String(text) => Some(Parameter::Text(text.clone())),
        _ => None,
    };
    table.iter().filter_map(|(name, entry)| Some((name.clone(), value(entry)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_spec;

    #[test]
    fn every_built_in_specification_parses() {
        for (name, text) in BUILT_IN {
            assert!(parse_spec(text).is_ok(), "{name}: {:?}", parse_spec(text).err());
        }
    }

    #[test]
    fn a_portfolios_specification_replaces_the_built_in_one() {
        let bundle = Bundle([(path("ceo"), "title = \"Mine\"".to_owned())].into());
        assert_eq!(text(&bundle, "ceo").as_deref(), Some("title = \"Mine\""));
        assert!(text(&bundle, "cfo").is_some_and(|t| t.contains("role = \"cfo\"")));
    }
}
