//! `quarterdeck mail status`.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::Serialize;
use shared::{
    clock::{Clock, SystemClock},
    id::PortfolioId,
    ledger::{
        AuditEntry, Brake, DeliveryRow, DeliveryState, Ledger, RunState,
        feedback::{Quarantined, Verdict},
    },
    mail::Rid,
};

use super::{Found, Time};
use crate::{args::mail::StatusArgs, exit::Exit, output};

/// Mail of older runs has expired long since.
pub(super) const RUNS: usize = 7;
/// Lines of the deployment's audit that are shown.
const LINES: usize = 10;

/// What there is to see.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Whether a person is needed: sending is stopped, or a delivery waits for one and is not too late.
    pub needs_you: bool,
    /// What stops all sends.
    pub brake: Option<Brake>,
    /// The newest runs, newest first.
    pub runs: Vec<RunMail>,
    /// Whom nothing is mailed to.
    pub suppressed: Vec<Listed>,
    /// Mail events of today and yesterday (UTC) that were not believed.
    pub quarantined: usize,
    /// What was done by operators and the brake, of no run in particular; oldest first.
    pub audit: Vec<AuditEntry>,
}

/// A run's mail.
#[derive(Debug, Serialize)]
pub struct RunMail {
    /// Which.
    pub run: String,
    /// Where it is.
    pub state: RunState,
    /// How many deliveries are in each state.
    pub deliveries: BTreeMap<DeliveryState, usize>,
    /// How many the fallback took, because the account cannot send.
    pub by_fallback: usize,
    /// Those that wait, are in doubt, or may be duplicates.
    pub attention: Vec<Attention>,
}

/// A delivery that somebody should know of.
#[derive(Debug, Serialize)]
pub struct Attention {
    /// As on the ledger.
    #[serde(flatten)]
    pub row: DeliveryRow,
    /// Whether it may not be mailed any more.
    pub too_late: bool,
}

/// A recipient on the list.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Who.
    pub rid: Rid,
    /// What happens to mail.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// Shows it.
///
/// # Errors
/// If the ledger cannot be read.
pub async fn status(args: &StatusArgs, json: bool) -> anyhow::Result<Exit> {
    let found = Found::open(&args.site, &[]).await?;
    let portfolio = found.portfolio(args.id.as_ref())?;
    let status = status_of(&*found.ledger()?, &portfolio, found.time()).await?;
    if json {
        output::json(&status)?;
    } else {
        print(&status)?;
    }
    Ok(if status.needs_you {
        Exit::Degraded
    } else {
        Exit::Ok
    })
}

/// What there is to see on a ledger.
///
/// # Errors
/// The ledger's.
pub async fn status_of(
    ledger: &dyn Ledger,
    portfolio: &PortfolioId,
    time: Time<'_>,
) -> anyhow::Result<Status> {
    let now = time.at_all();
    let brake = ledger.brake().await?;
    let mut runs = Vec::new();
    for row in ledger.runs(portfolio, RUNS).await? {
        let rows = ledger.deliveries(&row.plan.run).await?;
        let now = time.now(&row, &rows);
        let mut deliveries = BTreeMap::new();
        for row in &rows {
            *deliveries.entry(row.state).or_default() += 1;
        }
        let by_fallback = rows.iter().filter(|row| row.by_fallback).count();
        let attention = rows.into_iter().filter(|row| {
            row.possible_duplicate || matches!(row.state, DeliveryState::Held | DeliveryState::Unknown)
        });
        runs.push(RunMail {
            run: row.plan.run.to_string(),
            state: row.state,
            deliveries,
            by_fallback,
            attention: attention
                .map(|row| Attention {
                    too_late: row.not_after < now,
                    row,
                })
                .collect(),
        });
    }
    let suppressed = ledger.suppressed().await?.into_iter();
    let suppressed = suppressed.map(|(rid, listed)| Listed {
        rid,
        verdict: listed.verdict,
        reason: listed.reason,
        since: listed.since,
    });
    let is_waiting =
        |of: &Attention| !of.too_late && matches!(of.row.state, DeliveryState::Held | DeliveryState::Unknown);
    let is_braked = brake.as_ref().is_some_and(|brake| brake.is_on(now));
    Ok(Status {
        needs_you: is_braked || runs.iter().any(|run| run.attention.iter().any(is_waiting)),
        brake,
        suppressed: suppressed.collect(),
        quarantined: quarantined(ledger, now).await?.len(),
        audit: ledger.control_audits(LINES).await?,
        runs,
    })
}

async fn quarantined(ledger: &dyn Ledger, now: Timestamp) -> anyhow::Result<Vec<Quarantined>> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut all = ledger.quarantined(today).await?;
    all.extend(ledger.quarantined(today.checked_sub(1.day())?).await?);
    Ok(all)
}

fn print(status: &Status) -> anyhow::Result<()> {
    match &status.brake {
        Some(brake) if brake.is_on(SystemClock.now()) => output::say(format!(
            "Sending is stopped since {:.0}, until {:.0} or `mail resume`: {}\n",
            brake.since, brake.until, brake.reason
        ))?,
        Some(brake) => output::say(format!(
            "Sending was stopped from {:.0} to {:.0}: {}\n",
            brake.since, brake.until, brake.reason
        ))?,
        None => output::say("Sending is not stopped.\n")?,
    }
    let rows = status.runs.iter().map(|run| {
        let deliveries = run.deliveries.iter().map(|(state, n)| format!("{n} {state}"));
        let mut deliveries = deliveries.collect::<Vec<_>>().join(", ");
        if run.by_fallback > 0 {
            deliveries += &format!("; {} by the fallback", run.by_fallback);
        }
        vec![run.run.clone(), run.state.to_string(), deliveries]
    });
    let header = ["Run", "State", "Deliveries"];
    output::say(output::table(&header, rows.collect(), &[]))?;
    let attention: Vec<_> = status.runs.iter().flat_map(|run| &run.attention).collect();
    if !attention.is_empty() {
        let rows = attention.into_iter().map(|of| {
            let mut notes = of.row.reason.clone().unwrap_or_default();
            if of.row.possible_duplicate {
                notes = format!("possible duplicate {notes}");
            }
            if of.too_late && !of.row.state.is_well_ended() {
                notes = format!("too late; {notes}");
            }
            let key = &of.row.key;
            let held = of
                .row
                .held_for
                .map_or_else(String::new, |cause| cause.as_str().to_lowercase());
            vec![
                key.run.to_string(),
                key.document.to_string(),
                key.rid.to_string(),
                of.row.state.to_string(),
                held,
                notes.trim().to_owned(),
            ]
        });
        let header = ["Run", "Document", "Recipient", "State", "Held for", "Why"];
        output::say(format!("\n{}", output::table(&header, rows.collect(), &[])))?;
    }
    if !status.suppressed.is_empty() {
        let rows = status.suppressed.iter().map(|of| {
            vec![
                of.rid.to_string(),
                of.verdict.as_str().to_owned(),
                format!("{:.0}", of.since),
                of.reason.clone(),
            ]
        });
        let header = ["Recipient", "Verdict", "Since", "Why"];
        output::say(format!("\n{}", output::table(&header, rows.collect(), &[])))?;
    }
    if status.quarantined > 0 {
        output::say(format!(
            "\n{} mail events or answers of today and yesterday were not believed; docs/OPERATIONS.md, \"Mail events\" and \"Answers by mail\".",
            status.quarantined
        ))?;
    }
    for entry in &status.audit {
        output::say(format!("{:.0}  {}  {}", entry.at, entry.event, entry.detail))?;
    }
    Ok(())
}
