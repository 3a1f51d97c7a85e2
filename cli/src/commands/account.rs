//! Reading an AWS account from an operator's machine: what `record` and `doctor` share.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use anyhow::Context;
use collector::{
    Delivery,
    sources::{
        environment::{self, Means},
        inventory::account::{
            Account, Fingerprints, Options,
            policy::{self, actions_of},
            rows::Inventory,
        },
    },
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use secrecy::SecretString;
use serde::Serialize;
use shared::{
    clock::SystemClock,
    cloud::https,
    portfolio::{Portfolio, schedule},
};

use crate::{args::AccountArgs, output};

/// Bytes of the fingerprints' key.
const KEY_BYTES: usize = 32;

/// The account of the operator's own credentials. No call is made yet.
///
/// # Errors
/// When there are no credentials or no region to read with.
pub async fn open(args: &AccountArgs) -> anyhow::Result<Account> {
    let mut loader = https::loader();
    if let Some(profile) = &args.profile {
        loader = loader.profile_name(profile);
    }
    let key = Fingerprints::Key(fresh_key()?);
    Account::of(
        &loader.load().await,
        https::connector(),
        Arc::new(SystemClock),
        key,
    )
}

/// Reads the account, with progress on a terminal.
///
/// # Errors
/// When no day is over yet. Whatever the account refuses is in the inventory.
pub async fn read(
    account: &Account,
    args: &AccountArgs,
    portfolio: &Portfolio,
    json: bool,
) -> anyhow::Result<Inventory> {
    let date = match args.date {
        Some(date) => date,
        None => schedule::last_complete_day(portfolio, account.clock.now())?,
    };
    let configured = portfolio
        .sources
        .inventory
        .as_ref()
        .map(|source| source.regions.clone());
    let bar = spinner(json);
    let shown = bar.clone();
    let options = Options {
        regions: if args.regions.is_empty() {
            configured.unwrap_or_default()
        } else {
            args.regions.clone()
        },
        within: None,
        watcher: Some(Arc::new(move |service: &str, region: &str, operation: &str| {
            shown.inc(1);
            shown.set_message(format!("{service} {operation} {region}"));
        })),
    };
    let inventory = account.read(date.0, options).await;
    bar.finish_and_clear();
    Ok(inventory)
}

/// Made for one reading and then forgotten: fingerprints can be compared within one recording, and tried by nobody.
fn fresh_key() -> anyhow::Result<SecretString> {
    let mut bytes = [0_u8; KEY_BYTES];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(SecretString::from(hex::encode(bytes)))
}

fn spinner(json: bool) -> ProgressBar {
    let visible = !json && std::io::stderr().is_terminal();
    let target = if visible {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{spinner} {pos} answers  {wide_msg}");
    let bar = ProgressBar::with_draw_target(None, target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    if visible {
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    bar
}

/// An SSM parameter that a target or a parameter is read of.
#[derive(Debug, Serialize)]
pub struct Value {
    /// Its name.
    pub name: String,
    /// Why it has no number; none where it has one.
    pub reason: Option<String>,
}

/// Tries the SSM parameters that the portfolio reads. Its environment variables are the function's, not the operator's.
///
/// # Errors
/// Never: the last delivery of a part takes what there is.
pub async fn values(account: &Account, portfolio: &Portfolio) -> anyhow::Result<Vec<Value>> {
    let means = Means {
        variable: &|_| None,
        account: Some(account),
    };
    let last = Delivery {
        received: Delivery::PATIENCE,
    };
    let read = environment::read(&portfolio.sources.environment, &means, last).await?;
    let of_ssm = read.into_iter().filter(|(place, _)| place.kind() == "ssm");
    let value = |(place, value): environment::Value<'_>| Value {
        name: place.name().to_owned(),
        reason: value.err(),
    };
    Ok(of_ssm.map(value).collect())
}

/// A call that had no answer, and what would let it have one.
#[derive(Debug, Serialize)]
pub struct Unread {
    /// As in inventory_gap.
    pub service: String,
    /// Or `global`.
    pub region: String,
    /// The call.
    pub operation: String,
    /// Its error.
    pub error: String,
    /// Of how many resources.
    pub resources: u64,
    /// The IAM actions that it needs, where they were denied.
    pub missing_actions: Vec<String>,
}

/// The gaps of an inventory.
pub fn unread(inventory: &Inventory) -> Vec<Unread> {
    let of = inventory.gaps.iter().map(|(gap, resources)| Unread {
        service: gap.service.clone(),
        region: gap.region.clone(),
        operation: gap.operation.clone(),
        error: gap.error.clone(),
        resources: *resources,
        missing_actions: if policy::is_denied(&gap.error) {
            actions_of(gap)
        } else {
            Vec::new()
        },
    });
    of.collect()
}

/// Prints the gaps as a table.
///
/// # Errors
/// As [`output::say`].
pub fn print_unread(unread: &[Unread]) -> anyhow::Result<()> {
    let rows = unread.iter().map(|u| {
        vec![
            u.service.clone(),
            u.region.clone(),
            u.operation.clone(),
            u.error.clone(),
            u.resources.to_string(),
            u.missing_actions.join(", "),
        ]
    });
    let header = [
        "Service",
        "Region",
        "Call",
        "Error",
        "Resources",
        "Missing permission",
    ];
    output::say(output::table(&header, rows.collect(), &[4]))
}
