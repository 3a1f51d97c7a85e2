//! Attributes of the ledger's rows, written and read. A row that this build cannot read names its key and attribute.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Display,
};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{
    Deserialize,
    de::value::{Error as ReadError, StrDeserializer},
};

use crate::{
    ledger::{LedgerError, PartRef},
    message::Input,
};

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn s(text: impl Display) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

pub(super) fn n(number: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// A flag that is set; one that is not is absent.
pub(super) fn yes() -> AttributeValue {
    AttributeValue::Bool(true)
}

/// Nine digits behind the point, always: only then is the order of the texts the order of the instants.
pub(super) fn instant(at: Timestamp) -> AttributeValue {
    AttributeValue::S(format!("{at:.9}"))
}

/// None for the empty set, which DynamoDB does not have.
pub(super) fn set<T: Display>(members: impl IntoIterator<Item = T>) -> Option<AttributeValue> {
    let members: Vec<String> = members.into_iter().map(|member| member.to_string()).collect();
    (!members.is_empty()).then_some(AttributeValue::Ss(members))
}

pub(super) fn input(input: &Input) -> AttributeValue {
    AttributeValue::M(input_fields(input))
}

fn input_fields(input: &Input) -> Item {
    let Input { key, sha256, bytes } = input;
    [("key", s(key)), ("sha256", s(sha256)), ("bytes", n(*bytes))]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
}

pub(super) fn part_ref(result: &PartRef) -> AttributeValue {
    let mut fields = input_fields(&result.input);
    fields.insert("rows".to_owned(), n(result.rows));
    if let Some(failure) = &result.failure {
        fields.insert("failure".to_owned(), s(failure));
    }
    AttributeValue::M(fields)
}

/// A row under its name.
pub(super) struct Row<'a> {
    name: String,
    item: &'a Item,
}

impl<'a> Row<'a> {
    pub(super) fn new(item: &'a Item) -> Self {
        let part = |key| {
            item.get(key)
                .and_then(|value| value.as_s().ok())
                .map_or("?", String::as_str)
        };
        Self {
            name: format!("{}/{}", part("PK"), part("SK")),
            item,
        }
    }

    pub(super) fn malformed(&self, reason: impl Into<String>) -> LedgerError {
        LedgerError::Malformed {
            row: self.name.clone(),
            reason: reason.into(),
        }
    }

    fn missing(&self, field: &str) -> LedgerError {
        self.malformed(format!("attribute {field} is missing"))
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.item.contains_key(field)
    }

    fn read<T: Deserialize<'a>>(&self, field: &str, text: &'a str) -> Result<T, LedgerError> {
        T::deserialize(StrDeserializer::<ReadError>::new(text))
            .map_err(|error| self.malformed(format!("attribute {field}: {error}")))
    }

    /// A string that may be absent.
    pub(super) fn maybe<T: Deserialize<'a>>(&self, field: &str) -> Result<Option<T>, LedgerError> {
        let Some(value) = self.item.get(field) else {
            return Ok(None);
        };
        let text = value
            .as_s()
            .map_err(|_| self.malformed(format!("attribute {field} is no string")))?;
        self.read(field, text).map(Some)
    }

    pub(super) fn get<T: Deserialize<'a>>(&self, field: &str) -> Result<T, LedgerError> {
        self.maybe(field)?.ok_or_else(|| self.missing(field))
    }

    pub(super) fn number<T: TryFrom<u64>>(&self, field: &str) -> Result<T, LedgerError> {
        let value = self.item.get(field).ok_or_else(|| self.missing(field))?;
        let number = value.as_n().ok().and_then(|text| text.parse::<u64>().ok());
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.malformed(format!("attribute {field} is no number of its range")))
    }

    /// A string set; absent is empty.
    pub(super) fn set<T: Deserialize<'a> + Ord>(&self, field: &str) -> Result<BTreeSet<T>, LedgerError> {
        let Some(value) = self.item.get(field) else {
            return Ok(BTreeSet::new());
        };
        let members = value
            .as_ss()
            .map_err(|_| self.malformed(format!("attribute {field} is no string set")))?;
        members.iter().map(|member| self.read(field, member)).collect()
    }

    /// The map below an attribute, as a row of its own.
    fn below(&self, field: &str) -> Result<Option<Row<'a>>, LedgerError> {
        let Some(value) = self.item.get(field) else {
            return Ok(None);
        };
        let item = value
            .as_m()
            .map_err(|_| self.malformed(format!("attribute {field} is no map")))?;
        Ok(Some(Row {
            name: format!("{}: {field}", self.name),
            item,
        }))
    }

    pub(super) fn maybe_input(&self, field: &str) -> Result<Option<Input>, LedgerError> {
        self.below(field)?.map(|row| row.as_input()).transpose()
    }

    pub(super) fn input(&self, field: &str) -> Result<Input, LedgerError> {
        self.maybe_input(field)?.ok_or_else(|| self.missing(field))
    }

    fn as_input(&self) -> Result<Input, LedgerError> {
        Ok(Input {
            key: self.get("key")?,
            sha256: self.get("sha256")?,
            bytes: self.number("bytes")?,
        })
    }

    /// A map from id to result; absent is empty.
    pub(super) fn results<T>(&self, field: &str) -> Result<BTreeMap<T, PartRef>, LedgerError>
    where
        T: Deserialize<'a> + Ord,
    {
        let Some(map) = self.below(field)? else {
            return Ok(BTreeMap::new());
        };
        let entry = |id: &'a String| {
            let row = map.below(id)?.ok_or_else(|| map.missing(id))?;
            let failure = row.maybe("failure")?;
            let result = PartRef {
                input: row.as_input()?,
                rows: row.number("rows")?,
                failure,
            };
            Ok((map.read(id, id)?, result))
        };
        map.item.keys().map(entry).collect()
    }
}
