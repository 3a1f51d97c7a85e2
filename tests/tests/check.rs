//! `quarterdeck check` on folders with a mistake of every kind: each is reported, at its place, with what to do.

use serde_json::Value;
use tests::quarterdeck;

/// `file:line:column code: suggestion` of every problem.
fn problems(folder: &str) -> Vec<String> {
    let (code, said, errors) = quarterdeck(&["check", folder, "--json"]);
    assert_eq!(code, 2, "{said}{errors}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    let line = |p: &Value| {
        format!(
            "{}:{}:{} {}: {}",
            text(p, "file"),
            p["line"],
            p["column"],
            text(p, "code"),
            text(p, "suggestion")
        )
    };
    said["problems"].as_array().unwrap().iter().map(line).collect()
}

/// Asserts that exactly these problems are said, each given by how it begins and what its suggestion says.
fn assert_said(folder: &str, expected: &[(&str, &str)]) {
    let said = problems(folder);
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (line, (start, part)) in said.iter().zip(expected) {
        assert!(
            line.starts_with(start) && line.contains(part),
            "{line}\n  does not begin with {start} and say {part}"
        );
    }
}

#[test]
fn every_mistake_of_portfolio_toml_is_said_at_once_and_templates_are_checked_all_the_same() {
    let expected = [
        ("catalog/templates/mail.mjml.j2:3:", "bad-template"),
        ("portfolio.toml:5:12 bad-zone", "America/Los_Angeles"),
        ("portfolio.toml:6:1 unknown-key", "currency"),
        ("portfolio.toml:12:18 unknown-value", "did you mean \"hold\"?"),
        ("portfolio.toml:22:6 duplicate-id", "another id"),
        ("portfolio.toml:24:8 unknown-value", "did you mean \"charter\"?"),
        ("portfolio.toml:36:34 bad-mailbox", "write name@domain.tld"),
    ];
    assert_said("tests/fixtures/broken", &expected);
}

#[test]
fn every_mistake_of_a_catalog_is_said_at_once_without_any_data() {
    let expected = [
        (
            "catalog/derived/90_late.sql:2:6 unknown-table",
            "did you mean open_invoices?",
        ),
        (
            "catalog/kpis/own.toml:6:18 unknown-column",
            "did you mean due_on?",
        ),
        ("catalog/kpis/own.toml:11:6 unknown-table", ""),
        ("catalog/kpis/own.toml:18:1 unknown-key", "did you mean better?"),
        (
            "catalog/kpis/own.toml:22:25 unknown-column",
            "did you mean hours?",
        ),
        ("catalog/kpis/own.toml:27:6 duplicate-id", "rename or remove"),
        ("catalog/kpis/own.toml:40:8 unknown-column", "it has: vlaue"),
        ("catalog/templates/mail.mjml.j2:3:18 unescaped", "remove it"),
        ("catalog/templates/mail.mjml.j2:3:25 bad-template", ""),
        (
            "catalog/views/booking.calendar.sql:0:0 unknown-table",
            "did you mean bookings?",
        ),
        (
            "catalog/views/bookings.calendar.sql:5:7 unknown-column",
            "did you mean charter_date?",
        ),
        (
            "catalog/views/bookings.calendar.sql:7:9 unknown-column",
            "there are: id, charter_date, gross_revenue",
        ),
        (
            "catalog/views/payments.calender.sql:1:30 unknown-table",
            "did you mean raw.calendar?",
        ),
        (
            "portfolio.toml:31:1 unknown-kpi",
            "did you mean bookings.revenue_30d?",
        ),
        ("portfolio.toml:38:6 unknown-table", "did you mean transactions?"),
    ];
    assert_said("tests/fixtures/broken-catalog", &expected);
}

#[test]
fn a_person_sees_the_line_with_carets_and_the_remedy() {
    let (code, said, errors) = quarterdeck(&["check", "tests/fixtures/broken-catalog"]);
    assert_eq!((code, errors.as_str()), (2, ""));
    let shown = "\
5 |   day(charter_dat) as service_from,
  |       ^^^^^^^^^^^";
    assert!(said.contains(shown), "{said}");
    assert!(said.contains("did you mean charter_date?"), "{said}");
}

#[test]
fn the_example_portfolios_have_no_problems() {
    for folder in ["examples/harbor", "tests/fixtures/hotel"] {
        let (code, said, errors) = quarterdeck(&["check", folder, "--json"]);
        assert_eq!(code, 0, "{said}{errors}");
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["problems"].as_array().map(Vec::len), Some(0), "{said}");
    }
}
