//! Whatever fails in between, an answer is carried out, and once.

use super::{super::faulty::Mode, Answered};

const ANSWER: &str = "done A7K2QX\r\nsnooze A01111 2w\r\nunsubscribe\r\nsnooze\r\n";

/// The ledger after an answer whose `nth` call failed so, if one did, and which was delivered until it was done.
async fn after(fault: Option<(usize, Mode)>) -> (String, usize) {
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
    (night.done().await, calls)
}

#[tokio::test]
async fn whichever_call_fails_an_answer_is_carried_out_once() {
    let (expected, calls) = after(None).await;
    assert!(calls > 8, "{calls}");
    for nth in 1..=calls {
        for mode in Mode::ALL {
            let (found, _) = after(Some((nth, mode))).await;
            assert_eq!(found, expected, "call {nth}, {mode:?}");
        }
    }
}
