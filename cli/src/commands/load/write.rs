//! BatchWriteItem: 25 items a call, and what DynamoDB did not get to is offered again, ever more slowly.

use std::{collections::HashMap, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    types::{PutRequest, WriteRequest},
};
use indicatif::ProgressBar;

use super::Item;

/// DynamoDB's limit for one call.
const BATCH: usize = 25;
/// How often a batch is offered without any of its items being taken.
const PATIENCE: u32 = 8;

/// Takes a batch of items, and answers those that it did not get to.
#[async_trait]
pub(super) trait Target: Sync {
    async fn put(&self, items: Vec<Item>) -> anyhow::Result<Vec<Item>>;
}

/// A table of a DynamoDB.
pub(super) struct Table<'a> {
    pub client: &'a Client,
    pub table: &'a str,
}

#[async_trait]
impl Target for Table<'_> {
    async fn put(&self, items: Vec<Item>) -> anyhow::Result<Vec<Item>> {
        let request = |item| {
            let put = PutRequest::builder().set_item(Some(item)).build()?;
            anyhow::Ok(WriteRequest::builder().put_request(put).build())
        };
        let requests = items
            .into_iter()
            .map(request)
            .collect::<anyhow::Result<Vec<_>>>()?;
        let answer = self
            .client
            .batch_write_item()
            .set_request_items(Some(HashMap::from([(self.table.to_owned(), requests)])))
            .send()
            .await
            .with_context(|| format!("failed to write to table {}", self.table))?;
        let left = answer.unprocessed_items.unwrap_or_default();
        let items = left
            .into_values()
            .flatten()
            .filter_map(|request| request.put_request);
        Ok(items.map(|put| put.item).collect())
    }
}

/// Puts all items, whatever it takes, within reason. The first pause is so long; it doubles while nothing is taken.
///
/// # Errors
/// The target's, or that it does not take what is left.
pub(super) async fn put_all(
    target: &impl Target,
    items: Vec<Item>,
    pause: Duration,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let mut rest = items.into_iter();
    loop {
        let mut batch: Vec<Item> = rest.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let mut refused = 0;
        while !batch.is_empty() {
            let offered = batch.len();
            batch = target.put(batch).await?;
            bar.inc((offered - batch.len()) as u64);
            refused = if batch.len() < offered { 0 } else { refused + 1 };
            anyhow::ensure!(
                refused < PATIENCE,
                "{} items are not taken, though they were offered {PATIENCE} times: is the table throttled?",
                batch.len()
            );
            if !batch.is_empty() {
                tokio::time::sleep(pause * (1 << refused)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
