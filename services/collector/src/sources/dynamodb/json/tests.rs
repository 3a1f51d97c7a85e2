use super::*;

#[test]
fn every_type_is_read() {
    let line = br#"{"Item":{"s":{"S":"x"},"n":{"N":"1.50"},"t":{"BOOL":true},"z":{"NULL":true},"b":{"B":"AP8="},
            "ss":{"SS":["b","a"]},"ns":{"NS":["2"]},"bs":{"BS":["AA=="]},"l":{"L":[{"N":"1"},{"M":{"k":{"S":"v"}}}]}}}"#;
    let item = read_line(line).unwrap();
    assert_eq!(item["n"], AttributeValue::N("1.50".into()), "digits as stored");
    assert_eq!(item["b"], AttributeValue::B(Blob::new([0, 255])));
    assert_eq!(item["bs"], AttributeValue::Bs(vec![Blob::new([0])]));
    let map = AttributeValue::M([("k".to_owned(), AttributeValue::S("v".into()))].into());
    assert_eq!(
        item["l"],
        AttributeValue::L(vec![AttributeValue::N("1".into()), map])
    );
    assert_eq!(item.len(), 9);
}

#[test]
fn what_is_no_item_is_told() {
    let error = |text: &str| read_item(text).unwrap_err().to_string();
    assert!(error(r#"{"a":{"X":"1"}}"#).contains("\"X\" is no type"));
    assert!(error(r#"{"a":{"S":"1","N":"2"}}"#).contains("two types"));
    assert!(error(r#"{"a":{}}"#).contains("no type"));
    assert!(error(r#"{"a":{"B":"%"}}"#).len() > 3);
    assert!(error(r#"{"a":1}"#).contains("an attribute with its type"));
}

#[test]
fn a_key_reads_back_as_it_was_written() {
    let key: Item = [
        ("b".to_owned(), AttributeValue::B(Blob::new([1, 2]))),
        ("n".to_owned(), AttributeValue::N("7".into())),
        ("s".to_owned(), AttributeValue::S("é\"".into())),
    ]
    .into();
    assert_eq!(read_item(&write_key(&key)).unwrap(), key);
}
