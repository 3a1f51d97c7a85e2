//! Work side by side whose results come in the order of asking: [`in_order`] of futures, [`in_halves`] over the rows of one table.

use datafusion::arrow::array::RecordBatch;
use futures::{StreamExt, stream};

/// Queries under way at a time: each uses one core, a night in Lambda has two, and a third is at hand when one ends.
const AT_A_TIME: usize = 3;

/// Runs futures side by side and answers in their order, so that the order of finishing is no part of a result. One that takes
/// long holds up none of those behind it.
pub async fn in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let numbered = futures
        .enumerate()
        .map(|(number, future)| async move { (number, future.await) });
    let mut all: Vec<_> = stream::iter(numbered).buffer_unordered(AT_A_TIME).collect().await;
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, output)| output).collect()
}

/// Rows below which a second thread costs more than it saves.
const LEAST: usize = 100_000;

/// The two halves of a table's rows, as near as its batches come to that; none of few rows.
pub fn halves(batches: &[RecordBatch]) -> Option<[&[RecordBatch]; 2]> {
    let all: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if all < LEAST {
        return None;
    }
    let mut rows = 0;
    let middle = batches.iter().position(|batch| {
        rows += batch.num_rows();
        rows * 2 >= all
    })?;
    let (first, second) = batches.split_at(middle + 1);
    (!second.is_empty()).then_some([first, second])
}

/// What a function says of a table's rows: of the halves of many, at once, and then put together.
pub fn in_halves<T: Send>(
    batches: &[RecordBatch],
    of: impl Fn(&[RecordBatch]) -> T + Sync,
    together: impl FnOnce(T, T) -> T,
) -> T {
    let Some([first, second]) = halves(batches) else {
        return of(batches);
    };
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| of(first));
        let second = of(second);
        (first.join(), second)
    });
    match first {
        Ok(first) => together(first, second),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::Notify, time::timeout};

    use super::*;

    #[tokio::test]
    async fn results_are_in_order_and_a_long_one_holds_up_no_other() {
        let last_is_done = Notify::new();
        let took = in_order((0..4).map(|number| {
            let last_is_done = &last_is_done;
            async move {
                match number {
                    0 => last_is_done.notified().await,
                    3 => last_is_done.notify_one(),
                    _ => {}
                }
                number
            }
        }));
        let took = timeout(Duration::from_secs(30), took).await;
        assert_eq!(took.expect("the last one waits for the first"), [0, 1, 2, 3]);
    }
}
