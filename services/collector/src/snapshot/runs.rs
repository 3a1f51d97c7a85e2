//! Runs: rows in the order of their key, as objects of the work folder. What a part has read and sorted outlives the
//! function that read it, and memory holds one block of each run. [`super::merge`] makes a table of them.
//!
//! A run's file is a sequence of blocks, each compressed by itself, so that a reader fetches one at a time; their sizes
//! are in [`RunFile`], which is what the part's checkpoint keeps. Columns are by number: a run is read with the columns
//! of the checkpoint that names it.

use anyhow::Context;
use bytes::Bytes;
use object_store::{ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};
use shared::{
    id::{Generation, PartId, RunId},
    message::Input,
    objects::Objects,
};

use super::chunk::{Chunk, ColumnId};

/// Length that stands for null.
const NULL: u32 = u32::MAX;
/// A block is closed at so many bytes; a merge holds one of each run.
const BLOCK: usize = 512 * 1024;
/// As of the snapshot: fast, and text shrinks to a fifth or less.
const ZSTD_LEVEL: i32 = 1;

/// A file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    key: String,
    /// Compressed length of each block, in order.
    blocks: Vec<u32>,
}

/// Rows in order, over one file or several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// In order; no row of one is before a row of the one before it.
    pub files: Vec<RunFile>,
    /// How often its rows were merged.
    pub level: u32,
}

impl Run {
    /// Rows that were sorted in memory.
    pub fn of(file: RunFile) -> Self {
        Self {
            files: vec![file],
            level: 0,
        }
    }
    /// What a merge of these begins with: no rows yet.
    pub fn above(runs: &[Self]) -> Self {
        let level = runs.iter().map(|run| run.level + 1).max();
        Self {
            files: Vec::new(),
            level: level.unwrap_or(0),
        }
    }
}

/// Where one attempt at a part keeps what is not the snapshot yet. Its objects are below `work/`, are read by nobody else
/// and may be taken away once the part has a manifest.
#[derive(Debug)]
pub struct WorkFolder {
    objects: Objects,
    part: String,
    attempt: u32,
    written: u32,
}

impl WorkFolder {
    /// `work/<run>/g<n>/<part>`, for one attempt: another one's objects have other names.
    pub fn new(objects: &Objects, run: &RunId, generation: Generation, part: &PartId, attempt: u32) -> Self {
        Self {
            objects: objects.clone(),
            part: format!("work/{run}/{generation}/{part}"),
            attempt,
            written: 0,
        }
    }

    /// Writes an object under a name of its own.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&mut self, extension: &str, bytes: Bytes) -> anyhow::Result<Input> {
        let key = format!("{}/a{}-{}.{extension}", self.part, self.attempt, self.written);
        self.written += 1;
        Ok(self.objects.put_once(&key, bytes).await?)
    }

    /// Writes the rows of a chunk, which are in order, as a file of a run.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn put_rows(&mut self, chunk: &Chunk) -> anyhow::Result<RunFile> {
        let (bytes, blocks) = encode(chunk)?;
        let Input { key, .. } = self.put("run", bytes.into()).await?;
        Ok(RunFile { key, blocks })
    }

    /// Whether this attempt has written any.
    pub fn has_objects(&self) -> bool {
        self.written > 0
    }

    /// Takes away what all attempts have left. A part is done by then, so a failure is a line in the log: the bucket's own
    /// rule for `work/` takes the rest.
    pub async fn clear(&self) {
        let cleared = async {
            for key in self.objects.list(&self.part).await? {
                self.objects.delete(&key).await?;
            }
            Ok::<_, shared::objects::ObjectError>(())
        };
        if let Err(error) = cleared.await {
            tracing::warn!(error = %error, "work objects are left behind");
        }
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }
}

/// Where a reader of a run stands: its next row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    file: usize,
    block: usize,
    row: usize,
}

impl Position {
    /// Behind the last row of any run.
    pub(super) fn end() -> Self {
        Self {
            file: usize::MAX,
            ..Self::default()
        }
    }
}

/// Reads a run row by row.
#[derive(Debug)]
pub(super) struct Reader {
    objects: Objects,
    run: Run,
    /// Of the row that stands now.
    at: Position,
    block: Vec<u8>,
    next: usize,
    row: Vec<(ColumnId, Option<std::ops::Range<usize>>)>,
}

impl Reader {
    /// At a row of the run, or `None` where there is none any more.
    pub(super) async fn open(objects: &Objects, run: &Run, at: Position) -> anyhow::Result<Option<Self>> {
        let mut reader = Self {
            objects: objects.clone(),
            run: run.clone(),
            at: Position { row: 0, ..at },
            block: Vec::new(),
            next: 0,
            row: Vec::new(),
        };
        if !reader.load().await? {
            return Ok(None);
        }
        reader.parse()?;
        for _ in 0..at.row {
            if !reader.advance().await? {
                return Ok(None);
            }
        }
        Ok(Some(reader))
    }

    /// Where it stands.
    pub(super) fn position(&self) -> Position {
        self.at
    }

    /// The cells of the row that stands now.
    pub(super) fn row(&self) -> impl Iterator<Item = (ColumnId, Option<&str>)> {
        self.row.iter().map(|(column, range)| (*column, self.text(range)))
    }

    /// Its first `keys` cells.
    pub(super) fn key(&self, keys: usize) -> impl Iterator<Item = Option<&str>> {
        self.row.iter().take(keys).map(|(_, range)| self.text(range))
    }

    /// Goes to the next row; answers whether there is one.
    pub(super) async fn advance(&mut self) -> anyhow::Result<bool> {
        self.at.row += 1;
        if self.next >= self.block.len() {
            self.at.row = 0;
            self.at.block += 1;
            if !self.load().await? {
                return Ok(false);
            }
        }
        self.parse()?;
        Ok(true)
    }

    /// Fetches the block at `self.at`, or the first of the next file that has one.
    async fn load(&mut self) -> anyhow::Result<bool> {
        let file = loop {
            let Some(file) = self.run.files.get(self.at.file) else {
                return Ok(false);
            };
            if self.at.block < file.blocks.len() {
                break file;
            }
            self.at = Position {
                file: self.at.file + 1,
                ..Position::default()
            };
        };
        let start: u64 = file.blocks[..self.at.block].iter().map(|b| u64::from(*b)).sum();
        let end = start + u64::from(file.blocks[self.at.block]);
        let store = self.objects.store();
        let read = store.get_range(&Path::from(file.key.as_str()), start..end).await;
        let bytes = read.with_context(|| format!("object {} cannot be read", file.key))?;
        self.block =
            zstd::decode_all(&bytes[..]).with_context(|| format!("object {} is no run", file.key))?;
        self.next = 0;
        Ok(true)
    }

    /// Finds the cells of the row at `self.next`.
    fn parse(&mut self) -> anyhow::Result<()> {
        let cut = || anyhow::anyhow!("a run's block ends in the midst of a row");
        let mut at = self.next;
        let mut number = |block: &[u8]| {
            let bytes: [u8; 4] = block.get(at..at + 4)?.try_into().ok()?;
            at += 4;
            Some(u32::from_le_bytes(bytes))
        };
        self.row.clear();
        let cells = number(&self.block).ok_or_else(cut)?;
        let mut lengths = Vec::with_capacity(cells as usize);
        for _ in 0..cells {
            let column = number(&self.block).ok_or_else(cut)?;
            lengths.push((
                ColumnId::from_bytes(column.to_le_bytes()),
                number(&self.block).ok_or_else(cut)?,
            ));
        }
        for (column, length) in lengths {
            let range = (length != NULL).then(|| at..at + length as usize);
            at = range.as_ref().map_or(at, |range| range.end);
            self.row.push((column, range));
        }
        let is_text = |range: &std::ops::Range<usize>| {
            self.block
                .get(range.clone())
                .is_some_and(|bytes| std::str::from_utf8(bytes).is_ok())
        };
        anyhow::ensure!(
            self.row.iter().flat_map(|(_, range)| range).all(is_text),
            "a run's block has a cell that is no text"
        );
        self.next = at;
        Ok(())
    }

    /// Checked to be text when the row was parsed.
    fn text(&self, range: &Option<std::ops::Range<usize>>) -> Option<&str> {
        let range = range.clone()?;
        std::str::from_utf8(&self.block[range]).ok()
    }
}

/// The blocks, one behind the other, and the length of each. A row is the number of its cells, column and length of each,
/// and their texts.
fn encode(chunk: &Chunk) -> anyhow::Result<(Vec<u8>, Vec<u32>)> {
    let (mut bytes, mut blocks) = (Vec::new(), Vec::new());
    let mut block = Vec::with_capacity(BLOCK + BLOCK / 8);
    for row in 0..chunk.len() {
        let cells = chunk.row(row);
        block.extend(length(cells.len())?.to_le_bytes());
        for (column, text) in cells {
            block.extend(column.to_bytes());
            let length = text.map_or(Ok(NULL), |text| length(text.len()))?;
            block.extend(length.to_le_bytes());
        }
        for text in chunk.row(row).filter_map(|(_, text)| text) {
            block.extend(text.as_bytes());
        }
        if block.len() >= BLOCK || row + 1 == chunk.len() {
            let compressed =
                zstd::encode_all(&block[..], ZSTD_LEVEL).context("failed to compress a block")?;
            blocks.push(length(compressed.len())?);
            bytes.extend(compressed);
            block.clear();
        }
    }
    Ok((bytes, blocks))
}

fn length(of: usize) -> anyhow::Result<u32> {
    u32::try_from(of).context("a cell or block of more than 4 GiB")
}
