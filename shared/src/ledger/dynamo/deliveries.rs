//! `RUN#r`/`MAIL#d#rid#eN`: one delivery. See the state diagram in docs/SEMANTICS.md.
//!
//! The one thing that must not happen is a second mail. So an attempt is begun only from QUEUED, never from a SENDING
//! whose owner went silent: that row becomes UNKNOWN, and an event of the mail service, a policy or an operator decides.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use jiff::Timestamp;

use super::{
    DynamoLedger, Write,
    item::{self, Item, Row, instant, n, s},
    run_pk, unavailable,
};
use crate::{
    id::{MailEpoch, RunId},
    ledger::{Begun, DeliveryKey, DeliveryRow, DeliveryState, LedgerError, Outcome, Settled},
    message::Input,
};

pub(super) fn sk(key: &DeliveryKey) -> String {
    format!("MAIL#{}#{}#{}", key.document, key.rid, key.mail_epoch)
}

pub(super) async fn plan(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    mail: &Input,
    not_after: Timestamp,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let request = ledger
        .client
        .put_item()
        .item("PK", s(run_pk(&key.run)))
        .item("SK", s(sk(key)))
        .item("run", s(&key.run))
        .item("document", s(&key.document))
        .item("rid", s(&key.rid))
        .item("mail_epoch", n(key.mail_epoch.0))
        .item("state", s(DeliveryState::Queued))
        .item("attempt", n(0_u32))
        .item("mail", item::input(mail))
        .item("not_after", instant(not_after))
        .item("updated_at", instant(now))
        .condition_expression("attribute_not_exists(PK)");
    let stands = match ledger.put("plan a delivery", request).await? {
        Write::Done(_) => return Ok(true),
        Write::Refused(item) => current(ledger, key, item).await?,
    };
    if let Some(item) = stands {
        renew(ledger, key, &parse(&item)?, mail, now).await?;
    }
    Ok(false)
}

/// A delivery that waits with a mail of an earlier generation gets the later one's; so does one that was held before any
/// attempt, and it waits again: what it was held for was the earlier document's. Conditional on what was read: an attempt
/// that begins in this moment sends the mail that it found.
async fn renew(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    row: &DeliveryRow,
    mail: &Input,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let is_later = generation_of(&mail.key) > generation_of(&row.mail.key);
    if !row.was_never_begun() || !is_later {
        return Ok(());
    }
    let request = delivery(ledger, key)
        .update_expression(
            "SET mail = :mail, updated_at = :now, #state = :queued REMOVE reason, held_for, released_at",
        )
        .condition_expression("#state = :found AND attempt = :attempt AND mail.#key = :seen")
        .expression_attribute_values(":found", s(row.state))
        .expression_attribute_values(":attempt", n(row.attempt))
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#key", "key")
        .expression_attribute_values(":mail", item::input(mail))
        .expression_attribute_values(":now", instant(now))
        .expression_attribute_values(":queued", s(DeliveryState::Queued))
        .expression_attribute_values(":seen", s(&row.mail.key));
    ledger.update("renew a delivery", request).await.map(|_| ())
}

/// Ends a delivery that no attempt was made at, or is under way.
pub(super) async fn set_aside(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let cause = outcome.held_for();
    let held = if cause.is_some() {
        ", held_for = :cause"
    } else {
        ""
    };
    let mut request = delivery(ledger, key)
        .update_expression(format!(
            "SET #state = :next, reason = :reason, updated_at = :now{held} REMOVE next_at"
        ))
        .condition_expression("#state = :queued")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":next", s(outcome.next()))
        .expression_attribute_values(":reason", s(outcome.reason().unwrap_or_default()))
        .expression_attribute_values(":queued", s(DeliveryState::Queued))
        .expression_attribute_values(":now", instant(now));
    if let Some(cause) = cause {
        request = request.expression_attribute_values(":cause", s(cause.as_str()));
    }
    Ok(matches!(
        ledger.update("set a delivery aside", request).await?,
        Write::Done(_)
    ))
}

/// The generation that an object belongs to: `runs/<run>/g<n>/…`.
fn generation_of(key: &str) -> Option<u32> {
    let generation = key.strip_prefix("runs/")?.split('/').nth(1)?;
    generation.strip_prefix('g')?.parse().ok()
}

pub(super) async fn begin(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Begun, LedgerError> {
    let request = delivery(ledger, key)
        .update_expression(
            "SET #state = :sending, #owner = :owner, attempt = attempt + :one, lease_until = :lease, updated_at = :now \
             REMOVE next_at, reason, held_for",
        )
        .condition_expression("#state = :queued AND (attribute_not_exists(next_at) OR next_at <= :now)")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":sending", s(DeliveryState::Sending))
        .expression_attribute_values(":queued", s(DeliveryState::Queued))
        .expression_attribute_values(":owner", s(owner))
        .expression_attribute_values(":one", n(1_u32))
        .expression_attribute_values(":lease", instant(lease_until))
        .expression_attribute_values(":now", instant(now));
    let item = match ledger.update("begin a delivery", request).await? {
        Write::Done(item) => return Ok(Begun::Yours(parse(&item)?)),
        Write::Refused(item) => match current(ledger, key, item).await? {
            Some(item) => item,
            None => return Ok(Begun::Unknown),
        },
    };
    let row = parse(&item)?;
    match row.state {
        DeliveryState::Queued => Ok(Begun::NotNow(row)),
        DeliveryState::Sending if row.lease_until.is_some_and(|until| until > now) => {
            // An answer that was lost: the row shows this very owner and lease, so the SDK's retry met its own write.
            let ours = Row::new(&item).maybe::<String>("owner")?.as_deref() == Some(owner);
            if ours && row.lease_until == Some(lease_until) {
                Ok(Begun::Yours(row))
            } else {
                Ok(Begun::NotNow(row))
            }
        }
        DeliveryState::Sending => abandon(ledger, key, row, now).await,
        _ => Ok(Begun::Done(row)),
    }
}

/// The lease is over and nobody said how it ended: the mail may have left.
async fn abandon(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    row: DeliveryRow,
    now: Timestamp,
) -> Result<Begun, LedgerError> {
    let reason = format!(
        "attempt {} ended without an outcome; it may have been sent",
        row.attempt
    );
    let request = delivery(ledger, key)
        .update_expression(
            "SET #state = :unknown, reason = :reason, updated_at = :now REMOVE lease_until, #owner",
        )
        .condition_expression("#state = :sending AND attempt = :attempt")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":unknown", s(DeliveryState::Unknown))
        .expression_attribute_values(":sending", s(DeliveryState::Sending))
        .expression_attribute_values(":reason", s(reason))
        .expression_attribute_values(":attempt", n(row.attempt))
        .expression_attribute_values(":now", instant(now));
    match ledger.update("end a lease", request).await? {
        Write::Done(item) => Ok(Begun::Done(parse(&item)?)),
        // Settled, or ended by somebody else, in this very moment: let the message come back and read it then.
        Write::Refused(_) => Ok(Begun::NotNow(row)),
    }
}

pub(super) async fn end_lease(
    ledger: &DynamoLedger,
    row: &DeliveryRow,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let is_over = row.lease_until.is_some_and(|until| until <= now);
    if row.state != DeliveryState::Sending || !is_over {
        return Ok(false);
    }
    let ended = abandon(ledger, &row.key, row.clone(), now).await?;
    Ok(matches!(ended, Begun::Done(_)))
}

pub(super) async fn settle(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    attempt: u32,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    let (mut set, mut remove) = (
        "SET #state = :next, updated_at = :now".to_owned(),
        "REMOVE lease_until, #owner".to_owned(),
    );
    // UNKNOWN with this attempt's number is this attempt, written off when its lease was over: nobody has sent since,
    // and its owner knows better.
    let mut request = delivery(ledger, key)
        .condition_expression("attempt = :attempt AND #state IN (:sending, :unknown)")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":next", s(outcome.next()))
        .expression_attribute_values(":now", instant(now))
        .expression_attribute_values(":attempt", n(attempt))
        .expression_attribute_values(":sending", s(DeliveryState::Sending))
        .expression_attribute_values(":unknown", s(DeliveryState::Unknown));
    if let Outcome::Accepted {
        message_id,
        by_fallback,
    } = outcome
    {
        set.push_str(", message_id = :message_id");
        request = request.expression_attribute_values(":message_id", s(message_id));
        if *by_fallback {
            set.push_str(", by_fallback = :true");
            request = request.expression_attribute_values(":true", item::yes());
        }
    }
    if let Outcome::Retry { next_at, .. } = outcome {
        set.push_str(", next_at = :next_at");
        request = request.expression_attribute_values(":next_at", instant(*next_at));
    }
    if let Some(cause) = outcome.held_for() {
        set.push_str(", held_for = :cause");
        request = request.expression_attribute_values(":cause", s(cause.as_str()));
    }
    match outcome.reason() {
        Some(reason) => {
            set.push_str(", reason = :reason");
            request = request.expression_attribute_values(":reason", s(reason));
        }
        None => remove.push_str(", reason"),
    }
    let request = request.update_expression(format!("{set} {remove}"));
    let item = match ledger.update("settle a delivery", request).await? {
        Write::Done(_) => return Ok(Settled::Yes),
        Write::Refused(item) => current(ledger, key, item)
            .await?
            .ok_or_else(|| LedgerError::Malformed {
                row: format!("{}/{}", run_pk(&key.run), sk(key)),
                reason: "there is no such delivery to settle".to_owned(),
            })?,
    };
    let row = parse(&item)?;
    let same = row.attempt == attempt
        && match outcome {
            // An event may have moved it on since.
            Outcome::Accepted { message_id, .. } => row.message_id.as_ref() == Some(message_id),
            other => row.state == other.next(),
        };
    Ok(if same {
        Settled::Yes
    } else {
        Settled::Fenced(Box::new(row))
    })
}

/// How many rows are read at a time by who looks for one that is open.
const PAGE: i32 = 25;

/// From the end of the keys: messages are sent in their order, so while many are open the last ones are.
pub(super) async fn any_open(
    ledger: &DynamoLedger,
    run: &RunId,
    mail_epoch: MailEpoch,
) -> Result<bool, LedgerError> {
    let what = "look for open deliveries";
    let mut pages = ledger
        .client
        .query()
        .table_name(&ledger.table)
        .consistent_read(true)
        .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
        .expression_attribute_values(":pk", s(run_pk(run)))
        .expression_attribute_values(":prefix", s("MAIL#"))
        .scan_index_forward(false)
        .limit(PAGE)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(unavailable(what))?;
        for item in page.items() {
            let row = parse(item)?;
            if row.key.mail_epoch == mail_epoch && !row.state.is_final() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

pub(super) async fn list(ledger: &DynamoLedger, run: &RunId) -> Result<Vec<DeliveryRow>, LedgerError> {
    let items = ledger.list("list the deliveries", &run_pk(run), "MAIL#").await?;
    let mut rows = items.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

pub(super) fn delivery(ledger: &DynamoLedger, key: &DeliveryKey) -> UpdateItemFluentBuilder {
    ledger
        .client
        .update_item()
        .key("PK", s(run_pk(&key.run)))
        .key("SK", s(sk(key)))
}

/// The row behind a refused condition; `None` if there is no such delivery.
pub(super) async fn current(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    refused: Option<Item>,
) -> Result<Option<Item>, LedgerError> {
    match refused {
        Some(item) => Ok(Some(item)),
        None => ledger.get("read a delivery", &run_pk(&key.run), &sk(key)).await,
    }
}

pub(super) fn parse(item: &Item) -> Result<DeliveryRow, LedgerError> {
    let row = Row::new(item);
    let key = DeliveryKey {
        run: row.get("run")?,
        document: row.get("document")?,
        rid: row.get("rid")?,
        mail_epoch: MailEpoch(row.number("mail_epoch")?),
    };
    Ok(DeliveryRow {
        key,
        state: row.get("state")?,
        attempt: row.number("attempt")?,
        lease_until: row.maybe("lease_until")?,
        next_at: row.maybe("next_at")?,
        message_id: row.maybe("message_id")?,
        reason: row.maybe("reason")?,
        held_for: row.maybe("held_for")?,
        released_at: row.maybe("released_at")?,
        possible_duplicate: row.has("possible_duplicate"),
        by_fallback: row.has("by_fallback"),
        mail: row.input("mail")?,
        not_after: row.get("not_after")?,
        updated_at: row.get("updated_at")?,
    })
}
