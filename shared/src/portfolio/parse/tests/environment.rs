//! Targets and parameters that are read elsewhere, and the list of what may be.

use super::*;
use crate::portfolio::ValueSource;

/// The lines that the annotated example has as comments, written out.
const LISTED: (&str, &str) = (
    "[[documents]]",
    "[sources.environment]
variables = [\"QUARTERDECK_VALUE_CASH_FLOOR\"]
parameters = [\"/quarterdeck/harbor/cash_target\"]
[[documents]]",
);
const TARGET: &str = "{ ssm = \"/quarterdeck/harbor/cash_target\" }";
const FLOOR: &str = "{ env = \"QUARTERDECK_VALUE_CASH_FLOOR\" }";

/// The problems of a target and a parameter that are read elsewhere, below that list.
#[track_caller]
fn expect_of(target: &str, floor: &str, expected: &[&str]) {
    let (target, floor) = (format!("= {target}"), format!("cash_floor = {floor}"));
    let changes = [LISTED, ("= 25000", &target), ("cash_floor = 15000", &floor)];
    expect(&changes, expected);
}

#[test]
fn a_target_and_a_parameter_are_read_elsewhere_as_the_example_says() {
    for line in LISTED.1.lines().take(3).chain([TARGET, FLOOR]) {
        assert!(EXAMPLE.contains(line), "the example has no {line}");
    }
    let (target, floor) = (format!("= {TARGET}"), format!("= {FLOOR}"));
    let changes = [LISTED, ("= 25000", &target), ("= 15000", &floor)];
    let harbor = Portfolio::parse(&with(&changes)).unwrap();
    let environment = &harbor.sources.environment;
    let target = ValueSource::Parameter("/quarterdeck/harbor/cash_target".into());
    let floor = ValueSource::Variable("QUARTERDECK_VALUE_CASH_FLOOR".into());
    assert_eq!(environment.targets["cash.unrestricted"], target);
    assert_eq!(environment.parameters["cash_floor"], floor);
    assert_eq!(environment.places(), [&floor, &target].into());
    assert!(harbor.targets.is_empty() && !harbor.parameters.contains_key("cash_floor"));
    assert!(
        Portfolio::parse(&with(&[]))
            .unwrap()
            .sources
            .environment
            .is_empty()
    );
}

#[test]
fn what_is_not_listed_is_refused() {
    expect_of(
        "{ ssm = \"/quarterdeck/harbor/cash_taget\" }",
        "{ env = \"QUARTERDECK_VALUE_PAYROLLS\" }",
        &[
            "47:14: warning[unused]: \"QUARTERDECK_VALUE_CASH_FLOOR\" is listed, and no target or parameter is read of it; take it off the list, or use it",
            "48:15: warning[unused]: \"/quarterdeck/harbor/cash_target\" is listed, and no target or parameter is read of it; take it off the list, or use it",
            "62:23: error[not-listed]: target \"cash.unrestricted\" is read of SSM parameter /quarterdeck/harbor/cash_taget, which is not listed; \
             did you mean /quarterdeck/harbor/cash_target?",
            "65:14: error[not-listed]: parameter \"cash_floor\" is read of environment variable QUARTERDECK_VALUE_PAYROLLS, which is not listed; \
             add it to `variables` under [sources.environment]",
        ],
    );
    let floor = format!("cash_floor = {FLOOR}");
    expect(
        &[("cash_floor = 15000", &floor)],
        &[
            "62:14: error[not-listed]: parameter \"cash_floor\" is read of environment variable QUARTERDECK_VALUE_CASH_FLOOR, which is not \
             listed; add it to `variables` under [sources.environment]",
        ],
    );
}

#[test]
fn a_variable_that_may_hold_credentials_is_refused_though_it_is_listed() {
    let changes = [
        LISTED,
        ("\"QUARTERDECK_VALUE_CASH_FLOOR\"", "\"AWS_SECRET_ACCESS_KEY\""),
        ("= 25000", "= { env = \"QUARTERDECK_RID_SECRET\" }"),
    ];
    let remedy = "its name has to begin with QUARTERDECK_VALUE_ and go on with A-Z, 0-9 and _";
    let listed = format!(
        "47:14: error[bad-variable]: `sources.environment.variables`: \"AWS_SECRET_ACCESS_KEY\" is no variable that is ever read; {remedy}"
    );
    let read = format!(
        "62:23: error[bad-variable]: `targets.cash.unrestricted`: \"QUARTERDECK_RID_SECRET\" is no variable that is ever read; {remedy}"
    );
    let unused = "48:15: warning[unused]: \"/quarterdeck/harbor/cash_target\" is listed, and no target or parameter is read of it; \
                  take it off the list, or use it";
    expect(&changes, &[&listed, unused, &read]);
}

#[test]
fn a_place_is_one_and_written_right() {
    let unused = [
        "47:14: warning[unused]: \"QUARTERDECK_VALUE_CASH_FLOOR\" is listed, and no target or parameter is read of it; take it off the list, or use it",
        "48:15: warning[unused]: \"/quarterdeck/harbor/cash_target\" is listed, and no target or parameter is read of it; take it off the list, or use it",
    ];
    expect_of(
        "{ smm = \"/quarterdeck/harbor/cash_target\" }",
        "{ env = \"QUARTERDECK_VALUE_CASH_FLOOR\", ssm = \"/quarterdeck/harbor/cash_target\" }",
        &[
            unused[0],
            unused[1],
            "62:23: error[unknown-key]: `targets.cash.unrestricted` is read of `smm`, which is no place for values; write { env = \"…\" } or { ssm = \"…\" }",
            "65:14: error[contradiction]: `parameters.cash_floor` is read in one place, and no more; write { env = \"…\" } or { ssm = \"…\" }",
        ],
    );
    expect_of(
        "{ ssm = \"cash_target:3\" }",
        "{ env = 15000 }",
        &[
            unused[0],
            unused[1],
            "62:23: error[bad-parameter-name]: `targets.cash.unrestricted`: \"cash_target:3\" is no full name of an SSM parameter; write it from its \
             first /, of A-Z, a-z, 0-9, _, . and -, such as \"/quarterdeck/harbor/cash_floor\"",
            "65:14: error[wrong-type]: `parameters.cash_floor` is an integer, and must be a string; write \"15000\", in quotes",
        ],
    );
}
