//! `quarterdeck doctor`: whether the account can be read, and what would have to be allowed.

use std::collections::BTreeSet;

use collector::sources::inventory::{account::policy, tables};
use serde::Serialize;

use super::account::{self, Unread, Value};
use crate::{args::AccountArgs, exit::Exit, local::read_portfolio, output};

#[derive(Debug, Serialize)]
struct Diagnosis {
    account: Option<String>,
    regions: Vec<String>,
    tables_read: Vec<&'static str>,
    tables_unread: Vec<&'static str>,
    unread: Vec<Unread>,
    /// The SSM parameters that targets and parameters are read of.
    values: Vec<Value>,
    /// The statements that allow what was denied; none where nothing was.
    statements: Vec<serde_json::Value>,
    /// What to do about errors that are not of the account.
    hints: Vec<&'static str>,
}

impl Diagnosis {
    fn knows_all_values(&self) -> bool {
        self.values.iter().all(|value| value.reason.is_none())
    }
}

/// Tries every call.
///
/// # Errors
/// For a portfolio with errors, and when there are no credentials or no region to read with.
pub async fn doctor(args: &AccountArgs, json: bool) -> anyhow::Result<Exit> {
    let (_, portfolio) = read_portfolio(&args.portfolio)?;
    let account = account::open(args).await?;
    let inventory = account::read(&account, args, &portfolio, json).await?;
    let missing = policy::missing(&inventory);
    let hints: BTreeSet<_> = inventory
        .gaps
        .keys()
        .filter_map(|gap| policy::hint(&gap.error))
        .collect();
    let (read, unread_tables) = tables::names()
        .filter(|table| !tables::MADE.contains(table))
        .partition(|table| inventory.tables.contains_key(table));
    let diagnosis = Diagnosis {
        account: inventory.account.clone(),
        regions: inventory.regions.clone(),
        tables_read: read,
        tables_unread: unread_tables,
        unread: account::unread(&inventory),
        values: account::values(&account, &portfolio).await?,
        statements: policy::statements(&missing),
        hints: hints.into_iter().collect(),
    };
    if json {
        output::json(&diagnosis)?;
    } else {
        print(&diagnosis)?;
    }
    Ok(if diagnosis.unread.is_empty() && diagnosis.knows_all_values() {
        Exit::Ok
    } else {
        Exit::Degraded
    })
}

fn print(diagnosis: &Diagnosis) -> anyhow::Result<()> {
    output::say(format!(
        "account {}, {}: {} tables can be read, {} cannot",
        diagnosis.account.as_deref().unwrap_or("unknown"),
        diagnosis.regions.join(", "),
        diagnosis.tables_read.len(),
        diagnosis.tables_unread.len()
    ))?;
    for value in &diagnosis.values {
        let what = value.reason.as_deref().unwrap_or("is a number");
        output::say(format!("SSM parameter {} {what}", value.name))?;
    }
    if diagnosis.unread.is_empty() {
        return output::say(match diagnosis.knows_all_values() {
            true => "every call was answered: nothing is missing",
            false => "every call of the inventory was answered",
        });
    }
    if !diagnosis.tables_unread.is_empty() {
        output::say(format!("not read: {}", diagnosis.tables_unread.join(", ")))?;
    }
    account::print_unread(&diagnosis.unread)?;
    for hint in &diagnosis.hints {
        output::say(format!("\n{hint}"))?;
    }
    if diagnosis.statements.is_empty() {
        return output::say("\nNo call was denied: the errors above are no want of permission.");
    }
    output::say("\nAdd this to the statements of the policy of whoever reads:")?;
    output::say(serde_json::to_string_pretty(&diagnosis.statements)?)
}
