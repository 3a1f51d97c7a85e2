//! A portfolio's folder as one immutable object: `portfolio.toml` and `catalog/**`, by path. A run names the bundle it
//! was planned with by digest, so a change of configuration in mid-run changes nothing of that run.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    id::PortfolioId,
    message::Input,
    objects::{ObjectError, Objects},
};

/// Paths below the portfolio's folder and their texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bundle(pub BTreeMap<String, String>);

/// Why a folder is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The stored bundle is not JSON.
    #[error("portfolio bundle {key} is damaged")]
    Damaged {
        /// Which.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] ObjectError),
}

impl Bundle {
    /// Reads `portfolio.toml` and `catalog/**/*.{toml,sql,j2,typ,css}` below a folder.
    ///
    /// # Errors
    /// [`BundleError::Read`], naming the path; also for text that is not UTF-8.
    pub fn read(folder: &Path) -> Result<Self, BundleError> {
        let mut files = BTreeMap::new();
        add(folder, "portfolio.toml", &mut files)?;
        walk(folder, "catalog", &mut files)?;
        Ok(Self(files))
    }

    /// Stores it under its digest and answers the reference that messages carry.
    ///
    /// # Errors
    /// [`BundleError::Objects`].
    pub async fn store(&self, objects: &Objects, portfolio: &PortfolioId) -> Result<Input, BundleError> {
        let bytes = serde_json::to_vec(self).map_err(|source| damaged("(new)", source))?;
        let digest = crate::id::Sha256::of(&bytes);
        let key = format!("portfolios/{portfolio}/{digest}.json");
        Ok(objects.put_once(&key, bytes.into()).await?)
    }

    /// Reads the bundle that a message refers to.
    ///
    /// # Errors
    /// [`BundleError::Objects`] or [`BundleError::Damaged`].
    pub async fn load(objects: &Objects, reference: &Input) -> Result<Self, BundleError> {
        let bytes = objects.get_checked(reference).await?;
        serde_json::from_slice(&bytes).map_err(|source| damaged(&reference.key, source))
    }

    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Files below a folder whose name ends so, in order: (path, text).
    pub fn under<'a>(&'a self, folder: &'a str, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(path, _)| path.starts_with(folder) && path.ends_with(suffix))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

fn damaged(key: &str, source: serde_json::Error) -> BundleError {
    BundleError::Damaged {
        key: key.to_owned(),
        source,
    }
}

fn add(folder: &Path, path: &str, files: &mut BTreeMap<String, String>) -> Result<(), BundleError> {
    let read = std::fs::read_to_string(folder.join(path));
    let text = read.map_err(|source| BundleError::Read {
        path: path.to_owned(),
        source,
    })?;
    files.insert(path.to_owned(), text);
    Ok(())
}

fn walk(folder: &Path, path: &str, files: &mut BTreeMap<String, String>) -> Result<(), BundleError> {
    let fail = |source| BundleError::Read {
        path: path.to_owned(),
        source,
    };
    let entries = match std::fs::read_dir(folder.join(path)) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(fail(e)),
    };
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let below = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(fail)?.is_dir() {
            walk(folder, &below, files)?;
        } else if ["toml", "sql", "j2", "typ", "css"]
            .iter()
            .any(|e| below.ends_with(&format!(".{e}")))
        {
            add(folder, &below, files)?;
        }
    }
    Ok(())
}
