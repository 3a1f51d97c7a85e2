//! Files below a folder of the portfolio's inputs: a local folder or an S3 prefix.

use anyhow::Context;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use shared::facts::SourceState;

use super::{Collected, Delivery, SourceError};

/// A file, by its path below the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Such as `jada.md`, or `archive/jada.md`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    path: Path,
}

impl File {
    /// Its content.
    pub async fn read(&self, store: &dyn ObjectStore) -> anyhow::Result<Bytes> {
        let read = async { store.get(&self.path).await?.bytes().await };
        read.await
            .with_context(|| format!("input {} cannot be read", self.path))
    }
}

/// All files below `folder` that are not hidden, in the order of their names. A folder that is not there has none.
pub async fn list(store: &dyn ObjectStore, folder: &str) -> anyhow::Result<Vec<File>> {
    let prefix = Path::from(folder);
    let below = |path: &Path| {
        Some(
            path.prefix_match(&prefix)?
                .map(|p| p.as_ref().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let found: Vec<_> = store
        .list(Some(&prefix))
        .try_collect()
        .await
        .with_context(|| format!("inputs below {folder}/ cannot be listed"))?;
    let mut files: Vec<File> = found
        .into_iter()
        .filter_map(|meta| {
            let parts = below(&meta.location)?;
            let hidden = parts.is_empty() || parts.iter().any(|part| part.starts_with('.'));
            (!hidden).then(|| File {
                name: parts.join("/"),
                bytes: meta.size,
                path: meta.location,
            })
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// A failure to read is worth another delivery; at the last one it is the answer, in words.
pub fn answer<T>(result: anyhow::Result<T>, delivery: Delivery) -> Result<Result<T, String>, SourceError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if delivery.is_last() => Ok(Err(format!("{error:#}"))),
        Err(error) => Err(SourceError::Later(format!("{error:#}"))),
    }
}

/// What a source answers whose folder cannot be listed.
pub fn unlisted(reason: String) -> Collected {
    Collected {
        state: SourceState::Failed,
        reason: Some(reason),
        tables: Vec::new(),
    }
}
