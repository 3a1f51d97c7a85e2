//! `quarterdeck mail suppress` and `unsuppress`: the list of those whom nothing is mailed to.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use shared::{
    clock::{Clock, SystemClock},
    ledger::{
        AuditEntry, Ledger,
        feedback::{Suppression, Verdict},
    },
    mail::Rid,
};

use super::{Found, check_reason, secret};
use crate::{
    args::mail::{ListArgs, Recipient},
    exit::Exit,
    output,
};

/// What was done.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Of whom.
    pub rid: Rid,
    /// Whether they are on the list now.
    pub listed: bool,
    /// Whether that is new.
    pub changed: bool,
}

/// Puts a recipient on the list.
///
/// # Errors
/// What the ledger refuses; and an address without the key that makes an id of it.
pub async fn suppress(args: &ListArgs, json: bool) -> anyhow::Result<Exit> {
    let (found, rid) = find(args).await?;
    let done = suppress_on(&*found.ledger()?, &rid, &args.reason, SystemClock.now()).await?;
    let words = if done.changed {
        "nothing is mailed to"
    } else {
        "was on the list before:"
    };
    tell(&done, words, json)
}

/// Takes one off it.
///
/// # Errors
/// As [`suppress`].
pub async fn unsuppress(args: &ListArgs, json: bool) -> anyhow::Result<Exit> {
    let (found, rid) = find(args).await?;
    let done = unsuppress_on(&*found.ledger()?, &rid, &args.reason, SystemClock.now()).await?;
    let words = if done.changed {
        "from now on mail goes to"
    } else {
        "was not on the list:"
    };
    tell(&done, words, json)
}

fn tell(done: &Done, words: &str, json: bool) -> anyhow::Result<Exit> {
    if json {
        output::json(done)?;
    } else {
        output::say(format!("{words} {}", done.rid))?;
    }
    Ok(Exit::Ok)
}

/// [`suppress`], on any ledger.
///
/// # Errors
/// The ledger's, and a reason with an address in it.
pub async fn suppress_on(
    ledger: &dyn Ledger,
    rid: &Rid,
    reason: &str,
    now: Timestamp,
) -> anyhow::Result<Done> {
    check_reason(reason)?;
    let before = ledger.suppression(rid).await?;
    let suppression = Suppression {
        verdict: Verdict::Suppress,
        reason: format!("by an operator: {reason}"),
        since: now,
    };
    ledger
        .suppress(rid, &suppression)
        .await
        .context("failed to suppress the recipient")?;
    audit(ledger, "suppressed", rid, reason, now).await?;
    Ok(Done {
        rid: rid.clone(),
        listed: true,
        changed: before.is_none_or(|before| before.verdict != Verdict::Suppress),
    })
}

/// [`unsuppress`], on any ledger.
///
/// # Errors
/// As [`suppress_on`].
pub async fn unsuppress_on(
    ledger: &dyn Ledger,
    rid: &Rid,
    reason: &str,
    now: Timestamp,
) -> anyhow::Result<Done> {
    check_reason(reason)?;
    let changed = ledger.unsuppress(rid).await;
    let changed = changed.context("failed to take the recipient off the list")?;
    audit(ledger, "unsuppressed", rid, reason, now).await?;
    Ok(Done {
        rid: rid.clone(),
        listed: false,
        changed,
    })
}

async fn audit(
    ledger: &dyn Ledger,
    event: &str,
    rid: &Rid,
    reason: &str,
    at: Timestamp,
) -> anyhow::Result<()> {
    let entry = AuditEntry {
        at,
        event: event.to_owned(),
        detail: format!("{rid} by an operator: {reason}"),
    };
    ledger
        .control_audit(&entry)
        .await
        .context("failed to write the audit")
}

async fn find(args: &ListArgs) -> anyhow::Result<(Found, Rid)> {
    let found = Found::open(&args.site, &[secret(args.rid_secret.as_deref())]).await?;
    let rid = match &args.recipient {
        Recipient::Rid(rid) => rid.clone(),
        Recipient::Address(address) => {
            let key = key(&found, args).await?;
            Rid::of(key.expose_secret().as_bytes(), address)
        }
    };
    Ok((found, rid))
}

async fn key(found: &Found, args: &ListArgs) -> anyhow::Result<SecretString> {
    match found {
        Found::Local(local) => Ok(local.rid_key.clone()),
        Found::Cloud(cloud) => {
            anyhow::ensure!(
                args.rid_secret.is_some(),
                "an address needs the key of the recipients' ids: name its secret with --rid-secret, or give the id"
            );
            Ok(cloud.rid_secret()?.read().await?)
        }
    }
}
