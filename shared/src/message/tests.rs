use serde_json::json;

use super::*;

/// A message with this task, its key matching.
pub(crate) fn sample(task: Task) -> Envelope {
    let input = |key: &str| Input {
        key: key.to_owned(),
        sha256: Sha256::of(key.as_bytes()),
        bytes: 7,
    };
    let mut envelope = Envelope {
        v: VERSION,
        task,
        run: "harbor.2026-11-20".parse().unwrap(),
        generation: Generation(0),
        mail_epoch: MailEpoch(0),
        key: String::new(),
        input: Some(input("runs/harbor.2026-11-20/g0/analysis.json")),
        only: None,
        portfolio: input("portfolios/harbor/bundle.json"),
        business_date: "2026-11-20".parse().unwrap(),
        tz: "America/Los_Angeles".to_owned(),
        scheduled_at: "2026-11-21T08:00:00Z".parse().unwrap(),
        not_after: "2026-11-21T20:00:00Z".parse().unwrap(),
        issued_at: "2026-11-21T08:00:01Z".parse().unwrap(),
        cause: Cause {
            origin: Origin::Schedule,
            by: "schedule".to_owned(),
            reason: "nightly".to_owned(),
        },
    };
    envelope.key = envelope.computed_key();
    envelope
}

fn render() -> Envelope {
    sample(Task::Render {
        document: "cfo".parse().unwrap(),
    })
}

/// The body of a render message with one field set.
fn with(field: &str, value: serde_json::Value) -> String {
    let mut body: serde_json::Value = serde_json::from_str(&render().to_body()).unwrap();
    body[field] = value;
    body.to_string()
}

#[test]
fn every_task_survives_its_queue_and_back() {
    let document = || "cfo".parse().unwrap();
    let tasks = [
        Task::Plan,
        Task::Part {
            part: "dynamodb.jada-calendar".parse().unwrap(),
        },
        Task::Analyze,
        Task::Render { document: document() },
        Task::Mail { document: document() },
        Task::Deliver {
            document: document(),
            rid: crate::mail::Rid::archive(),
        },
    ];
    for task in tasks {
        let envelope = sample(task);
        let read = Envelope::parse(envelope.task.stage(), &envelope.to_body()).unwrap();
        assert_eq!(read, envelope);
    }
}

#[test]
fn the_key_names_run_work_item_and_counters() {
    assert_eq!(render().key, "harbor.2026-11-20/render/cfo@g0");
    let deliver = Task::Deliver {
        document: "cfo".parse().unwrap(),
        rid: crate::mail::Rid::archive(),
    };
    assert_eq!(sample(deliver).key, "harbor.2026-11-20/deliver/cfo/archive@g0.e0");
}

#[test]
fn an_unknown_version_is_named_even_if_nothing_else_can_be_read() {
    let error = Envelope::parse(Stage::Render, r#"{"v":2,"kind":"something new"}"#).unwrap_err();
    assert!(matches!(error, EnvelopeError::Version(2)), "{error}");
}

#[test]
fn a_message_on_the_wrong_queue_is_refused() {
    let error = Envelope::parse(Stage::Mail, &render().to_body()).unwrap_err();
    let EnvelopeError::WrongQueue { expected, found } = error else {
        panic!("{error}")
    };
    assert_eq!((expected, found), (Stage::Mail, Stage::Render));
}

#[test]
fn a_field_changed_without_the_key_is_refused() {
    for (field, value) in [
        ("gen", json!(1)),
        ("document", json!("ceo")),
        ("run", json!("harbor.2026-11-19")),
    ] {
        let error = Envelope::parse(Stage::Render, &with(field, value)).unwrap_err();
        assert!(matches!(error, EnvelopeError::Key { .. }), "{field}: {error}");
    }
}

#[test]
fn a_body_above_4_kib_is_refused_before_it_is_read() {
    let body = with("note", json!("x".repeat(MAX_BYTES)));
    let error = Envelope::parse(Stage::Render, &body).unwrap_err();
    assert!(
        matches!(error, EnvelopeError::TooLarge(bytes) if bytes == body.len()),
        "{error}"
    );
}

#[test]
fn unknown_extra_fields_are_ignored() {
    let body = with("added_by_a_later_build", json!({"deep": [1, 2]}));
    assert_eq!(Envelope::parse(Stage::Render, &body).unwrap(), render());
}

#[test]
fn what_is_malformed_says_where() {
    let cases = [
        ("nonsense", "v"),
        (&with("run", json!("harbor")), "run"),
        (&with("type", json!("dance")), ""),
        (&with("business_date", json!("2026-02-30")), "business_date"),
    ];
    for (body, place) in cases {
        let error = Envelope::parse(Stage::Render, body).unwrap_err();
        let EnvelopeError::Malformed { path, .. } = &error else {
            panic!("{error}")
        };
        assert!(path.contains(place), "{path:?} for {body}");
    }
}

#[test]
fn a_follow_up_keeps_run_and_counters_and_has_its_own_key_and_cause() {
    let plan = sample(Task::Plan);
    let now = "2026-11-21T08:00:05Z".parse().unwrap();
    let next = plan.follow(Task::Analyze, None, "collector", "all parts came", now);
    assert_eq!(next.key, "harbor.2026-11-20/analyze@g0");
    assert_eq!(
        (next.run, next.scheduled_at, next.issued_at),
        (plan.run, plan.scheduled_at, now)
    );
    assert_eq!(next.cause.origin, Origin::Stage);
}
