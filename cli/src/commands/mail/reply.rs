//! `quarterdeck mail reply`: an answer to a report, by the code of the replies function. What SES would say of the mail, and
//! to whom its envelope was, the operator says instead.

use std::{fs, sync::Arc};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::{id::Sha256, ledger::Ledger};

use mailer::replies::{
    self, Outcome,
    mail::addressees,
    matching,
    wire::{Received, Verdicts},
};

use super::Time;
use crate::{args::mail::ReplyArgs, exit::Exit, local::Local, output};

/// Takes an answer.
///
/// # Errors
/// A file that cannot be read, and the ledger's.
pub async fn reply(args: &ReplyArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.portfolio, &args.out).await?;
    let _lock = local.lock()?;
    let raw = fs::read(&args.file).with_context(|| format!("failed to read {}", args.file.display()))?;
    let received = received(&*local.ledger, &raw).await?;
    let stored = local.objects.put_once(&received.object(), raw.into()).await;
    stored.context("failed to keep the mail")?;
    let ledger = Arc::clone(&local.ledger);
    let deps = replies::Deps::new(ledger, local.objects.clone(), local.rid_key.clone());
    let outcome = replies::apply(&deps, &received).await?;
    tell(&outcome, json)?;
    Ok(match &outcome {
        Outcome::Read(read) if read.wrong.is_empty() && !read.commands.is_empty() => Exit::Ok,
        _ => Exit::Degraded,
    })
}

/// As SES would notify of it.
async fn received(ledger: &dyn Ledger, raw: &[u8]) -> anyhow::Result<Received> {
    let recipients = addressees(raw);
    Ok(Received {
        id: Sha256::of(raw).as_str()[..40].to_owned(),
        at: now(ledger, &recipients).await?,
        recipients,
        is_bounce: false,
        verdicts: Verdicts::VOUCHED,
    })
}

/// The time of the night that is answered: local nights are replayed.
async fn now(ledger: &dyn Ledger, recipients: &[shared::mail::Mailbox]) -> anyhow::Result<Timestamp> {
    for claim in matching::claims(recipients).unwrap_or_default() {
        if let Some(row) = ledger.run(&claim.run).await? {
            let deliveries = ledger.deliveries(&claim.run).await?;
            let now = Time::Replayed.now(&row, &deliveries);
            // Replayed nights stand still, and of two answers the later one counts.
            let until = now.saturating_add(SignedDuration::from_hours(1))?;
            let made = ledger.decisions(claim.run.portfolio()).await?;
            let before = made
                .iter()
                .map(|d| d.at)
                .filter(|at| (now..until).contains(at))
                .max();
            let after = |at: Timestamp| at.saturating_add(SignedDuration::from_millis(1));
            return Ok(before.map(after).transpose()?.unwrap_or(now));
        }
    }
    Ok(Time::Replayed.at_all())
}

fn tell(outcome: &Outcome, json: bool) -> anyhow::Result<()> {
    match outcome {
        Outcome::Automatic(why) if json => output::json(&json!({ "outcome": "automatic", "why": why })),
        Outcome::Automatic(why) => output::say(format!("Nothing was done: {why}.")),
        Outcome::Quarantined(why) if json => {
            output::json(&json!({ "outcome": "quarantined", "why": why.to_string() }))
        }
        Outcome::Quarantined(why) => output::say(format!("Nothing was done: {why}.")),
        Outcome::Read(read) => {
            let commands: Vec<String> = read.commands.iter().map(ToString::to_string).collect();
            let wrong = read
                .wrong
                .iter()
                .map(|of| format!("line {}: it {}", of.line, of.why));
            let wrong: Vec<String> = wrong.collect();
            if json {
                return output::json(&json!({
                    "outcome": "read", "run": read.delivery.run, "document": read.delivery.document,
                    "rid": read.delivery.rid, "commands": commands, "new": read.new, "wrong": wrong,
                }));
            }
            if commands.is_empty() && wrong.is_empty() {
                output::say("It asks for nothing that is known.")?;
            }
            for line in commands {
                output::say(line)?;
            }
            for line in wrong {
                output::say(format!("Nothing was done for {line}."))?;
            }
            if read.new < read.commands.len() {
                let all = if read.new == 0 { "All" } else { "Some" };
                output::say(format!("{all} of it was done before."))?;
            }
            Ok(())
        }
    }
}
