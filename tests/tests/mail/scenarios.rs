//! Scenarios of docs/SEMANTICS.md about sending, by their numbers. Those of one function alone stand beside it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;
use shared::{
    clock::{Clock, ManualClock},
    faulty::{Faults, Mode},
    ledger::{DeliveryState, HeldFor, RunState},
    mail::{
        Accepted, Account, MailError, OutgoingMail, Transport,
        fake::{Answer, FakeSes},
    },
    queue::memory::MemoryQueue,
};

use super::world::{Deployment, Night, address, batch};

async fn night(policy: &str) -> Night {
    Deployment::new(4, policy).await.night("2026-11-20").await
}

async fn count(night: &Night, state: DeliveryState) -> usize {
    night.rows().await.iter().filter(|row| row.state == state).count()
}

/// All went out, each once.
async fn assert_all_once(night: &Night) {
    assert_eq!(night.taken().len(), 5);
    assert!(
        night.taken().values().all(|count| *count == 1),
        "{:?}",
        night.taken()
    );
    assert_eq!(count(night, DeliveryState::Accepted).await, 5);
    assert_eq!(night.row().await.state, RunState::Finished);
}

#[tokio::test]
async fn scenario_1_killed_after_the_service_took_it_a_send_event_ends_the_doubt_and_the_run() {
    let night = night("hold").await;
    night.ses.next([Answer::AcceptAndDie]);
    for _ in 0..9 {
        night.turn().await;
        night.clock.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(count(&night, DeliveryState::Unknown).await, 1);
    let events: Vec<_> = night
        .ses
        .mails()
        .iter()
        .map(|mail| mail.event("Send", &json!({})))
        .collect();
    night.told(events).await;
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_2_without_a_word_the_sweeper_has_the_policy_decide() {
    for (policy, mails) in [("hold", 5), ("resend_once", 6)] {
        let night = night(policy).await;
        night.ses.next([Answer::AcceptAndDie]);
        night.until_ended().await;
        assert_eq!(night.ses.mails().len(), mails, "{policy}");
        let flagged = night
            .rows()
            .await
            .iter()
            .filter(|row| row.possible_duplicate)
            .count();
        let held = night
            .rows()
            .await
            .iter()
            .filter(|row| row.held_for == Some(HeldFor::Doubt))
            .count();
        let expected = if policy == "hold" { (0, 1) } else { (1, 0) };
        assert_eq!((flagged, held), expected, "{policy}");
    }
}

#[tokio::test]
async fn scenario_5_a_rate_throttle_waits_with_jitter_and_loses_nothing() {
    let night = night("hold").await;
    night.ses.next(std::iter::repeat_n(Answer::throttle(), 12));
    night.turn().await;
    night.turn().await;
    let due: std::collections::BTreeSet<_> = night
        .rows()
        .await
        .iter()
        .map(|row| row.next_at.unwrap())
        .collect();
    assert_eq!(due.len(), 5, "a crowd does not come back at once: {due:?}");
    night.until_ended().await;
    assert_all_once(&night).await;
    assert_eq!(night.ses.calls(), 17);
}

#[tokio::test]
async fn scenario_7_one_bad_address_fails_alone() {
    let night = night("hold").await;
    night.ses.always(&address(2).parse().unwrap(), Answer::reject());
    night.until_ended().await;
    let rows = night.rows().await;
    let failed: Vec<_> = rows
        .iter()
        .filter(|row| row.state == DeliveryState::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].key.rid, Night::rid(2));
    assert!(failed[0].reason.as_ref().unwrap().contains("MessageRejected"));
    assert_eq!(night.ses.mails().len(), 4);
}

/// A service that takes its time, on the run's clock.
struct Slow {
    inner: Arc<FakeSes>,
    clock: Arc<ManualClock>,
}

#[async_trait]
impl Transport for Slow {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        self.clock.advance(SignedDuration::from_secs(28));
        self.inner.send(mail).await
    }
    async fn account(&self) -> Result<Account, MailError> {
        self.inner.account().await
    }
}

#[tokio::test]
async fn scenario_8_what_there_is_no_time_left_for_is_returned_unbegun() {
    let mut night = night("hold").await;
    night.turn().await;
    night.deps.transport = Arc::new(Slow {
        inner: night.ses.clone(),
        clock: night.clock.clone(),
    });
    let bodies = night.take_messages();
    let queue = MemoryQueue::new(night.clock.clone());
    let deadline = night.clock.now() + SignedDuration::from_secs(120);
    let response = mailer::handle_until(&queue, &night.deps, batch(bodies), deadline).await;
    let failed: Vec<_> = response
        .batch_item_failures
        .into_iter()
        .map(|f| f.item_identifier)
        .collect();
    assert_eq!(failed, ["m3", "m4"], "84 of 120 s are gone: 45 are needed");
    assert_eq!(count(&night, DeliveryState::Accepted).await, 3);
    assert_eq!(
        count(&night, DeliveryState::Queued).await,
        2,
        "not begun, so not in doubt"
    );
    assert!(night.clock.now() < deadline);
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_9_the_same_message_twice_at_once_is_one_mail() {
    let night = night("hold").await;
    night.turn().await;
    let bodies = night.take_messages();
    let twice = bodies
        .iter()
        .chain(&bodies)
        .cloned()
        .map(|body| night.handle(body));
    futures::future::join_all(twice).await;
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_10_a_body_that_is_no_message_fails_alone_and_the_batch_goes_on() {
    let night = night("hold").await;
    night.turn().await;
    let mut bodies = night.take_messages();
    bodies.insert(1, "no JSON".to_owned());
    let newer = bodies[0].replacen("\"v\":1", "\"v\":2", 1);
    bodies.insert(3, newer);
    assert_eq!(night.batch(bodies).await, ["m1", "m3"]);
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_11_a_panic_on_one_delivery_fails_that_one_alone() {
    let night = night("hold").await;
    night.turn().await;
    let bodies = night.take_messages();
    // The first call of the first record.
    night.faults.inject(1, Mode::Died);
    assert_eq!(night.batch(bodies.clone()).await, ["m0"]);
    assert_eq!(night.ses.mails().len(), 4);
    assert!(night.batch(bodies).await.is_empty());
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_24_a_redrive_three_days_later_expires_and_is_listed() {
    let night = night("hold").await;
    night.turn().await;
    night.clock.advance(SignedDuration::from_hours(72));
    night.turn().await;
    assert!(night.ses.mails().is_empty());
    assert_eq!(count(&night, DeliveryState::Expired).await, 5);
    assert_eq!(night.row().await.state, RunState::Degraded);
    let audit = night.ledger_audit().await;
    assert!(audit.iter().any(|line| line.contains("5 EXPIRED")), "{audit:?}");
}

#[tokio::test]
async fn scenario_27_a_write_whose_answer_is_lost_is_recognised_and_nothing_is_in_doubt() {
    // Of a delivery's calls: the brake, begin, the archived mail, the list, the send, settle.
    for (call, what) in [(2, "begin"), (6, "settle")] {
        let night = night("hold").await;
        night.turn().await;
        night.faults.inject(call, Mode::After);
        night.turn().await;
        assert_eq!(count(&night, DeliveryState::Accepted).await, 5, "{what}");
        night.until_ended().await;
        assert_all_once(&night).await;
    }
}

/// The ledger goes away at the moment that the service has taken a mail.
struct ThenAway {
    inner: Arc<FakeSes>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Transport for ThenAway {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        let taken = self.inner.send(mail).await;
        self.faults.away(true);
        taken
    }
    async fn account(&self) -> Result<Account, MailError> {
        self.inner.account().await
    }
}

#[tokio::test]
async fn scenario_28_a_ledger_that_is_away_after_the_send_leaves_a_doubt_that_the_send_event_ends() {
    let mut night = night("hold").await;
    night.turn().await;
    let healthy = std::mem::replace(
        &mut night.deps.transport,
        Arc::new(ThenAway {
            inner: night.ses.clone(),
            faults: night.faults.clone(),
        }),
    );
    night.turn().await;
    assert_eq!(
        night.ses.mails().len(),
        1,
        "nothing is sent while the ledger is away"
    );
    night.faults.away(false);
    night.deps.transport = healthy;
    assert_eq!(count(&night, DeliveryState::Sending).await, 1);
    let event = night.ses.mails()[0].event("Send", &json!({}));
    night.until_doubtful().await;
    assert_eq!(count(&night, DeliveryState::Unknown).await, 1);
    night.told([event]).await;
    night.until_ended().await;
    assert_all_once(&night).await;
}

#[tokio::test]
async fn scenario_29_events_before_the_answer_twice_and_backwards_come_to_the_same() {
    let night = night("hold").await;
    night.ses.next([Answer::AcceptAndDie]);
    night.turn().await;
    night.turn().await;
    let mails = night.ses.mails();
    let delivered = |mail: &shared::mail::fake::Taken| {
        mail.event("Delivery", &json!({"recipients": [mail.to.address()]}))
    };
    // Of the one that nobody has settled too: an event is proof.
    for _ in 0..2 {
        let events = mails
            .iter()
            .rev()
            .flat_map(|mail| [delivered(mail), mail.event("Send", &json!({}))]);
        night.told(events.collect::<Vec<_>>()).await;
    }
    night.until_ended().await;
    assert_eq!(count(&night, DeliveryState::Delivered).await, 5);
    assert_eq!(night.ses.mails().len(), 5);
    assert_eq!(night.row().await.state, RunState::Finished);
}

#[tokio::test]
async fn scenario_30_a_bounce_of_somebody_elses_making_suppresses_nobody() {
    let night = night("hold").await;
    night.until_ended().await;
    // The archive's copies have no HMAC to compare.
    let mut mails = night.ses.mails().into_iter();
    let mut mail = mails.find(|mail| mail.tag("rid") != "archive").unwrap();
    mail.to = "stranger@example.com".parse().unwrap();
    let who = json!([{"emailAddress": "stranger@example.com"}]);
    let detail = json!({"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f", "bouncedRecipients": who});
    night.told([mail.event("Bounce", &detail)]).await;
    use shared::ledger::{Control, Feedback};
    assert!(night.ledger.suppressed().await.unwrap().is_empty());
    let today = night.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!(night.ledger.quarantined(today).await.unwrap().len(), 1);
    assert_all_once(&night).await;
}
