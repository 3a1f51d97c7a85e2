//! The rows of the mail service's events: `EVT#id`/`META`, `QUARANTINE#day`/`EVT#id`, and per recipient `SUPPRESS#rid`/`META`
//! with `SUPPRESS#rid`/`BOUNCE#id`, one a transient bounce.
//!
//! Events, quarantine and bounces carry `expires_at` for the table's TTL. Correctness does not hang on it: a queue keeps
//! a message for fourteen days at most, so no duplicate of an event is left when its row goes.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{
    DynamoLedger, Write, deliveries,
    item::{Item, Row, instant, n, s},
    unavailable,
};
use crate::{
    id::MailEpoch,
    ledger::{
        DeliveryKey, DeliveryRow, DeliveryState, Feedback, LedgerError, Reported,
        feedback::{FeedbackId, FeedbackRow, Quarantined, Report, Reporting, Suppression, Verdict},
    },
    mail::Rid,
};

pub(super) const META: &str = "META";
/// Long enough for every duplicate, and for a look back over a quarter.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);

fn event_pk(id: &FeedbackId) -> String {
    format!("EVT#{id}")
}

fn rid_pk(rid: &Rid) -> String {
    format!("SUPPRESS#{rid}")
}

/// Seconds since 1970, as the table's TTL wants it.
fn expires(after: Timestamp) -> u64 {
    let at = after.checked_add(KEEP).unwrap_or(Timestamp::MAX);
    u64::try_from(at.as_second()).unwrap_or(0)
}

fn day_pk(day: Date) -> String {
    format!("QUARANTINE#{day}")
}

#[async_trait]
impl Feedback for DynamoLedger {
    async fn delivery(&self, key: &DeliveryKey) -> Result<Option<DeliveryRow>, LedgerError> {
        let item = deliveries::current(self, key, None).await?;
        item.as_ref().map(deliveries::parse).transpose()
    }

    async fn feedback(&self, id: &FeedbackId) -> Result<Option<FeedbackRow>, LedgerError> {
        let item = self.get("read an event", &event_pk(id), META).await?;
        item.as_ref().map(event).transpose()
    }

    async fn record_feedback(&self, row: &FeedbackRow) -> Result<bool, LedgerError> {
        let request = self
            .client
            .put_item()
            .item("PK", s(event_pk(&row.id)))
            .item("SK", s(META))
            .item("id", s(&row.id))
            .item("run", s(&row.delivery.run))
            .item("document", s(&row.delivery.document))
            .item("rid", s(&row.delivery.rid))
            .item("mail_epoch", n(row.delivery.mail_epoch.0))
            .item("kind", s(&row.kind))
            .item("at", instant(row.at))
            .item("handled_at", instant(row.handled_at))
            .item("expires_at", n(expires(row.handled_at)))
            .condition_expression("attribute_not_exists(PK)");
        Ok(matches!(
            self.put("store an event", request).await?,
            Write::Done(_)
        ))
    }

    async fn report_delivery(
        &self,
        key: &DeliveryKey,
        report: &Report,
        now: Timestamp,
    ) -> Result<Reporting, LedgerError> {
        let from = DeliveryState::ALL
            .into_iter()
            .filter(|from| from.reported(report.state) == Reported::Moves);
        let from: Vec<DeliveryState> = from.collect();
        if from.is_empty() {
            // No event reports such a state; what the row says is all there is to answer.
            return refused(self, key, report, None).await;
        }
        let names: Vec<String> = (0..from.len()).map(|number| format!(":from{number}")).collect();
        let (mut set, mut remove) = (
            "SET #state = :to, message_id = :message_id, reported_at = :now, updated_at = :now".to_owned(),
            // With its lease and its due time a delivery leaves the sweeper's index too.
            "REMOVE lease_until, next_at, held_for, #owner, #open, due_at".to_owned(),
        );
        let mut request = deliveries::delivery(self, key)
            .condition_expression(format!(
                "#state IN ({}) AND (attribute_not_exists(message_id) OR message_id = :message_id)",
                names.join(", ")
            ))
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":to", s(report.state))
            .expression_attribute_values(":message_id", s(&report.message_id))
            .expression_attribute_values(":now", instant(now));
        for (name, state) in names.into_iter().zip(from) {
            request = request.expression_attribute_values(name, s(state));
        }
        match &report.reason {
            Some(reason) => {
                set.push_str(", reason = :reason");
                request = request.expression_attribute_values(":reason", s(reason));
            }
            None => remove.push_str(", reason"),
        }
        let request = request.update_expression(format!("{set} {remove}"));
        match self.update("move a delivery by an event", request).await? {
            Write::Done(_) => Ok(Reporting::Moved),
            Write::Refused(item) => refused(self, key, report, item).await,
        }
    }

    async fn quarantine(&self, row: &Quarantined) -> Result<bool, LedgerError> {
        let day = row.at.to_zoned(TimeZone::UTC).date();
        let mut request = self
            .client
            .put_item()
            .item("PK", s(day_pk(day)))
            .item("SK", s(format!("EVT#{}", row.id)))
            .item("id", s(&row.id))
            .item("at", instant(row.at))
            .item("kind", s(&row.kind))
            .item("reason", s(&row.reason))
            .item("expires_at", n(expires(row.at)))
            .condition_expression("attribute_not_exists(PK)");
        if let Some(run) = &row.run {
            request = request.item("run", s(run));
        }
        Ok(matches!(
            self.put("quarantine an event", request).await?,
            Write::Done(_)
        ))
    }

    async fn quarantined(&self, day: Date) -> Result<Vec<Quarantined>, LedgerError> {
        let items = self.list("list the quarantine", &day_pk(day), "EVT#").await?;
        let row = |item| {
            let row = Row::new(item);
            Ok(Quarantined {
                id: row.get("id")?,
                at: row.get("at")?,
                kind: row.get("kind")?,
                run: row.maybe("run")?,
                reason: row.get("reason")?,
            })
        };
        items.iter().map(row).collect()
    }

    async fn transient_bounce(
        &self,
        rid: &Rid,
        id: &FeedbackId,
        at: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        // Under the event's name: the same event again writes the same row.
        let request = self
            .client
            .put_item()
            .item("PK", s(rid_pk(rid)))
            .item("SK", s(format!("BOUNCE#{id}")))
            .item("at", instant(at))
            .item("expires_at", n(expires(at)));
        self.put("note a transient bounce", request).await?;
        let items = self
            .list("list the transient bounces", &rid_pk(rid), "BOUNCE#")
            .await?;
        items.iter().map(|item| Row::new(item).get("at")).collect()
    }

    async fn suppress(&self, rid: &Rid, suppression: &Suppression) -> Result<(), LedgerError> {
        let request = self
            .client
            .put_item()
            .item("PK", s(rid_pk(rid)))
            .item("SK", s(META))
            .item("rid", s(rid))
            .item("verdict", s(suppression.verdict.as_str()))
            .item("reason", s(&suppression.reason))
            .item("since", instant(suppression.since));
        let new = "attribute_not_exists(PK)";
        let request = match suppression.verdict {
            Verdict::Hold => request.condition_expression(new),
            Verdict::Suppress => request
                .condition_expression(format!("{new} OR verdict = :hold"))
                .expression_attribute_values(":hold", s(Verdict::Hold.as_str())),
        };
        self.put("suppress a recipient", request).await.map(|_| ())
    }

    async fn suppression(&self, rid: &Rid) -> Result<Option<Suppression>, LedgerError> {
        let item = self.get("read the suppression list", &rid_pk(rid), META).await?;
        item.as_ref().map(suppression).transpose()
    }

    async fn unsuppress(&self, rid: &Rid) -> Result<bool, LedgerError> {
        let what = "take a recipient off the suppression list";
        let pk = rid_pk(rid);
        // The bounces first: dying in between leaves the recipient on the list, and the next try ends it.
        let bounces = self.list(what, &pk, "BOUNCE#").await?;
        let mut was_on = false;
        for sk in bounces.iter().filter_map(|item| item.get("SK")).chain([&s(META)]) {
            let request = self.client.delete_item().table_name(&self.table);
            let request = request.key("PK", s(&pk)).key("SK", sk.clone());
            let request = request.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld);
            let old = request.send().await.map_err(unavailable(what))?.attributes;
            was_on = old.is_some_and(|old| old.contains_key("verdict"));
        }
        Ok(was_on)
    }
}

pub(super) fn suppression(item: &Item) -> Result<Suppression, LedgerError> {
    let row = Row::new(item);
    Ok(Suppression {
        verdict: row.get("verdict")?,
        reason: row.get("reason")?,
        since: row.get("since")?,
    })
}

/// Why a report was refused: read from the row, never guessed.
async fn refused(
    ledger: &DynamoLedger,
    key: &DeliveryKey,
    report: &Report,
    item: Option<Item>,
) -> Result<Reporting, LedgerError> {
    let Some(item) = deliveries::current(ledger, key, item).await? else {
        return Ok(Reporting::NoDelivery);
    };
    let row = Box::new(deliveries::parse(&item)?);
    let foreign = row.message_id.as_ref().is_some_and(|id| *id != report.message_id);
    Ok(match row.state.reported(report.state) {
        Reported::Stays if !foreign => Reporting::Stood(row),
        _ => Reporting::Refused(row),
    })
}

fn event(item: &Item) -> Result<FeedbackRow, LedgerError> {
    let row = Row::new(item);
    let delivery = DeliveryKey {
        run: row.get("run")?,
        document: row.get("document")?,
        rid: row.get("rid")?,
        mail_epoch: MailEpoch(row.number("mail_epoch")?),
    };
    Ok(FeedbackRow {
        id: row.get("id")?,
        delivery,
        kind: row.get("kind")?,
        at: row.get("at")?,
        handled_at: row.get("handled_at")?,
    })
}
