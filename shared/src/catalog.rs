//! The catalog's files: the built-in ones, embedded at compile time, and a portfolio's own on top of them.
//!
//! Two rules of overlay. Files that are one thing (a view piece, a derived view, a document, a template) are replaced by
//! path: [`CatalogFiles::merged`] and [`CatalogFiles::get`]. Files that hold many entries (KPIs, shortfalls, checks,
//! models) are both read, and an entry of the portfolio's replaces the built-in one of the same id:
//! [`CatalogFiles::layers`]. Paths are as in a portfolio's folder: `catalog/kpis/cash.toml`.

use std::collections::BTreeMap;

use crate::{id::Sha256, portfolio::Bundle};

static BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Compiled in.
    BuiltIn,
    /// The portfolio's.
    Own,
}

/// A file of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogFile<'a> {
    /// From `catalog/` on.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whose it is.
    pub layer: Layer,
}

impl<'a> CatalogFile<'a> {
    /// The file's name without folder and ending: `bookings.jada` of `catalog/views/bookings.jada.sql`.
    pub fn stem(&self) -> &'a str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

/// The built-in catalog under a portfolio's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogFiles {
    built_in: BTreeMap<String, String>,
    own: BTreeMap<String, String>,
}

impl CatalogFiles {
    /// What is compiled in, and what the bundle has under `catalog/`.
    pub fn of(bundle: &Bundle) -> Self {
        let built_in = BUILT_IN
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self::layered(built_in, bundle)
    }

    /// The same over another base: for tests, and for work on the built-in catalog itself.
    pub fn layered(built_in: BTreeMap<String, String>, bundle: &Bundle) -> Self {
        let own = bundle
            .under("catalog/", "")
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect();
        Self { built_in, own }
    }

    /// A file: the portfolio's, or else the built-in one.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.own
            .get(path)
            .or_else(|| self.built_in.get(path))
            .map(String::as_str)
    }

    /// Files of a folder by path, the portfolio's in place of built-in ones of the same path.
    pub fn merged<'a>(&'a self, folder: &'a str, suffix: &'a str) -> Vec<CatalogFile<'a>> {
        let mut by_path = BTreeMap::new();
        for file in self.layers(folder, suffix) {
            by_path.insert(file.path, file);
        }
        by_path.into_values().collect()
    }

    /// Files of a folder, first the built-in ones, then the portfolio's, each by path.
    pub fn layers<'a>(&'a self, folder: &'a str, suffix: &'a str) -> impl Iterator<Item = CatalogFile<'a>> {
        let of = move |files: &'a BTreeMap<String, String>, layer| {
            files
                .iter()
                .filter(move |(path, _)| path.starts_with(folder) && path.ends_with(suffix))
                .map(move |(path, text)| CatalogFile { path, text, layer })
        };
        of(&self.built_in, Layer::BuiltIn).chain(of(&self.own, Layer::Own))
    }

    /// A digest over all files of both layers.
    pub fn digest(&self) -> Sha256 {
        let mut bytes = Vec::new();
        for file in self.layers("catalog/", "") {
            for piece in [file.path, file.text] {
                bytes.extend_from_slice(&(piece.len() as u64).to_be_bytes());
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
        Sha256::of(&bytes)
    }
}

#[cfg(test)]
mod tests;
