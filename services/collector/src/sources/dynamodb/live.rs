//! A table itself, through the SDK: a parallel scan, or queries of an index. Start at [`Live`].
//!
//! Not a snapshot in time: an item that is written while the table is read may be in it or not. An export is one.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    config::retry::RetryConfig,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{
        AttributeValue, ConsumedCapacity, KeySchemaElement, KeyType, ProjectionType,
        ProvisionedThroughputDescription, ReturnConsumedCapacity, TableDescription,
    },
};
use jiff::{ToSpan, civil::Date};
use shared::portfolio::{ReadFrom, TableQuery, TableSource};

use super::{
    json,
    pages::{Description, Item, Page, Pages, ReadError, Split, Token},
};

/// A segment for so many bytes, and at most so many segments: one of them brings about 10 MB a second, and a function's
/// network about 75.
const SEGMENT_BYTES: i64 = 64 * 1024 * 1024;
const MAX_SEGMENTS: i64 = 8;

/// A table of an account.
#[derive(Debug)]
pub struct Live<'a> {
    source: &'a TableSource,
    as_of: Date,
    /// Tries nothing again, so that throttling is seen.
    once: Client,
    client: Client,
    keys: OnceLock<Vec<String>>,
    /// The table has no indexes: what a query would bring is chosen here.
    is_local: bool,
}

impl<'a> Live<'a> {
    /// The items that `source` asks for; its days count from `as_of`.
    pub fn new(client: &Client, source: &'a TableSource, as_of: Date) -> Self {
        let once = client.config().to_builder();
        Self {
            source,
            as_of,
            once: Client::from_conf(once.retry_config(RetryConfig::disabled()).build()),
            client: client.clone(),
            keys: OnceLock::new(),
            is_local: false,
        }
    }

    /// The same of a local run's table, which was made from a file and has no indexes: it is scanned, and what a query or a
    /// projection would not have brought is left out.
    pub fn local(client: &Client, source: &'a TableSource, as_of: Date) -> Self {
        Self {
            is_local: true,
            ..Self::new(client, source, as_of)
        }
    }

    /// Leaves of a local table's items what the source asks for.
    fn choose(&self, items: &mut Vec<Item>) {
        if let Some(query) = self.query() {
            let (first, last) = self.days(query);
            let (first, last) = (first.to_string(), format!("{last}~"));
            let text = |item: &Item, name: &str| item.get(name).and_then(|value| value.as_s().ok().cloned());
            items.retain(|item| {
                let date = text(item, &query.date);
                let is_of_days = date.as_ref().is_some_and(|date| (&first..=&last).contains(&date));
                is_of_days
                    && match &query.partition {
                        // The day and no more, as a partition key is asked for.
                        None => date.is_some_and(|date| date.len() == first.len()),
                        Some((name, values)) => text(item, name).is_some_and(|value| values.contains(&value)),
                    }
            });
        }
        if !self.source.project.is_empty() {
            let keys = self.keys.get();
            let is_key = |name: &String| keys.is_some_and(|keys| keys.contains(name));
            for item in items {
                item.retain(|name, _| self.source.project.contains(name) || is_key(name));
            }
        }
    }

    fn query(&self) -> Option<&TableQuery> {
        match &self.source.from {
            ReadFrom::Query(query) => Some(query),
            ReadFrom::Scan | ReadFrom::Export(_) => None,
        }
    }

    /// `#a0, #a1, …` and their names: the key and what the source asks for. None is everything.
    fn projection(&self) -> Option<(String, Vec<(String, String)>)> {
        if self.source.project.is_empty() || self.is_local {
            return None;
        }
        let mut names = self.keys.get().cloned().unwrap_or_default();
        for name in &self.source.project {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let named = names.into_iter().enumerate();
        let named: Vec<_> = named.map(|(n, name)| (format!("#a{n}"), name)).collect();
        let list: Vec<_> = named.iter().map(|(place, _)| place.as_str()).collect();
        Some((list.join(", "), named))
    }

    async fn scan(&self, number: u32, of: u32, after: Option<Item>) -> Result<Page, ReadError> {
        let mut request = self
            .once
            .scan()
            .table_name(&self.source.table)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .set_exclusive_start_key(after);
        if of > 1 {
            let (segment, total) = (i32::try_from(number).ok(), i32::try_from(of).ok());
            request = request.set_segment(segment).set_total_segments(total);
        }
        if let Some((list, names)) = self.projection() {
            request = request.projection_expression(list);
            for (place, name) in names {
                request = request.expression_attribute_names(place, name);
            }
        }
        let page = request.send().await.map_err(read_error)?;
        Ok(answer(
            page.items,
            page.last_evaluated_key.as_ref(),
            page.consumed_capacity.as_ref(),
        ))
    }

    async fn ask(&self, query: &TableQuery, value: &str, after: Option<Item>) -> Result<Page, ReadError> {
        let text = |text: String| AttributeValue::S(text);
        let mut request = self
            .once
            .query()
            .table_name(&self.source.table)
            .index_name(&query.index)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_values(":value", text(value.to_owned()))
            .set_exclusive_start_key(after);
        request = match &query.partition {
            None => request
                .key_condition_expression("#date = :value")
                .expression_attribute_names("#date", &query.date),
            Some((partition, _)) => {
                let (first, last) = self.days(query);
                request
                    .key_condition_expression("#partition = :value AND #date BETWEEN :first AND :last")
                    .expression_attribute_names("#partition", partition)
                    .expression_attribute_names("#date", &query.date)
                    .expression_attribute_values(":first", text(first.to_string()))
                    // Behind every time of that day, however it is written.
                    .expression_attribute_values(":last", text(format!("{last}~")))
            }
        };
        if let Some((list, names)) = self.projection() {
            request = request.projection_expression(list);
            for (place, name) in names {
                request = request.expression_attribute_names(place, name);
            }
        }
        let page = request.send().await.map_err(read_error)?;
        Ok(answer(
            page.items,
            page.last_evaluated_key.as_ref(),
            page.consumed_capacity.as_ref(),
        ))
    }

    fn days(&self, query: &TableQuery) -> (Date, Date) {
        (
            self.as_of.saturating_sub((query.days - 1).days()),
            self.as_of.saturating_add(query.days_ahead.days()),
        )
    }

    fn splits(&self, bytes: i64) -> Vec<Split> {
        let Some(query) = self.query().filter(|_| !self.is_local) else {
            let of = (bytes / SEGMENT_BYTES + 1).clamp(1, MAX_SEGMENTS);
            let of = u32::try_from(of).unwrap_or(1);
            return (0..of).map(|number| Split::Segment { number, of }).collect();
        };
        match &query.partition {
            Some((_, values)) => values.iter().cloned().map(Split::Partition).collect(),
            None => {
                let (first, last) = self.days(query);
                let days = first.series(1.day()).take_while(|day| *day <= last);
                days.map(|day| Split::Partition(day.to_string())).collect()
            }
        }
    }

    /// The throughput that reading takes from: the table's, or the index's.
    fn throughput(&self, table: &TableDescription) -> Result<Option<f64>, ReadError> {
        let Some(query) = self.query().filter(|_| !self.is_local) else {
            return Ok(units(table.provisioned_throughput.as_ref()));
        };
        let global = table.global_secondary_indexes().iter();
        let global = global.map(|i| {
            (
                i.index_name(),
                i.key_schema(),
                i.projection(),
                i.provisioned_throughput(),
            )
        });
        // A local index has the table's own.
        let own = table.provisioned_throughput.as_ref();
        let local = table.local_secondary_indexes().iter();
        let local = local.map(|i| (i.index_name(), i.key_schema(), i.projection(), own));
        let mut found = global
            .chain(local)
            .filter(|(name, ..)| *name == Some(query.index.as_str()));
        let Some((_, keys, projection, throughput)) = found.next() else {
            let message = format!(
                "the table has no index {:?}: correct `query.index` in portfolio.toml",
                query.index
            );
            return Err(unfit(message));
        };
        let wanted = match &query.partition {
            Some((partition, _)) => [(KeyType::Hash, partition), (KeyType::Range, &query.date)].to_vec(),
            None => [(KeyType::Hash, &query.date)].to_vec(),
        };
        let has = |(kind, name): &(KeyType, &String)| {
            let is = |key: &KeySchemaElement| key.key_type == *kind && key.attribute_name == **name;
            keys.iter().any(is)
        };
        if let Some((kind, name)) = wanted.iter().find(|wanted| !has(wanted)) {
            let message = format!(
                "{name:?} is not the {} key of index {:?}: correct `query` in portfolio.toml",
                if *kind == KeyType::Hash {
                    "partition"
                } else {
                    "sort"
                },
                query.index
            );
            return Err(unfit(message));
        }
        let is_whole = projection.and_then(|p| p.projection_type()) == Some(&ProjectionType::All);
        if !is_whole && self.source.project.is_empty() {
            let message = format!(
                "index {:?} has only some of the attributes, so that the others would be missing unseen: name those that \
                 are wanted in `project`, or use an index that has all",
                query.index
            );
            return Err(unfit(message));
        }
        Ok(units(throughput))
    }
}

fn unfit(message: String) -> ReadError {
    ReadError::Refused {
        code: "query".to_owned(),
        message,
    }
}

fn units(throughput: Option<&ProvisionedThroughputDescription>) -> Option<f64> {
    let units = throughput.and_then(|t| t.read_capacity_units).unwrap_or(0);
    // On demand is told as zero. Exact up to 2^53.
    (units > 0).then_some(units as f64)
}

fn answer(items: Option<Vec<Item>>, last: Option<&Item>, consumed: Option<&ConsumedCapacity>) -> Page {
    Page {
        items: items.unwrap_or_default(),
        next: last
            .filter(|key| !key.is_empty())
            .map(|key| Token(json::write_key(key))),
        units: consumed.and_then(|consumed| consumed.capacity_units),
    }
}

#[async_trait]
impl Pages for Live<'_> {
    async fn describe(&self) -> Result<Description, ReadError> {
        let request = self.client.describe_table().table_name(&self.source.table);
        let answer = request.send().await.map_err(read_error)?;
        let table = answer.table.ok_or(ReadError::Missing)?;
        let keys: Vec<String> = table
            .key_schema()
            .iter()
            .map(|key| key.attribute_name.clone())
            .collect();
        let keys = self.keys.get_or_init(|| keys).clone();
        Ok(Description {
            identity: table.table_id.clone(),
            keys,
            splits: self.splits(table.table_size_bytes.unwrap_or(0)),
            provisioned: self.throughput(&table)?,
        })
    }

    async fn page(&self, split: &Split, after: Option<&Token>) -> Result<Page, ReadError> {
        let read = |token: &Token| json::read_item(&token.0);
        let after = after.map(read).transpose().map_err(|error| ReadError::Refused {
            code: "token".to_owned(),
            message: format!("what a page gave as its end cannot be read back: {error}"),
        })?;
        match (split, self.query()) {
            (Split::Segment { number, of }, _) if self.is_local => {
                let mut page = self.scan(*number, *of, after).await?;
                self.choose(&mut page.items);
                Ok(page)
            }
            (Split::Segment { number, of }, None) => self.scan(*number, *of, after).await,
            (Split::Partition(value), Some(query)) => self.ask(query, value, after).await,
            _ => Err(unfit("what is to be read is not what the source says".to_owned())),
        }
    }
}

/// Codes that another try does not change. Whatever is not listed here, or has no code, is worth another delivery: expired
/// credentials too, which the next one has anew.
const REFUSALS: [&str; 5] = [
    "AccessDeniedException",
    "ValidationException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
];
const THROTTLES: [&str; 3] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
];

fn read_error<E>(error: SdkError<E>) -> ReadError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some("ResourceNotFoundException" | "TableNotFoundException") => ReadError::Missing,
        Some(code) if REFUSALS.contains(&code) => ReadError::Refused {
            code: code.to_owned(),
            message: error.message().unwrap_or("no message").to_owned(),
        },
        Some(code) if THROTTLES.contains(&code) => ReadError::Throttled(code.to_owned()),
        _ => ReadError::Transient(DisplayErrorContext(&error).to_string()),
    }
}
