use super::*;

fn found(expression: &str, json: &str) -> Option<String> {
    let data = Arc::new(Variable::from_json(json).unwrap());
    cell(&Expression::parse(expression).unwrap().find(&data).unwrap())
}

#[test]
fn a_list_of_one_is_a_list_and_null_is_none() {
    assert_eq!(found("list(@)[].a", r#"{"a":"x"}"#).unwrap(), r#"["x"]"#);
    assert_eq!(found("count(a)", "{}").unwrap(), "0");
    assert_eq!(found("count(a) > `0`", r#"{"a":[1]}"#).unwrap(), "true");
}

#[test]
fn times_of_every_protocol_are_one() {
    for time in [
        "1761820199.5",
        r#""2025-10-30T10:29:59Z""#,
        r#""2025-10-30T12:29:59.100+0200""#,
    ] {
        assert_eq!(
            found("instant(@)", time).unwrap(),
            "2025-10-30T10:29:59Z",
            "{time}"
        );
    }
    assert_eq!(
        found("day(@)", r#""Thu, 30 Oct 2025 10:29:59 GMT""#).unwrap(),
        "2025-10-30"
    );
    assert_eq!(found("day(@)", "null"), None);
    assert_eq!(
        found("add_days(month_start(@), `-1`)", r#""2026-11-20""#).unwrap(),
        "2026-10-31"
    );
}

#[test]
fn cells_are_plain_text() {
    assert_eq!(
        found("[a, b, c]", r#"{"a":14.0,"b":0.25,"c":true}"#).unwrap(),
        "[14.0,0.25,true]"
    );
    assert_eq!(found("a", r#"{"a":14.0}"#).unwrap(), "14");
    assert_eq!(
        found("a", r#"{"a":"0.0512345678901234567"}"#).unwrap(),
        "0.0512345678901234567"
    );
    assert_eq!(found("gigabytes(a)", r#"{"a":1610612736}"#).unwrap(), "1.611");
    assert_eq!(
        found("after_last(a, ':')", r#"{"a":"arn:aws:sqs:r:1:dead"}"#).unwrap(),
        "dead"
    );
    for (arn, name) in [
        ("arn:aws:lambda:r:1:function:hook:live", "hook"),
        ("arn:aws:lambda:r:1:function:hook", "hook"),
        ("arn:aws:sqs:r:1:dead", "dead"),
    ] {
        assert_eq!(found("arn_name(@)", &format!("{arn:?}")).unwrap(), name);
    }
    assert_eq!(
        found("parse_json(percent_decode(a)).b", r#"{"a":"%7B%22b%22%3A1%7D"}"#).unwrap(),
        "1"
    );
}

#[test]
fn what_is_no_expression_says_so() {
    assert!(Expression::parse("a[").is_err());
    assert!(Expression::parse("a.nothing(b)").is_err());
    let data = Arc::new(Variable::from_json(r#""soon""#).unwrap());
    let error = Expression::parse("day(@)").unwrap().find(&data).unwrap_err();
    assert!(error.to_string().contains(r#""soon" is no instant"#), "{error}");
}
