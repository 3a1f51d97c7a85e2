//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use shared::id::{BusinessDate, DocumentId};

/// Nightly executive reports for a portfolio of small businesses that run on AWS.
///
/// Everything collected is a table, everything reported is a query, everything sent is on the ledger.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version, arg_required_else_help = true)]
#[command(after_help = "Examples:
  quarterdeck run examples/harbor --date 2026-11-20
  quarterdeck check examples/harbor
  quarterdeck query examples/harbor \"select channel, sum(net) from bookings group by channel\" --date 2026-11-20
  quarterdeck status examples/harbor

Exit codes: 0 all well, 1 it could not be done, 2 the configuration has errors, 3 the night is degraded.")]
pub struct Cli {
    /// Print JSON on standard output instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run one night: collect, analyze, render and mail, on embedded backends.
    #[command(after_help = "Example:
  quarterdeck run examples/harbor --date 2026-11-20 --out out

Writes OUT/<date>/<document>.{html,txt,pdf,eml} and OUT/<date>/analysis.json. The ledger, the archive and the outbox are kept in
OUT/.quarterdeck; running the same date again continues what was interrupted and mails nobody twice. With --date the night is
replayed: its clock starts at the scheduled time, so that nothing has expired.")]
    Run(RunArgs),
    /// Report every error of the configuration at once.
    #[command(after_help = "Example:
  quarterdeck check examples/harbor --json

Nothing is run and nothing is written. Every query is planned against the declared columns.")]
    Check(CheckArgs),
    /// Query the snapshot of a night, or a canonical view, with SQL.
    #[command(after_help = "Examples:
  quarterdeck query examples/harbor \"select status, count(*) from bookings group by status\" --date 2026-11-20
  quarterdeck query examples/harbor \"select * from raw.jada_calendar limit 3\" --date 2026-11-20 --json

Read-only. Tables: the canonical ones (bookings, invoices, ...), the collected ones (lambda_function, handoff_task, ...), and
raw.<table> as collected. `show tables` lists them.")]
    Query(QueryArgs),
    /// Render documents of a finished night again with the templates as they are now; mails nothing.
    #[command(after_help = "Example:
  quarterdeck preview examples/harbor --date 2026-11-20 --only cfo

Writes OUT/<date>/preview/<document>.{html,txt,pdf}.")]
    Preview(PreviewArgs),
    /// Show runs, their documents and deliveries, as the ledger has them.
    #[command(after_help = "Example:
  quarterdeck status examples/harbor --date 2026-11-20")]
    Status(StatusArgs),
}

/// Where a portfolio is and where its state is kept.
#[derive(Debug, Args)]
pub struct Place {
    /// The portfolio's folder: portfolio.toml, handoffs, tables, catalog.
    pub portfolio: PathBuf,
    /// Where documents are written and state is kept.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// The business date, YYYY-MM-DD; by default the last complete day in the portfolio's zone.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
    /// Make only this document (may be repeated).
    #[arg(long, value_name = "DOC")]
    pub only: Vec<DocumentId>,
    /// Collect and compute a finished night again, as a new generation; nobody is mailed twice.
    #[arg(long)]
    pub recompute: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The portfolio's folder.
    pub portfolio: PathBuf,
}

/// Arguments of `query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// One SELECT.
    pub sql: String,
    /// The night; by default the newest.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
}

/// Arguments of `preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// The night; by default the newest.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
    /// Only this document (may be repeated).
    #[arg(long, value_name = "DOC")]
    pub only: Vec<DocumentId>,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// One night in detail; by default a list of the newest.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
