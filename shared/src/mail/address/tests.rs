use super::*;

#[test]
fn mailboxes_with_and_without_names_parse() {
    let plain: Mailbox = "CEO@example.com".parse().unwrap();
    assert_eq!(
        (plain.name(), plain.normalised().as_str()),
        (None, "ceo@example.com")
    );
    let named: Mailbox = "Quarter Deck <reports@example.com>".parse().unwrap();
    assert_eq!(
        (named.name(), named.address()),
        (Some("Quarter Deck"), "reports@example.com")
    );
}

#[test]
fn header_injection_and_nonsense_are_refused() {
    let bad = [
        "",
        "ceo",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@example..com",
        "a\r\nBcc: x@example.com",
    ];
    for text in bad {
        assert!(text.parse::<Mailbox>().is_err(), "{text:?}");
    }
}

#[test]
fn debug_output_never_shows_an_address() {
    let mailbox: Mailbox = "ceo@example.com".parse().unwrap();
    assert!(!format!("{mailbox:?}").contains("example"));
}
