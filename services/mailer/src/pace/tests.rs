use std::sync::Arc;

use governor::clock::FakeRelativeClock;
use jiff::{SignedDuration, Timestamp};
use shared::{
    clock::ManualClock,
    mail::{Mailbox, fake::FakeSes},
};

use super::*;

const START: &str = "2026-11-21T10:30:00Z";

async fn send(service: &FakeSes) -> Result<Accepted, MailError> {
    let mailbox: Mailbox = "cfo@example.com".parse().unwrap();
    let mail = OutgoingMail {
        from: &mailbox,
        to: &mailbox,
        raw_mime: b"x",
        tags: &[],
    };
    service.send(mail).await
}

/// Functions that send at once, each one mail after the other and each taking so long, in simulated time: what happens
/// next is what happens first. Answers the service and how long it all took.
async fn simulate(functions: u32, mails: usize, latency: Duration) -> (FakeSes, Duration) {
    let start: Timestamp = START.parse().unwrap();
    let wall = Arc::new(ManualClock::at(start));
    let service = FakeSes::new(wall.clone()).throttling_at(14);
    let (clock, mut now) = (FakeRelativeClock::default(), Duration::ZERO);
    let limiter = || RateLimiter::direct_with_clock(quota(14.0, functions), clock.clone());
    let mut each: Vec<_> = (0..functions).map(|_| (Duration::ZERO, limiter())).collect();
    while service.mails().len() < mails {
        let (at, limiter) = each.iter_mut().min_by_key(|(at, _)| *at).unwrap();
        clock.advance(*at - now);
        wall.advance(SignedDuration::try_from(*at - now).unwrap());
        now = *at;
        match limiter.check() {
            Ok(()) => {
                send(&service).await.unwrap();
                *at += latency;
            }
            // The runtime's timer counts in milliseconds, and is late by up to one.
            Err(not_yet) => {
                let wait = not_yet.wait_time_from(governor::clock::Clock::now(&clock));
                *at += wait + Duration::from_millis(1);
            }
        }
    }
    (service, now)
}

#[tokio::test]
async fn at_14_a_second_the_functions_together_send_70_percent_of_it_without_one_throttle() {
    for (functions, latency) in [(1, 0), (AT_ONCE, 0), (AT_ONCE, 60), (AT_ONCE, 150)] {
        let mails = 500;
        let (service, took) = simulate(functions, mails, Duration::from_millis(latency)).await;
        assert_eq!(service.throttled(), 0, "{functions} functions, {latency} ms");
        let share = mails as f64 / took.as_secs_f64() / 14.0;
        println!(
            "{functions} functions, {latency} ms a send: {:.1} % of the rate",
            share * 100.0
        );
        assert!(
            (0.65..=0.75).contains(&share),
            "{functions} functions, {latency} ms: {:.1} % of the rate",
            share * 100.0
        );
    }
}

#[tokio::test]
async fn without_pacing_the_same_service_throttles() {
    let clock = Arc::new(ManualClock::at(START.parse().unwrap()));
    let service = FakeSes::new(clock).throttling_at(14);
    for _ in 0..15 {
        let _ = send(&service).await;
    }
    assert_eq!(service.throttled(), 1);
}

#[tokio::test]
async fn every_send_but_the_first_waits_its_turn() {
    let clock = Arc::new(ManualClock::at(START.parse().unwrap()));
    let paced = Paced::new(FakeSes::new(clock).throttling_at(100), 1);
    let mailbox: Mailbox = "cfo@example.com".parse().unwrap();
    let began = Instant::now();
    for _ in 0..8 {
        let mail = OutgoingMail {
            from: &mailbox,
            to: &mailbox,
            raw_mime: b"x",
            tags: &[],
        };
        paced.send(mail).await.unwrap();
    }
    // Seven waits of a 70th of a second.
    assert!(
        began.elapsed() >= Duration::from_millis(95),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn the_pace_is_70_percent_of_the_accounts_rate_one_at_a_time() {
    let paced = quota(14.0, 1);
    assert_eq!(paced.burst_size().get(), 1);
    assert_eq!(paced.replenish_interval().as_millis(), 102);
    assert_eq!(quota(14.0, 2).replenish_interval().as_millis(), 204);
}

#[test]
fn an_untold_or_senseless_rate_is_the_sandboxs() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            quota(rate, 1).replenish_interval(),
            quota(1.0, 1).replenish_interval(),
            "{rate}"
        );
    }
}

#[test]
fn an_outbox_that_takes_a_million_a_second_is_not_slowed() {
    assert!(quota(1e6, 1).replenish_interval() < Duration::from_micros(2));
}
