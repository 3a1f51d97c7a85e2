//! Work side by side whose results come in the order of asking: [`in_order`] of futures, [`on_two`] threads, [`in_halves`] over the
//! rows of one table.

use std::sync::atomic::{AtomicUsize, Ordering};

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

/// What a function says of each item, computed on two threads: whichever is free takes the next.
pub fn on_two<T: Sync, U: Send>(items: &[T], of: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        items.get(at).map(|item| (at, of(item)))
    };
    let worker = || std::iter::from_fn(take).collect::<Vec<_>>();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(worker);
        let second = worker();
        (first.join(), second)
    });
    let mut all = first.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    all.extend(second);
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, said)| said).collect()
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
    together: impl FnMut(T, T) -> T,
) -> T {
    let Some(halves) = halves(batches) else {
        return of(batches);
    };
    let said = on_two(&halves, |half| of(half)).into_iter();
    said.reduce(together).expect("there are two halves")
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use tokio::{sync::Notify, time::timeout};

    use super::*;

    #[test]
    fn two_threads_share_the_items_and_answer_in_their_order() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let receiver = Mutex::new(receiver);
        // The first item waits for the last, so another thread must have taken that one.
        let squares = on_two(&[1, 2, 3, 4, 5], |item| {
            match item {
                1 => receiver
                    .lock()
                    .unwrap()
                    .recv_timeout(Duration::from_secs(30))
                    .expect("one thread alone never comes to the last"),
                5 => sender.send(()).unwrap(),
                _ => {}
            }
            item * item
        });
        assert_eq!(squares, [1, 4, 9, 16, 25]);
        assert!(on_two(&[] as &[i32], |item| *item).is_empty());
    }

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
