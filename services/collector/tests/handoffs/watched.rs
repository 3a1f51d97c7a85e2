//! A store that counts what is asked of it, and misbehaves by name.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, memory::InMemory,
    path::Path,
};

/// Files named `denied.md` cannot be read; while there is one named `hidden`, nothing can be listed.
#[derive(Debug, Default)]
pub struct Watched {
    pub inner: InMemory,
    /// Reads that are under way.
    now: AtomicUsize,
    /// The most that ever were.
    pub at_once: AtomicUsize,
    /// Bytes that anybody took of a content.
    pub taken: Arc<AtomicUsize>,
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "watched {}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Watched {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(at, payload, options).await
    }
    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        let now = 1 + self.now.fetch_add(1, Ordering::SeqCst);
        self.at_once.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let found = self.inner.get_opts(at, options).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        if at.filename() == Some("denied.md") {
            let (path, source) = (at.to_string(), "AccessDenied".into());
            return Err(object_store::Error::PermissionDenied { path, source });
        }
        let found = found?;
        let (meta, range) = (found.meta.clone(), found.range.clone());
        let (attributes, extensions) = (found.attributes.clone(), found.extensions.clone());
        let bytes = found.bytes().await?;
        let taken = Arc::clone(&self.taken);
        let pieces: Vec<_> = (0..bytes.len())
            .step_by(65_536)
            .map(|from| bytes.slice(from..bytes.len().min(from + 65_536)))
            .collect();
        let pieces = stream::iter(pieces).map(move |piece| {
            taken.fetch_add(piece.len(), Ordering::SeqCst);
            Ok(piece)
        });
        Ok(GetResult {
            payload: GetResultPayload::Stream(pieces.boxed()),
            meta,
            range,
            attributes,
            extensions,
        })
    }
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let listed = self.inner.list(prefix);
        // As the S3 client does with a key that has an empty piece.
        let refused = |meta: ObjectMeta| match meta.location.filename() {
            Some("hidden") => Err(Path::parse("handoffs//a.md").unwrap_err().into()),
            _ => Ok(meta),
        };
        listed.map(move |meta| meta.and_then(refused)).boxed()
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
