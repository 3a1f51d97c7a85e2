use super::*;
use crate::portfolio::{Bundle, EXAMPLE, FILE};

const BODY: &str = r#"{"v":1,"type":"start","portfolio":"harbor","scheduled_at":"2026-11-21T10:30:00Z"}"#;

fn start(body: &str) -> Result<ToCollect, EnvelopeError> {
    ToCollect::parse(Stage::Collect, body)
}

/// The plan that a start at an instant leads to, in the example's zone (Los Angeles) with another time of night.
fn plan(at: &str, scheduled_at: &str) -> Envelope {
    let text = EXAMPLE.replacen("at = \"02:30\"", &format!("at = \"{at}\""), 1);
    let portfolio = Portfolio::parse(&Bundle([(FILE.to_owned(), text)].into())).unwrap();
    let ToCollect::Start(start) = start(&BODY.replace("2026-11-21T10:30:00Z", scheduled_at)).unwrap() else {
        panic!("no start")
    };
    let bundle = Input {
        key: "portfolios/harbor/bundle.json".to_owned(),
        sha256: crate::id::Sha256::of(b"bundle"),
        bytes: 6,
    };
    start
        .plan(&portfolio, bundle, "2026-11-22T00:00:00Z".parse().unwrap())
        .unwrap()
}

fn times(plan: &Envelope) -> (String, String) {
    (plan.run.to_string(), plan.scheduled_at.to_string())
}

#[test]
fn the_schedules_own_text_is_a_start_and_what_it_does_not_know_is_ignored() {
    let ToCollect::Start(plain) = start(BODY).unwrap() else {
        panic!("no start")
    };
    assert_eq!(
        (plain.portfolio.as_str(), plain.not_after, &plain.cause),
        ("harbor", None, &None)
    );
    let more = BODY.replace(
        "\"v\":1",
        r#""v":1,"colour":"red","not_after":"2026-12-24T00:00:00Z",
           "cause":{"origin":"requeue","by":"operator","reason":"replay"}"#,
    );
    let ToCollect::Start(replay) = start(&more).unwrap() else {
        panic!("no start")
    };
    assert_eq!(replay.not_after, Some("2026-12-24T00:00:00Z".parse().unwrap()));
    assert_eq!(replay.cause.unwrap().origin, Origin::Requeue);
}

#[test]
fn a_malformed_start_is_refused_with_the_place_of_its_mistake() {
    let refused = |from: &str, to: &str| start(&BODY.replace(from, to)).unwrap_err().to_string();
    assert_eq!(
        refused("\"v\":1", "\"v\":2"),
        "envelope version 2 is unknown; this build reads version 1"
    );
    assert!(refused("\"harbor\"", "\"Har/bor\"").contains("portfolio"));
    // A schedule whose placeholder nobody filled in.
    assert!(refused("2026-11-21T10:30:00Z", "<aws.scheduler.scheduled-time>").contains("scheduled_at"));
    assert!(refused(r#""portfolio":"harbor","#, "").contains("portfolio"));
    assert!(start("[]").is_err() && start("{}").is_err());
    let large = BODY.replace("\"v\":1", &format!("\"v\":1,\"x\":\"{}\"", "x".repeat(5000)));
    assert!(matches!(start(&large), Err(EnvelopeError::TooLarge(_))));
}

#[test]
fn a_start_belongs_on_the_collect_queue_only_and_envelopes_still_do_too() {
    assert!(matches!(
        ToCollect::parse(Stage::Render, BODY),
        Err(EnvelopeError::Malformed { .. })
    ));
    let plan = plan("02:30", "2026-11-21T10:30:00Z");
    let read = start(&plan.to_body()).unwrap();
    assert_eq!(read, ToCollect::Work(Box::new(plan)));
}

#[test]
fn a_start_becomes_the_plan_of_the_last_complete_day() {
    let plan = plan("02:30", "2026-11-21T10:30:00Z");
    assert_eq!(
        (plan.key.as_str(), plan.tz.as_str(), plan.cause.origin),
        (
            "harbor.2026-11-20/plan@g0",
            "America/Los_Angeles",
            Origin::Schedule
        )
    );
    assert_eq!(
        plan.not_after.to_string(),
        "2026-11-22T00:30:00Z",
        "14 hours later"
    );
}

/// Scenario 26: a start that was held up, or that a person sends at some other hour of the day.
#[test]
fn a_start_off_its_time_is_the_same_night_with_the_same_times() {
    let punctual = plan("02:30", "2026-11-21T10:30:00Z");
    let late = plan("02:30", "2026-11-22T07:59:59Z");
    assert_eq!(times(&late), times(&punctual), "23:59:59 local time");
    assert_eq!(late.not_after, punctual.not_after);
    let next = plan("02:30", "2026-11-22T08:00:00Z");
    assert_eq!(
        next.run.to_string(),
        "harbor.2026-11-21",
        "midnight begins the next"
    );
}

/// Scenario 26: 02:00 PST is followed by 03:00 PDT, and 02:00 PDT by 01:00 PST.
#[test]
fn a_start_in_a_night_of_changing_clocks_is_that_nights() {
    let gap = ("harbor.2026-03-07".to_owned(), "2026-03-08T10:30:00Z".to_owned());
    assert_eq!(times(&plan("02:30", "2026-03-08T10:30:00Z")), gap);
    assert_eq!(
        times(&plan("02:30", "2026-03-08T09:30:00Z")),
        gap,
        "an hour early, before the gap"
    );
    let fold = ("harbor.2026-10-31".to_owned(), "2026-11-01T08:30:00Z".to_owned());
    assert_eq!(
        times(&plan("01:30", "2026-11-01T08:30:00Z")),
        fold,
        "the first 01:30"
    );
    assert_eq!(times(&plan("01:30", "2026-11-01T09:30:00Z")), fold, "the second");
}
