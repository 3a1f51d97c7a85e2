//! Fills a table from local items in one pass, a few thousand at a time.
//!
//! The first item decides the key: `PK` and `SK` if it has both, else `id`, else a `_row` that is made up (the row's
//! number, so the items stay in the order of the file). CSV always has `_row`: nothing says that a column is unique. An
//! item without its table's key, or with one that was seen before, is an error that names its line, because
//! DynamoDB could not hold it and dropping it would be silent.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use dynoxide::{AttributeValue, ImportOptions, Item};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{EmbeddedDynamo, connector, rows};

/// Items an insert: enough to amortise the transaction, few enough to keep the memory low.
const BATCH: usize = 2_000;
/// The made-up key.
pub const ROW: &str = "_row";

/// Why a table could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("table {table}{}: {reason}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct LoadError {
    /// Which table.
    pub table: String,
    /// Where in its file, from 1; none if it is not about one line.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// A line's number and its item.
type Row = (u64, Result<Item, String>);

impl EmbeddedDynamo {
    /// Makes a table (in place of one of that name) and fills it. Answers the number of items.
    ///
    /// # Errors
    /// The first item that cannot be held; the table is then incomplete.
    pub fn load_table(&self, table: &str, rows: impl IntoIterator<Item = Row>) -> Result<u64, LoadError> {
        let mut loader = Loader {
            dynamo: self,
            table,
            key: None,
            seen: HashSet::new(),
            batch: Vec::new(),
            count: 0,
        };
        for (line, row) in rows {
            row.and_then(|item| loader.push(item))
                .map_err(|reason| loader.error(Some(line), reason))?;
        }
        loader.finish().map_err(|reason| loader.error(None, reason))?;
        Ok(loader.count)
    }

    /// Loads one JSON object a line, plain or in DynamoDB's notation; empty lines are skipped.
    ///
    /// # Errors
    /// As [`Self::load_table`], and for a line that cannot be read.
    pub fn read_ndjson(&self, table: &str, source: impl BufRead) -> Result<u64, LoadError> {
        let lines = (1..).zip(source.lines()).filter_map(|(number, line)| match line {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => Some((number, rows::json_item(&text))),
            Err(error) => Some((number, Err(error.to_string()))),
        });
        self.load_table(table, lines)
    }

    /// Loads CSV: the header names the attributes, every value is a string as it stands.
    ///
    /// # Errors
    /// As [`Self::load_table`], and for a record with more or fewer fields than the header.
    pub fn read_csv(&self, table: &str, source: impl Read) -> Result<u64, LoadError> {
        let mut reader = csv::Reader::from_reader(source);
        let fail = |reason: String| LoadError {
            table: table.to_owned(),
            line: Some(1),
            reason,
        };
        let header = reader.headers().map_err(|error| fail(error.to_string()))?.clone();
        if let Some(name) = header.iter().find(|name| *name == ROW || name.is_empty()) {
            return Err(fail(format!("a column is called {name:?}; rename it")));
        }
        let records = (1_u64..)
            .zip(reader.into_records())
            .map(|(number, record)| match record {
                Ok(record) => {
                    let line = record.position().map_or(number + 1, csv::Position::line);
                    let mut item = rows::csv_item(&header, &record);
                    item.insert(ROW.to_owned(), row_key(number));
                    (line, Ok(item))
                }
                Err(error) => (number + 1, Err(error.to_string())),
            });
        self.load_table(table, records)
    }

    /// [`Self::read_ndjson`] of a file.
    ///
    /// # Errors
    /// The same, or if it cannot be read.
    pub fn load_ndjson(&self, table: &str, path: &Path) -> Result<u64, LoadError> {
        self.read_ndjson(table, BufReader::new(open(table, path)?))
    }

    /// [`Self::read_csv`] of a file.
    ///
    /// # Errors
    /// The same, or if it cannot be read.
    pub fn load_csv(&self, table: &str, path: &Path) -> Result<u64, LoadError> {
        self.read_csv(table, open(table, path)?)
    }
}

fn open(table: &str, path: &Path) -> Result<File, LoadError> {
    File::open(path).map_err(|error| {
        let reason = format!("{} cannot be read: {error}", path.display());
        LoadError {
            table: table.to_owned(),
            line: None,
            reason,
        }
    })
}

fn row_key(number: u64) -> AttributeValue {
    AttributeValue::S(format!("{number:09}"))
}

/// The key of a table: its attributes and their types, `S`, `N` or `B`.
struct Key {
    parts: Vec<(&'static str, &'static str)>,
}

impl Key {
    fn of(first: &Item) -> Result<Self, String> {
        let names: &[&str] = match () {
            () if first.contains_key(ROW) => &[ROW],
            () if first.contains_key("PK") && first.contains_key("SK") => &["PK", "SK"],
            () if first.contains_key("id") => &["id"],
            () => &[ROW],
        };
        let kind = |name: &&'static str| match first.get(*name) {
            None | Some(AttributeValue::S(_)) => Ok((*name, "S")),
            Some(AttributeValue::N(_)) => Ok((*name, "N")),
            Some(AttributeValue::B(_)) => Ok((*name, "B")),
            Some(_) => Err(format!(
                "{name} is neither string, number nor binary and cannot be a key"
            )),
        };
        Ok(Self {
            parts: names.iter().map(kind).collect::<Result<_, _>>()?,
        })
    }

    /// The item's key as one text; an error if it lacks a part or has it in another type.
    fn text(&self, item: &Item) -> Result<String, String> {
        let mut text = String::new();
        for (name, kind) in &self.parts {
            match (item.get(*name), *kind) {
                (Some(AttributeValue::S(value)), "S") | (Some(AttributeValue::N(value)), "N")
                    if !value.is_empty() =>
                {
                    text.push_str(value);
                }
                (Some(AttributeValue::B(bytes)), "B") if !bytes.is_empty() => {
                    text.push_str(&hex::encode(bytes))
                }
                (None, _) => return Err(format!("the item has no {name}, which is the table's key")),
                _ => {
                    return Err(format!(
                        "{name} is the table's key and must be a non-empty {kind}"
                    ));
                }
            }
            text.push('\u{1f}');
        }
        Ok(text)
    }
}

struct Loader<'a> {
    dynamo: &'a EmbeddedDynamo,
    table: &'a str,
    key: Option<Key>,
    seen: HashSet<String>,
    batch: Vec<Item>,
    count: u64,
}

impl Loader<'_> {
    fn error(&self, line: Option<u64>, reason: String) -> LoadError {
        LoadError {
            table: self.table.to_owned(),
            line,
            reason,
        }
    }

    fn push(&mut self, mut item: Item) -> Result<(), String> {
        if self.key.is_none() {
            let key = Key::of(&item)?;
            self.create(&key)?;
            self.key = Some(key);
        }
        self.count += 1;
        if let Some(key) = &self.key {
            if key.parts[0].0 == ROW {
                item.entry(ROW.to_owned()).or_insert_with(|| row_key(self.count));
            }
            let text = key.text(&item)?;
            if let Some(text) = self.seen.replace(text) {
                let shown = text.trim_end_matches('\u{1f}').replace('\u{1f}', " / ");
                return Err(format!("the key {shown:?} was used by an earlier line"));
            }
        }
        self.batch.push(item);
        if self.batch.len() == BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), String> {
        let items = std::mem::take(&mut self.batch);
        let import =
            self.dynamo
                .databases
                .of(self.table)
                .import_items(self.table, items, ImportOptions::default());
        import
            .map(|_| ())
            .map_err(|error| format!("items up to number {}: {error}", self.count))
    }

    fn finish(&mut self) -> Result<(), String> {
        if self.key.is_none() {
            // An empty file is an empty table, not a missing one.
            self.create(&Key {
                parts: vec![(ROW, "S")],
            })?;
        }
        self.flush()
    }

    fn create(&self, key: &Key) -> Result<(), String> {
        let db = self.dynamo.databases.of(self.table);
        if db
            .get_table_metadata(self.table)
            .map_err(|error| error.to_string())?
            .is_some()
        {
            let delete = request(json!({ "TableName": self.table }))?;
            db.delete_table(delete).map_err(|error| error.to_string())?;
        }
        let attributes = key
            .parts
            .iter()
            .map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind}));
        let schema = key
            .parts
            .iter()
            .zip(["HASH", "RANGE"])
            .map(|((name, _), role)| json!({"AttributeName": name, "KeyType": role}));
        let create = request(json!({
            "TableName": self.table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes.collect::<Vec<_>>(),
            "KeySchema": schema.collect::<Vec<_>>(),
        }))?;
        db.create_table(create)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

fn request<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, String> {
    connector::read(json.to_string().as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
