//! Arguments of `mail` and its subcommands.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};
use shared::{
    id::{DocumentId, PortfolioId, RunId},
    mail::{Mailbox, Rid},
};

/// Subcommands of `mail`.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Show what stops mail, and which deliveries wait for a person.
    #[command(after_help = "Examples:
  quarterdeck mail status --portfolio examples/harbor
  quarterdeck mail status --id harbor --json

Reads only. Exit code 3 says that mail needs a person: sending is stopped, or a delivery is held or in doubt and not too late.")]
    Status(StatusArgs),
    /// Let mail go again: release the brake, and the deliveries that were held for the account.
    #[command(after_help = "Examples:
  quarterdeck mail resume --id harbor --reason 'the quota was raised'
  quarterdeck mail resume --run harbor.2026-11-20 --document cfo --include document --reason 'the CFO wants it as it is'

Deliveries held for the account were certainly not sent, and go. So do those of a recipient who was taken off the list since.
Others only if they are asked for: --include document (a core source was not read), --include doubt (they may have been sent: they
are flagged as possible duplicates, for good). What has expired stays. On a deployment, --id or --run is needed.")]
    Resume(ResumeArgs),
    /// Mail nothing more to a recipient.
    #[command(after_help = "Examples:
  quarterdeck mail suppress 5f0c2a8e9b7d4c31a6e8f0d2b4c69718 --reason 'left the company'
  quarterdeck mail suppress cfo@example.com --portfolio examples/harbor --reason 'asked for it'

A recipient is the id that `mail status` shows, or an address, of which the id is made; the address itself is written nowhere.
On a deployment an address is also put on SES's own list of the account and region, which other senders of the account have too.")]
    Suppress(ListArgs),
    /// Take a recipient off the list again, from the next mail on.
    #[command(after_help = "Example:
  quarterdeck mail unsuppress cfo@example.com --reason 'the mailbox works again'

Forgets the transient bounces too. SES has a list of its own, of the account and region: an address is taken off that too, an id cannot
be. Deliveries that are SUPPRESSED stay so; what was HELD for the recipient goes with `mail resume`.")]
    Unsuppress(ListArgs),
    /// Take an answer to a report on this machine, as a deployment takes one that SES received.
    #[command(after_help = "Examples:
  quarterdeck mail reply answer.eml --portfolio examples/harbor
  quarterdeck mail reply answer.eml --portfolio examples/harbor --json

FILE is the answer as a mail program saves it, to the address that the report asks to be answered at. Who it is from is checked by
nobody here: that it is no forgery and no spam is your word, which on a deployment is SES's. What it asks for is done, as there.
Exit code 3 says that the answer, or a line of it, did nothing.")]
    Reply(ReplyArgs),
}

/// Whose ledger: a folder's local state, or a deployment's.
#[derive(Debug, Args)]
pub struct Site {
    /// The portfolio's folder, to use its local state; without it the deployment's is used.
    #[arg(long, value_name = "DIR")]
    pub portfolio: Option<PathBuf>,
    /// Where the local state is kept.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// The ledger's table, on a deployment.
    #[arg(long, value_name = "TABLE", env = "QUARTERDECK_TABLE")]
    pub table: Option<String>,
}

/// Arguments of `mail status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Whose.
    #[command(flatten)]
    pub site: Site,
    /// The portfolio's id, on a deployment.
    #[arg(long, value_name = "ID")]
    pub id: Option<PortfolioId>,
}

/// What a delivery is held for that does not go unless it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Include {
    /// The document must not leave, because a core source was not read.
    Document,
    /// It may have been sent.
    Doubt,
}

/// Arguments of `mail resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Whose.
    #[command(flatten)]
    pub site: Site,
    /// The portfolio's id, on a deployment.
    #[arg(long, value_name = "ID")]
    pub id: Option<PortfolioId>,
    /// Only this run; by default the portfolio's newest.
    #[arg(long, value_name = "RUN")]
    pub run: Option<RunId>,
    /// Only this document.
    #[arg(long, value_name = "DOC")]
    pub document: Option<DocumentId>,
    /// Also what is held for this (may be repeated).
    #[arg(long, value_enum, value_name = "CAUSE")]
    pub include: Vec<Include>,
    /// Why, for the audit.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// What all queue URLs begin with, on a deployment.
    #[arg(long, value_name = "PREFIX", env = "QUARTERDECK_QUEUE_PREFIX")]
    pub queue_prefix: Option<String>,
}

/// Arguments of `mail suppress` and `mail unsuppress`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The recipient's id, or an address.
    pub recipient: Recipient,
    /// Whose.
    #[command(flatten)]
    pub site: Site,
    /// Why, for the list and the audit; no address.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The secret of the recipients' ids, on a deployment, for an address.
    #[arg(long, value_name = "SECRET", env = "QUARTERDECK_RID_SECRET")]
    pub rid_secret: Option<String>,
}

/// Arguments of `mail reply`.
#[derive(Debug, Args)]
pub struct ReplyArgs {
    /// The answer, a mail.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The portfolio's folder.
    #[arg(long, value_name = "DIR")]
    pub portfolio: PathBuf,
    /// Where its local state is kept.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
}

/// A recipient as an operator names one.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// As the ledger does.
    Rid(Rid),
    /// By address.
    Address(Mailbox),
}

impl FromStr for Recipient {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('@') {
            let address = text.parse().map(Self::Address);
            return address.map_err(|error: shared::mail::AddressError| error.to_string());
        }
        match text.parse::<Rid>() {
            Ok(rid) if rid != Rid::archive() => Ok(Self::Rid(rid)),
            // The archive's copies are suppressed by the archive's address, as every portfolio has its own.
            _ => Err("it is neither an address nor an id of 32 hex digits".to_owned()),
        }
    }
}
