//! `quarterdeck mail suppress` and `unsuppress`: the list of those whom nothing is mailed to, and the mail service's own
//! (docs/decisions/022-two-suppression-lists.md). Ours is by id; the service's by address, so it is changed where one is given.

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
    mail::{
        Mailbox, Rid,
        account_list::{AccountList, Entry, Reason, ses::SesList},
    },
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
    /// What was done to the mail service's own list, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<OfAccount>,
}

/// What was done to the mail service's own list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct OfAccount {
    /// Whether the address is on it now.
    pub listed: bool,
    /// Its entry as it was before, if there was one.
    pub before: Option<Entry>,
}

/// The mail service's own list, and the address that is meant.
pub struct OnAccount<'a> {
    /// The list.
    pub list: &'a dyn AccountList,
    /// Written nowhere.
    pub address: &'a Mailbox,
}

/// Puts a recipient on the list; an address also on the mail service's own.
///
/// # Errors
/// What a list refuses; and an address without the key that makes an id of it.
pub async fn suppress(args: &ListArgs, json: bool) -> anyhow::Result<Exit> {
    let (found, rid) = find(args).await?;
    let (ledger, list) = (found.ledger()?, account_list(&found));
    let account = on_account(list.as_ref(), &args.recipient);
    let done = suppress_on_both(&*ledger, account, &rid, &args.reason, SystemClock.now()).await?;
    let words = if done.changed {
        "nothing is mailed to"
    } else {
        "was on the list before:"
    };
    tell(&done, words, json)
}

/// Takes one off it; an address also off the mail service's own.
///
/// # Errors
/// As [`suppress`].
pub async fn unsuppress(args: &ListArgs, json: bool) -> anyhow::Result<Exit> {
    let (found, rid) = find(args).await?;
    let (ledger, list) = (found.ledger()?, account_list(&found));
    let account = on_account(list.as_ref(), &args.recipient);
    let is_by_rid = list.is_some() && account.is_none();
    let done = unsuppress_on_both(&*ledger, account, &rid, &args.reason, SystemClock.now()).await?;
    let words = if done.changed {
        "from now on mail goes to"
    } else {
        "was not on the list:"
    };
    let exit = tell(&done, words, json)?;
    if is_by_rid && !json {
        output::say(BY_RID)?;
    }
    Ok(exit)
}

/// What an id cannot do.
const BY_RID: &str = "SES has a list of its own, by address, and may still mail nothing there. To take the recipient off that too, give \
    the address instead of the id; the To: of an archived mail of that id has it.";

fn tell(done: &Done, words: &str, json: bool) -> anyhow::Result<Exit> {
    if json {
        output::json(done)?;
        return Ok(Exit::Ok);
    }
    output::say(format!("{words} {}", done.rid))?;
    if let Some(account) = &done.account {
        output::say(match (account.listed, &account.before) {
            (true, None) => "SES's own list of the account has the address now".to_owned(),
            (true, Some(before)) => format!("SES's own list had the address before, {}", of(before)),
            (false, None) => "SES's own list of the account did not have the address".to_owned(),
            (false, Some(before)) => format!("taken off SES's own list, where it was {}", of(before)),
        })?;
    }
    Ok(Exit::Ok)
}

/// Why and since when an address was on it.
fn of(entry: &Entry) -> String {
    let why = match entry.reason {
        Some(Reason::Bounce) => "for a bounce",
        Some(Reason::Complaint) => "for a complaint",
        None => "for a reason that this version does not know",
    };
    format!("{why}, since {:.0}", entry.since)
}

/// [`suppress_on`], and the mail service's own list if it is given, after ours: that is the one that every send asks. The reason there is
/// a complaint, as it says that somebody wants no mail and not that there is no mailbox.
///
/// # Errors
/// A list's. What was done is done, and the same call again does the rest.
pub async fn suppress_on_both(
    ledger: &dyn Ledger,
    account: Option<OnAccount<'_>>,
    rid: &Rid,
    reason: &str,
    now: Timestamp,
) -> anyhow::Result<Done> {
    let mut done = suppress_on(ledger, rid, reason, now).await?;
    if let Some(OnAccount { list, address }) = account {
        let kept = "nothing is mailed to the recipient by Quarterdeck; with the id instead of the address only that is asked for";
        let before = list.get(address).await.context(kept)?;
        if before.is_none() {
            list.put(address, Reason::Complaint).await.context(kept)?;
        }
        done.account = Some(OfAccount { listed: true, before });
    }
    Ok(done)
}

/// [`unsuppress_on`], and the mail service's own list if it is given, before ours: what it would not take comes back as a bounce, which
/// puts the recipient on ours again.
///
/// # Errors
/// As [`suppress_on_both`].
pub async fn unsuppress_on_both(
    ledger: &dyn Ledger,
    account: Option<OnAccount<'_>>,
    rid: &Rid,
    reason: &str,
    now: Timestamp,
) -> anyhow::Result<Done> {
    check_reason(reason)?;
    let mut off = None;
    if let Some(OnAccount { list, address }) = account {
        let kept = "nothing was changed; with the id instead of the address only Quarterdeck's own list is asked for";
        let before = list.get(address).await.context(kept)?;
        list.remove(address).await.context(kept)?;
        off = Some(OfAccount {
            listed: false,
            before,
        });
    }
    let mut done = unsuppress_on(ledger, rid, reason, now).await?;
    done.account = off;
    Ok(done)
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
        account: None,
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
        account: None,
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

/// The mail service's own list; a local run has no such service.
fn account_list(found: &Found) -> Option<SesList> {
    match found {
        Found::Local(_) => None,
        Found::Cloud(cloud) => Some(cloud.account_list()),
    }
}

fn on_account<'a>(list: Option<&'a SesList>, recipient: &'a Recipient) -> Option<OnAccount<'a>> {
    match (list, recipient) {
        (Some(list), Recipient::Address(address)) => Some(OnAccount { list, address }),
        _ => None,
    }
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
