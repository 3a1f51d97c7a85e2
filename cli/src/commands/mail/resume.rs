//! `quarterdeck mail resume`: the brake off, and what was held let go.
//!
//! The brake first, or what is let go would be held again. Then, run by run: the run is opened (so that the sweeper looks
//! at it), its deliveries are let go, each by a condition on the row that was seen, and then their messages are sent.
//! Whoever dies in between leaves an open run with a delivery that waits, which the sweeper sends for.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    id::{DocumentId, PortfolioId, RunId},
    ledger::{AuditEntry, Brake, DeliveryKey, DeliveryRow, DeliveryState, HeldFor, Ledger, RunRow},
    mail::Rid,
    message::{Cause, Envelope, Night, Origin, Task},
    queue::{Sender, Stage},
};

use super::{Found, Time, queues, status::RUNS};
use crate::{
    args::mail::{Include, ResumeArgs},
    exit::Exit,
    local::{Options, run_night},
    output,
};

/// When the sweeper looks at a run that goes on: what is let go has a message, so not at once.
const LOOK: SignedDuration = SignedDuration::from_mins(15);

/// What a resume works on.
pub struct Ports<'a> {
    /// Deliveries and the brake.
    pub ledger: &'a dyn Ledger,
    /// To the mail queue; none where the local runner sends for itself.
    pub sender: Option<&'a dyn Sender>,
    /// When.
    pub time: Time<'a>,
}

/// What is to go.
pub struct Asked<'a> {
    /// Of which portfolio.
    pub portfolio: &'a PortfolioId,
    /// Of which run, if only one.
    pub run: Option<&'a RunId>,
    /// Of which document, if only one.
    pub document: Option<&'a DocumentId>,
    /// Beside what was held for the account.
    pub include: &'a [Include],
    /// Why.
    pub reason: &'a str,
}

/// What was done.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resumed {
    /// The brake that was released.
    pub brake: Option<Brake>,
    /// The deliveries that go on.
    pub released: Vec<Item>,
    /// Those that stay HELD, and why.
    pub kept: Vec<Item>,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Of which run.
    pub run: RunId,
    /// Which document.
    pub document: DocumentId,
    /// To whom.
    pub rid: Rid,
    /// Why it stays, or that it may be a duplicate.
    pub note: Option<String>,
}

impl Item {
    fn of(key: &DeliveryKey, note: Option<&str>) -> Self {
        Self {
            run: key.run.clone(),
            document: key.document.clone(),
            rid: key.rid.clone(),
            note: note.map(str::to_owned),
        }
    }
}

/// Resumes mail of a folder or a deployment.
///
/// # Errors
/// If it cannot be found, and what the ledger or the queue refuses.
pub async fn resume(args: &ResumeArgs, json: bool) -> anyhow::Result<Exit> {
    let found = Found::open(&args.site, &[queues(args.queue_prefix.as_deref())]).await?;
    let portfolio = match &args.run {
        Some(run) => run.portfolio().clone(),
        None => found.portfolio(args.id.as_ref())?,
    };
    let asked = Asked {
        portfolio: &portfolio,
        run: args.run.as_ref(),
        document: args.document.as_ref(),
        include: &args.include,
        reason: &args.reason,
    };
    let (ledger, time) = (found.ledger()?, found.time());
    let resumed = match &found {
        Found::Local(local) => {
            let _lock = local.lock()?;
            let ports = Ports {
                ledger: &*ledger,
                sender: None,
                time,
            };
            let resumed = resume_on(&ports, &asked).await?;
            let mut runs: Vec<&RunId> = resumed.released.iter().map(|item| &item.run).collect();
            runs.dedup();
            for run in runs {
                let options = Options {
                    date: Some(run.date()),
                    only: [].into(),
                    recompute: false,
                    quiet: true,
                };
                let night = run_night(local, &options).await;
                night.with_context(|| format!("what was let go of {run} was not sent"))?;
            }
            resumed
        }
        Found::Cloud(cloud) => {
            let queue = cloud.queue()?;
            let ports = Ports {
                ledger: &*ledger,
                sender: Some(&*queue),
                time,
            };
            resume_on(&ports, &asked).await?
        }
    };
    if json {
        output::json(&resumed)?;
    } else {
        print(&resumed)?;
    }
    Ok(Exit::Ok)
}

/// [`resume`], on any ports.
///
/// # Errors
/// As [`resume`].
pub async fn resume_on(ports: &Ports<'_>, asked: &Asked<'_>) -> anyhow::Result<Resumed> {
    super::check_reason(asked.reason)?;
    let mut resumed = Resumed {
        brake: release_brake(ports, asked).await?,
        ..Resumed::default()
    };
    let runs = match asked.run {
        Some(run) => {
            let row = ports.ledger.run(run).await?;
            vec![row.with_context(|| format!("run {run} is not on the ledger"))?]
        }
        None => ports.ledger.runs(asked.portfolio, RUNS).await?,
    };
    for row in runs {
        run(ports, asked, &row, &mut resumed).await?;
    }
    Ok(resumed)
}

async fn release_brake(ports: &Ports<'_>, asked: &Asked<'_>) -> anyhow::Result<Option<Brake>> {
    let Some(brake) = ports.ledger.brake().await? else {
        return Ok(None);
    };
    let released = ports.ledger.release_brake(&brake).await;
    let released = released.context("failed to release the brake")?;
    anyhow::ensure!(
        released,
        "the brake was pulled again in this moment; look at `mail status` and try again"
    );
    let entry = AuditEntry {
        at: ports.time.at_all(),
        event: "brake_released".to_owned(),
        detail: format!("{}; it had stopped sending for: {}", asked.reason, brake.reason),
    };
    let written = ports.ledger.control_audit(&entry).await;
    written.context("failed to write the audit")?;
    Ok(Some(brake))
}

async fn run(
    ports: &Ports<'_>,
    asked: &Asked<'_>,
    row: &RunRow,
    resumed: &mut Resumed,
) -> anyhow::Result<()> {
    let (id, generation) = (&row.plan.run, row.plan.generation);
    let rows = ports.ledger.deliveries(id).await;
    let rows = rows.context("failed to list the deliveries")?;
    let now = ports.time.now(row, &rows);
    let mut fit = Vec::new();
    let of_asked = |held: &&DeliveryRow| {
        held.state == DeliveryState::Held && asked.document.is_none_or(|only| held.key.document == *only)
    };
    for held in rows.iter().filter(of_asked) {
        match why_not(ports, asked, row, held, now).await? {
            Some(why) => resumed.kept.push(Item::of(&held.key, Some(why))),
            None => fit.push(held),
        }
    }
    if fit.is_empty() {
        return Ok(());
    }
    let look_at = now.checked_add(LOOK)?;
    let open = async || ports.ledger.reopen(id, generation, look_at).await;
    anyhow::ensure!(
        open().await.context("failed to open the run")?,
        "run {id} cannot go on: it failed, or was taken up again in this moment; nothing of it was let go"
    );
    let mut keys = Vec::new();
    for held in fit {
        if ports
            .ledger
            .release(held, now)
            .await
            .context("failed to let a delivery go")?
        {
            let note = (held.held_for == Some(HeldFor::Doubt)).then_some("possible duplicate");
            resumed.released.push(Item::of(&held.key, note));
            keys.push(&held.key);
        } else {
            resumed
                .kept
                .push(Item::of(&held.key, Some("it has moved on in this moment")));
        }
    }
    // Once more: somebody who had found everything settled may have ended it in between.
    open().await.context("failed to open the run")?;
    send(ports, asked, row, &keys, now).await?;
    let entry = AuditEntry {
        at: now,
        event: "resumed".to_owned(),
        detail: format!("{} deliveries let go: {}", keys.len(), asked.reason),
    };
    let written = ports.ledger.audit(id, &entry).await;
    written.context("failed to write the audit")
}

/// Why a held delivery does not go, if it does not.
async fn why_not(
    ports: &Ports<'_>,
    asked: &Asked<'_>,
    row: &RunRow,
    held: &DeliveryRow,
    now: Timestamp,
) -> anyhow::Result<Option<&'static str>> {
    if held.not_after < now {
        return Ok(Some("it is too late to mail it"));
    }
    if held.key.mail_epoch != row.plan.mail_epoch {
        return Ok(Some("it is of an earlier permission to mail"));
    }
    let includes = |cause| asked.include.contains(&cause);
    Ok(match held.held_for {
        Some(HeldFor::Account) => None,
        Some(HeldFor::Recipient) => {
            let listed = ports.ledger.suppression(&held.key.rid).await;
            let listed = listed.context("failed to read the suppression list")?;
            listed.map(|_| "its recipient is on the list; first: quarterdeck mail unsuppress")
        }
        Some(HeldFor::Document) if includes(Include::Document) => None,
        Some(HeldFor::Document) => {
            Some("a core source was not read; to mail it all the same: --include document")
        }
        Some(HeldFor::Doubt) if includes(Include::Doubt) => None,
        Some(HeldFor::Doubt) => Some("it may have been sent; to send it all the same: --include doubt"),
        None => Some("the ledger does not say what it is held for"),
    })
}

async fn send(
    ports: &Ports<'_>,
    asked: &Asked<'_>,
    row: &RunRow,
    keys: &[&DeliveryKey],
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(sender) = ports.sender else {
        return Ok(());
    };
    let cause = Cause {
        origin: Origin::Requeue,
        by: "operator".to_owned(),
        reason: asked.reason.to_owned(),
    };
    let plan = Night::of(row, cause.clone(), now).plan();
    let body = |key: &&DeliveryKey| {
        let task = Task::Deliver {
            document: key.document.clone(),
            rid: key.rid.clone(),
        };
        let message = plan.follow(task, None, "", "", now);
        Envelope {
            cause: cause.clone(),
            ..message
        }
        .to_body()
    };
    let bodies: Vec<String> = keys.iter().map(body).collect();
    let sent = sender.send(Stage::Mail, &bodies).await;
    sent.context("the deliveries were let go, and their messages were not sent: the sweeper will")
}

fn print(resumed: &Resumed) -> anyhow::Result<()> {
    if let Some(brake) = &resumed.brake {
        output::say(format!("brake released; it was on for: {}", brake.reason))?;
    }
    for (word, items) in [("let go", &resumed.released), ("stays", &resumed.kept)] {
        for Item {
            run,
            document,
            rid,
            note,
        } in items
        {
            let note = note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
            output::say(format!("{word}  {run} {document} to {rid}{note}"))?;
        }
    }
    output::say(format!(
        "{} deliveries let go, {} stay as they are",
        resumed.released.len(),
        resumed.kept.len()
    ))
}
