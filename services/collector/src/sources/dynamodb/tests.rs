use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use object_store::memory::InMemory;
use shared::{id::Generation, objects::Objects};

use super::*;

/// A table that answers from a script.
struct Script(VecDeque<Result<Vec<Item>, ReadError>>);

impl Script {
    fn pages(pages: impl IntoIterator<Item = Vec<Item>>) -> Self {
        Self(pages.into_iter().map(Ok).collect())
    }
    fn then(mut self, error: ReadError) -> Self {
        self.0.push_back(Err(error));
        self
    }
}

#[async_trait]
impl Pages for Script {
    async fn keys(&mut self) -> Result<Vec<String>, ReadError> {
        Ok(vec!["id".to_owned()])
    }
    async fn next(&mut self) -> Result<Option<Vec<Item>>, ReadError> {
        self.0.pop_front().transpose()
    }
}

fn item(id: &str, attributes: &[(&str, &str)]) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut item: Item = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect();
    item.insert("id".to_owned(), text(id));
    item
}

fn source() -> TableSource {
    TableSource {
        table: "jobs".into(),
        entity: None,
        core: true,
        attributes: vec!["price".into()],
    }
}

async fn run(mut script: Script, delivery: Delivery) -> (Objects, Result<Collected, SourceError>) {
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (
        "harbor.2026-11-20".parse().unwrap(),
        "dynamodb.jobs".parse().unwrap(),
    );
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let collected = collect(&source(), &mut script, &folder, delivery).await;
    (objects, collected)
}

const FIRST: Delivery = Delivery { received: 1 };

#[tokio::test]
async fn the_same_items_give_the_same_bytes_whatever_order_and_pages_they_come_in() {
    let items = || {
        (0..50)
            .map(|n| item(&format!("job-{n}"), &[("note", "x")]))
            .collect::<Vec<_>>()
    };
    let (_, one_page) = run(Script::pages([items()]), FIRST).await;
    let backwards: Vec<_> = items()
        .into_iter()
        .rev()
        .map(|item| vec![item])
        .chain([vec![]])
        .collect();
    let (_, many_pages) = run(Script::pages(backwards), FIRST).await;
    assert_eq!(one_page.unwrap(), many_pages.unwrap());
}

#[tokio::test]
async fn configured_columns_exist_even_when_no_item_has_them() {
    let (_, collected) = run(
        Script::pages([vec![item("1", &[("b", "x")]), item("2", &[("a", "y")])]]),
        FIRST,
    )
    .await;
    let collected = collected.unwrap();
    assert_eq!(collected.state, SourceState::Ok);
    assert_eq!(collected.tables[0].columns, ["a", "b", "id", "price"]);
    assert_eq!(collected.rows(), 2);
}

#[tokio::test]
async fn an_item_of_400_kilobytes_is_a_row_like_any_other() {
    let long = "x".repeat(400 * 1024);
    let (_, collected) = run(Script::pages([vec![item("1", &[("note", &long)])]]), FIRST).await;
    assert_eq!(collected.unwrap().rows(), 1);
}

#[tokio::test]
async fn a_table_of_more_rows_than_a_file_takes_is_cut_and_nothing_is_lost() {
    let count = crate::snapshot::chunk::MAX_ROWS + 10;
    let pages = (0..count).step_by(5000).map(|from| {
        (from..count.min(from + 5000))
            .map(|n| item(&format!("{:08}", n * 7919 % count), &[]))
            .collect()
    });
    let (_, collected) = run(Script::pages(pages), FIRST).await;
    let collected = collected.unwrap();
    let rows: Vec<_> = collected.tables[0].files.iter().map(|file| file.rows).collect();
    assert_eq!(rows, [65_536, 10]);
}

#[tokio::test]
async fn an_empty_table_is_empty_and_says_so() {
    let (_, collected) = run(Script::pages([vec![], vec![]]), FIRST).await;
    let collected = collected.unwrap();
    assert_eq!(collected.state, SourceState::Empty);
    assert!(collected.failure().is_none(), "empty is known");
    assert_eq!(collected.tables[0].columns, ["price"]);
}

#[tokio::test]
async fn a_missing_table_is_named_with_what_to_do() {
    let (_, collected) = run(Script::pages([]).then(ReadError::Missing), FIRST).await;
    let collected = collected.unwrap();
    assert_eq!(collected.state, SourceState::Missing);
    let reason = collected.failure().unwrap();
    assert!(
        reason.contains("table jobs does not exist") && reason.contains("tables/jobs.ndjson"),
        "{reason}"
    );
    assert!(collected.tables.is_empty(), "unknown is not an empty table");
}

#[tokio::test]
async fn what_a_broken_scan_had_read_is_discarded() {
    let denied = || ReadError::Refused {
        code: "AccessDeniedException".into(),
        message: "not authorized".into(),
    };
    let (objects, collected) = run(Script::pages([vec![item("1", &[])]]).then(denied()), FIRST).await;
    let collected = collected.unwrap();
    assert_eq!((collected.state, collected.rows()), (SourceState::Failed, 0));
    let reason = collected.failure().unwrap();
    assert!(
        reason.contains("discarded") && reason.contains("dynamodb:Scan"),
        "{reason}"
    );
    let key = "runs/harbor.2026-11-20/g0/snapshot/dynamodb.jobs/jobs-0.parquet";
    assert!(objects.get(key).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn throttling_is_worth_another_delivery_until_the_last() {
    let throttled = || Script::pages([]).then(ReadError::Transient("throttled".into()));
    let (_, first) = run(throttled(), FIRST).await;
    assert!(matches!(first, Err(SourceError::Later(reason)) if reason.contains("jobs")));
    let (_, last) = run(
        throttled(),
        Delivery {
            received: Delivery::PATIENCE,
        },
    )
    .await;
    assert_eq!(last.unwrap().state, SourceState::Failed);
}
