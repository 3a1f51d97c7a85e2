//! The object store: snapshots, analyses, documents and mails by key, written once.
//!
//! The port is [`object_store::ObjectStore`] itself (local folder, memory, S3); [`Objects`] adds what every write here
//! needs: put-if-absent, and on a conflict a comparison of digests, so a redelivered message that writes the same
//! bytes goes on and one that writes others fails loudly.

use std::sync::Arc;

#[cfg(feature = "s3")]
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, local::LocalFileSystem, path::Path};

#[cfg(feature = "s3")]
mod s3;

use crate::{
    id::{Generation, RunId, Sha256},
    message::Input,
};

/// What can go wrong with an object.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The key holds other bytes already.
    #[error("object {key} exists with other content (stored {stored}, new {new}); the first one stands")]
    Conflict {
        /// Which.
        key: String,
        /// Digest of what is there.
        stored: Sha256,
        /// Digest of what was to be written.
        new: Sha256,
    },
    /// What was read is not what the reference names.
    #[error("object {key} has digest {found}, not {expected} as its reference says")]
    Digest {
        /// Which.
        key: String,
        /// As referenced.
        expected: Sha256,
        /// As read.
        found: Sha256,
    },
    /// The store failed, or the object is not there.
    #[error("object {key} cannot be {what}")]
    Store {
        /// Which.
        key: String,
        /// `read`, `written`, `deleted`, `listed` or `opened`.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
}

impl ObjectError {
    /// Whether the object simply is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Store { source, .. } if matches!(**source, object_store::Error::NotFound { .. }))
    }

    fn store(key: &str, what: &'static str) -> impl Fn(object_store::Error) -> Self {
        move |source| Self::Store {
            key: key.to_owned(),
            what,
            source: Box::new(source),
        }
    }
}

/// An object store with the write-once rule.
#[derive(Debug, Clone)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// In a folder, which is made if it is not there. Written whole or not at all (a temporary file, then a link).
    ///
    /// # Errors
    /// If the folder cannot be made or opened.
    pub fn local(folder: &std::path::Path) -> Result<Self, ObjectError> {
        let key = folder.display().to_string();
        std::fs::create_dir_all(folder)
            .map_err(|error| object_store::Error::Generic {
                store: "local",
                source: Box::new(error),
            })
            .and_then(|()| LocalFileSystem::new_with_prefix(folder))
            .map(|store| Self::new(Arc::new(store)))
            .map_err(ObjectError::store(&key, "opened"))
    }

    /// In memory.
    pub fn memory() -> Self {
        Self::new(Arc::new(object_store::memory::InMemory::new()))
    }

    /// In an S3 bucket, with the credentials, region and endpoint of the environment (`AWS_*`), over a connector
    /// (`cloud::https::connector`). Plain HTTP is for an endpoint on this machine only.
    ///
    /// # Errors
    /// If the environment's settings contradict each other.
    #[cfg(feature = "s3")]
    pub fn s3(bucket: &str, connector: SharedHttpConnector) -> Result<Self, ObjectError> {
        use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
        let builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_http_connector(s3::Connections(connector));
        let endpoint = builder
            .get_config_value(&AmazonS3ConfigKey::Endpoint)
            .unwrap_or_default();
        let builder = builder.with_allow_http(is_loopback(&endpoint));
        let store = builder.build().map_err(ObjectError::store(bucket, "opened"))?;
        Ok(Self::new(Arc::new(store)))
    }

    /// Over any store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self(store)
    }
    /// The store itself, for readers that stream (Parquet).
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.0)
    }

    /// Writes an object that must not change once written. The same bytes again are fine.
    ///
    /// # Errors
    /// [`ObjectError::Conflict`] if the key holds other bytes; [`ObjectError::Store`].
    pub async fn put_once(&self, key: &str, bytes: Bytes) -> Result<Input, ObjectError> {
        let reference = Input {
            key: key.to_owned(),
            sha256: Sha256::of(&bytes),
            bytes: bytes.len() as u64,
        };
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self.0.put_opts(&Path::from(key), bytes.into(), options).await {
            Ok(_) => Ok(reference),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let stored = Sha256::of(&self.get(key).await?);
                if stored == reference.sha256 {
                    return Ok(reference);
                }
                Err(ObjectError::Conflict {
                    key: key.to_owned(),
                    stored,
                    new: reference.sha256,
                })
            }
            Err(source) => Err(ObjectError::store(key, "written")(source)),
        }
    }

    /// Writes an object in place of the one that is there. For pointers and a portfolio's inputs only: whatever a run
    /// refers to is written once.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn replace(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        let put = self.0.put(&Path::from(key), bytes.into()).await;
        put.map(drop).map_err(ObjectError::store(key, "written"))
    }

    /// Takes an object away, if it is there.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match self.0.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ObjectError::store(key, "deleted")(error)),
        }
    }

    /// Keys below a prefix (whole path segments), in order.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        let listed: Result<Vec<_>, _> = self.0.list(Some(&Path::from(prefix))).try_collect().await;
        let listed = listed.map_err(ObjectError::store(prefix, "listed"))?;
        let mut keys: Vec<String> = listed.into_iter().map(|meta| meta.location.to_string()).collect();
        keys.sort();
        Ok(keys)
    }

    /// Reads an object.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn get(&self, key: &str) -> Result<Bytes, ObjectError> {
        let fail = ObjectError::store(key, "read");
        let object = self.0.get(&Path::from(key)).await.map_err(&fail)?;
        object.bytes().await.map_err(fail)
    }

    /// Reads the first bytes of an object, at most so many: of what others write, which may be of any size.
    ///
    /// # Errors
    /// [`ObjectError::Store`], also for one that is empty.
    pub async fn get_first(&self, key: &str, bytes: u64) -> Result<Bytes, ObjectError> {
        let read = self.0.get_range(&Path::from(key), 0..bytes).await;
        read.map_err(ObjectError::store(key, "read"))
    }

    /// Reads an object and checks it against its reference.
    ///
    /// # Errors
    /// [`ObjectError::Digest`] if it is another; [`ObjectError::Store`].
    pub async fn get_checked(&self, input: &Input) -> Result<Bytes, ObjectError> {
        let bytes = self.get(&input.key).await?;
        let found = Sha256::of(&bytes);
        if found == input.sha256 {
            return Ok(bytes);
        }
        Err(ObjectError::Digest {
            key: input.key.clone(),
            expected: input.sha256.clone(),
            found,
        })
    }
}

/// Whether an endpoint is on this machine.
#[cfg(feature = "s3")]
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint
        .strip_prefix("http://")
        .and_then(|rest| rest.split(['/', ':']).next());
    matches!(host, Some("127.0.0.1" | "localhost"))
}

/// Where a run's objects live: `runs/<run>/g<n>/`.
pub fn run_prefix(run: &RunId, generation: Generation) -> String {
    format!("runs/{run}/{generation}")
}
