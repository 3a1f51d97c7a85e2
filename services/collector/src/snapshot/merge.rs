//! Merges runs: rows in the order of their key, chunk by chunk, whatever runs they come from and however often the merge
//! is stopped and taken up again.

use std::{cmp::Ordering, collections::BinaryHeap, ops::Range};

use super::{
    chunk::Chunk,
    runs::{Position, Reader, Run, WorkFolder},
};

/// At most so many runs are merged at once: each holds a block of half a megabyte, and what it was fetched as.
pub const FAN_IN: usize = 32;

/// Of more than [`FAN_IN`] runs those that are merged to one first, in their place, as the later reading of a row stands:
/// next to each other and merged least often. So a row is merged again only when there are 32 times as many.
pub fn window(runs: &[Run]) -> Range<usize> {
    let lowest = runs.iter().map(|run| run.level).min();
    let first = runs.iter().position(|run| Some(run.level) == lowest);
    let first = first.unwrap_or(0).min(runs.len().saturating_sub(FAN_IN));
    first..runs.len().min(first + FAN_IN)
}

/// A merge under way.
#[derive(Debug)]
pub struct Merge {
    keys: usize,
    heads: BinaryHeap<Head>,
    positions: Vec<Position>,
}

impl Merge {
    /// Of these runs, ordered by the first `keys` cells of each row. `positions` are those of an earlier merge of the same
    /// runs, after some chunk; none is from the beginning.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub async fn open(
        work: &WorkFolder,
        runs: &[Run],
        keys: usize,
        positions: &[Position],
    ) -> anyhow::Result<Self> {
        let mut merge = Self {
            keys,
            heads: BinaryHeap::new(),
            positions: vec![Position::end(); runs.len()],
        };
        for (run, files) in runs.iter().enumerate() {
            let at = positions.get(run).copied().unwrap_or_default();
            if let Some(reader) = Reader::open(work.objects(), files, at).await? {
                merge.heads.push(Head { keys, run, reader });
            }
        }
        Ok(merge)
    }

    /// Where each run stands now, for taking up the merge after the chunk given last.
    pub fn positions(&self) -> Vec<Position> {
        let mut positions = self.positions.clone();
        for head in &self.heads {
            positions[head.run] = head.reader.position();
        }
        positions
    }

    /// The next chunk, never an empty one; `None` at the end. Of rows with the same key the one of the later run stands.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub async fn next_chunk(&mut self) -> anyhow::Result<Option<Chunk>> {
        let mut chunk = Chunk::default();
        while !chunk.is_full() {
            let Some(head) = self.heads.peek() else { break };
            chunk.begin_row();
            for (column, text) in head.reader.row() {
                chunk.text_cell(column, text);
            }
            self.advance().await?;
            while self.keys > 0 && self.is_again(&chunk) {
                self.advance().await?;
            }
        }
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    /// Whether the next row has the key of the chunk's last.
    fn is_again(&self, chunk: &Chunk) -> bool {
        let last = chunk.len() - 1;
        self.heads
            .peek()
            .is_some_and(|head| head.reader.key(self.keys).eq(chunk.key(last, self.keys)))
    }

    async fn advance(&mut self) -> anyhow::Result<()> {
        let Some(mut head) = self.heads.peek_mut() else {
            return Ok(());
        };
        if !head.reader.advance().await? {
            std::collections::binary_heap::PeekMut::pop(head);
        }
        Ok(())
    }
}

/// A run's next row. Ordered so that the heap, which gives the greatest, gives the smallest key, and the latest run's
/// among equals.
#[derive(Debug)]
struct Head {
    keys: usize,
    run: usize,
    reader: Reader,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_key = other.reader.key(self.keys).cmp(self.reader.key(self.keys));
        by_key.then(self.run.cmp(&other.run))
    }
}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}

#[cfg(test)]
mod tests {
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
            found.extend(
                (0..chunk.len()).map(|row| chunk.key(row, 1).next().unwrap().unwrap()[..2].to_owned()),
            );
            positions = merge.positions();
            chunks += 1;
        }
        let expected: Vec<_> = (0..40).map(|n| format!("{n:02}")).collect();
        assert_eq!(found, expected);
        assert!(chunks > 3, "several chunks: {chunks}");
    }
}
