//! Files below a folder of the portfolio's inputs: a local folder or an S3 prefix.

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
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

    /// Its content, unless it has more than `most` bytes: then about the first `head` of them. The size that counts is the
    /// one that comes with the content; the file may have grown since it was listed.
    pub async fn read_up_to(
        &self,
        store: &dyn ObjectStore,
        most: u64,
        head: usize,
    ) -> anyhow::Result<Content> {
        let read = async {
            let found = store.get(&self.path).await?;
            let bytes = found.meta.size;
            if bytes <= most {
                return Ok(Content::Whole(found.bytes().await?));
            }
            let (mut stream, mut start) = (found.into_stream(), BytesMut::new());
            while let Some(piece) = stream.try_next().await? {
                let missing = head.saturating_sub(start.len());
                start.extend_from_slice(&piece[..piece.len().min(missing)]);
                if start.len() >= head {
                    break;
                }
            }
            let head = start.freeze();
            Ok::<_, object_store::Error>(Content::TooLarge { bytes, head })
        };
        read.await
            .with_context(|| format!("input {} cannot be read", self.path))
    }
}

/// As much of a file as was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole(Bytes),
    /// It is larger than that.
    TooLarge {
        /// The file's size.
        bytes: u64,
        /// Its first bytes.
        head: Bytes,
    },
}

/// All files below `folder` that are not hidden, in the order of their names. A folder that is not there has none. Pages of
/// the listing are read one by one; what stays in memory is a name and a size per file.
pub async fn list(store: &dyn ObjectStore, folder: &str) -> anyhow::Result<Vec<File>> {
    let prefix = Path::from(folder);
    let below = |path: &Path| {
        Some(
            path.prefix_match(&prefix)?
                .map(|p| p.as_ref().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let file = |meta: ObjectMeta| {
        let parts = below(&meta.location)?;
        let hidden = parts.is_empty() || parts.iter().any(|part| part.starts_with('.'));
        // What consoles make of "new folder" in a bucket: an empty object `<folder>/`, whose name comes without its slash.
        let is_marker = meta.size == 0 && parts.last().is_some_and(|last| !last.contains('.'));
        (!hidden && !is_marker).then(|| File {
            name: parts.join("/"),
            bytes: meta.size,
            path: meta.location,
        })
    };
    let listed = store
        .list(Some(&prefix))
        .try_filter_map(async |meta| Ok(file(meta)));
    let mut files: Vec<File> = listed
        .try_collect()
        .await
        .map_err(|error| unlistable(folder, error))?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Why nothing below a folder is known. One name that is no path (`handoffs//a.md`, say) hides all others: the store's
/// client refuses the whole page.
fn unlistable(folder: &str, error: object_store::Error) -> anyhow::Error {
    let fix = match &error {
        object_store::Error::InvalidPath { .. } => ": rename or delete the one that is named here",
        _ => "",
    };
    anyhow::Error::from(error).context(format!("inputs below {folder}/ cannot be listed{fix}"))
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
