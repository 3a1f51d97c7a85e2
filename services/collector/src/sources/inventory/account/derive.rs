//! Columns that no single call has: they are put together from tables that were read. Start at [`derive`].
//!
//! What rests on a table that was not read, or on a cell that is unknown, is unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    calls::SERVICES,
    context::ARN,
    rows::{Inventory, Row, set, text},
};
use jiff::civil::Date;

mod administrators;
mod estimate;
mod forecast;
mod mail;

/// Fills them all; `today` is the day of the reading, in UTC.
pub fn derive(inventory: &mut Inventory, today: Date) {
    entities(inventory);
    dead_letter_depths(inventory);
    origins(inventory);
    account_blocks(inventory);
    administrators::fill(inventory);
    mail::fill(inventory);
    forecast::fill(inventory, today);
    estimate::fill(inventory);
}

/// Whose a resource is, by its ARN's tag. Where the tags of a region were not read, nobody's: the gap says so.
fn entities(inventory: &mut Inventory) {
    let tagged: BTreeMap<String, Option<String>> = inventory
        .rows("resource_entity")
        .iter()
        .filter_map(|row| {
            Some((
                text(row, "arn")?.to_owned(),
                text(row, "entity").map(str::to_owned),
            ))
        })
        .collect();
    let with_arn = SERVICES
        .iter()
        .flat_map(|s| &s.tables)
        .filter(|t| t.arn.is_some() || t.environment.is_some());
    let mut tables: BTreeSet<&str> = with_arn.map(|t| t.name.as_str()).collect();
    tables.insert("lambda_env_secret");
    for table in tables {
        for row in inventory.rows_mut(table) {
            let arn = row.remove(ARN).flatten();
            if let Some(entity) = arn.and_then(|arn| tagged.get(&arn).cloned()) {
                set(row, "entity", entity);
            }
        }
    }
}

/// A queue's dead letters are the messages of the queue that it names; blank where it names none.
fn dead_letter_depths(inventory: &mut Inventory) {
    let key =
        |row: &Row, column: &str| Some((text(row, "region")?.to_owned(), text(row, column)?.to_owned()));
    let depths: BTreeMap<_, _> = inventory
        .rows("sqs_queue")
        .iter()
        .filter_map(|row| Some((key(row, "name")?, text(row, "depth").map(str::to_owned))))
        .collect();
    for row in inventory.rows_mut("sqs_queue") {
        let depth = match key(row, "dead_letter_queue") {
            None => None,
            Some((_, none)) if none.is_empty() => Some(String::new()),
            // A queue of another account is in no list of ours.
            Some(target) => depths.get(&target).cloned().flatten(),
        };
        set(row, "dead_letter_depth", depth);
    }
}

/// Whether the buckets among a distribution's origins are there. Without any, and of a bucket that is not ours, it is not known:
/// a bucket of another account is in no list.
fn origins(inventory: &mut Inventory) {
    let read = inventory.tables.contains_key("s3_bucket");
    let ours: BTreeSet<String> = inventory
        .rows("s3_bucket")
        .iter()
        .filter_map(|row| text(row, "name").map(str::to_owned))
        .collect();
    for row in inventory.rows_mut("cloudfront_distribution") {
        let hosts = list(row, "origins").unwrap_or_default();
        let mut buckets = hosts.iter().filter_map(|host| bucket_of(host)).peekable();
        let exist = read && buckets.peek().is_some() && buckets.all(|bucket| ours.contains(bucket));
        set(row, "origin_exists", exist.then(|| "true".to_owned()));
    }
}

/// What the account blocks for all its buckets, at each of them: of both, the stricter setting holds, see
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
fn account_blocks(inventory: &mut Inventory) {
    const BLOCKS: [&str; 4] = [
        "block_public_acls",
        "ignore_public_acls",
        "block_public_policy",
        "restrict_public_buckets",
    ];
    let account = inventory.rows("s3_account").first();
    let is_on = |block: &str| {
        account
            .and_then(|row| text(row, block))
            .map(|flag| flag == "true")
    };
    let all = BLOCKS
        .into_iter()
        .map(is_on)
        .try_fold(true, |all, on| Some(all && on?));
    let restricts = is_on("restrict_public_buckets");
    for row in inventory.rows_mut("s3_bucket") {
        set(row, "account_public_access_block", all.map(|on| on.to_string()));
        set(
            row,
            "account_restrict_public_buckets",
            restricts.map(|on| on.to_string()),
        );
    }
}

/// The texts of a cell that is a JSON list.
fn list(row: &Row, column: &str) -> Option<Vec<String>> {
    serde_json::from_str(text(row, column)?).ok()
}

/// The bucket in an origin's host, `<bucket>.s3[-website][.-]<region>.amazonaws.com`.
fn bucket_of(host: &str) -> Option<&str> {
    let (bucket, rest) = host.split_once(".s3")?;
    (rest.starts_with(['.', '-']) && rest.contains("amazonaws.com")).then_some(bucket)
}

#[cfg(test)]
mod testing {
    use super::*;

    fn rows(json: &str) -> Vec<Row> {
        serde_json::from_str(json).unwrap()
    }
    /// An inventory of tables of JSON rows, with everything derived on 2026-11-21.
    pub fn derived(tables: &[(&'static str, &str)]) -> Inventory {
        let tables = tables.iter().map(|(name, json)| (*name, rows(json)));
        let mut inventory = Inventory {
            tables: tables.collect(),
            ..Inventory::default()
        };
        derive(&mut inventory, "2026-11-21".parse().unwrap());
        inventory
    }
    pub fn column(inventory: &Inventory, table: &str, column: &str) -> Vec<Option<String>> {
        inventory
            .rows(table)
            .iter()
            .map(|row| text(row, column).map(str::to_owned))
            .collect()
    }
    pub fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests;
