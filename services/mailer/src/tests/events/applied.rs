//! What each kind of event does, in every shape that it comes in.

use serde_json::json;
use shared::{
    clock::Clock,
    ledger::{
        Control, DeliveryState, Ledger,
        feedback::{FeedbackId, Verdict},
    },
};

use super::{super::world::World, CEO, FIXTURES, fixture, mailed, of, wrapped};

/// What became of the CEO's delivery of the CEO brief: its state, its reason, and whether mail to the CEO is stopped.
async fn outcome(world: &World) -> (String, Option<String>, Option<Verdict>) {
    let row = world.row("ceo", CEO).await;
    let list = world.deps.ledger.suppression(&row.key.rid).await.unwrap();
    (
        row.state.to_string(),
        row.reason,
        list.map(|suppression| suppression.verdict),
    )
}

#[tokio::test]
async fn every_kind_of_event_does_what_it_means_once() {
    let suppress = Some(Verdict::Suppress);
    let table = [
        ("send", "ACCEPTED", None, None),
        ("delivery", "DELIVERED", None, None),
        (
            "delivery_delay",
            "DELAYED",
            Some("DeliveryDelay MailboxFull"),
            None,
        ),
        ("bounce", "BOUNCED", Some("Bounce Permanent/NoEmail"), suppress),
        (
            "bounce_notification",
            "BOUNCED",
            Some("Bounce Permanent/General"),
            suppress,
        ),
        (
            "bounce_transient",
            "BOUNCED",
            Some("Bounce Transient/MailboxFull"),
            None,
        ),
        (
            "bounce_undetermined",
            "BOUNCED",
            Some("Bounce Undetermined/Undetermined"),
            None,
        ),
        ("complaint", "COMPLAINED", Some("Complaint abuse"), suppress),
        (
            "complaint_several",
            "COMPLAINED",
            Some("Complaint unspecified"),
            suppress,
        ),
        ("complaint_not_spam", "ACCEPTED", None, None),
        (
            "complaint_on_suppression_list",
            "COMPLAINED",
            Some("Complaint unspecified"),
            suppress,
        ),
        ("reject", "FAILED", Some("Reject"), None),
        ("rendering_failure", "FAILED", Some("RenderingFailure"), None),
        ("open", "ACCEPTED", None, None),
        ("click", "ACCEPTED", None, None),
        ("subscription", "ACCEPTED", None, None),
    ];
    assert_eq!(table.len(), FIXTURES.len(), "one row a fixture");
    for (name, state, reason, verdict) in table {
        let world = mailed().await;
        let event = of(name, &world.row("ceo", CEO).await, CEO).to_string();
        assert_eq!(world.told([event.clone(), event.clone()]).await, 0, "{name}");
        let expected = (state.to_owned(), reason.map(str::to_owned), verdict);
        assert_eq!(outcome(&world).await, expected, "{name}");
        let (audit, trouble) = (
            world.audit_events().await.len(),
            matches!(state, "BOUNCED" | "COMPLAINED" | "FAILED"),
        );
        assert_eq!(
            audit,
            1 + usize::from(trouble),
            "{name}: trouble is in the audit, once"
        );
        assert!(world.quarantine().await.is_empty(), "{name}");
    }
}

/// The table of the documentation, and what is newer than it, from the queue to the list.
#[tokio::test]
async fn every_bounce_subtype_moves_the_delivery_and_leads_to_its_list() {
    let suppress = Some(Verdict::Suppress);
    for (kind, subkind, verdict) in [
        ("Undetermined", "Undetermined", None),
        ("Permanent", "General", suppress),
        ("Permanent", "NoEmail", suppress),
        ("Permanent", "Suppressed", suppress),
        ("Permanent", "OnAccountSuppressionList", suppress),
        ("Permanent", "OnTenantSuppressionList", suppress),
        ("Permanent", "EmailValidationSuppressed", suppress),
        ("Transient", "General", None),
        ("Transient", "MailboxFull", None),
        ("Transient", "CustomTimeoutExceeded", None),
        ("Transient", "MessageTooLarge", None),
        ("Transient", "ContentRejected", None),
        ("Transient", "AttachmentRejected", None),
    ] {
        let world = mailed().await;
        let mut event = of("bounce", &world.row("ceo", CEO).await, CEO);
        event["bounce"]["bounceType"] = json!(kind);
        event["bounce"]["bounceSubType"] = json!(subkind);
        assert_eq!(world.told([event.to_string()]).await, 0, "{kind}/{subkind}");
        let reason = format!("Bounce {kind}/{subkind}");
        let expected = ("BOUNCED".to_owned(), Some(reason), verdict);
        assert_eq!(outcome(&world).await, expected);
    }
}

/// Our own list follows, so that the next night asks SES no more.
#[tokio::test]
async fn what_ses_keeps_on_its_accounts_list_is_put_on_ours_and_not_mailed_again() {
    for name in ["bounce", "complaint_on_suppression_list"] {
        let world = mailed().await;
        let row = world.row("ceo", CEO).await;
        let mut event = of(name, &row, CEO);
        if name == "bounce" {
            event["bounce"]["bounceSubType"] = json!("OnAccountSuppressionList");
        }
        assert_eq!(world.told([event.to_string()]).await, 0, "{name}");
        let rid = shared::mail::Rid::of(b"a key of this test", &CEO.parse().unwrap());
        let next = crate::suppression::outcome(&world.deps, &rid).await.unwrap();
        assert!(
            matches!(next, Some(shared::ledger::Outcome::Suppressed { .. })),
            "{name}: {next:?}"
        );
    }
}

#[tokio::test]
async fn what_comes_back_has_the_reports_owner_told_and_what_arrives_has_not() {
    for (name, is_told) in [
        ("bounce", true),
        ("bounce_transient", true),
        ("bounce_undetermined", true),
        ("complaint", true),
        ("reject", true),
        ("rendering_failure", true),
        ("send", false),
        ("delivery", false),
        ("delivery_delay", false),
        ("complaint_not_spam", false),
    ] {
        let world = mailed().await;
        let row = world.row("ceo", CEO).await;
        let run = &row.key.run;
        world.told([of(name, &row, CEO).to_string()]).await;
        let came_back = world.ledger.run(run).await.unwrap().unwrap().came_back;
        assert_eq!(came_back.contains(&row.key.document), is_told, "{name}");
        let later = world.clock.now() + shared::ledger::control::GATHER;
        let due = world.ledger.notices_due(later).await.unwrap();
        assert_eq!(due.len(), usize::from(is_told), "{name}");
    }
}

#[tokio::test]
async fn both_shapes_and_both_ways_of_delivery_are_read() {
    for key in ["eventType", "notificationType"] {
        for is_wrapped in [false, true] {
            let world = mailed().await;
            let mut event = of("bounce", &world.row("ceo", CEO).await, CEO);
            let name = event.as_object_mut().unwrap().remove("eventType").unwrap();
            event[key] = name;
            let body = if is_wrapped {
                wrapped(&event)
            } else {
                event.to_string()
            };
            assert_eq!(world.told([body]).await, 0);
            assert_eq!(outcome(&world).await.0, "BOUNCED", "{key}, wrapped: {is_wrapped}");
        }
    }
}

#[tokio::test]
async fn of_several_people_who_may_have_complained_only_the_recipient_is_suppressed() {
    let world = mailed().await;
    let event = of("complaint_several", &world.row("ceo", CEO).await, CEO);
    world.told([event.to_string()]).await;
    let bystander = shared::mail::Rid::of(b"a key of this test", &"bystander@example.com".parse().unwrap());
    assert_eq!(world.deps.ledger.suppression(&bystander).await.unwrap(), None);
    assert_eq!(outcome(&world).await.2, Some(Verdict::Suppress));
}

#[tokio::test]
async fn a_malformed_body_fails_only_its_own_record() {
    let world = mailed().await;
    let good = of("delivery", &world.row("ceo", CEO).await, CEO);
    let mut lacking = good.clone();
    lacking.as_object_mut().unwrap().remove("delivery");
    let bodies = [
        "not json".to_owned(),
        "[]".to_owned(),
        json!({"eventType": "Send"}).to_string(),
        json!({"mail": {"messageId": "x"}}).to_string(),
        json!({"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}).to_string(),
        format!("{good} and more"),
        lacking.to_string(),
        good.to_string(),
    ];
    assert_eq!(world.told(bodies).await, 7);
    assert_eq!(
        outcome(&world).await.0,
        "DELIVERED",
        "the rest of the batch is done"
    );
}

#[tokio::test]
async fn what_ses_says_when_it_is_set_up_is_no_event_and_no_failure() {
    let world = mailed().await;
    let text = "Successfully validated SNS topic for Amazon SES event publishing.";
    let subscribed =
        json!({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have subscribed"});
    let in_sns = json!({"Type": "Notification", "Message": text}).to_string();
    assert_eq!(
        world.told([text.to_owned(), in_sns, wrapped(&subscribed)]).await,
        0
    );
    assert!(world.quarantine().await.is_empty());
}

#[tokio::test]
async fn an_unknown_kind_is_acknowledged_and_an_unknown_subtype_bounces_without_suppressing() {
    let world = mailed().await;
    let row = world.row("ceo", CEO).await;
    let mut kind = of("send", &row, CEO);
    kind["eventType"] = json!("Teleported");
    let mut subtype = of("bounce", &row, CEO);
    subtype["bounce"]["bounceSubType"] = json!("Tomorrow");
    assert_eq!(world.told([kind.to_string(), subtype.to_string()]).await, 0);
    let expected = (
        "BOUNCED".to_owned(),
        Some("Bounce Permanent/Tomorrow".to_owned()),
        None,
    );
    assert_eq!(outcome(&world).await, expected);
}

#[tokio::test]
async fn three_transient_bounces_in_seven_days_hold_what_is_mailed_next() {
    let world = mailed().await;
    let row = world.row("ceo", CEO).await;
    let bounce = |id: &str, day: u32| {
        let mut event = of("bounce_transient", &row, CEO);
        event["bounce"]["feedbackId"] = json!(id);
        event["bounce"]["timestamp"] = json!(format!("2026-11-{day}T08:00:00.000Z"));
        event.to_string()
    };
    // The same event twice is one bounce, and one long ago does not count.
    world
        .told([
            bounce("a", 21),
            bounce("a", 21),
            bounce("old", 10),
            bounce("b", 23),
        ])
        .await;
    assert_eq!(outcome(&world).await.2, None);
    world.told([bounce("c", 27)]).await;
    assert_eq!(outcome(&world).await.2, Some(Verdict::Hold));
}

#[tokio::test]
async fn a_mail_that_was_too_large_or_rejected_for_its_content_suppresses_nobody() {
    for subtype in ["MessageTooLarge", "ContentRejected", "AttachmentRejected"] {
        let world = mailed().await;
        let row = world.row("ceo", CEO).await;
        for number in 0..3 {
            let mut event = of("bounce_transient", &row, CEO);
            event["bounce"]["bounceSubType"] = json!(subtype);
            event["bounce"]["feedbackId"] = json!(format!("f{number}"));
            assert_eq!(world.told([event.to_string()]).await, 0);
        }
        assert_eq!(outcome(&world).await.2, None, "{subtype}");
        let audit = world.audit_events().await;
        assert!(
            audit.iter().any(|line| line.contains("our own defect")),
            "{audit:?}"
        );
    }
}

#[tokio::test]
async fn a_bounce_of_the_archives_copy_is_told_and_suppresses_nobody() {
    let world = mailed().await;
    let row = world.row("ceo", "archive@example.com").await;
    let event = of("bounce", &row, "archive@example.com");
    assert_eq!(world.told([event.to_string()]).await, 0);
    let row = world.row("ceo", "archive@example.com").await;
    assert_eq!(row.state, DeliveryState::Bounced);
    assert_eq!(world.deps.ledger.suppression(&row.key.rid).await.unwrap(), None);
    let id = FeedbackId::of(fixture("bounce")["bounce"]["feedbackId"].as_str().unwrap());
    assert!(world.deps.ledger.feedback(&id).await.unwrap().is_some());
}
