//! Manifests: small JSON objects that say which objects make up a part or a document. Messages and ledger rows refer
//! to manifests, so both stay small however much data there is.

use serde::{Deserialize, Serialize};

use crate::{
    facts::SourceState,
    id::{DocumentId, EntityId, PartId, Sha256},
    message::Input,
    portfolio::ENVIRONMENT_TABLE,
};

/// Where a table of the snapshot is registered for SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Namespace {
    /// A business's own table: `raw.<name>`.
    Raw,
    /// A table of `catalog/collected.toml`: handoffs, inventory, cost, the pipeline's own nights.
    Collected,
}

/// What people decided about actions, as the ledger has it.
pub const DECISIONS_TABLE: &str = "action_decision";

/// Which kind of source makes a table of `catalog/collected.toml`, as [`PartManifest::kind`] says it.
pub fn collected_from(table: &str) -> &'static str {
    match table {
        ENVIRONMENT_TABLE => "environment",
        DECISIONS_TABLE => "ledger",
        table if table.starts_with("pipeline_") => "ledger",
        table if table.starts_with("handoff_") => "handoffs",
        _ => "inventory",
    }
}

/// A Parquet file: all columns are nullable text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// The object.
    pub input: Input,
    /// Its rows.
    pub rows: u64,
}

/// A table that a part brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableManifest {
    /// Where it is registered.
    pub namespace: Namespace,
    /// As collected, e.g. `jada-calendar`; see [`sql_name`].
    pub table: String,
    /// All columns of all files, sorted. A file may have fewer: the others are NULL in it.
    pub columns: Vec<String>,
    /// In the order read; none when the table is empty.
    pub files: Vec<TableFile>,
}

/// What a part collected: the object behind a part's `PartRef`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartManifest {
    /// Which part.
    pub part: PartId,
    /// `dynamodb`, `csv`, `handoffs`, `inventory`, `environment`, `ledger`.
    pub kind: String,
    /// Whose, where it is one entity's.
    pub entity: Option<EntityId>,
    /// Whether mail is held when it fails.
    pub core: bool,
    /// How it went.
    pub state: SourceState,
    /// Why, where it is not ok, and what to do.
    pub reason: Option<String>,
    /// Rows over all tables.
    pub rows: u64,
    /// Parquet bytes over all tables.
    pub bytes: u64,
    /// Its tables.
    pub tables: Vec<TableManifest>,
}

impl PartManifest {
    /// Digest of what was collected, whichever run or generation it was collected for: state, tables, columns and the
    /// digests of the files, not their keys. The same source read twice has the same one.
    pub fn content_digest(&self) -> Sha256 {
        let mut text = format!("{} {} {:?}\n", self.part, self.kind, self.state);
        for table in &self.tables {
            let files: Vec<&str> = table
                .files
                .iter()
                .map(|file| file.input.sha256.as_str())
                .collect();
            text += &format!(
                "{:?} {:?} {:?} {files:?}\n",
                table.namespace, table.table, table.columns
            );
        }
        Sha256::of(text.as_bytes())
    }
}

/// An image inside a document's HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// As in `src="cid:…"`.
    pub cid: String,
    /// PNG.
    pub input: Input,
    /// What it says.
    pub alt: String,
}

/// A rendered document: the object behind a document's `PartRef`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentManifest {
    /// Which document.
    pub document: DocumentId,
    /// Of the mail; one line, at most 200 characters.
    pub subject: String,
    /// Mail HTML, images by CID.
    pub html: Input,
    /// Plain text, 78 columns.
    pub text: Input,
    /// A4.
    pub pdf: Input,
    /// In the order of the document.
    pub images: Vec<Image>,
    /// Whether mail of it must not leave, and why: a failed core source, a broken invariant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hold: Option<String>,
}

/// The SQL name of a table or column: lower case, every character other than a letter or digit is `_`.
pub fn sql_name(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}
