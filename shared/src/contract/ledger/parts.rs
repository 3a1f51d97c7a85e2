//! Sentences about a part that takes more than one attempt.

use super::*;
use crate::{id::PartId, ledger::PartAttempt};

fn jobs() -> PartId {
    "dynamodb.jobs".parse().expect("a literal")
}

async fn begin(ledger: &dyn Ledger, generation: Generation) -> PartAttempt {
    let begun = ledger.begin_part(&run(), generation, &jobs(), at(0)).await;
    begun.expect("begun")
}

async fn checkpoint(ledger: &dyn Ledger, attempt: u32, key: &str) -> bool {
    let input = &input(key);
    let noted = ledger
        .checkpoint_part(&run(), G0, &jobs(), attempt, input, at(0))
        .await;
    noted.expect("answered")
}

/// Two deliveries at once are two attempts, and the first is fenced.
pub async fn every_attempt_at_a_part_has_a_number_of_its_own(ledger: &dyn Ledger) {
    for number in 1..=3 {
        let expected = PartAttempt {
            number,
            without_progress: number,
            checkpoint: None,
        };
        assert_eq!(begin(ledger, G0).await, expected);
    }
}

/// What was read stays read.
pub async fn a_checkpoint_is_found_by_the_next_attempt_and_counts_as_progress(ledger: &dyn Ledger) {
    begin(ledger, G0).await;
    assert!(checkpoint(ledger, 1, "first.json").await);
    assert!(checkpoint(ledger, 1, "second.json").await);
    let next = begin(ledger, G0).await;
    assert_eq!((next.number, next.without_progress), (2, 1));
    assert_eq!(next.checkpoint.expect("noted").key, "second.json");
}

/// The one whose visibility ran out goes on working for a while.
pub async fn an_attempt_that_was_overtaken_notes_nothing(ledger: &dyn Ledger) {
    begin(ledger, G0).await;
    begin(ledger, G0).await;
    assert!(!checkpoint(ledger, 1, "old.json").await);
    assert!(checkpoint(ledger, 2, "new.json").await);
    assert_eq!(begin(ledger, G0).await.checkpoint.expect("noted").key, "new.json");
}

/// A rerun is for reading again.
pub async fn another_generation_reads_a_part_anew(ledger: &dyn Ledger) {
    begin(ledger, G0).await;
    assert!(checkpoint(ledger, 1, "old.json").await);
    let again = begin(ledger, Generation(1)).await;
    assert_eq!((again.number, again.checkpoint), (1, None));
}
