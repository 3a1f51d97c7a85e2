//! The command line.

use std::path::PathBuf;

use analyzer::diff::FactKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use shared::id::{BusinessDate, DocumentId, RunId};

mod decide;
pub mod mail;
pub use decide::{DecideArgs, Verb};

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
    /// Say what a figure was made of: its query, the tables and sources behind it, and whether it comes out the same again.
    #[command(after_help = "Examples:
  quarterdeck explain examples/harbor kpi:bookings.revenue_30d@jada --date 2026-11-20
  quarterdeck explain examples/harbor shortfall:channels.none_live --json

FACT is an id as analysis.json has it; documents print it with each figure. The night is computed again from its snapshot, under the
configuration that it had; nothing is written. Exit code 3 says that the figure did not come out the same.")]
    Explain(ExplainArgs),
    /// Compare two nights, fact by fact.
    #[command(after_help = "Examples:
  quarterdeck diff examples/harbor 2026-11-19 2026-11-20
  quarterdeck diff examples/harbor 2026-11-19 2026-11-20 --only kpi --json

Says what the nights were made from, and every fact that is not the same in both. What \"since last night\" of a document lists is a
choice from this, by materiality; here nothing is left out.")]
    Diff(DiffArgs),
    /// Say that an action of the agenda is done, put off or accepted; without an action, list them.
    #[command(after_help = "Examples:
  quarterdeck decide my-portfolio
  quarterdeck decide my-portfolio A7K2QX done
  quarterdeck decide my-portfolio A7K2QX snooze --for 2w --reason \"the yard is closed\"
  quarterdeck decide my-portfolio A7K2QX accept --until 2027-03-31 --reason \"budgeted for the first quarter\"

Documents print an action's code beside it; it is the same every night. The decision is added to portfolio.toml as [[decisions]], and
counts from the night of --on on; push the portfolio for a deployment to know of it. To take one back, delete it there.")]
    Decide(DecideArgs),
    /// Render documents of a finished night again with the templates as they are now; mails nothing.
    #[command(after_help = "Example:
  quarterdeck preview examples/harbor --date 2026-11-20 --only cfo

Writes OUT/<date>/preview/<document>.{html,txt,pdf}.")]
    Preview(PreviewArgs),
    /// Show runs, their documents and deliveries, as the ledger has them.
    #[command(after_help = "Example:
  quarterdeck status examples/harbor --date 2026-11-20")]
    Status(StatusArgs),
    /// Upload a portfolio's configuration and inputs to a deployment's bucket; the next night starts with them.
    #[command(after_help = "Examples:
  quarterdeck push examples/harbor --bucket quarterdeck-prod-123456789012-us-east-1
  QUARTERDECK_BUCKET=... quarterdeck push examples/harbor --json

The folder is checked first; one with errors is refused. The configuration is stored under its digest, handoffs and a recorded
inventory below inputs/<portfolio>/ (those that are gone are removed), and last of all portfolios/<portfolio>/current.json is
pointed to it. A night that has begun keeps the configuration that it began with. Pushing twice changes nothing.")]
    Push(PushArgs),
    /// Put a portfolio's local tables into DynamoDB: a local one, or an account's with --yes-into-aws.
    #[command(after_help = "Examples:
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 quarterdeck load examples/harbor --date 2026-11-20
  quarterdeck load examples/harbor --yes-into-aws

Makes the tables that are missing. A table that has items which are not in its file is left alone, unless --keep-others says that
they may stay; items of the same key are replaced.")]
    Load(LoadArgs),
    /// Read the AWS account and write what it holds as a recorded inventory, which local nights replay.
    #[command(after_help = "Examples:
  quarterdeck record my-portfolio --regions us-east-1,us-west-2
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 quarterdeck record my-portfolio --out /tmp/inventory

Writes <table>.ndjson for each table of docs/TABLES.md that could be read, and takes away those of tables that could not: a local
night would take them for tonight's. Calls that had no answer are listed, and are rows of inventory_gap. It only reads; Cost Explorer
costs a cent a page, CloudWatch a cent for a thousand metrics. Values of environment variables are never written.")]
    Record(RecordArgs),
    /// Try every call of the inventory, and say which permissions are missing, with the policy statements to add.
    #[command(after_help = "Example:
  quarterdeck doctor my-portfolio --profile reporting

Reads what `record` reads and writes nothing. Exit code 3 says that some call had no answer.")]
    Doctor(AccountArgs),
    /// Do a run again from one of its stages, as a new generation; nobody is mailed again.
    #[command(after_help = "Examples:
  quarterdeck requeue harbor.2026-11-20 render --document cfo --expected-gen 0
  quarterdeck requeue harbor.2026-11-20 analyze --expected-gen 0 --current --reason 'the VAT rate was wrong'

STAGE is collect, analyze, render or mail. Only what that stage and those after it make is made again, below the run's next
generation; with --document only that document is rendered, and the others stay as they are. Deliveries that were sent are not
sent again; those that wait get the new mail. --expected-gen is the generation that `quarterdeck status` or the last requeue
showed: if somebody else was faster, nothing is done.")]
    Requeue(RequeueArgs),
    /// See what of the mail waits for a person, let it go, and say whom nothing is mailed to.
    #[command(subcommand, arg_required_else_help = true)]
    Mail(mail::MailCommand),
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

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// The fact, e.g. kpi:bookings.revenue_30d@jada.
    pub fact: String,
    /// The night; by default the newest.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// The earlier night, YYYY-MM-DD.
    pub before: BusinessDate,
    /// The later one.
    pub after: BusinessDate,
    /// Only facts of this kind: kpi, missing, shortfall, check, action, rule, invariant, model, entity, source.
    #[arg(long, value_name = "KIND")]
    pub only: Option<FactKind>,
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

/// Arguments of `push`.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// The portfolio's folder.
    pub portfolio: PathBuf,
    /// The deployment's bucket.
    #[arg(long, value_name = "BUCKET", env = "QUARTERDECK_BUCKET")]
    pub bucket: String,
    /// Take the inputs of this night: files below nights/<DATE>/ replace those of the same name.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
}

/// An AWS account, and what of it is read.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// The portfolio's folder.
    pub portfolio: PathBuf,
    /// Only these regions, separated by commas; by default those of portfolio.toml, or all that are switched on.
    #[arg(long, value_name = "REGIONS", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// The profile of the AWS configuration to read with.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// The business date, YYYY-MM-DD; by default the last complete day in the portfolio's zone.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Account.
    #[command(flatten)]
    pub account: AccountArgs,
    /// Where to write; by default the path under [sources.inventory], or PORTFOLIO/inventory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `load`.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// The portfolio's folder.
    pub portfolio: PathBuf,
    /// Take the tables of this night: files below nights/<DATE>/ replace those of the same name.
    #[arg(long, value_name = "DATE")]
    pub date: Option<BusinessDate>,
    /// Write into an AWS account, not only into a DynamoDB on this machine.
    #[arg(long)]
    pub yes_into_aws: bool,
    /// Write into tables that have other items too, and leave these there.
    #[arg(long)]
    pub keep_others: bool,
}

/// Where a run is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FromStage {
    /// Read all sources again, and everything after that.
    Collect,
    /// Compute the analysis again from the snapshot that is there, and everything after that.
    Analyze,
    /// Render again from the analysis that is there.
    Render,
    /// Send the mail messages again.
    Mail,
}

/// Arguments of `requeue`.
#[derive(Debug, Args)]
pub struct RequeueArgs {
    /// The run, e.g. harbor.2026-11-20.
    pub run: RunId,
    /// From which stage on.
    #[arg(value_enum)]
    pub stage: FromStage,
    /// Only this document (render).
    #[arg(long, value_name = "DOC")]
    pub document: Option<DocumentId>,
    /// The generation that you have seen; the requeue is refused if the run is at another.
    #[arg(long, value_name = "N")]
    pub expected_gen: u32,
    /// Use the configuration that was pushed last, not the one that the run was planned with.
    #[arg(long)]
    pub current: bool,
    /// Why, for the run's audit.
    #[arg(long, value_name = "TEXT", default_value = "requeued by hand")]
    pub reason: String,
    /// The deployment's bucket.
    #[arg(long, value_name = "BUCKET", env = "QUARTERDECK_BUCKET")]
    pub bucket: String,
    /// The ledger's table.
    #[arg(long, value_name = "TABLE", env = "QUARTERDECK_TABLE")]
    pub table: String,
    /// What all queue URLs begin with.
    #[arg(long, value_name = "PREFIX", env = "QUARTERDECK_QUEUE_PREFIX")]
    pub queue_prefix: String,
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
