//! `portfolio.toml` into a [`Portfolio`], or into everything that is wrong with it.
//!
//! [`sections`] reads the file's shape; [`links`] then checks what refers to what. Both go on after a mistake, so one
//! check shows all of them. The file's own documentation is its annotated example, [`EXAMPLE`].

use super::{Bundle, Portfolio};
use crate::{
    message::Input,
    objects::Objects,
    problem::{Problem, reader},
};

mod decisions;
mod environment;
mod kinds;
mod links;
mod sections;
mod tables;

/// The configuration's path in its bundle.
pub const FILE: &str = "portfolio.toml";
/// Every key with its meaning: what `quarterdeck init` starts from, and kept true by a test.
pub const EXAMPLE: &str = include_str!("example.toml");

/// Why a run's own configuration cannot be used. Without the file's text, so that it may be logged.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error(transparent)]
    Bundle(#[from] super::BundleError),
    /// It can be read and is wrong. Runs are planned from checked bundles, so somebody stored this one unchecked.
    #[error(
        "{file} has {count} errors, the first of kind {code} on line {line}; `quarterdeck check` shows them"
    )]
    Invalid {
        /// Where.
        file: String,
        /// How many.
        count: usize,
        /// The first one's kind.
        code: &'static str,
        /// The first one's line.
        line: usize,
    },
}

impl Portfolio {
    /// Parses the bundle's `portfolio.toml`. Whether documents name templates that exist is not checked here, as
    /// the built-in ones are not known here: see [`Portfolio::parse_with`].
    ///
    /// # Errors
    /// Every problem of the file, in the order of the file.
    pub fn parse(bundle: &Bundle) -> Result<Self, Vec<Problem>> {
        let text = text(bundle)?;
        reader::read(FILE, text, |root| sections::portfolio(root, None))
    }

    /// [`Portfolio::parse`], given the names of all document templates (`catalog/documents/<name>.toml`, built-in and
    /// the bundle's own).
    ///
    /// # Errors
    /// As for [`Portfolio::parse`], and documents whose template is not among them.
    pub fn parse_with(bundle: &Bundle, templates: &[&str]) -> Result<Self, Vec<Problem>> {
        let text = text(bundle)?;
        reader::read(FILE, text, |root| sections::portfolio(root, Some(templates)))
    }

    /// What of the file can be read, and its problems: for checking the catalog in spite of them. Where there are any,
    /// the portfolio has placeholders and gaps, and is good for nothing else.
    pub fn parse_partly(bundle: &Bundle, templates: &[&str]) -> (Option<Self>, Vec<Problem>) {
        match text(bundle) {
            Ok(text) => reader::read_partly(FILE, text, |root| sections::portfolio(root, Some(templates))),
            Err(problems) => (None, problems),
        }
    }

    /// For services: the run's bundle and the portfolio in it.
    ///
    /// # Errors
    /// [`LoadError`], which quotes nothing of the file.
    pub async fn load(objects: &Objects, reference: &Input) -> Result<(Bundle, Self), LoadError> {
        let bundle = Bundle::load(objects, reference).await?;
        let portfolio = Self::parse(&bundle).map_err(|problems| {
            let first = problems.iter().find(|p| p.is_error());
            LoadError::Invalid {
                file: FILE.to_owned(),
                count: problems.len(),
                code: first.map_or("unread", |p| p.code),
                line: first.map_or(0, |p| p.line),
            }
        })?;
        Ok((bundle, portfolio))
    }
}

fn text(bundle: &Bundle) -> Result<&str, Vec<Problem>> {
    bundle.get(FILE).ok_or_else(|| {
        let message = "the portfolio's folder has no portfolio.toml";
        let problem = Problem::error("missing-file", FILE, message);
        vec![problem.suggest("write one; examples/harbor has one with every section")]
    })
}

#[cfg(test)]
mod tests;
