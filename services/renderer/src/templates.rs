//! The templates: those built in, and a portfolio's own over them, by path. Start at [`Templates::of`].

use std::{borrow::Cow, collections::BTreeMap};

use shared::portfolio::Bundle;

/// Folder of all templates, in the catalog and in a bundle.
pub const FOLDER: &str = "catalog/templates/";
/// The mail's.
pub const MAIL: &str = "mail.mjml.j2";
/// The plain text's.
pub const TEXT: &str = "document.txt.j2";
/// The PDF's.
pub const PAGE: &str = "document.typ";

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../catalog/templates/", $name)))),*]
    };
}
const BUILT_IN: [(&str, &str); 6] =
    built_in!["mail.mjml.j2", "mail.css.j2", "inline.css.j2", "blocks.mjml.j2", "document.txt.j2", "document.typ"];

/// Templates by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates(BTreeMap<Cow<'static, str>, Cow<'static, str>>);

impl Templates {
    /// Those built in.
    pub fn built_in() -> Self {
        Self(BUILT_IN.iter().map(|(name, text)| (Cow::Borrowed(*name), Cow::Borrowed(*text))).collect())
    }

    /// Those of a portfolio: its `catalog/templates/*` over the built-in ones.
    pub fn of(bundle: &Bundle) -> Self {
        let mut templates = Self::built_in();
        for (path, text) in bundle.under(FOLDER, "") {
            let name = path.strip_prefix(FOLDER).unwrap_or(path);
            templates.0.insert(Cow::Owned(name.to_owned()), Cow::Owned(text.to_owned()));
        }
        templates
    }

    /// A template's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// All of them whose name ends so.
    pub fn ending<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter(move |(name, _)| name.ends_with(suffix)).map(|(name, text)| (name.as_ref(), text.as_ref()))
    }
}
