//! `quarterdeck load`: a portfolio's local tables as tables of a DynamoDB, so that the collector in the cloud's shape has
//! something to read. For trying out and for tests: nothing of a night needs it.
//!
//! The files are first loaded into the embedded DynamoDB, as a local night does: so keys and items are checked in one place,
//! and what is written here is what a local night reads.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, ensure};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::describe_table::DescribeTableError,
    types::{AttributeValue, BillingMode, TableDescription, TableStatus},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use shared::{cloud::Cloud, portfolio::TableSource};

use crate::{
    args::LoadArgs,
    exit::Exit,
    local::{inputs, read_portfolio},
    output,
};

mod write;

/// How long a throttled table is first left in peace.
const PAUSE: Duration = Duration::from_millis(50);

/// What became of one table.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// Its name.
    pub table: String,
    /// Whether it had to be made.
    pub created: bool,
    /// Items written.
    pub items: usize,
}

/// Loads all tables of the portfolio that have a file.
///
/// # Errors
/// For an account without `--yes-into-aws`, a table with other items, a file that cannot be loaded, and whatever DynamoDB
/// refuses.
pub async fn load(args: &LoadArgs, json: bool) -> anyhow::Result<Exit> {
    ensure!(
        args.yes_into_aws || is_local(|name| std::env::var(name).ok()),
        "AWS_ENDPOINT_URL names no DynamoDB on this machine, so this would write into an AWS account: say so with \
         --yes-into-aws, or start a local one and set AWS_ENDPOINT_URL to it"
    );
    let target = Cloud::named(&[]).await.tables();
    let loaded = load_into(&target, args, json).await?;
    if json {
        output::json(&loaded)?;
    } else {
        for Loaded {
            table,
            created,
            items,
        } in &loaded
        {
            let how = if *created { "made, " } else { "" };
            output::say(format!("{table}: {how}{items} items"))?;
        }
        output::say(format!("{} tables loaded", loaded.len()))?;
    }
    Ok(Exit::Ok)
}

/// Whether the SDK would talk to a DynamoDB on this machine.
fn is_local(variable: impl Fn(&str) -> Option<String>) -> bool {
    let endpoint = variable("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| variable("AWS_ENDPOINT_URL"));
    let host = endpoint.as_deref().and_then(|url| {
        let rest = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"))?;
        let authority = rest.split('/').next()?;
        Some(authority.rsplit_once(':').map_or(authority, |(host, _)| host))
    });
    matches!(host, Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// [`load`], into any DynamoDB.
///
/// # Errors
/// As [`load`].
pub async fn load_into(target: &Client, args: &LoadArgs, quiet: bool) -> anyhow::Result<Vec<Loaded>> {
    let (_, portfolio) = read_portfolio(&args.portfolio)?;
    let local = inputs::load_tables(&args.portfolio, args.date, &portfolio)?.client();
    let mut loaded = Vec::new();
    for TableSource { table, .. } in &portfolio.sources.dynamodb {
        let Some(shape) = describe(&local, table).await? else {
            continue;
        };
        let items = scan(&local, table, &[]).await?;
        let keys: Vec<String> = key_names(&shape);
        let there = describe(target, table).await?;
        match &there {
            Some(there) => {
                ensure!(
                    key_names(there) == keys,
                    "table {table} has the key {} there, and {} in the file",
                    key_names(there).join(", "),
                    keys.join(", ")
                );
                if !args.keep_others {
                    refuse_others(target, table, &keys, &items).await?;
                }
            }
            None => create(target, table, &shape).await?,
        }
        let bar = bar(table, items.len(), quiet);
        let count = items.len();
        let into = write::Table {
            client: target,
            table,
        };
        write::put_all(&into, items, PAUSE, &bar).await?;
        bar.finish_and_clear();
        loaded.push(Loaded {
            table: table.clone(),
            created: there.is_none(),
            items: count,
        });
    }
    Ok(loaded)
}

type Item = std::collections::HashMap<String, AttributeValue>;

async fn describe(client: &Client, table: &str) -> anyhow::Result<Option<TableDescription>> {
    match client.describe_table().table_name(table).send().await {
        Ok(answer) => Ok(answer.table),
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), DescribeTableError::ResourceNotFoundException(_)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("failed to look at table {table}")),
    }
}

/// The attributes of a table's key, hash first.
fn key_names(table: &TableDescription) -> Vec<String> {
    let elements = table.key_schema().iter();
    elements
        .map(|element| element.attribute_name().to_owned())
        .collect()
}

/// All items, or only some attributes of them.
async fn scan(client: &Client, table: &str, only: &[String]) -> anyhow::Result<Vec<Item>> {
    let mut request = client.scan().table_name(table);
    for (n, name) in only.iter().enumerate() {
        request = request.expression_attribute_names(format!("#k{n}"), name);
    }
    if !only.is_empty() {
        let names: Vec<String> = (0..only.len()).map(|n| format!("#k{n}")).collect();
        request = request.projection_expression(names.join(", "));
    }
    let items = request.into_paginator().items().send().try_collect().await;
    items.with_context(|| format!("failed to read table {table}"))
}

/// A key as one text, to compare by.
fn key_text(item: &Item, keys: &[String]) -> String {
    let part = |key: &String| format!("{:?}", item.get(key));
    keys.iter().map(part).collect::<Vec<_>>().join("/")
}

async fn refuse_others(target: &Client, table: &str, keys: &[String], items: &[Item]) -> anyhow::Result<()> {
    let ours: BTreeSet<String> = items.iter().map(|item| key_text(item, keys)).collect();
    let there = scan(target, table, keys).await?;
    let others = there
        .iter()
        .filter(|item| !ours.contains(&key_text(item, keys)))
        .count();
    ensure!(
        others == 0,
        "table {table} has {others} items there that are not in the file: if they may stay, say --keep-others"
    );
    Ok(())
}

async fn create(target: &Client, table: &str, shape: &TableDescription) -> anyhow::Result<()> {
    let request = target
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(shape.key_schema().to_vec()))
        .set_attribute_definitions(Some(shape.attribute_definitions().to_vec()));
    request
        .send()
        .await
        .with_context(|| format!("failed to make table {table}"))?;
    for _ in 0..120 {
        let status = describe(target, table)
            .await?
            .and_then(|table| table.table_status);
        if status == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    anyhow::bail!("table {table} was made and is not active after a minute")
}

fn bar(table: &str, items: usize, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(items as u64), target);
    let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.with_prefix(table.to_owned())
}

#[cfg(test)]
mod tests;
