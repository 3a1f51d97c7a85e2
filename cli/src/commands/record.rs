//! `quarterdeck record`: the AWS account as a recorded inventory, by the code that reads it at night in the cloud.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use collector::sources::inventory::{
    account::rows::{Inventory, Row},
    tables,
};
use serde::Serialize;

use super::account::{self, Unread};
use crate::{args::RecordArgs, exit::Exit, local::read_portfolio, output};

#[derive(Debug, Serialize)]
struct Recorded {
    folder: PathBuf,
    account: Option<String>,
    regions: Vec<String>,
    tables: Vec<Table>,
    removed: Vec<PathBuf>,
    unread: Vec<Unread>,
}

#[derive(Debug, Serialize)]
struct Table {
    table: &'static str,
    rows: usize,
}

/// Reads the account and writes the recording.
///
/// # Errors
/// For a portfolio with errors, an account of which nothing can be read (then nothing is written), and files that cannot be
/// written.
pub async fn record(args: &RecordArgs, json: bool) -> anyhow::Result<Exit> {
    let (_, portfolio) = read_portfolio(&args.account.portfolio)?;
    let configured = portfolio
        .sources
        .inventory
        .as_ref()
        .and_then(|source| source.recording());
    let folder = match &args.out {
        Some(out) => out.clone(),
        None => args.account.portfolio.join(configured.unwrap_or("inventory")),
    };
    let account = account::open(&args.account).await?;
    let inventory = account::read(&account, &args.account, &portfolio, json).await?;
    let unread = account::unread(&inventory);
    ensure!(
        inventory.tables.keys().any(|table| !tables::MADE.contains(table)),
        "nothing of the account could be read, and nothing was written: {}",
        unread.first().map_or_else(
            || "no call was made".to_owned(),
            |u| format!(
                "{} {} answered {}; see quarterdeck doctor {}",
                u.service,
                u.operation,
                u.error,
                args.account.portfolio.display()
            )
        )
    );
    let removed = write(&inventory, &folder)?;
    let recorded = Recorded {
        folder,
        account: inventory.account.clone(),
        regions: inventory.regions.clone(),
        tables: inventory
            .tables
            .iter()
            .map(|(table, rows)| Table {
                table,
                rows: rows.len(),
            })
            .collect(),
        removed,
        unread,
    };
    if json {
        output::json(&recorded)?;
    } else {
        print(&recorded)?;
        if configured.is_none() && args.out.is_none() {
            output::say(
                "local nights replay it once portfolio.toml says path = \"inventory\" under [sources.inventory]",
            )?;
        }
    }
    Ok(if recorded.unread.is_empty() {
        Exit::Ok
    } else {
        Exit::Degraded
    })
}

/// Writes a file a table, and removes those of tables that were not read. Each is in place as a whole or not at all.
///
/// # Errors
/// When a file cannot be written or removed, by its path.
pub fn write(inventory: &Inventory, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let mut removed = Vec::new();
    for table in tables::names() {
        let path = folder.join(format!("{table}.ndjson"));
        let Some(rows) = inventory.tables.get(table) else {
            match std::fs::remove_file(&path) {
                Ok(()) if tables::MADE.contains(&table) => {}
                Ok(()) => removed.push(path),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(e).with_context(|| format!("failed to remove {}", path.display())),
            }
            continue;
        };
        let new = path.with_extension("new");
        let written = std::fs::write(&new, lines(table, rows)).and_then(|()| std::fs::rename(&new, &path));
        written.with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(removed)
}

/// One JSON object a row, its columns in the catalog's order; what is unknown is left out.
fn lines(table: &str, rows: &[Row]) -> String {
    let columns = tables::columns_of(table).unwrap_or_default();
    let mut text = String::new();
    for row in rows {
        let known = columns
            .iter()
            .filter_map(|c| Some((c.clone(), row.get(c)?.clone()?.into())));
        let object: serde_json::Map<String, serde_json::Value> = known.collect();
        text += &serde_json::Value::Object(object).to_string();
        text.push('\n');
    }
    text
}

fn print(recorded: &Recorded) -> anyhow::Result<()> {
    let rows = recorded
        .tables
        .iter()
        .map(|t| vec![t.table.to_owned(), t.rows.to_string()]);
    output::say(output::table(&["Table", "Rows"], rows.collect(), &[1]))?;
    for path in &recorded.removed {
        output::say(format!("removed {}: the table could not be read", path.display()))?;
    }
    output::say(format!(
        "account {}, {}: recorded in {}",
        recorded.account.as_deref().unwrap_or("unknown"),
        recorded.regions.join(", "),
        recorded.folder.display()
    ))?;
    if !recorded.unread.is_empty() {
        output::say("\nNot read, and so unknown:")?;
        account::print_unread(&recorded.unread)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
