//! `quarterdeck mail`, on the ledger of a night that needs a person.

use cli::{
    args::mail::Include,
    commands::mail::{
        Time,
        list::{suppress_on, unsuppress_on},
        resume::{Asked, Ports, Resumed, resume_on},
        status::{Status, status_of},
    },
};
use jiff::SignedDuration;
use shared::{
    clock::Clock,
    faulty::Mode,
    ledger::{Control, DeliveryState, HeldFor, Ledger, RunState},
    mail::fake::Answer,
};

use super::world::{Deployment, Night};

const QUOTA: &str = "Daily message quota exceeded.";

/// Four readers and the archive.
async fn night(answers: impl IntoIterator<Item = Answer>) -> Night {
    let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
    night.ses.next(answers);
    night.until_ended().await;
    night
}

fn ports<'a>(night: &'a Night, ledger: &'a dyn Ledger) -> Ports<'a> {
    Ports {
        ledger,
        sender: Some(&*night.inbox),
        time: Time::Of(&*night.clock),
    }
}

async fn resume(night: &Night, include: &[Include]) -> Resumed {
    let asked = Asked {
        portfolio: night.run.portfolio(),
        run: None,
        document: None,
        include,
        reason: "the quota was raised",
    };
    resume_on(&ports(night, &*night.ledger), &asked).await.unwrap()
}

async fn status(night: &Night) -> Status {
    status_of(&*night.ledger, night.run.portfolio(), Time::Of(&*night.clock))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_resume_releases_the_brake_and_what_was_held_for_the_account_goes_out_once() {
    let night = night([Answer::Accept, Answer::account(QUOTA)]).await;
    let before = status(&night).await;
    assert!(before.needs_you && before.brake.is_some());
    assert_eq!(before.runs[0].deliveries[&DeliveryState::Held], 4);
    assert_eq!(night.row().await.state, RunState::Degraded);

    night.clock.advance(SignedDuration::from_mins(10));
    let resumed = resume(&night, &[]).await;
    assert_eq!(resumed.brake, before.brake);
    assert_eq!((resumed.released.len(), resumed.kept.len()), (4, 0));
    assert_eq!(night.row().await.state, RunState::Mailing, "the run goes on");
    night.until_ended().await;

    assert!(night.taken().values().all(|count| *count == 1));
    assert_eq!(night.taken().len(), 5);
    assert_eq!(night.row().await.state, RunState::Finished);
    let after = status(&night).await;
    assert!(!after.needs_you && after.brake.is_none());
    let lines: Vec<_> = after.audit.iter().map(|line| line.event.as_str()).collect();
    assert_eq!(lines, ["brake_pulled", "brake_released"]);
    let audit = night.ledger_audit().await;
    assert!(
        audit
            .iter()
            .any(|line| line == "4 deliveries let go: the quota was raised"),
        "{audit:?}"
    );
    assert_eq!(
        resume(&night, &[]).await,
        Resumed::default(),
        "a second one has nothing to do"
    );
}

#[tokio::test]
async fn without_a_resume_what_is_held_stays_held_though_the_brakes_time_is_over() {
    let night = night([Answer::account(QUOTA)]).await;
    night.clock.advance(SignedDuration::from_hours(2));
    night.sweep().await;
    night.turn().await;
    assert!(night.ses.mails().is_empty());
    assert!(status(&night).await.needs_you);
}

#[tokio::test]
async fn what_may_have_been_sent_goes_only_if_it_is_asked_for_and_is_flagged() {
    let night = night([Answer::drop_the_connection()]).await;
    let resumed = resume(&night, &[]).await;
    assert_eq!((resumed.released.len(), resumed.kept.len()), (0, 1));
    assert!(resumed.kept[0].note.as_ref().unwrap().contains("--include doubt"));
    assert_eq!(night.ses.mails().len(), 5);

    let resumed = resume(&night, &[Include::Doubt]).await;
    assert_eq!(resumed.released[0].note.as_deref(), Some("possible duplicate"));
    night.until_ended().await;
    assert_eq!(night.ses.mails().len(), 6);
    let rows = night.rows().await;
    let twice: Vec<_> = rows.iter().filter(|row| row.possible_duplicate).collect();
    assert_eq!(twice.len(), 1);
    assert_eq!(night.taken()[&twice[0].key.rid], 2);
    assert_eq!(
        status(&night).await.runs[0].attention.len(),
        1,
        "the flag is shown for good"
    );
}

#[tokio::test]
async fn what_is_too_late_is_not_let_go() {
    let night = night([Answer::account(QUOTA)]).await;
    night.clock.advance(SignedDuration::from_hours(30));
    let resumed = resume(&night, &[]).await;
    assert_eq!((resumed.released.len(), resumed.kept.len()), (0, 5));
    assert!(resumed.brake.is_some(), "the brake is released all the same");
    assert!(!status(&night).await.needs_you, "nobody can do anything for it");
}

#[tokio::test]
async fn whichever_call_of_a_resume_fails_a_second_one_or_the_sweeper_makes_it_good() {
    let held = async || night([Answer::account(QUOTA)]).await;
    let first = held().await;
    let before = first.faults.calls();
    try_resume(&first).await;
    let calls = first.faults.calls() - before;
    assert!(calls > 12, "{calls}");
    for mode in Mode::ALL {
        for n in 1..=calls {
            let night = held().await;
            night.faults.inject(n, mode);
            try_resume(&night).await;
            // The operator sees an error, and asks again.
            try_resume(&night).await;
            night.until_ended().await;
            assert_eq!(night.taken().len(), 5, "call {n}, {mode:?}");
            assert!(
                night.taken().values().all(|count| *count == 1),
                "call {n}, {mode:?}"
            );
            assert_eq!(night.row().await.state, RunState::Finished, "call {n}, {mode:?}");
        }
    }
}

async fn try_resume(night: &Night) {
    use futures::FutureExt;
    let asked = Asked {
        portfolio: night.run.portfolio(),
        run: None,
        document: None,
        include: &[],
        reason: "the quota was raised",
    };
    let ports = Ports {
        ledger: &*night.deps.ledger,
        sender: Some(&*night.deps.sender),
        time: Time::Of(&*night.clock),
    };
    let work = std::panic::AssertUnwindSafe(resume_on(&ports, &asked));
    let _ = work.catch_unwind().await;
}

#[tokio::test]
async fn a_recipient_on_the_list_gets_nothing_until_they_are_taken_off_and_both_are_on_record() {
    let deployment = Deployment::new(4, "hold").await;
    let rid = Night::rid(1);
    let night = deployment.night("2026-11-20").await;
    let done = suppress_on(&*night.ledger, &rid, "left the company", night.clock.now())
        .await
        .unwrap();
    assert!(done.changed && done.listed);
    let again = suppress_on(&*night.ledger, &rid, "left the company", night.clock.now())
        .await
        .unwrap();
    assert!(!again.changed);
    night.until_ended().await;
    assert!(!night.taken().contains_key(&rid));
    let listed = status(&night).await.suppressed;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].reason, "by an operator: left the company");

    let done = unsuppress_on(&*night.ledger, &rid, "is back", night.clock.now())
        .await
        .unwrap();
    assert!(done.changed && !done.listed);
    let next = deployment.night("2026-11-21").await;
    next.until_ended().await;
    assert!(next.taken().contains_key(&rid));
    let lines: Vec<_> = status(&night)
        .await
        .audit
        .into_iter()
        .map(|line| line.event)
        .collect();
    assert!(lines.contains(&"suppressed".to_owned()) && lines.contains(&"unsuppressed".to_owned()));
}

#[tokio::test]
async fn a_reason_with_an_address_in_it_is_refused_before_anything_is_written() {
    let night = night([]).await;
    let now = night.clock.now();
    let refused = suppress_on(&*night.ledger, &Night::rid(1), "ceo@example.com asked", now).await;
    assert!(refused.unwrap_err().to_string().contains("the ledger keeps none"));
    assert!(night.ledger.suppressed().await.unwrap().is_empty());
    assert!(night.ledger.control_audits(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_recipient_on_hold_goes_once_they_are_taken_off() {
    use shared::ledger::{
        Feedback,
        feedback::{Suppression, Verdict},
    };
    let deployment = Deployment::new(4, "hold").await;
    let night = deployment.night("2026-11-20").await;
    let hold = Suppression {
        verdict: Verdict::Hold,
        reason: "three transient bounces in seven days".to_owned(),
        since: night.clock.now(),
    };
    night.ledger.suppress(&Night::rid(1), &hold).await.unwrap();
    night.until_ended().await;
    let resumed = resume(&night, &[]).await;
    assert!(
        resumed.kept[0].note.as_ref().unwrap().contains("unsuppress"),
        "{resumed:?}"
    );
    unsuppress_on(
        &*night.ledger,
        &Night::rid(1),
        "it works again",
        night.clock.now(),
    )
    .await
    .unwrap();
    assert_eq!(resume(&night, &[]).await.released.len(), 1);
    night.until_ended().await;
    assert_eq!(night.taken().len(), 5);
    let held = night
        .rows()
        .await
        .iter()
        .filter(|row| row.held_for == Some(HeldFor::Recipient))
        .count();
    assert_eq!((held, night.row().await.state), (0, RunState::Finished));
}
