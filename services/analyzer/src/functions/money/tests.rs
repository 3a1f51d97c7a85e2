use super::*;

fn usd(text: &str) -> Option<i128> {
    money(text, &["USD".parse().unwrap()])
}

#[test]
fn an_amount_is_read_in_every_form_that_tables_hold() {
    let forms = [
        ("840.75", 8_407_500),
        ("$840.75", 8_407_500),
        ("$1,840.75", 18_407_500),
        ("(12.50)", -125_000),
        ("($1,200)", -12_000_000),
        ("-$5", -50_000),
        ("$-5", -50_000),
        ("\u{2212}5", -50_000),
        ("12.50-", -125_000),
        ("USD 12", 120_000),
        ("12 usd", 120_000),
        ("US$12", 120_000),
        ("1.2e3", 12_000_000),
        ("1.2E+3", 12_000_000),
        ("$4K", 40_000_000),
        ("$4,000/mo", 40_000_000),
        ("$40K per month", 400_000_000),
        (" \u{200e}$7 ", 70_000),
        ("0", 0),
        ("33.33335", 333_334),
    ];
    for (text, expected) in forms {
        assert_eq!(usd(text), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_amount_of_ours_is_unreadable() {
    for text in [
        "TBD",
        "n/a",
        "€12",
        "EUR 12",
        "12 GBP",
        "$",
        "USD",
        "(-5)",
        "-$-5",
        "$12,000/yr",
        "12 or 13",
        "1e20",
    ] {
        assert_eq!(usd(text), None, "{text}");
    }
    assert_eq!(money("€12", &["EUR".parse().unwrap()]), Some(120_000));
}

#[test]
fn ratios_counts_and_flags() {
    assert_eq!(
        (ratio("0.15"), ratio("15%"), ratio("15 %")),
        (Some(150_000), Some(150_000), Some(150_000))
    );
    assert_eq!(ratio("high"), None);
    assert_eq!(
        (whole("12"), whole("12.0"), whole("1,200"), whole("12.5")),
        (Some(12), Some(12), Some(1200), None)
    );
    assert_eq!(
        (flag("Yes"), flag(" off "), flag("maybe"), flag("2")),
        (Some(true), Some(false), None, None)
    );
}
