//! A night on this machine: embedded adapters around the handlers that run in Lambda.
//!
//! Start at [`Local::open`], which lays out the state below the output folder, then [`night::run_night`]. State lives in
//! `OUT/.quarterdeck`: `ledger.db`, `objects/` (the archive), `outbox/` (what was "mailed") and `rid.key`.

use std::{
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use secrecy::SecretString;
use shared::{
    clock::Clock,
    embedded::EmbeddedDynamo,
    facts::Analysis,
    id::{BusinessDate, DocumentId, RunId},
    ledger::{DynamoLedger, Ledger, RunRow},
    mail::outbox::Outbox,
    objects::Objects,
    portfolio::{Bundle, Portfolio},
};

mod clock;
mod driver;
mod export;
pub mod inputs;
mod night;
mod services;

pub use clock::ReplayClock;
pub use export::{Exported, export, image_file, with_files};
pub use night::{Dead, Night, Options, replay_from, run_night};

use crate::exit::ConfigErrors;

/// The ledger's table, in the embedded database as in the cloud.
const LEDGER_TABLE: &str = "quarterdeck";
/// Bytes of the recipients' key.
const RID_KEY_BYTES: usize = 32;
/// Mails a second that the outbox claims to take: it is a folder, pacing it would only wait.
const OUTBOX_RATE: f64 = 1_000_000.0;

/// A portfolio and its local state.
pub struct Local {
    /// The portfolio's folder.
    pub folder: PathBuf,
    /// Where documents go.
    pub out: PathBuf,
    /// Configuration and catalog, as they are now.
    pub bundle: Bundle,
    /// Parsed.
    pub portfolio: Portfolio,
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// The archive.
    pub objects: Objects,
    /// Where mails go.
    pub outbox: Arc<Outbox>,
    /// Key of the recipients' ids.
    pub rid_key: SecretString,
}

impl Local {
    /// Reads the portfolio and opens, or makes, its state.
    ///
    /// # Errors
    /// [`ConfigErrors`] for a configuration with errors; otherwise what cannot be read or written, by path.
    pub async fn open(folder: &Path, out: &Path) -> anyhow::Result<Self> {
        let (bundle, portfolio) = read_portfolio(folder)?;
        Self::with(folder, out, bundle, portfolio).await
    }

    /// [`Local::open`] for commands that only look: makes nothing where there is no state.
    ///
    /// # Errors
    /// As [`Local::open`], and if there is no state.
    pub async fn open_existing(folder: &Path, out: &Path) -> anyhow::Result<Self> {
        let (bundle, portfolio) = read_portfolio(folder)?;
        anyhow::ensure!(
            out.join(".quarterdeck/ledger.db").is_file(),
            "there are no runs in {}; first: quarterdeck run {} --out {}",
            out.display(),
            folder.display(),
            out.display()
        );
        Self::with(folder, out, bundle, portfolio).await
    }

    async fn with(folder: &Path, out: &Path, bundle: Bundle, portfolio: Portfolio) -> anyhow::Result<Self> {
        let state = out.join(".quarterdeck");
        for below in ["objects", "outbox"] {
            let path = state.join(below);
            std::fs::create_dir_all(&path).with_context(|| format!("failed to make {}", path.display()))?;
        }
        let database = EmbeddedDynamo::file(&state.join("ledger.db")).context("failed to open the ledger")?;
        let ledger = DynamoLedger::new(database.client(), LEDGER_TABLE);
        ledger
            .create_table()
            .await
            .context("failed to make the ledger's table")?;
        Ok(Self {
            folder: folder.to_owned(),
            out: out.to_owned(),
            bundle,
            portfolio,
            ledger: Arc::new(ledger),
            objects: Objects::local(&state.join("objects")).context("failed to open the archive")?,
            outbox: Arc::new(Outbox::new(&state.join("outbox")).with_rate(OUTBOX_RATE)),
            rid_key: rid_key(&state.join("rid.key"))?,
        })
    }

    /// Keeps other runs off this state while the answer lives; who only reads needs no lock.
    ///
    /// # Errors
    /// If another run holds it.
    pub fn lock(&self) -> anyhow::Result<File> {
        lock(&self.out.join(".quarterdeck/lock"))
    }

    /// Whether portfolio.toml has all these documents.
    ///
    /// # Errors
    /// The first that it has not, with those that it has.
    pub fn check_documents(&self, ids: &[DocumentId]) -> anyhow::Result<()> {
        let all: Vec<&str> = self.portfolio.documents.iter().map(|d| d.id.as_str()).collect();
        match ids.iter().find(|id| !all.contains(&id.as_str())) {
            Some(id) => anyhow::bail!("portfolio.toml has no document {id}; it has {}", all.join(", ")),
            None => Ok(()),
        }
    }

    /// The run of a date, or the newest one.
    ///
    /// # Errors
    /// If there is none, saying how to make one.
    pub async fn find_run(&self, date: Option<BusinessDate>) -> anyhow::Result<RunRow> {
        let id = &self.portfolio.id;
        let found = match date {
            Some(date) => self.ledger.run(&RunId::new(id.clone(), date)).await?,
            None => self.ledger.runs(id, 1).await?.pop(),
        };
        found.with_context(|| {
            let night = date.map_or_else(|| "any night".to_owned(), |d| format!("the night of {d}"));
            let flag = date.map_or_else(String::new, |d| format!(" --date {d}"));
            format!(
                "{id} has no run of {night} in {}; first: quarterdeck run {}{flag} --out {}",
                self.out.display(),
                self.folder.display(),
                self.out.display()
            )
        })
    }

    /// The analysis of a run.
    ///
    /// # Errors
    /// If it has none yet, or one that this build cannot read.
    pub async fn analysis(&self, row: &RunRow) -> anyhow::Result<Analysis> {
        let run = &row.plan.run;
        let input = row.analysis.as_ref();
        let input = input.with_context(|| format!("run {run} has no analysis yet"))?;
        let bytes = self.objects.get_checked(input).await?;
        serde_json::from_slice(&bytes).with_context(|| format!("the analysis of {run} is damaged"))
    }
}

/// Reads and checks `portfolio.toml` and what lies beside it.
///
/// # Errors
/// [`ConfigErrors`], or the file that cannot be read.
pub fn read_portfolio(folder: &Path) -> anyhow::Result<(Bundle, Portfolio)> {
    let bundle =
        Bundle::read(folder).with_context(|| format!("{} is no portfolio's folder", folder.display()))?;
    match Portfolio::parse(&bundle) {
        Ok(portfolio) => Ok((bundle, portfolio)),
        Err(problems) => Err(ConfigErrors { problems, bundle }.into()),
    }
}

/// A clock for a night: replayed from the scheduled time, or the machine's.
pub fn clock_for(replay_from: Option<jiff::Timestamp>) -> Arc<dyn Clock> {
    match replay_from {
        Some(start) => Arc::new(ReplayClock::from(start)),
        None => Arc::new(shared::clock::SystemClock),
    }
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let file = File::create(path).with_context(|| format!("failed to write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "another quarterdeck is using {}; wait for it, or choose another --out",
                path.display()
            )
        }
        Err(TryLockError::Error(e)) => Err(e).context(format!("failed to lock {}", path.display())),
    }
}

/// The deployment's key for recipients' ids, made once. It is in place as a whole or not at all: under another key, or
/// half of one, everybody would be somebody else.
fn rid_key(path: &Path) -> anyhow::Result<SecretString> {
    if let Ok(text) = std::fs::read_to_string(path) {
        let key = text.trim();
        anyhow::ensure!(
            key.len() == 2 * RID_KEY_BYTES,
            "{} is damaged: put it back from a backup, or start with a new --out",
            path.display()
        );
        return Ok(SecretString::from(key.to_owned()));
    }
    let mut bytes = [0_u8; RID_KEY_BYTES];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let key = hex::encode(bytes);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let new = path.with_extension("new");
    let written = options
        .open(&new)
        .and_then(|mut file| writeln!(file, "{key}").and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&new, path));
    written.with_context(|| format!("failed to write {}", path.display()))?;
    Ok(SecretString::from(key))
}
