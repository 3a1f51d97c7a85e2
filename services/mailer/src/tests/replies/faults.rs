//! Whatever fails in between, an answer is carried out, and once.

use super::{super::faulty::Mode, Answered};

const ANSWER: &str = "done A7K2QX\r\nsnooze A01111 2w\r\nunsubscribe\r\nsnooze\r\n";

/// The ledger after an answer whose `nth` call failed so, if one did, and which was delivered until it was done; how many calls
/// that took, and how often the owner was told.
async fn after(fault: Option<(usize, Mode)>) -> (String, usize, usize) {
    let night = Answered::night().await;
    let reply = night.ceos(ANSWER).await;
    let before = night.world.faults.calls();
    if let Some((nth, mode)) = fault {
        night.world.faults.inject(nth, mode);
    }
    let mut failed = night.receive(&reply).await;
    assert_eq!(failed, usize::from(fault.is_some()), "{fault:?}");
    let calls = night.world.faults.calls() - before;
    for _ in 0..3 {
        failed = night.receive(&reply).await;
    }
    assert_eq!(failed, 0, "{fault:?}");
    (night.done().await, calls, night.forwarded().len())
}

#[tokio::test]
async fn whichever_call_fails_an_answer_is_carried_out_once() {
    let (expected, calls, told) = after(None).await;
    assert_eq!(told, 1);
    assert!(calls > 8, "{calls}");
    for nth in 1..=calls {
        for mode in Mode::ALL {
            let (found, _, told) = after(Some((nth, mode))).await;
            assert_eq!(found, expected, "call {nth}, {mode:?}");
            // The last call notes that the owner was told: who could not write that tells once more.
            let is_unnoted = nth == calls && matches!(mode, Mode::Before);
            assert_eq!(told, 1 + usize::from(is_unnoted), "call {nth}, {mode:?}");
        }
    }
}
