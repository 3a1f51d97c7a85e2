//! One module a subcommand; each answers an exit code.

use crate::{
    args::{Cli, Command},
    exit::Exit,
};

mod account;
mod check;
mod decide;
mod diff;
mod doctor;
mod explain;
pub mod load;
pub mod mail;
mod preview;
pub mod push;
mod query;
pub mod record;
pub mod requeue;
mod run;
mod status;

/// Runs the subcommand.
///
/// # Errors
/// Whatever keeps it from being done; [`crate::exit::report`] tells it.
pub async fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Run(args) => run::run(args, cli.json).await,
        Command::Check(args) => check::check(args, cli.json).await,
        Command::Query(args) => query::query(args, cli.json).await,
        Command::Explain(args) => explain::explain(args, cli.json).await,
        Command::Diff(args) => diff::compare(args, cli.json).await,
        Command::Decide(args) => decide::decide(args, cli.json).await,
        Command::Preview(args) => preview::preview(args, cli.json).await,
        Command::Push(args) => push::push(args, cli.json).await,
        Command::Record(args) => record::record(args, cli.json).await,
        Command::Doctor(args) => doctor::doctor(args, cli.json).await,
        Command::Load(args) => load::load(args, cli.json).await,
        Command::Requeue(args) => requeue::requeue(args, cli.json).await,
        Command::Mail(command) => mail::mail(command, cli.json).await,
        Command::Status(args) => status::status(args, cli.json).await,
    }
}
