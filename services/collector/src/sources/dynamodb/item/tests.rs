use std::collections::HashMap;

use super::*;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}
fn n(text: &str) -> AttributeValue {
    AttributeValue::N(text.into())
}
fn cell(value: AttributeValue) -> Option<String> {
    let mut out = String::new();
    write_cell(&value, &mut out).unwrap().then_some(out)
}

#[test]
fn plain_attributes_are_as_stored() {
    assert_eq!(cell(s("$840.75")).unwrap(), "$840.75");
    assert_eq!(cell(s("")).unwrap(), "", "an empty string is not NULL");
    let long = "12345678901234567890123456789012345678";
    assert_eq!(cell(n(long)).unwrap(), long);
    assert_eq!(cell(AttributeValue::Bool(false)).unwrap(), "false");
    assert_eq!(cell(AttributeValue::B(Blob::new([0, 255]))).unwrap(), "AP8=");
    assert_eq!(cell(AttributeValue::Null(true)), None);
}

#[test]
fn sets_are_sorted_because_dynamodb_keeps_no_order_in_them() {
    let texts = AttributeValue::Ss(vec!["b".into(), "a\"".into()]);
    assert_eq!(cell(texts).unwrap(), r#"["a\"","b"]"#);
    let numbers = AttributeValue::Ns(vec!["10".into(), "9.5".into(), "-3".into()]);
    assert_eq!(cell(numbers).unwrap(), "[-3,9.5,10]");
    let blobs = AttributeValue::Bs(vec![Blob::new([255]), Blob::new([0])]);
    assert_eq!(cell(blobs).unwrap(), r#"["/w==","AA=="]"#);
}

#[test]
fn maps_are_json_with_sorted_keys_and_numbers_as_stored() {
    let inner = HashMap::from([
        ("z".to_owned(), n("1.50")),
        ("a".to_owned(), AttributeValue::Null(true)),
    ]);
    let list = AttributeValue::L(vec![
        AttributeValue::M(inner),
        AttributeValue::Bool(true),
        s("x\n"),
    ]);
    assert_eq!(cell(list).unwrap(), r#"[{"a":null,"z":1.50},true,"x\n"]"#);
}

#[test]
fn a_number_that_json_does_not_know_becomes_a_string() {
    let list = AttributeValue::L(["1E+125", ".5", "NaN", "-0", "007", "1."].map(n).to_vec());
    assert_eq!(cell(list).unwrap(), r#"[1E+125,".5","NaN",-0,"007","1."]"#);
}

#[test]
fn texts_are_escaped_as_serde_json_does() {
    let nasty = "tab\t quote\" back\\slash bell\u{7} \u{8}\u{c}\r\n é 🚤 \u{202e}";
    let mut out = String::new();
    write_json_text(nasty, &mut out);
    assert_eq!(out, serde_json::to_string(nasty).unwrap());
}
