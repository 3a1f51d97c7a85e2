use super::*;

const ITEM: &str = r#" {"crew": [{"name": "A \"B\"", "pay": 120.10}, {"name": null}], "n": 12345678901234567890.5, "e": {}} "#;

fn at(path: &[&str]) -> Option<String> {
    get(ITEM, path).unwrap()
}

#[test]
fn a_path_reaches_into_objects_and_arrays() {
    assert_eq!(at(&["crew", "0", "name"]).as_deref(), Some("A \"B\""));
    assert_eq!(
        at(&["crew", "0", "pay"]).as_deref(),
        Some("120.10"),
        "digits stay as stored"
    );
    assert_eq!(at(&["n"]).as_deref(), Some("12345678901234567890.5"));
    assert_eq!(at(&["crew", "1"]).as_deref(), Some(r#"{"name": null}"#));
    for nothing in [
        &["crew", "1", "name"][..],
        &["crew", "7"],
        &["x"],
        &["n", "x"],
        &["crew", "x"],
    ] {
        assert_eq!(at(nothing), None, "{nothing:?}");
    }
}

#[test]
fn lists_are_of_elements_or_of_values_and_keys_keep_their_order() {
    assert_eq!(
        list(r#"[1, "two", null]"#).unwrap(),
        [Some("1".into()), Some("two".into()), None]
    );
    assert_eq!(
        list(r#"{"b": 1, "a": [2]}"#).unwrap(),
        [Some("1".into()), Some("[2]".into())]
    );
    assert_eq!(keys(r#"{"b": 1, "a": 2}"#).unwrap(), ["b", "a"]);
    assert!(
        list("3").unwrap().is_empty() && list("[]").unwrap().is_empty() && keys("{}").unwrap().is_empty()
    );
}

#[test]
fn what_is_not_json_says_so() {
    for text in [
        "",
        "hello",
        "{",
        "{\"a\" 1}",
        "[1,]",
        "[1 2]",
        "{'a': 1}",
        "\"open",
        "[1]x",
        "nulls",
        "{\"a\":1,}",
    ] {
        assert_eq!(list(text), Err(NotJson), "{text}");
    }
    assert_eq!(get(&"[".repeat(10_000), &[]), Err(NotJson), "depth is bounded");
}
