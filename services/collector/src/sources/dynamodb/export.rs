//! A table as of an export to S3: the same rows as its scan, without its capacity. Start at [`Export`].
//!
//! An export is a folder `AWSDynamoDB/<id>` with `manifest-summary.json`, written last, `manifest-files.json`, one line a
//! file, and `data/*.json.gz`, one item a line in DynamoDB's JSON. Files are read as streams, each from its beginning: where
//! another delivery goes on, it reads over what is done.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use std::{
    collections::HashMap,
    io::Write,
    sync::{Mutex, OnceLock, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde::Deserialize;
use shared::portfolio::TableSource;

use super::{
    json,
    pages::{Description, Item, Page, Pages, ReadError, Split, Token},
};

const SUMMARY: &str = "manifest-summary.json";
/// A page is so much text, as a scan's is.
const PAGE_BYTES: usize = 1024 * 1024;
/// Text that is unpacked and not read yet is taken off the buffer at so many bytes.
const READ_BYTES: usize = 256 * 1024;

/// The newest export of a table below a path.
pub struct Export<'a> {
    source: &'a TableSource,
    path: &'a str,
    store: &'a dyn ObjectStore,
    /// Knows the table's key, which an export does not.
    table: &'a dyn Pages,
    as_of: Date,
    found: OnceLock<Found>,
    open: Mutex<HashMap<String, Lines>>,
}

struct Found {
    keys: Vec<String>,
    /// By file, how many items it has.
    items: HashMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    export_arn: String,
    table_arn: String,
    export_time: Timestamp,
    output_format: String,
    #[serde(default)]
    export_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataFile {
    item_count: u64,
    data_file_s3_key: String,
}

impl<'a> Export<'a> {
    /// Below `path` of `store`. `table` is the table itself, for its key; an export that is more than a day older than
    /// `as_of` is not the night's.
    pub fn new(
        source: &'a TableSource,
        path: &'a str,
        store: &'a dyn ObjectStore,
        table: &'a dyn Pages,
        as_of: Date,
    ) -> Self {
        Self {
            source,
            path,
            store,
            table,
            as_of,
            found: OnceLock::new(),
            open: Mutex::default(),
        }
    }

    /// The newest that is complete. Ids begin with the time, in as many digits.
    async fn newest(&self) -> Result<Path, ReadError> {
        let listed: Result<Vec<_>, _> = self.store.list(Some(&Path::from(self.path))).try_collect().await;
        let listed = listed.map_err(|error| {
            ReadError::Transient(format!("inputs below {} cannot be listed: {error}", self.path))
        })?;
        let summaries = listed.into_iter().map(|meta| meta.location);
        let summaries = summaries.filter(|path| path.filename() == Some(SUMMARY));
        let id = |path: &Path| path.parts().rev().nth(1).map(|id| id.as_ref().to_owned());
        summaries.max_by_key(id).ok_or_else(|| {
            unfit(format!(
                "there is no finished export below {}/ of the portfolio's inputs: export the table to the deployment's bucket \
                 with that prefix, in the format DYNAMODB_JSON",
                self.path
            ))
        })
    }

    async fn read(&self, path: &Path) -> Result<Bytes, ReadError> {
        let read = async { self.store.get(path).await?.bytes().await };
        read.await.map_err(|error| unread(path, &error))
    }

    fn check(&self, path: &Path, summary: &Summary) -> Result<(), ReadError> {
        let table = format!("table/{}", self.source.table);
        if !summary.table_arn.ends_with(&format!(":{table}")) {
            return Err(unfit(format!(
                "export {path} is of {}, not of this table",
                summary.table_arn
            )));
        }
        let is_full = summary
            .export_type
            .as_deref()
            .is_none_or(|kind| kind == "FULL_EXPORT");
        if summary.output_format != "DYNAMODB_JSON" || !is_full {
            return Err(unfit(format!(
                "export {path} is not a full export in the format DYNAMODB_JSON: make one"
            )));
        }
        let day = summary.export_time.to_zoned(TimeZone::UTC).date();
        if day < self.as_of.saturating_sub(1.day()) {
            return Err(unfit(format!(
                "the newest export, {path}, is of {day}, more than a day before the business date {}: export the table each \
                 night before the report",
                self.as_of
            )));
        }
        Ok(())
    }

    async fn open(&self, file: &str, behind: u64) -> Result<Lines, ReadError> {
        let path = Path::from(file);
        let object = self
            .store
            .get(&path)
            .await
            .map_err(|error| unread(&path, &error))?;
        let mut lines = Lines::new(path, object.into_stream());
        while lines.read < behind {
            if lines.next().await?.is_none() {
                return Err(unfit(format!("file {file} is shorter than it was")));
            }
        }
        Ok(lines)
    }

    fn take(&self, file: &str, behind: u64) -> Option<Lines> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(file).filter(|lines| lines.read == behind)
    }
}

#[async_trait]
impl Pages for Export<'_> {
    async fn describe(&self) -> Result<Description, ReadError> {
        let Description { keys, .. } = self.table.describe().await?;
        let path = self.newest().await?;
        let summary: Summary = parsed(&path, &self.read(&path).await?)?;
        self.check(&path, &summary)?;
        let folder = path.as_ref().strip_suffix(SUMMARY).unwrap_or_default().to_owned();
        let manifest = Path::from(format!("{folder}manifest-files.json"));
        let text = self.read(&manifest).await?;
        let mut items = HashMap::new();
        for line in text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
        {
            let file: DataFile = parsed(&manifest, line)?;
            // Its key is of the bucket that it was exported to; the file's name is enough beside the manifest.
            let name = file.data_file_s3_key.rsplit('/').next().unwrap_or_default();
            items.insert(format!("{folder}data/{name}"), file.item_count);
        }
        let mut files: Vec<_> = items.keys().cloned().collect();
        files.sort_unstable();
        let found = Found {
            keys: keys.clone(),
            items,
        };
        self.found.get_or_init(|| found);
        Ok(Description {
            identity: Some(summary.export_arn),
            keys,
            splits: files.into_iter().map(Split::File).collect(),
            provisioned: None,
        })
    }

    async fn page(&self, split: &Split, after: Option<&Token>) -> Result<Page, ReadError> {
        let (Split::File(file), Some(found)) = (split, self.found.get()) else {
            return Err(unfit("what is to be read is not what the source says".to_owned()));
        };
        let behind = after.map_or(Ok(0), |token| token.0.parse());
        let behind: u64 = behind.map_err(|_| unfit(format!("file {file} has no such place")))?;
        let mut lines = match self.take(file, behind) {
            Some(lines) => lines,
            None => self.open(file, behind).await?,
        };
        let (mut items, mut bytes) = (Vec::new(), 0);
        while bytes < PAGE_BYTES {
            let Some(line) = lines.next().await? else {
                let expected = found.items.get(file).copied().unwrap_or_default();
                if lines.read != expected {
                    return Err(unfit(format!(
                        "file {file} has {} items and the export's manifest says {expected}: export the table again",
                        lines.read
                    )));
                }
                return Ok(Page {
                    items,
                    ..Page::default()
                });
            };
            bytes += line.len();
            let item = json::read_line(&line);
            let mut item =
                item.map_err(|error| unfit(format!("file {file}, line {}: {error}", lines.read)))?;
            self.keep(found, &mut item);
            items.push(item);
        }
        let next = Some(Token(lines.read.to_string()));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(file.clone(), lines);
        Ok(Page {
            items,
            next,
            units: None,
        })
    }
}

impl Export<'_> {
    /// Leaves what the source asks for.
    fn keep(&self, found: &Found, item: &mut Item) {
        let project = &self.source.project;
        if !project.is_empty() {
            item.retain(|name, _| project.contains(name) || found.keys.contains(name));
        }
    }
}

/// The lines of a packed file.
struct Lines {
    path: Path,
    bytes: BoxStream<'static, object_store::Result<Bytes>>,
    unpacked: MultiGzDecoder<Vec<u8>>,
    /// So much of what is unpacked is read.
    at: usize,
    ended: bool,
    /// Lines so far.
    read: u64,
}

impl Lines {
    fn new(path: Path, bytes: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        Self {
            path,
            bytes,
            unpacked: MultiGzDecoder::new(Vec::new()),
            at: 0,
            ended: false,
            read: 0,
        }
    }

    /// The next line that is not empty.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut searched = self.at;
        loop {
            let text = self.unpacked.get_ref();
            let end = text[searched..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|n| searched + n);
            let end = end.or((self.ended && self.at < text.len()).then_some(text.len()));
            let Some(end) = end else {
                if self.ended {
                    return Ok(None);
                }
                searched = text.len();
                self.unpack().await?;
                continue;
            };
            let line = text[self.at..end].trim_ascii().to_vec();
            self.at = (end + 1).min(text.len());
            searched = self.at;
            if self.at >= READ_BYTES {
                self.unpacked.get_mut().drain(..self.at);
                (self.at, searched) = (0, 0);
            }
            if !line.is_empty() {
                self.read += 1;
                return Ok(Some(line));
            }
        }
    }

    async fn unpack(&mut self) -> Result<(), ReadError> {
        let broken =
            |path: &Path, error: &std::io::Error| unfit(format!("file {path} is no whole gzip: {error}"));
        match self.bytes.next().await {
            Some(Ok(bytes)) => self
                .unpacked
                .write_all(&bytes)
                .map_err(|error| broken(&self.path, &error)),
            Some(Err(error)) => Err(unread(&self.path, &error)),
            None => {
                self.ended = true;
                self.unpacked
                    .try_finish()
                    .map_err(|error| broken(&self.path, &error))
            }
        }
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(path: &Path, text: &[u8]) -> Result<T, ReadError> {
    serde_json::from_slice(text).map_err(|error| unfit(format!("{path} is not as exports are: {error}")))
}

fn unread(path: &Path, error: &object_store::Error) -> ReadError {
    match error {
        object_store::Error::NotFound { .. } => {
            unfit(format!("{path} is named by the export and is not there"))
        }
        error => ReadError::Transient(format!("{path} cannot be read: {error}")),
    }
}

fn unfit(message: String) -> ReadError {
    ReadError::Refused {
        code: "export".to_owned(),
        message,
    }
}
