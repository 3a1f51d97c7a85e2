//! A night whose account cannot send, with a fallback.

use std::sync::Arc;

use cli::commands::mail::{
    Time,
    resume::{Asked, Ports, resume_on},
    status::status_of,
};
use shared::{
    ledger::{Control, DeliveryState, HeldFor, RunState},
    mail::{
        failover::Failover,
        fake::{Answer, FakeSes},
    },
};

use super::world::{Deployment, Night, through};

const QUOTA: &str = "Daily message quota exceeded.";

/// Four readers and the archive, and a second service that may send for the first.
async fn night() -> (Night, Arc<FakeSes>) {
    let mut night = Deployment::new(4, "hold").await.night("2026-11-20").await;
    let second = Arc::new(FakeSes::new(night.clock.clone()).with_ids("0200"));
    let failover = Failover::new(
        through(&night.ses, &night.faults),
        Some(through(&second, &night.faults)),
    );
    night.deps.transport = Arc::new(failover);
    (night, second)
}

fn always(service: &FakeSes, answer: &Answer) {
    service.next(std::iter::repeat_n(answer.clone(), 50));
}

async fn let_go(night: &Night) {
    let ports = Ports {
        ledger: &*night.ledger,
        sender: Some(&*night.inbox),
        time: Time::Of(&*night.clock),
    };
    let asked = Asked {
        portfolio: night.run.portfolio(),
        run: None,
        document: None,
        include: &[],
        reason: "the quota was raised",
    };
    resume_on(&ports, &asked).await.unwrap();
}

#[tokio::test]
async fn what_the_account_cannot_send_goes_by_the_fallback_once_without_a_brake_and_the_row_says_so() {
    let (night, second) = night().await;
    night.ses.next([Answer::Accept]);
    always(&night.ses, &Answer::account(QUOTA));
    night.until_ended().await;
    assert_eq!((night.ses.mails().len(), second.mails().len()), (1, 4));
    assert_eq!(night.row().await.state, RunState::Finished);
    assert_eq!(night.ledger.brake().await.unwrap(), None);
    for row in night.rows().await {
        let id = row.message_id.unwrap();
        assert_eq!(row.by_fallback, id.starts_with("0200"), "{id}");
        assert_eq!((row.state, row.attempt), (DeliveryState::Accepted, 1));
    }
    let portfolio = night.run.portfolio();
    let status = status_of(&*night.ledger, portfolio, Time::Of(&*night.clock)).await;
    let status = status.unwrap();
    assert_eq!(status.runs[0].by_fallback, 4);
    assert!(!status.needs_you);
}

#[tokio::test]
async fn what_may_have_been_sent_is_never_the_fallbacks() {
    for answer in [
        Answer::drop_the_connection(),
        Answer::server_error(true),
        Answer::server_error(false),
    ] {
        let (night, second) = night().await;
        night.ses.next([answer.clone()]);
        night.until_ended().await;
        assert_eq!(second.calls(), 0, "{answer:?}");
        let rows = night.rows().await;
        let held = rows.iter().filter(|row| row.held_for == Some(HeldFor::Doubt));
        assert_eq!(held.count(), 1, "{answer:?}: it waits for a person");
    }
}

#[tokio::test]
async fn what_the_fallback_may_have_sent_is_in_doubt_and_sent_by_neither_again() {
    let (night, second) = night().await;
    night.ses.next([Answer::account(QUOTA)]);
    second.next([Answer::drop_the_connection()]);
    night.until_ended().await;
    assert_eq!((night.ses.mails().len(), second.mails().len()), (4, 1));
    assert_eq!(night.ses.calls() + second.calls(), 6);
    assert!(night.taken().values().all(|count| *count == 1));
    assert_eq!(night.row().await.state, RunState::Degraded);
}

#[tokio::test]
async fn the_brake_is_for_when_both_refuse_and_what_it_held_goes_out_once_by_the_one_that_recovers() {
    let (night, second) = night().await;
    always(&night.ses, &Answer::account(QUOTA));
    second.next([Answer::account("Email address is not verified.")]);
    night.until_ended().await;
    let brake = night.ledger.brake().await.unwrap().unwrap();
    for part in [QUOTA, "the fallback: Email address is not verified."] {
        assert!(brake.reason.contains(part), "{}", brake.reason);
    }
    assert_eq!((night.ses.calls(), second.calls()), (1, 1), "one try told it all");
    assert_eq!(night.row().await.state, RunState::Degraded);

    let_go(&night).await;
    assert_eq!(night.ledger.brake().await.unwrap(), None);
    night.until_ended().await;
    assert_eq!((night.ses.mails().len(), second.mails().len()), (0, 5));
    assert!(night.rows().await.iter().all(|row| row.by_fallback));
    assert_eq!(night.row().await.state, RunState::Finished);
    assert_eq!(night.ledger.brake().await.unwrap(), None);
}
