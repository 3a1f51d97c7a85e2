use super::*;

#[test]
fn three_transient_bounces_are_too_many_only_within_seven_days() {
    let days = |days: &[i64]| {
        let first: Timestamp = "2026-11-01T08:00:00Z".parse().unwrap();
        let at = |day: &i64| first + SignedDuration::from_hours(24 * day);
        too_many_transient(days.iter().map(at).collect())
    };
    assert!(!days(&[]) && !days(&[0]) && !days(&[0, 1]));
    assert!(days(&[0, 3, 7]), "seven days to the second");
    assert!(!days(&[0, 3, 8]) && !days(&[0, 7, 14, 21]));
    assert!(days(&[20, 0, 14, 16]), "in whichever order they came");
}

#[test]
fn an_events_name_that_is_no_plain_text_becomes_a_digest() {
    assert_eq!(FeedbackId::of("0100-ab.Send").as_str(), "0100-ab.Send");
    for text in ["", "cfo@example.com", "a#b", "a\r\nb", &"x".repeat(201)] {
        let id = FeedbackId::of(text);
        assert!(id.as_str().starts_with("sha256:"), "{text:?} became {id}");
    }
}
