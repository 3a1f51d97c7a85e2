//! Reading a table from a script of pages and faults, on simulated time. [`script`] is the table.

use shared::{facts::SourceState, portfolio::TableSource};

use super::{pages::ReadError, *};
use crate::snapshot::chunk;

mod faults;
mod script;
mod stops;

use script::{Script, World, item, items};

fn source() -> TableSource {
    TableSource {
        table: "jobs".into(),
        core: true,
        attributes: vec!["price".into()],
        ..TableSource::default()
    }
}

#[tokio::test]
async fn the_same_items_give_the_same_bytes_whatever_order_splits_and_pages_they_come_in() {
    let one_page = World::new()
        .await
        .collect(&Script::of([vec![items(0..50)]]))
        .await;
    let backwards: Vec<Vec<_>> = (0..50).rev().map(|n| items(n..n + 1)).chain([vec![]]).collect();
    let many_pages = World::new().await.collect(&Script::of([backwards])).await;
    let splits = (0..7).map(|first| (first..50).step_by(7).map(|n| items(n..n + 1)).collect());
    let many_splits = World::new().await.collect(&Script::of(splits)).await;
    let expected = one_page.unwrap();
    assert_eq!(expected.rows(), 50);
    assert_eq!(many_pages.unwrap(), expected);
    assert_eq!(many_splits.unwrap(), expected);
}

#[tokio::test]
async fn configured_columns_exist_even_when_no_item_has_them() {
    let script = Script::of([vec![vec![item("1", &[("b", "x")]), item("2", &[("a", "y")])]]]);
    let collected = World::new().await.collect(&script).await.unwrap();
    assert_eq!(collected.state, SourceState::Ok);
    assert_eq!(collected.tables[0].columns, ["a", "b", "id", "price"]);
    assert_eq!(collected.rows(), 2);
}

#[tokio::test]
async fn an_item_of_400_kilobytes_is_a_row_like_any_other() {
    let long = "x".repeat(400 * 1024);
    let script = Script::of([vec![vec![item("1", &[("note", &long)])]]]);
    assert_eq!(World::new().await.collect(&script).await.unwrap().rows(), 1);
}

#[tokio::test]
async fn a_table_of_more_rows_than_a_file_takes_is_cut_and_nothing_is_lost() {
    let count = chunk::MAX_ROWS + 10;
    let page = |from: usize| {
        let rows = from..count.min(from + 5000);
        rows.map(|n| item(&format!("{:08}", n * 7919 % count), &[]))
            .collect()
    };
    let world = World::new().await;
    let script = Script::of([(0..count).step_by(5000).map(page).collect()]);
    let collected = world.collect(&script).await.unwrap();
    let rows: Vec<_> = collected.tables[0].files.iter().map(|file| file.rows).collect();
    assert_eq!(rows, [65_536, 10]);
}

#[tokio::test]
async fn an_empty_table_is_empty_and_says_so() {
    let collected = World::new()
        .await
        .collect(&Script::of([vec![vec![], vec![]]]))
        .await;
    let collected = collected.unwrap();
    assert_eq!(collected.state, SourceState::Empty);
    assert!(collected.failure().is_none(), "empty is known");
    assert_eq!(collected.tables[0].columns, ["price"]);
}

#[tokio::test]
async fn attributes_that_are_data_are_no_columns() {
    let names: Vec<String> = (0..5000).map(|n| format!("2026-{n}")).collect();
    let attributes: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let script = Script::of([vec![vec![item("1", &attributes)]]]);
    let collected = World::new().await.collect(&script).await.unwrap();
    assert_eq!(collected.state, SourceState::Failed);
    let reason = collected.failure().unwrap();
    assert!(
        reason.contains("more than 4096") && reason.contains("`project`"),
        "{reason}"
    );
}
