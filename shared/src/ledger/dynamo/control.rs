//! `CTRL`/`MAILER`, the brake; `CTRL`/`AUDIT#…`, the deployment's own audit; and what releases deliveries and runs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::{error::SdkError, operation::delete_item::DeleteItemError};
use jiff::Timestamp;

use super::{
    DynamoLedger, Write, audit, deliveries,
    feedback::{META, suppression},
    item::{self, Item, Row, instant, n, s},
    runs, unavailable,
};
use crate::{
    id::{DocumentId, Generation, RunId},
    ledger::{
        AuditEntry, DeliveryRow, DeliveryState, LedgerError, RunRow,
        control::{Brake, Control, HeldFor, Verdict},
        feedback::Suppression,
    },
    mail::Rid,
};

/// The partition of what is the deployment's and no run's.
pub(super) const PK: &str = "CTRL";
const BRAKE: &str = "MAILER";

#[async_trait]
impl Control for DynamoLedger {
    async fn brake(&self) -> Result<Option<Brake>, LedgerError> {
        let item = self.get("read the brake", PK, BRAKE).await?;
        item.as_ref().map(parse).transpose()
    }

    async fn pull_brake(&self, brake: &Brake) -> Result<bool, LedgerError> {
        let request = self
            .client
            .put_item()
            .item("PK", s(PK))
            .item("SK", s(BRAKE))
            .item("reason", s(&brake.reason))
            .item("since", instant(brake.since))
            .item("until", instant(brake.until))
            .condition_expression("attribute_not_exists(PK) OR #until <= :since")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":since", instant(brake.since));
        match self.put("pull the brake", request).await? {
            Write::Done(_) => Ok(true),
            // The one that stands may be this very one, whose answer was lost.
            Write::Refused(Some(item)) => Ok(parse(&item)? == *brake),
            Write::Refused(None) => Ok(self.brake().await?.as_ref() == Some(brake)),
        }
    }

    async fn release_brake(&self, seen: &Brake) -> Result<bool, LedgerError> {
        let request = self.client.delete_item().table_name(&self.table);
        let request = request
            .key("PK", s(PK))
            .key("SK", s(BRAKE))
            .condition_expression("attribute_not_exists(PK) OR since = :since")
            .expression_attribute_values(":since", instant(seen.since));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), DeleteItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(unavailable("release the brake")(error)),
        }
    }

    async fn release(&self, held: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError> {
        let is_doubtful = held.held_for == Some(HeldFor::Doubt);
        let flag = if is_doubtful {
            ", possible_duplicate = :true"
        } else {
            ""
        };
        let mut request = deliveries::delivery(self, &held.key)
            .update_expression(format!(
                "SET #state = :queued, released_at = :now, updated_at = :now{flag} REMOVE reason, held_for, next_at"
            ))
            .condition_expression("#state = :held AND attempt = :attempt AND updated_at = :seen")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":queued", s(DeliveryState::Queued))
            .expression_attribute_values(":held", s(DeliveryState::Held))
            .expression_attribute_values(":attempt", n(held.attempt))
            .expression_attribute_values(":seen", instant(held.updated_at))
            .expression_attribute_values(":now", instant(now));
        if is_doubtful {
            request = request.expression_attribute_values(":true", item::yes());
        }
        match self.update("release a delivery", request).await? {
            Write::Done(_) => Ok(true),
            Write::Refused(item) => {
                let item = deliveries::current(self, &held.key, item).await?;
                let row = item.as_ref().map(deliveries::parse).transpose()?;
                let ours = |row: DeliveryRow| {
                    row.state == DeliveryState::Queued
                        && row.attempt == held.attempt
                        && row.released_at == Some(now)
                };
                Ok(row.is_some_and(ours))
            }
        }
    }

    async fn end_doubt(
        &self,
        doubtful: &DeliveryRow,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let request = deliveries::delivery(self, &doubtful.key)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":unknown", s(DeliveryState::Unknown))
            .expression_attribute_values(":attempt", n(doubtful.attempt))
            .expression_attribute_values(":now", instant(now));
        let (request, next) = match verdict {
            Verdict::Hold { reason } => {
                let request = request
                    .update_expression(
                        "SET #state = :next, held_for = :doubt, reason = :reason, updated_at = :now",
                    )
                    .condition_expression("#state = :unknown AND attempt = :attempt")
                    .expression_attribute_values(":doubt", s(HeldFor::Doubt.as_str()))
                    .expression_attribute_values(":reason", s(reason));
                (request, DeliveryState::Held)
            }
            Verdict::Resend => {
                let request = request
                    .update_expression(
                        "SET #state = :next, possible_duplicate = :true, updated_at = :now REMOVE reason, held_for",
                    )
                    .condition_expression(
                        "#state = :unknown AND attempt = :attempt AND attribute_not_exists(possible_duplicate)",
                    )
                    .expression_attribute_values(":true", item::yes());
                (request, DeliveryState::Queued)
            }
        };
        let request = request.expression_attribute_values(":next", s(next));
        match self.update("end a doubt", request).await? {
            Write::Done(_) => Ok(true),
            Write::Refused(item) => {
                let item = deliveries::current(self, &doubtful.key, item).await?;
                let row = item.as_ref().map(deliveries::parse).transpose()?;
                let ours = |row: DeliveryRow| {
                    row.state == next && row.attempt == doubtful.attempt && row.updated_at == now
                };
                Ok(row.is_some_and(ours))
            }
        }
    }

    async fn reopen(
        &self,
        run: &RunId,
        generation: Generation,
        look_at: Timestamp,
    ) -> Result<bool, LedgerError> {
        runs::open::reopen(self, run, generation, look_at).await
    }

    async fn mail_came_back(
        &self,
        run: &RunId,
        document: &DocumentId,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        runs::notices::came_back(self, run, document, now).await
    }

    async fn notices_due(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError> {
        runs::notices::due(self, now).await
    }

    async fn claim_notice(
        &self,
        ended: &RunRow,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        runs::notices::claim(self, ended, until, now).await
    }

    async fn notice_told(&self, ended: &RunRow) -> Result<(), LedgerError> {
        runs::notices::told(self, ended).await
    }

    async fn suppressed(&self) -> Result<BTreeMap<Rid, Suppression>, LedgerError> {
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("begins_with(PK, :pk) AND SK = :meta")
            .expression_attribute_values(":pk", s("SUPPRESS#"))
            .expression_attribute_values(":meta", s(META));
        let items = request.into_paginator().items().send().try_collect().await;
        let items: Vec<Item> = items.map_err(unavailable("list the suppression list"))?;
        let entry = |item: &Item| Ok((Row::new(item).get("rid")?, suppression(item)?));
        items.iter().map(entry).collect()
    }

    async fn control_audit(&self, entry: &AuditEntry) -> Result<(), LedgerError> {
        audit::add(self, PK, entry).await
    }

    async fn control_audits(&self, last: usize) -> Result<Vec<AuditEntry>, LedgerError> {
        let mut all = audit::list(self, PK).await?;
        all.drain(..all.len().saturating_sub(last));
        Ok(all)
    }
}

fn parse(item: &Item) -> Result<Brake, LedgerError> {
    let row = Row::new(item);
    Ok(Brake {
        reason: row.get("reason")?,
        since: row.get("since")?,
        until: row.get("until")?,
    })
}
