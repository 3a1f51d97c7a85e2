use super::*;

fn of_bounce(kind: &str, subkind: &str) -> Meaning {
    let (kind, subkind) = (kind.to_owned(), subkind.to_owned());
    classify(&Kind::Bounce { kind, subkind })
}

#[test]
fn every_bounce_type_has_its_consequence() {
    use Consequence::{Count, None as Nothing, OurDefect, Suppress};
    let table = [
        ("Undetermined", "Undetermined", Nothing),
        ("Permanent", "General", Suppress),
        ("Permanent", "NoEmail", Suppress),
        ("Permanent", "Suppressed", Suppress),
        ("Permanent", "OnAccountSuppressionList", Suppress),
        ("Permanent", "OnTenantSuppressionList", Suppress),
        ("Permanent", "EmailValidationSuppressed", Suppress),
        ("Transient", "General", Count),
        ("Transient", "MailboxFull", Count),
        ("Transient", "CustomTimeoutExceeded", Count),
        ("Transient", "MessageTooLarge", OurDefect),
        ("Transient", "ContentRejected", OurDefect),
        ("Transient", "AttachmentRejected", OurDefect),
    ];
    for (kind, subkind, consequence) in table {
        let meaning = of_bounce(kind, subkind);
        assert_eq!(
            (meaning.consequence, meaning.recognised),
            (consequence, true),
            "{kind}/{subkind}"
        );
        assert_eq!(meaning.state, Some(DeliveryState::Bounced));
        assert_eq!(meaning.reason(), Some(format!("Bounce {kind}/{subkind}")));
    }
}

#[test]
fn a_subtype_that_nobody_knows_is_a_bounce_that_suppresses_nobody_and_is_counted() {
    let unknown = [
        ("Permanent", "Tomorrow"),
        ("Transient", "NoEmail"),
        ("Odd", "General"),
        ("Permanent", ""),
    ];
    for (kind, subkind) in unknown {
        let meaning = of_bounce(kind, subkind);
        assert_eq!(
            (meaning.consequence, meaning.recognised),
            (Consequence::None, false),
            "{kind}/{subkind}"
        );
        assert_eq!(meaning.state, Some(DeliveryState::Bounced));
    }
}

#[test]
fn a_complaint_suppresses_unless_it_says_not_spam() {
    for why in [
        "abuse",
        "auth-failure",
        "fraud",
        "other",
        "virus",
        "something new",
    ] {
        let meaning = classify(&Kind::Complaint(Some(why.to_owned())));
        assert_eq!(meaning.consequence, Consequence::Suppress, "{why}");
    }
    assert_eq!(
        classify(&Kind::Complaint(None)).consequence,
        Consequence::Suppress
    );
    let not_spam = classify(&Kind::Complaint(Some("not-spam".to_owned())));
    assert_eq!((not_spam.state, not_spam.consequence), (None, Consequence::None));
}

#[test]
fn what_an_event_calls_itself_is_never_repeated_unless_it_is_a_word() {
    let meaning = of_bounce("Permanent", "cfo@example.com");
    assert_eq!(meaning.label, "Bounce Permanent/unreadable");
    let meaning = classify(&Kind::Other("x\r\ny".to_owned()));
    assert_eq!(
        (meaning.label.as_str(), meaning.recognised),
        ("unreadable", false)
    );
}
