//! A part that dies and comes again, and a recording of it: the same snapshot.

use object_store::memory::InMemory;
use shared::{
    id::Generation,
    objects::Objects,
    portfolio::{InventoryFrom, InventorySource},
};

use super::*;
use crate::{
    Delivery,
    snapshot::PartFolder,
    sources::{Collected, inventory::collect},
};

fn script(delay: Option<fn(usize) -> u64>) -> Script {
    let page = r#"{"QueueUrls":["https://sqs/1/jobs"],"NextToken":"t"}"#;
    let attributes =
        r#"{"Attributes":{"QueueArn":"arn:aws:sqs:us-west-2:1:jobs","ApproximateNumberOfMessages":"3"}}"#;
    Script {
        delay,
        ..Script::default()
    }
    .on(
        &["AmazonSQS.ListQueues", "NextToken"],
        &[(200, r#"{"QueueUrls":["https://sqs/1/mails"]}"#)],
    )
    .on(&["AmazonSQS.ListQueues"], &[(200, page)])
    .on(&["AmazonSQS.GetQueueAttributes"], &[(200, attributes)])
}

async fn delivered(script: Script, objects: &Objects) -> Collected {
    let (account, _) = account(Arc::new(script));
    let (run, part) = ("harbor.2026-11-20".parse().unwrap(), "inventory".parse().unwrap());
    let folder = PartFolder::new(objects, &run, Generation(0), &part);
    let source = InventorySource {
        from: InventoryFrom::Account,
        regions: vec!["us-west-2".into()],
    };
    let as_of = "2026-11-20".parse().unwrap();
    collect(
        &source,
        &InMemory::new(),
        Some(&account),
        as_of,
        None,
        &folder,
        Delivery { received: 1 },
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_part_killed_at_any_answer_and_delivered_again_is_the_same_snapshot() {
    let whole = delivered(script(None), &Objects::new(Arc::new(InMemory::new()))).await;
    assert!(whole.tables.iter().any(|table| table.table == "sqs_queue"));
    // The answer to this request, and to all after it, never comes.
    let killed: [fn(usize) -> u64; 4] = [
        |n| if n >= 1 { 60_000 } else { 0 },
        |n| if n >= 3 { 60_000 } else { 0 },
        |n| if n >= 9 { 60_000 } else { 0 },
        |n| if n >= 20 { 60_000 } else { 0 },
    ];
    for delay in killed {
        let objects = Objects::new(Arc::new(InMemory::new()));
        let first = delivered(script(Some(delay)), &objects);
        assert!(
            tokio::time::timeout(Duration::from_millis(150), first)
                .await
                .is_err(),
            "it was not killed"
        );
        assert_eq!(delivered(script(None), &objects).await, whole);
    }
}

#[tokio::test]
async fn an_account_of_which_nothing_can_be_read_failed_and_says_where_to_look() {
    let collected = delivered(Script::default(), &Objects::new(Arc::new(InMemory::new()))).await;
    let reason = collected.failure().expect("failed");
    assert!(reason.contains("quarterdeck doctor"), "{reason}");
    let tables: Vec<_> = collected
        .tables
        .iter()
        .map(|table| table.table.as_str())
        .collect();
    assert_eq!(tables, ["inventory_gap"]);
}
