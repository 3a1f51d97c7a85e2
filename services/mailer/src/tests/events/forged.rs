//! Events that are not believed. Whoever can publish to the topic, or send to the queue, can write anything.

use serde_json::{Value, json};
use shared::{
    ledger::{AuditEntry, DeliveryState, Ledger},
    mail::Rid,
};

use super::{super::world::World, CEO, mailed, of};

/// Everything that an event could have changed: rows, suppressions of all who are mailed to, the audit.
async fn everything(world: &World) -> (String, Vec<AuditEntry>) {
    let rows = world.rows().await;
    let mut lists = Vec::new();
    for address in [
        CEO,
        "rental@example.com",
        "victim@example.com",
        "archive@example.com",
    ] {
        let rid = Rid::of(b"a key of this test", &address.parse().unwrap());
        lists.push(world.deps.ledger.suppression(&rid).await.unwrap());
    }
    (
        format!("{rows:?} {lists:?}"),
        world.ledger.audits(&rows[0].key.run).await.unwrap(),
    )
}

/// An event is quarantined for this reason, and nothing else is different.
async fn assert_quarantined(event: impl AsyncFn(&World) -> Value, reason: &str) {
    let world = mailed().await;
    let (event, before) = (event(&world).await.to_string(), everything(&world).await);
    assert_eq!(
        world.told([event.clone(), event]).await,
        0,
        "{reason}: it is done with"
    );
    assert_eq!(everything(&world).await, before, "{reason}: something changed");
    let rows = world.quarantine().await;
    assert_eq!(rows.len(), 1, "{reason}: {rows:?}");
    assert_eq!(rows[0].reason, reason);
    assert!(!format!("{rows:?}").contains('@'), "{reason}: {rows:?}");
}

#[tokio::test]
async fn scenario_30_a_forged_bounce_is_quarantined_and_suppresses_nobody() {
    let ceo = async |world: &World| world.row("ceo", CEO).await;
    // Of a real delivery, about somebody else.
    assert_quarantined(
        async |world| of("bounce", &ceo(world).await, "victim@example.com"),
        "its recipient is not the delivery's",
    )
    .await;
    // About the right person, of a mail that SES knows by another id.
    assert_quarantined(
        async |world| {
            let mut event = of("complaint", &ceo(world).await, CEO);
            event["mail"]["messageId"] = json!("0100-999");
            event
        },
        "its message id is not the delivery's",
    )
    .await;
    // Of a night that never was.
    assert_quarantined(
        async |world| {
            let mut event = of("bounce", &ceo(world).await, CEO);
            event["mail"]["tags"]["run"] = json!(["harbor_2020-01-01"]);
            event
        },
        "there is no such delivery",
    )
    .await;
    // Of an attempt that was not made.
    assert_quarantined(
        async |world| {
            let mut event = of("bounce", &ceo(world).await, CEO);
            event["mail"]["tags"]["attempt"] = json!(["2"]);
            event
        },
        "the delivery has no such attempt",
    )
    .await;
    // A real event of another sender in the account, or feedback of the identity: neither has our tags.
    assert_quarantined(
        async |world| {
            let mut event = of("bounce", &ceo(world).await, CEO);
            event["mail"].as_object_mut().unwrap().remove("tags");
            event
        },
        "it has not the tags of a delivery",
    )
    .await;
}

#[tokio::test]
async fn a_forged_event_about_the_archive_suppresses_nobody() {
    let archive = async |world: &World| world.row("ceo", "archive@example.com").await;
    assert_quarantined(
        async |world| {
            let mut event = of("bounce", &archive(world).await, "victim@example.com");
            event["mail"]["messageId"] = json!("0100-999");
            event
        },
        "its message id is not the delivery's",
    )
    .await;
}

#[tokio::test]
async fn an_event_of_a_mail_that_was_never_sent_is_quarantined() {
    // Planned, and not begun: nothing of it can have been sent.
    let early = World::night(None).await;
    early.turn().await;
    let row = early.row("ceo", CEO).await;
    assert_eq!((row.state, row.attempt), (DeliveryState::Queued, 0));
    let mut event = of("send", &row, CEO);
    event["mail"]["tags"]["attempt"] = json!(["1"]);
    early.told([event.to_string()]).await;
    assert_eq!(early.quarantine().await.len(), 1);
    early.until_quiet().await;
    assert_eq!(
        early.service.taken().len(),
        5,
        "and the mail is not taken for sent"
    );
}
