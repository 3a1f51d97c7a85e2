use super::*;

fn cents(text: &str) -> Option<i128> {
    number(text).and_then(|n| n.at_scale(2, 20))
}

#[test]
fn digits_are_read_exactly_whatever_groups_them() {
    for text in [
        "1840.75",
        "1,840.75",
        "1 840.75",
        "1'840.75",
        "1.840,75",
        "1840,75",
        "+1840.75",
        "1.84075e3",
    ] {
        assert_eq!(cents(text), Some(184_075), "{text}");
    }
    assert_eq!(cents("1,234,567"), Some(123_456_700));
    assert_eq!(cents("1.234.567"), Some(123_456_700));
    assert_eq!(cents("\u{2212}12.5"), Some(-1250));
    assert_eq!(cents(".5"), Some(50));
    assert_eq!(cents("5."), Some(500));
}

#[test]
fn a_plain_number_is_what_it_is_the_long_way_round() {
    // Behind a sign nothing is plain.
    let long = |text: &str| number(&format!("+{text}"));
    let (long_one, longer) = ("9".repeat(18), "9".repeat(19));
    for text in [
        "0",
        "7",
        "007",
        "12",
        "1840.75",
        ".5",
        "5.",
        "0.125",
        "1234567.00",
        &long_one,
        &longer,
        ".",
        "",
        "1.2.3",
    ] {
        assert_eq!(number(text), long(text), "{text}");
    }
    assert_eq!(
        number("12.50"),
        Some(Exact {
            mantissa: 1250,
            exponent: -2
        })
    );
    assert_eq!(number(&longer).unwrap().as_whole(), None);
    assert_eq!(
        number(&long_one).unwrap().as_whole(),
        Some(999_999_999_999_999_999)
    );
}

#[test]
fn a_comma_behind_a_zero_is_a_decimal_one() {
    let read = |text: &str| number(text).and_then(|n| n.at_scale(4, 20));
    assert_eq!(read("0,125"), Some(1250));
    assert_eq!(read("-0,125"), Some(-1250));
    assert_eq!(read("0.125"), Some(1250));
    assert_eq!(read("1,125"), Some(11_250_000));
    assert_eq!(read("10,125"), Some(101_250_000));
    assert_eq!(read("0,125,000"), None);
    assert_eq!(number("0,500").unwrap().as_whole(), None);
}

#[test]
fn what_is_no_number_is_refused_not_guessed() {
    for text in [
        "", "-", ".", "1,84,075", "12,345,6", "1.2.3", "1 2", "0x10", "1e", "1e99", "NaN", "12abc", "--1",
    ] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn no_float_is_in_between() {
    let text = "0.1000000000000000055511151231257827";
    assert_eq!(
        number(text).unwrap().at_scale(34, 38),
        Some(1_000_000_000_000_000_055_511_151_231_257_827)
    );
    assert_eq!(
        number("9007199254740993").unwrap().as_whole(),
        Some(9_007_199_254_740_993)
    );
}

#[test]
fn rounding_is_half_away_from_zero_and_overflow_is_none() {
    assert_eq!(cents("0.125"), Some(13));
    assert_eq!(cents("-0.125"), Some(-13));
    assert_eq!(cents("0.1249999"), Some(12));
    assert_eq!(cents("1e30"), None);
    assert_eq!(cents("1e-50"), Some(0));
}

#[test]
fn a_whole_number_has_nothing_behind_the_point() {
    assert_eq!(number("12.000").unwrap().as_whole(), Some(12));
    assert_eq!(number("1.2e1").unwrap().as_whole(), Some(12));
    assert_eq!(number("12.5").unwrap().as_whole(), None);
    assert_eq!(number("12.0000000001").unwrap().as_whole(), None);
}
