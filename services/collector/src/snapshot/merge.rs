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
mod tests;
