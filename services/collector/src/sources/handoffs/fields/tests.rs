use super::*;

fn pairs(raw: &str, colons: Colons) -> (String, Vec<(String, String)>) {
    let (left, found) = take(raw, colons);
    (left, found.into_iter().map(|f| (f.key, f.value)).collect())
}
fn of(left: &str, key: &str, value: &str) -> (String, Vec<(String, String)>) {
    (left.to_owned(), vec![(key.to_owned(), value.to_owned())])
}

#[test]
fn a_megabyte_of_brackets_is_a_title_and_a_field_may_be_as_long_as_it_says() {
    let (left, found) = take(&"[".repeat(1_000_000), Colons::Two);
    assert_eq!((left.len(), found.len()), (1_000_000, 0));
    let of = |len: usize| {
        let raw = format!("x [owner::{}]", "a".repeat(len - "owner::".len()));
        take(&raw, Colons::Two).1.len()
    };
    assert_eq!((of(LONGEST - 1), of(LONGEST)), (1, 0));
}

#[test]
fn brackets_in_a_value_belong_to_it() {
    let found = pairs("x [owner:: [[ceo]]]", Colons::Two);
    assert_eq!(found, of("x", "owner", "[[ceo]]"));
    let found = pairs("x (cost:: $90 (once)) y", Colons::Two);
    assert_eq!(found, of("x y", "cost", "$90 (once)"));
}

#[test]
fn one_colon_will_do_in_a_task_for_a_known_key_only() {
    assert_eq!(
        pairs("x [Owner: cmo]", Colons::OneWillDo),
        of("x", "owner", "cmo")
    );
    for (raw, colons) in [
        ("x (cost: $90)", Colons::Two),
        ("x [see: above]", Colons::OneWillDo),
    ] {
        assert_eq!(pairs(raw, colons), (raw.to_owned(), vec![]));
    }
}
