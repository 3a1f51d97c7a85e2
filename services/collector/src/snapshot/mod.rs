//! What a part writes: Parquet files and, last of all, the manifest that names them. Start at [`PartFolder`].
//!
//! A table's path is [`chunk::Chunk`] (rows of text) -> [`runs`] and [`merge`] (by key, where a table is more than one
//! chunk) -> [`parquet::encode`] -> [`TableWriter`].

pub mod chunk;
pub mod merge;
pub mod parquet;
pub mod runs;

use std::collections::BTreeSet;

use anyhow::Context;
use shared::{
    id::{Generation, PartId, RunId},
    manifest::{Namespace, PartManifest, TableFile, TableManifest},
    message::Input,
    objects::{ObjectError, Objects, run_prefix},
};

use chunk::{Chunk, Columns};

/// Where one part of one generation of a run writes.
#[derive(Debug)]
pub struct PartFolder<'a> {
    objects: &'a Objects,
    prefix: String,
}

impl<'a> PartFolder<'a> {
    /// `runs/<run>/g<n>/snapshot/<part>`.
    pub fn new(objects: &'a Objects, run: &RunId, generation: Generation, part: &PartId) -> Self {
        Self {
            objects,
            prefix: format!("{}/snapshot/{part}", run_prefix(run, generation)),
        }
    }

    /// Starts a table.
    pub fn table(&self, namespace: Namespace, table: &str) -> TableWriter<'_> {
        self.resume(TableManifest {
            namespace,
            table: table.to_owned(),
            columns: Vec::new(),
            files: Vec::new(),
        })
    }

    /// Goes on with a table of which an earlier delivery has written some files; see [`TableWriter::so_far`].
    pub fn resume(&self, manifest: TableManifest) -> TableWriter<'_> {
        TableWriter {
            folder: self,
            columns: manifest.columns.iter().cloned().collect(),
            manifest,
        }
    }

    /// The manifest that an earlier delivery of the same message left, if it got so far.
    ///
    /// # Errors
    /// When the store cannot be read, or holds something that is no manifest.
    pub async fn manifest(&self) -> anyhow::Result<Option<(Input, PartManifest)>> {
        let key = self.manifest_key();
        let bytes = match self.objects.get(&key).await {
            Ok(bytes) => bytes,
            Err(e) if e.is_not_found() => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let manifest =
            serde_json::from_slice(&bytes).with_context(|| format!("object {key} is no part manifest"))?;
        let sha256 = shared::id::Sha256::of(&bytes);
        Ok(Some((
            Input {
                key,
                sha256,
                bytes: bytes.len() as u64,
            },
            manifest,
        )))
    }

    /// Writes the manifest. If another worker was faster and read something else, its manifest stands: a part is
    /// whatever its first manifest says.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_manifest(&self, manifest: PartManifest) -> anyhow::Result<(Input, PartManifest)> {
        let bytes = serde_json::to_vec_pretty(&manifest).context("failed to write a part manifest")?;
        match self.objects.put_once(&self.manifest_key(), bytes.into()).await {
            Ok(input) => Ok((input, manifest)),
            Err(ObjectError::Conflict { key, .. }) => self
                .manifest()
                .await?
                .with_context(|| format!("object {key} was there and is gone")),
            Err(e) => Err(e.into()),
        }
    }

    fn manifest_key(&self) -> String {
        format!("{}.json", self.prefix)
    }

    async fn put_file(&self, table: &str, number: usize, bytes: bytes::Bytes) -> Result<Input, ObjectError> {
        let key = format!("{}/{table}-{number}.parquet", self.prefix);
        match self.objects.put_once(&key, bytes.clone()).await {
            // A worker that died before its manifest left other rows here: the table has changed since. No manifest
            // names its file, so this one goes beside it.
            Err(ObjectError::Conflict { new, .. }) => {
                let key = format!("{}/{table}-{number}.{}.parquet", self.prefix, new.short());
                self.objects.put_once(&key, bytes).await
            }
            other => other,
        }
    }
}

/// Writes the files of one table.
#[derive(Debug)]
pub struct TableWriter<'a> {
    folder: &'a PartFolder<'a>,
    manifest: TableManifest,
    columns: BTreeSet<String>,
}

impl TableWriter<'_> {
    /// Writes a chunk as the next file; an empty chunk is no file.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&mut self, columns: &Columns, chunk: &Chunk) -> anyhow::Result<()> {
        if chunk.is_empty() {
            return Ok(());
        }
        let table = &self.manifest.table;
        let file = parquet::encode(columns, chunk)
            .with_context(|| format!("failed to encode rows of table {table}"))?;
        let input = self
            .folder
            .put_file(table, self.manifest.files.len(), file.bytes)
            .await?;
        self.manifest.files.push(TableFile {
            input,
            rows: chunk.len() as u64,
        });
        self.columns.extend(file.columns);
        Ok(())
    }

    /// What is written, for [`PartFolder::resume`].
    pub fn so_far(&self) -> TableManifest {
        TableManifest {
            columns: self.columns.iter().cloned().collect(),
            ..self.manifest.clone()
        }
    }

    /// Ends the table; `always` are columns that it has even when no row shows them.
    pub fn finish<S: AsRef<str>>(mut self, always: &[S]) -> TableManifest {
        self.columns
            .extend(always.iter().map(|name| name.as_ref().to_owned()));
        self.manifest.columns = self.columns.into_iter().collect();
        self.manifest
    }
}

#[cfg(test)]
mod tests;
