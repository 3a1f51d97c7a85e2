//! Nights made on a ledger ([`world`]), and the tables that are made of them.

mod world;

use std::sync::Arc;

use jiff::SignedDuration;
use object_store::memory::InMemory;
use shared::{
    facts::SourceState,
    faulty::{Faults, FaultyLedger},
    id::Generation,
    ledger::{Control, DecidedBy, Decisions, DeliveryState},
    manifest::collected_from,
    objects::Objects,
    portfolio::Decided,
};

use super::{super::inventory::columns_of, *};
use world::*;

#[tokio::test]
async fn on_a_first_night_every_table_is_read_and_only_the_one_that_says_so_has_a_row() {
    let ledger = empty().await;
    // The run itself is under way, and on the ledger.
    ledger.plan_run(&plan(NIGHT, &["ledger"])).await.unwrap();
    let first = written(&ledger).await;
    let tables: Vec<_> = first
        .collected
        .tables
        .iter()
        .map(|table| table.table.as_str())
        .collect();
    assert_eq!(
        tables,
        [
            "action_decision",
            "pipeline_delivery",
            "pipeline_ledger",
            "pipeline_part",
            "pipeline_recipient",
            "pipeline_run"
        ]
    );
    assert!(
        first
            .collected
            .tables
            .iter()
            .all(|table| !table.columns.is_empty())
    );
    let expected = "pipeline_ledger: brake_reason= brake_since= brake_until= first_date=2026-10-21 last_date=2026-11-19 nights=0 \
                    recipients=0";
    assert_eq!(first.rows, [expected]);
    assert_eq!(
        (first.collected.state, &first.collected.reason),
        (SourceState::Ok, &None)
    );
}

#[tokio::test]
async fn an_earlier_night_is_its_run_its_parts_and_its_deliveries() {
    let ledger = empty().await;
    degraded(&ledger, "harbor.2026-11-19", 60).await;
    suppress(&ledger, &rid('a'), at(90)).await;
    let brake = Brake {
        reason: "paused".to_owned(),
        since: at(70),
        until: at(3_670),
    };
    assert!(ledger.pull_brake(&brake).await.unwrap());
    let night = written(&ledger).await;
    assert_eq!(
        night.of("pipeline_run"),
        [
            "business_date=2026-11-19 documents=1 documents_missing=1 generation=0 mail_epoch=0 parts=3 parts_failed=1 parts_late=1 \
          parts_missing=1 run=harbor.2026-11-19 state=DEGRADED"
        ]
    );
    assert_eq!(
        night.of("pipeline_part"),
        [
            "business_date=2026-11-19 part=dynamodb.gone reason=there is no table gone run=harbor.2026-11-19 state=failed",
            "business_date=2026-11-19 part=inventory reason=- run=harbor.2026-11-19 state=late",
        ]
    );
    let delivery = |state: &str, held_for: &str, reason: &str| {
        format!(
            "attempts=1 business_date=2026-11-19 document=ceo held_for={held_for} mail_epoch=0 mails=1 possible_duplicates=0 \
             reason={reason} run=harbor.2026-11-19 state={state}"
        )
    };
    assert_eq!(
        night.of("pipeline_delivery"),
        [
            delivery("ACCEPTED", "", ""),
            delivery("BOUNCED", "", "Permanent/NoEmail"),
            delivery("HELD", "ACCOUNT", "the account cannot send: paused"),
        ]
    );
    let expected = format!(
        "document=ceo last_date=2026-11-19 reason=Bounce Permanent/NoEmail rid={} since=2026-11-20T10:31:30Z verdict=SUPPRESS",
        rid('a')
    );
    assert_eq!(night.of("pipeline_recipient"), [expected]);
    let expected = "brake_reason=paused brake_since=2026-11-20T10:31:10Z brake_until=2026-11-20T11:31:10Z first_date=2026-10-21 \
                    last_date=2026-11-19 nights=1 recipients=3";
    assert_eq!(night.of("pipeline_ledger"), [expected]);
}

#[tokio::test]
async fn the_tables_have_the_columns_that_the_catalog_declares_and_no_other() {
    let ledger = empty().await;
    degraded(&ledger, "harbor.2026-11-19", 60).await;
    suppress(&ledger, &rid('a'), at(90)).await;
    let made = decision("c1", Decided::Done, "2026-11-19", DecidedBy::Operator, 10);
    assert!(ledger.decide(&made).await.unwrap());
    let night = written(&ledger).await;
    for table in &night.collected.tables {
        assert!(!night.of(&table.table).is_empty(), "{}", table.table);
        let declared: BTreeSet<String> = columns_of(&table.table).unwrap().iter().cloned().collect();
        // Of the rows themselves: the manifest has what is declared whether a row has it or not.
        assert_eq!(night.cells[&table.table], declared, "{}", table.table);
        assert_eq!(collected_from(&table.table), "ledger");
    }
}

/// AWS says who may not read a source, and who came by SSO is called by an address.
#[tokio::test]
async fn no_table_has_an_address_whatever_a_source_said() {
    let ledger = empty().await;
    degraded(&ledger, "harbor.2026-11-19", 60).await;
    suppress(&ledger, &rid('a'), at(90)).await;
    let of_mail = DecidedBy::Recipient(rid('c'));
    let made = decision("<7@mail.example.com>", Decided::Done, "2026-11-19", of_mail, 10);
    assert!(ledger.decide(&made).await.unwrap());
    let mut past = read(&ledger, &NIGHT.parse().unwrap(), due()).await.unwrap();
    let said = "User: arn:aws:sts::123456789012:assumed-role/Reader/cfo@example.com is not\nauthorized (ask it@example.com)";
    for part in past.nights[0].0.parts.values_mut() {
        part.failure = part.failure.as_ref().map(|_| said.to_owned());
    }
    let night = tables_of(&past).await;
    assert_eq!(night.cells.len(), 6, "a table has no row: {:?}", night.rows);
    let found = night.rows.iter().find(|row| row.contains('@'));
    assert_eq!(found, None);
    let shown = "part=dynamodb.gone reason=User: [address] is not authorized (ask [address] run=harbor.2026-11-19 state=failed";
    let parts = night.of("pipeline_part");
    assert!(parts.iter().any(|row| row.ends_with(shown)), "{parts:?}");
}

#[tokio::test]
async fn a_night_that_is_collected_again_knows_only_what_was_before_it() {
    let ledger = empty().await;
    for run in [
        "harbor.2026-10-20",
        "harbor.2026-10-21",
        "harbor.2026-11-19",
        "other.2026-11-18",
    ] {
        degraded(&ledger, run, 60).await;
    }
    let before = written(&ledger).await;
    let dates: Vec<_> = before
        .of("pipeline_run")
        .iter()
        .filter_map(|row| row.split(' ').next())
        .collect();
    assert_eq!(dates, ["business_date=2026-10-21", "business_date=2026-11-19"]);
    // Then the night itself, the one after it, and what came of that.
    degraded(&ledger, NIGHT, 120).await;
    degraded(&ledger, "harbor.2026-11-21", 180).await;
    let later = due() + SignedDuration::from_hours(24);
    suppress(&ledger, &rid('a'), later).await;
    let brake = Brake {
        reason: "paused".to_owned(),
        since: later,
        until: later + SignedDuration::from_hours(1),
    };
    assert!(ledger.pull_brake(&brake).await.unwrap());
    let tomorrow = decision("c1", Decided::Done, "2026-11-21", DecidedBy::Operator, 90_000);
    assert!(ledger.decide(&tomorrow).await.unwrap());
    let again = written(&ledger).await;
    assert_eq!(again.rows, before.rows);
    assert_eq!(again.digest(), before.digest());
}

#[tokio::test]
async fn the_same_ledger_gives_the_same_bytes_whenever_its_nights_were_run() {
    let (one, other) = (empty().await, empty().await);
    degraded(&one, "harbor.2026-11-19", 60).await;
    degraded(&other, "harbor.2026-11-19", 7_777).await;
    let (one, other) = (written(&one).await, written(&other).await);
    assert_eq!(one.digest(), other.digest());
    let none = written(&empty().await).await;
    assert_ne!(one.digest(), none.digest());
}

#[tokio::test]
async fn deliveries_that_are_alike_are_one_row_whatever_key_their_rids_were_made_with() {
    let ledger = empty().await;
    degraded(&ledger, "harbor.2026-11-19", 60).await;
    let past = read(&ledger, &NIGHT.parse().unwrap(), due()).await.unwrap();
    let under = |digits: [char; 2]| {
        let mut past = past.clone();
        let (_, deliveries) = &mut past.nights[0];
        let mut one = deliveries[0].clone();
        one.state = DeliveryState::Accepted;
        *deliveries = digits
            .map(|digit| {
                one.key.rid = rid(digit);
                one.clone()
            })
            .into();
        past
    };
    let (one, other) = (
        tables_of(&under(['a', 'b'])).await,
        tables_of(&under(['f', 'e'])).await,
    );
    assert_eq!(one.rows, other.rows);
    let row = one.of("pipeline_delivery");
    assert!(
        row.len() == 1 && row[0].contains("mails=2") && row[0].contains("attempts=2"),
        "{row:?}"
    );
}

#[tokio::test]
async fn a_delivery_in_any_state_is_a_row_of_that_state() {
    let ledger = empty().await;
    degraded(&ledger, "harbor.2026-11-19", 60).await;
    let mut past = read(&ledger, &NIGHT.parse().unwrap(), due()).await.unwrap();
    let (_, deliveries) = &mut past.nights[0];
    let one = deliveries[0].clone();
    *deliveries = DeliveryState::ALL
        .map(|state| DeliveryRow {
            state,
            possible_duplicate: true,
            ..one.clone()
        })
        .into();
    let night = tables_of(&past).await;
    let rows = night.of("pipeline_delivery");
    let states: Vec<_> = rows
        .iter()
        .filter_map(|row| row.rsplit_once("state="))
        .map(|(_, state)| state)
        .collect();
    assert_eq!(states, DeliveryState::ALL.map(DeliveryState::as_str));
    assert!(
        rows.iter().all(|row| row.contains(" possible_duplicates=1 ")),
        "{rows:?}"
    );
}

#[tokio::test]
async fn decisions_come_in_their_order_by_whom_they_were_made_and_without_anything_like_an_address() {
    let ledger = empty().await;
    let until = "2026-12-24".parse().unwrap();
    let of_mail = DecidedBy::Recipient(rid('c'));
    for made in [
        decision(
            "<7@mail.example.com>",
            Decided::Snoozed(until),
            "2026-11-20",
            of_mail,
            20,
        ),
        decision("c1", Decided::Done, "2026-11-19", DecidedBy::Operator, 10),
    ] {
        assert!(ledger.decide(&made).await.unwrap());
    }
    let night = written(&ledger).await;
    let (first, second) = match night.of("action_decision")[..] {
        [first, second] => (first, second),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(
        first,
        "action=A7K2QX decided_by=operator decided_on=2026-11-19 id=c1 reason= rid= seq=1 state=done until="
    );
    let of_mail = format!("reason= rid={} seq=2 state=snoozed until=2026-12-24", rid('c'));
    assert!(second.ends_with(&of_mail), "{second}");
    assert!(!second.contains('@') && second.contains("id=sha256:"), "{second}");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_asked_again_and_then_a_failed_source_without_a_table() {
    let inner: Arc<dyn Ledger> = Arc::new(empty().await);
    let faults = Arc::new(Faults::default());
    let ledger = FaultyLedger {
        inner,
        faults: Arc::clone(&faults),
    };
    faults.away(true);
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (NIGHT.parse().unwrap(), "ledger".parse().unwrap());
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let asked = async |received| collect(&ledger, &run, due(), &folder, Delivery { received }).await;
    for received in 1..Delivery::PATIENCE {
        assert!(matches!(asked(received).await, Err(SourceError::Later(_))));
    }
    let last = asked(Delivery::PATIENCE).await.unwrap();
    assert_eq!((last.state, last.tables.len()), (SourceState::Failed, 0));
    let reason = last.reason.unwrap();
    assert!(
        reason.starts_with("earlier nights are unknown: the ledger cannot be used"),
        "{reason}"
    );
}
