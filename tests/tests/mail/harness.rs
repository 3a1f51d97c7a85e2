//! Every call of every port fails once, in each of three ways, while a document goes to 40 mailboxes: nobody's mail is lost,
//! and nobody is mailed twice without the flag that says so.

use shared::{
    faulty::Mode,
    ledger::{DeliveryState, HeldFor, RunState},
};

use super::world::{Deployment, Night};

/// With the archive's copy: 40 deliveries.
const READERS: usize = 39;

/// What the ledger says and what the service took must fit together, whatever happened.
async fn assert_kept(night: &Night, deliveries: usize, what: &str) {
    let (rows, taken) = (night.rows().await, night.taken());
    assert_eq!(rows.len(), deliveries, "{what}: a delivery is not on the ledger");
    for row in &rows {
        let (rid, count) = (&row.key.rid, taken.get(&row.key.rid).copied().unwrap_or(0));
        assert!(
            count <= 1 || row.possible_duplicate,
            "{what}: {rid} was mailed {count} times and is not flagged"
        );
        match row.state {
            DeliveryState::Accepted => {
                assert!(count >= 1, "{what}: {rid} is lost: ACCEPTED, and nobody took it")
            }
            // On the operator's list, with the reason.
            DeliveryState::Held => {
                assert_eq!(row.held_for, Some(HeldFor::Doubt), "{what}: {rid}");
                assert!(row.reason.is_some(), "{what}: {rid}");
            }
            other => panic!("{what}: {rid} is lost: {other}, {:?}", row.reason),
        }
    }
    let well = rows.iter().all(|row| row.state.is_well_ended());
    let expected = if well {
        RunState::Finished
    } else {
        RunState::Degraded
    };
    assert_eq!(night.row().await.state, expected, "{what}");
}

async fn calls(policy: &str) -> usize {
    let night = Deployment::new(READERS, policy).await.night("2026-11-20").await;
    night.until_ended().await;
    assert_kept(&night, READERS + 1, "without a fault").await;
    assert_eq!(night.ses.mails().len(), READERS + 1);
    night.faults.calls()
}

/// Every `step`-th call from `first` on fails, in the three modes; answers how many nights that were, and of how many calls.
async fn crash(policy: &'static str, first: usize, step: usize) -> (usize, usize) {
    let (all, mut nights) = (calls(policy).await, 0);
    assert!(all > 300, "{all} calls");
    for n in (first..=all).step_by(step) {
        for mode in Mode::ALL {
            let night = Deployment::new(READERS, policy).await.night("2026-11-20").await;
            night.faults.inject(n, mode);
            night.until_ended().await;
            assert_kept(
                &night,
                READERS + 1,
                &format!("{policy}: call {n} of {all}, {mode:?}"),
            )
            .await;
            if policy == "resend_once" {
                let taken = night.taken();
                assert_eq!(
                    taken.len(),
                    READERS + 1,
                    "{policy}: call {n}, {mode:?}: somebody got nothing"
                );
            }
            nights += 1;
        }
    }
    (nights, all)
}

/// All of them take minutes: `QUARTERDECK_EVERY=1` plays them all, and by default it is every eighth of each policy, turn about.
#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_fails_while_40_are_mailed_nobody_is_left_out_and_nobody_is_mailed_twice_unflagged() {
    let every = std::env::var("QUARTERDECK_EVERY").ok();
    let every: usize = every.map_or(8, |text| text.parse().expect("QUARTERDECK_EVERY is a number"));
    let hold = tokio::spawn(crash("hold", 1, every));
    let resend = tokio::spawn(crash("resend_once", 1 + every / 2, every));
    for (policy, played) in [("hold", hold), ("resend_once", resend)] {
        let (nights, calls) = played.await.unwrap();
        println!("{policy}: {nights} nights with a fault, {calls} calls in one without");
    }
}
