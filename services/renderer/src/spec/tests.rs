use super::*;

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let errors = parse_spec("title = \"CEO\"\nrole = \"ceo\"\ncolour = \"red\"\n").unwrap_err();
    assert!(errors[0].message.contains("unknown field `colour`"), "{errors:?}");
    assert_eq!(errors[0].span, Some(27..33));
}

#[test]
fn pages_are_a_number_or_a_range() {
    assert_eq!(most_pages("2"), Some(2));
    assert_eq!(most_pages("1-2"), Some(2));
    for wrong in ["", "two", "0", "3-1", "1-", "1-2-3"] {
        assert_eq!(most_pages(wrong), None, "{wrong:?}");
    }
    let errors = parse_spec("title = \"T\"\nrole = \"cfo\"\npages = \"few\"\n").unwrap_err();
    assert!(errors[0].message.contains("\"1-2\""), "{errors:?}");
}

#[test]
fn every_section_that_lacks_something_is_reported() {
    let text = "title = \"T\"\nrole = \"cfo\"\n[[section]]\nkind = \"model\"\n[[section]]\nkind = \"text\"\n";
    let errors = parse_spec(text).unwrap_err();
    let messages: Vec<_> = errors.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[1].starts_with("section 2:"));
}
