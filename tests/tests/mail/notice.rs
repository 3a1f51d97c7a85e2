//! One notice a run that did not end well.

use jiff::SignedDuration;
use shared::{faulty::Mode, ledger::RunState, mail::fake::Answer};

use super::world::{Deployment, Night, address};

async fn ended(answers: impl IntoIterator<Item = Answer>) -> Night {
    let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
    night.ses.next(answers);
    night.until_ended().await;
    night
}

fn told(night: &Night) -> Vec<collector::notice::Notice> {
    night.notices.all.lock().unwrap().clone()
}

async fn hours_later(night: &Night, hours: i64) {
    for _ in 0..hours * 12 {
        night.clock.advance(SignedDuration::from_mins(5));
        night.sweep().await;
    }
}

#[tokio::test]
async fn a_run_that_is_held_tells_the_operator_once_with_cause_and_count_and_no_address() {
    let night = ended([Answer::Accept, Answer::account("Daily message quota exceeded.")]).await;
    assert_eq!(night.row().await.state, RunState::Degraded);
    hours_later(&night, 5).await;
    let told = told(&night);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].subject, "Quarterdeck: harbor.2026-11-20 DEGRADED");
    assert!(told[0].subject.len() <= 100 && told[0].subject.is_ascii());
    for part in [
        "1 of 5 deliveries went out, 4 HELD",
        "3 HELD: not tried, sending is stopped: the account cannot send: Daily message quota exceeded.",
        "quarterdeck mail status --id harbor",
    ] {
        assert!(told[0].text.contains(part), "{part}: {}", told[0].text);
    }
    assert!(!told[0].text.contains('@'), "{}", told[0].text);
}

#[tokio::test]
async fn a_run_that_ends_well_tells_nobody_and_one_that_ends_anew_is_told_of_anew() {
    let night = ended([]).await;
    hours_later(&night, 1).await;
    assert!(told(&night).is_empty());

    let night = ended([]).await;
    night.ses.always(&address(1).parse().unwrap(), Answer::reject());
    let (run, generation) = (&night.run, night.plan.generation);
    for n in 1..=2 {
        use shared::ledger::{Control, Ledger};
        let now = shared::clock::Clock::now(&*night.clock);
        night.ledger.reopen(run, generation, now).await.unwrap();
        night
            .ledger
            .finish_run(run, generation, RunState::Degraded, now)
            .await
            .unwrap();
        hours_later(&night, 1).await;
        assert_eq!(told(&night).len(), n);
    }
}

#[tokio::test]
async fn a_notice_that_fails_is_sent_later_and_twice_only_if_nobody_can_know() {
    for (mode, expected) in [(Mode::Before, 1), (Mode::After, 2), (Mode::Died, 2)] {
        let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
        night.ses.next([Answer::reject()]);
        night.notices.faults.inject(1, mode);
        night.until_ended().await;
        hours_later(&night, 5).await;
        assert_eq!(told(&night).len(), expected, "{mode:?}");
    }
}
