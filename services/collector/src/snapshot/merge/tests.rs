use shared::{id::Generation, objects::Objects};

use super::{super::chunk::Columns, *};

fn work() -> WorkFolder {
    let (run, part) = (
        "harbor.2026-11-20".parse().unwrap(),
        "dynamodb.jobs".parse().unwrap(),
    );
    WorkFolder::new(&Objects::memory(), &run, Generation(0), &part, 1)
}

/// Runs of `every` keys each; a row's second cell says in which place its key was given.
async fn runs(work: &mut WorkFolder, keys: &[&str], every: usize) -> Vec<Run> {
    let (mut columns, mut runs) = (Columns::default(), Vec::new());
    for (n, keys) in keys.chunks(every).enumerate() {
        let mut chunk = Chunk::default();
        for (m, key) in keys.iter().enumerate() {
            chunk.begin_row();
            chunk.text_cell(columns.id("key"), Some(key));
            let value = format!("{key} at {}", n * every + m);
            chunk.text_cell(columns.id("value"), (*key != "null").then_some(value.as_str()));
        }
        chunk.sort_by_leading_cells(1);
        runs.push(Run::of(work.put_rows(&chunk).await.unwrap()));
    }
    runs
}

async fn merged(work: &WorkFolder, runs: &[Run]) -> Vec<Option<String>> {
    let mut merge = Merge::open(work, runs, 1, &[]).await.unwrap();
    let mut values = Vec::new();
    while let Some(chunk) = merge.next_chunk().await.unwrap() {
        values.extend((0..chunk.len()).map(|row| chunk.row(row).nth(1).unwrap().1.map(str::to_owned)));
    }
    values
}

#[tokio::test]
async fn rows_come_in_order_whatever_runs_they_were_in() {
    let keys = ["m", "b", "null", "z", "a", "", "k", "é"];
    let mut work = work();
    let one = runs(&mut work, &keys, keys.len()).await;
    let expected = merged(&work, &one).await;
    assert_eq!(expected.len(), keys.len());
    assert_eq!(expected[5], None, "null stays null");
    for every in 1..=keys.len() {
        let runs = runs(&mut work, &keys, every).await;
        assert_eq!(merged(&work, &runs).await, expected, "{every} rows in a run");
    }
    assert!(merged(&work, &[]).await.is_empty());
}

#[tokio::test]
async fn of_a_key_in_several_runs_the_latest_stands() {
    let mut work = work();
    let runs = runs(&mut work, &["b", "a", "b", "c", "a", "b"], 2).await;
    let values = merged(&work, &runs).await;
    let values: Vec<_> = values.into_iter().flatten().collect();
    assert_eq!(values, ["a at 4", "b at 5", "c at 3"]);
}

#[test]
fn a_row_is_merged_again_only_when_there_are_many_times_as_many() {
    let mut runs: Vec<(Run, u64)> = vec![(Run::default(), 1); 1500];
    let mut moved = 0;
    while runs.len() > FAN_IN {
        let only: Vec<Run> = runs.iter().map(|(run, _)| run.clone()).collect();
        let window = window(&only);
        assert_eq!(window.len(), FAN_IN);
        let rows = runs[window.clone()].iter().map(|(_, rows)| rows).sum();
        moved += rows;
        runs.splice(window.clone(), [(Run::above(&only[window]), rows)]);
    }
    assert_eq!(runs.iter().map(|(_, rows)| rows).sum::<u64>(), 1500);
    assert!(moved < 2 * 1500, "{moved} runs' rows were moved");
}

#[tokio::test]
async fn a_merge_that_is_taken_up_again_goes_on_with_the_next_row() {
    let mut work = work();
    let wide = "x".repeat(3 * 1024 * 1024);
    let keys: Vec<String> = (0..40).map(|n| format!("{:02}{wide}", n * 7 % 40)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let runs = runs(&mut work, &keys, 10).await;
    let (mut found, mut positions, mut chunks) = (Vec::new(), Vec::new(), 0);
    loop {
        let mut merge = Merge::open(&work, &runs, 1, &positions).await.unwrap();
        let Some(chunk) = merge.next_chunk().await.unwrap() else {
            break;
        };
        found.extend((0..chunk.len()).map(|row| chunk.key(row, 1).next().unwrap().unwrap()[..2].to_owned()));
        positions = merge.positions();
        chunks += 1;
    }
    let expected: Vec<_> = (0..40).map(|n| format!("{n:02}")).collect();
    assert_eq!(found, expected);
    assert!(chunks > 3, "several chunks: {chunks}");
}
