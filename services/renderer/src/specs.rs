//! Document specifications and parameters: the built-in ones under a portfolio's own.

use std::collections::BTreeMap;

use shared::{
    catalog::CatalogFiles,
    portfolio::{Bundle, Parameter, Portfolio},
};

const FOLDER: &str = "catalog/documents/";
const PARAMETERS: &str = "catalog/parameters.toml";

/// Where a template's specification is, in the catalog and in a bundle.
pub fn path(template: &str) -> String {
    format!("{FOLDER}{template}.toml")
}

/// The specification's text: the portfolio's, or else the built-in one.
pub fn text(bundle: &Bundle, template: &str) -> Option<String> {
    CatalogFiles::of(bundle).get(&path(template)).map(str::to_owned)
}

/// The names of all templates, built-in and own, sorted.
pub fn names(bundle: &Bundle) -> Vec<String> {
    CatalogFiles::of(bundle)
        .merged(FOLDER, ".toml")
        .iter()
        .map(|file| file.stem().to_owned())
        .collect()
}

/// The catalog's defaults under the portfolio's own parameters.
pub fn parameters(bundle: &Bundle, portfolio: &Portfolio) -> BTreeMap<String, Parameter> {
    let mut all = BTreeMap::new();
    for file in CatalogFiles::of(bundle).layers(PARAMETERS, "") {
        all.extend(defaults(file.text));
    }
    all.extend(portfolio.parameters.clone());
    all
}

/// Only numbers and days can stand in a chart; the catalog's own loader says what is wrong with the others.
fn defaults(text: &str) -> BTreeMap<String, Parameter> {
    let Ok(table) = text.parse::<toml::Table>() else {
        return BTreeMap::new();
    };
    let value = |entry: &toml::Value| match entry.get("default")? {
        toml::Value::Integer(n) => Some(Parameter::Number((*n).into())),
        toml::Value::Float(n) => Some(Parameter::Number(rust_decimal::prelude::FromPrimitive::from_f64(
            *n,
        )?)),
        toml::Value::String(text) => Some(Parameter::Text(text.clone())),
        _ => None,
    };
    table
        .iter()
        .filter_map(|(name, entry)| Some((name.clone(), value(entry)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_spec;

    #[test]
    fn every_built_in_specification_parses() {
        let names = names(&Bundle::default());
        assert!(names.len() >= 8, "{names:?}");
        for name in names {
            let text = text(&Bundle::default(), &name).unwrap();
            assert!(parse_spec(&text).is_ok(), "{name}: {:?}", parse_spec(&text).err());
        }
    }

    #[test]
    fn a_portfolios_specification_replaces_the_built_in_one() {
        let bundle = Bundle([(path("ceo"), "title = \"Mine\"".to_owned())].into());
        assert_eq!(text(&bundle, "ceo").as_deref(), Some("title = \"Mine\""));
        assert!(text(&bundle, "cfo").is_some_and(|t| t.contains("role = \"cfo\"")));
    }
}
