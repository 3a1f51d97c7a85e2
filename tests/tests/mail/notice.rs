//! One notice a run that did not end well, and one a report of which mail came back after that.

use jiff::SignedDuration;
use serde_json::json;
use shared::{
    faulty::Mode,
    ledger::{
        DeliveryState, Feedback, RunState,
        feedback::{Suppression, Verdict},
    },
    mail::fake::Answer,
};

use super::world::{Deployment, Night, address};

async fn ended(answers: impl IntoIterator<Item = Answer>) -> Night {
    let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
    night.ses.next(answers);
    night.until_ended().await;
    night
}

fn told(night: &Night) -> Vec<shared::notice::Notice> {
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

/// What SES says of the mail to a reader that came back.
fn bounce(night: &Night, reader: usize, kind: &str, id: &str) -> String {
    let (kind, subkind) = kind.split_once('/').unwrap();
    let mails = night.ses.mails().into_iter();
    let to = |mail: &shared::mail::fake::Taken| mail.to.address() == address(reader);
    let mail = mails.rev().find(to).unwrap();
    let detail = json!({
        "bounceType": kind,
        "bounceSubType": subkind,
        "feedbackId": format!("{id}-{reader}"),
        "timestamp": mail.at.to_string(),
        "bouncedRecipients": [{"emailAddress": address(reader)}],
    });
    mail.event("Bounce", &detail)
}

#[tokio::test]
async fn mail_that_comes_back_after_the_end_is_told_once_a_report_with_cause_count_and_what_follows() {
    let night = ended([]).await;
    assert_eq!(night.row().await.state, RunState::Finished);
    for reader in [1, 2] {
        let body = bounce(&night, reader, "Permanent/NoEmail", "f");
        night.told([body.clone(), body]).await;
    }
    night
        .told([bounce(&night, 3, "Transient/ContentRejected", "f")])
        .await;
    hours_later(&night, 1).await;
    let notices = told(&night);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(
        notices[0].subject,
        "Quarterdeck: harbor.2026-11-20 mail came back"
    );
    let mut rids = [1, 2].map(|reader| Night::rid(reader).to_string());
    rids.sort();
    let lines = [
        format!(
            "ceo: 2 BOUNCED: Bounce Permanent/NoEmail; nothing is mailed there any more ({})",
            rids.join(", ")
        ),
        format!(
            "ceo: 1 BOUNCED: Bounce Transient/ContentRejected ({})",
            Night::rid(3)
        ),
    ];
    for line in lines {
        assert!(notices[0].text.contains(&line), "{line}: {}", notices[0].text);
    }
    assert!(!notices[0].text.contains('@'), "{}", notices[0].text);

    night.told([bounce(&night, 0, "Permanent/General", "f")]).await;
    hours_later(&night, 3).await;
    assert_eq!(told(&night).len(), 1, "the next night tells the rest");
}

#[tokio::test]
async fn a_recipient_who_is_put_on_hold_is_told_of_as_held() {
    let night = ended([]).await;
    for id in ["a", "b", "c"] {
        night.told([bounce(&night, 1, "Transient/MailboxFull", id)]).await;
    }
    hours_later(&night, 1).await;
    let notices = told(&night);
    assert_eq!(notices.len(), 1, "{notices:?}");
    let line = "ceo: 1 BOUNCED: Bounce Transient/MailboxFull; what is mailed there is held (";
    assert!(notices[0].text.contains(line), "{}", notices[0].text);
}

#[tokio::test]
async fn mail_that_comes_back_before_the_end_is_told_with_it_and_not_again() {
    let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
    night.ses.always(&address(3).parse().unwrap(), Answer::throttle());
    for _ in 0..2 {
        night.turn().await;
    }
    night.told([bounce(&night, 1, "Permanent/NoEmail", "f")]).await;
    hours_later(&night, 1).await;
    assert!(told(&night).is_empty(), "it has not ended");
    night.ses.always(&address(3).parse().unwrap(), Answer::Accept);
    night.until_ended().await;
    assert_eq!(night.row().await.state, RunState::Degraded);
    hours_later(&night, 2).await;
    let notices = told(&night);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].subject, "Quarterdeck: harbor.2026-11-20 DEGRADED");
    let line = "ceo: 1 BOUNCED: Bounce Permanent/NoEmail; nothing is mailed there any more (";
    assert!(notices[0].text.contains(line), "{}", notices[0].text);
}

#[tokio::test]
async fn a_recipient_on_the_list_is_told_of_with_the_runs_end() {
    for (verdict, state) in [
        (Verdict::Suppress, DeliveryState::Suppressed),
        (Verdict::Hold, DeliveryState::Held),
    ] {
        let night = Deployment::new(4, "hold").await.night("2026-11-20").await;
        let suppression = Suppression {
            verdict,
            reason: "Complaint abuse".to_owned(),
            since: night.plan.scheduled_at,
        };
        night.ledger.suppress(&Night::rid(1), &suppression).await.unwrap();
        night.until_ended().await;
        hours_later(&night, 1).await;
        let notices = told(&night);
        assert_eq!(notices.len(), 1, "{notices:?}");
        let (cause, whom) = (
            format!("ceo: 1 {state}: Complaint abuse since "),
            format!("({})\n", Night::rid(1)),
        );
        let text = &notices[0].text;
        assert!(text.contains(&cause) && text.contains(&whom), "{text}");
    }
}

#[tokio::test]
async fn whichever_call_of_an_event_after_the_end_fails_somebody_is_told_and_once() {
    let night = ended([]).await;
    let (body, before) = (bounce(&night, 1, "Permanent/NoEmail", "f"), night.faults.calls());
    night.told([body]).await;
    let calls = night.faults.calls() - before;
    assert!(calls >= 7, "{calls} calls");
    for mode in Mode::ALL {
        for n in 1..=calls {
            let night = ended([]).await;
            let body = bounce(&night, 1, "Permanent/NoEmail", "f");
            night.faults.inject(n, mode);
            night.told([body]).await;
            hours_later(&night, 2).await;
            assert_eq!(told(&night).len(), 1, "call {n}, {mode:?}");
        }
    }
}
