use super::*;

// Put together at run time, so that no scanner of repositories takes them for real ones.
fn stripe() -> String {
    ["sk", "live", "51HqLz7KbTq0PmYvXo3w2RkA"].join("_")
}
fn rule(variable: &str, value: &str) -> Option<&'static str> {
    Scanner::default().scan(variable, value).map(|hit| hit.rule)
}

#[test]
fn secrets_are_found_by_their_form_or_by_their_name() {
    assert_eq!(rule("PAYMENT", &stripe()), Some("stripe-access-token"));
    assert_eq!(
        rule("BOATSETTER_API_KEY", "q7Zt2LxP0vN4sKd9RmWb"),
        Some("generic-api-key")
    );
    assert_eq!(
        rule("DATABASE_URL", "postgres://app:hunter2x9@db.example.com/x"),
        Some("uri-credentials")
    );
}

#[test]
fn settings_are_none() {
    let harmless = [
        ("TABLE", "jada-calendar"),
        ("WEBHOOK_URL", "https://example.com/hooks/bookings"),
        (
            "SECRET_ARN",
            "arn:aws:secretsmanager:us-west-2:000000000000:secret:jada/stripe-AbCdEf",
        ),
        ("API_KEY", "changeme"),
        ("API_KEY", "${API_KEY}"),
        ("LOG_LEVEL", "info"),
    ];
    for (variable, value) in harmless {
        assert_eq!(rule(variable, value), None, "{variable}");
    }
}

#[test]
fn a_fingerprint_tells_secrets_apart_under_its_key_only() {
    let scanner = |key: &str| Scanner::new(Some(SecretString::from(key.to_owned())));
    let print = |key: &str, value: &str| scanner(key).scan("API_KEY", value).unwrap().fingerprint.unwrap();
    assert_eq!(print("k", &stripe()).len(), FINGERPRINT);
    assert_eq!(print("k", &stripe()), print("k", &stripe()));
    assert_ne!(print("k", &stripe()), print("other", &stripe()));
    assert_ne!(print("k", &stripe()), print("k", "q7Zt2LxP0vN4sKd9RmWb"));
    assert_eq!(Scanner::default().scan("A", &stripe()).unwrap().fingerprint, None);
}

#[test]
fn a_brace_that_begins_no_repetition_stands_for_itself_as_in_go() {
    assert_eq!(
        with_literal_braces(r"a{2}b{2,}c{2,5}\{\p{L}"),
        r"a{2}b{2,}c{2,5}\{\p{L}"
    );
    assert_eq!(with_literal_braces(r"${{x}} {\d+}"), r"$\{\{x}} \{\d+}");
    assert!(compile(r"^\$(?:\d+|{\d+})$").unwrap().is_match(b"${12}"));
}

#[test]
fn every_rule_compiles() {
    let bad: Vec<_> = RULES
        .rules
        .iter()
        .filter(|r| compile(&r.regex).is_none())
        .map(|r| &r.id)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    let lists = RULES
        .rules
        .iter()
        .flat_map(|r| &r.allowlists)
        .chain([&RULES.allowlist]);
    let bad: Vec<_> = lists
        .flat_map(|l| &l.regexes)
        .filter(|r| compile(r).is_none())
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(RULES.rules.len() > 200);
}
