use super::*;

fn bundle() -> Bundle {
    let text = "id = \"harbor\"\ntimezone = \"Mars/Olympus\"\n";
    Bundle([("portfolio.toml".to_owned(), text.to_owned())].into())
}

fn problem() -> Problem {
    let bundle = bundle();
    let text = bundle.get("portfolio.toml").unwrap();
    Problem::error(
        "bad-zone",
        "portfolio.toml",
        "\"Mars/Olympus\" is no IANA time zone",
    )
    .at(text, 25..39)
    .suggest("write America/Los_Angeles")
    .related("portfolio.toml", text, 5..13, "of this portfolio")
}

#[test]
fn a_person_sees_the_line_the_carets_and_the_remedy() {
    let expected = "\
error[bad-zone]: \"Mars/Olympus\" is no IANA time zone
 --> portfolio.toml:2:12
  |
1 | id = \"harbor\"
  |      -------- of this portfolio
2 | timezone = \"Mars/Olympus\"
  |            ^^^^^^^^^^^^^^
  |
  = help: write America/Los_Angeles

1 error
";
    assert_eq!(render_problems(&[problem()], &bundle(), false), expected);
    assert!(render_problems(&[problem()], &bundle(), true).contains("\u{1b}["));
}

#[test]
fn a_file_without_text_is_still_named_with_its_place() {
    let shown = render_problems(&[problem()], &Bundle::default(), false);
    assert!(shown.contains("--> portfolio.toml:2:12"), "{shown}");
}

#[test]
fn a_script_gets_the_same_in_json() {
    let json = problems_json(&[problem()]);
    assert_eq!(
        (json["errors"].as_u64(), json["warnings"].as_u64()),
        (Some(1), Some(0))
    );
    let first = &json["problems"][0];
    assert_eq!(
        (first["line"].as_u64(), first["column"].as_u64()),
        (Some(2), Some(12))
    );
    assert_eq!(first["span"], json!({"start": 25, "end": 39}));
    assert_eq!(first["severity"], "error");
}
