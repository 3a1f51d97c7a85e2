//! What the adapters of a batch service share: cutting bodies into batches, and answering for all of them.

use super::{QueueError, Stage};

/// SQS's limits for one call.
const ENTRIES: usize = 10;
const BYTES: usize = 1024 * 1024;

/// Ranges of at most ten bodies and 1 MiB. A body above that is alone in its batch, and the service refuses it.
pub(super) fn batches(bodies: &[String]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, body) in bodies.iter().enumerate() {
        if index > start && (index - start == ENTRIES || bytes + body.len() > BYTES) {
            ranges.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += body.len();
    }
    if start < bodies.len() {
        ranges.push(start..bodies.len());
    }
    ranges
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The entries that were not taken, over all batches of one `send`.
pub(super) struct Tally {
    stage: Stage,
    total: usize,
    failed: Vec<usize>,
    reason: Option<String>,
    unreachable: Option<Source>,
}

impl Tally {
    pub(super) fn new(stage: Stage, total: usize) -> Self {
        Self {
            stage,
            total,
            failed: Vec::new(),
            reason: None,
            unreachable: None,
        }
    }

    /// The service refused one entry.
    pub(super) fn refused(&mut self, index: usize, reason: impl Into<String>) {
        self.failed.push(index);
        self.reason.get_or_insert_with(|| reason.into());
    }

    /// A whole call failed: its entries and those that are not tried any more count as not taken. (Some may have
    /// been; sending them again is what "at least once" means.)
    pub(super) fn unreachable(&mut self, rest: impl IntoIterator<Item = usize>, source: impl Into<Source>) {
        self.failed.extend(rest);
        self.unreachable = Some(source.into());
    }

    pub(super) fn finish(mut self) -> Result<(), QueueError> {
        if self.failed.is_empty() {
            return Ok(());
        }
        self.failed.sort_unstable();
        let Self {
            stage,
            total,
            failed,
            reason,
            unreachable,
        } = self;
        match unreachable {
            Some(source) if failed.len() == total => Err(QueueError::Unavailable { stage, source }),
            unreachable => {
                let said = unreachable.map(|source| source.to_string());
                let reason = reason.or(said).unwrap_or_default();
                Err(QueueError::Partial {
                    stage,
                    failed,
                    total,
                    reason,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_have_at_most_ten_entries_and_one_mebibyte() {
        let small = vec!["x".to_owned(); 23];
        assert_eq!(batches(&small), [0..10, 10..20, 20..23]);
        let large = vec!["x".repeat(400 * 1024); 3];
        assert_eq!(batches(&large), [0..2, 2..3]);
        assert!(batches(&[]).is_empty());
    }

    #[test]
    fn a_call_that_fails_after_others_were_taken_is_partial() {
        let mut tally = Tally::new(Stage::Mail, 12);
        tally.unreachable(10..12, "connection reset");
        let Err(QueueError::Partial { failed, reason, .. }) = tally.finish() else {
            panic!("not partial")
        };
        assert_eq!((failed, reason.as_str()), (vec![10, 11], "connection reset"));
    }
}
