//! The templates: those built in, and a portfolio's own over them, by path. Start at [`Templates::of`].

use std::collections::BTreeMap;

use shared::{catalog::CatalogFiles, portfolio::Bundle};

/// Folder of all templates, in the catalog and in a bundle.
pub const FOLDER: &str = "catalog/templates/";
/// The mail's.
pub const MAIL: &str = "mail.mjml.j2";
/// The plain text's.
pub const TEXT: &str = "document.txt.j2";
/// The PDF's.
pub const PAGE: &str = "document.typ";

/// Templates by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates(BTreeMap<String, String>);

impl Templates {
    /// Those of a portfolio: its `catalog/templates/*` over the built-in ones.
    pub fn of(bundle: &Bundle) -> Self {
        let files = CatalogFiles::of(bundle);
        let named = |file: shared::catalog::CatalogFile| {
            (
                file.path.strip_prefix(FOLDER).unwrap_or(file.path).to_owned(),
                file.text.to_owned(),
            )
        };
        Self(files.merged(FOLDER, "").into_iter().map(named).collect())
    }

    /// A template's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them whose name ends so.
    pub fn ending<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(name, _)| name.ends_with(suffix))
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }
}
