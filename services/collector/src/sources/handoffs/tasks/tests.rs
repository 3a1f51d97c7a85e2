use super::*;

fn one(line: &str) -> (Option<Task>, Vec<&'static str>) {
    let (task, lints) = read(7, &[line], Some("channels"));
    (task, lints.into_iter().map(|lint| lint.code.as_str()).collect())
}

#[test]
fn a_task_is_read_with_its_fields() {
    let line = "- [ ] list on **Sailo** [owner:: cmo] [due:: 2026-12-15] [impact:: $4,000/mo] (cost:: $90) [effort:: 2d]";
    let (task, lints) = one(line);
    let text = |text: &str| Some(text.to_owned());
    let expected = Task {
        line: 7,
        section: text("channels"),
        title: "list on Sailo".into(),
        done: false,
        owner: text("cmo"),
        due: text("2026-12-15"),
        impact: text("$4,000/mo"),
        cost: text("$90"),
        effort: text("2d"),
        parent_line: None,
    };
    assert_eq!((task, lints), (Some(expected), vec![]));
}

#[test]
fn sloppy_boxes_are_read_and_said() {
    for line in [
        "-[ ] x [owner:: a]",
        "- [] x [owner:: a]",
        "- [ ]x [owner:: a]",
        "[ ] x [owner:: a]",
    ] {
        let (task, lints) = one(line);
        assert_eq!(
            (task.unwrap().title.as_str(), lints),
            ("x", vec!["task.form"]),
            "{line}"
        );
    }
    assert_eq!(one("1. [X] x"), one("> * [✓] x"));
    assert!(one("1. [X] x").0.unwrap().done);
    for line in [
        "- [a](https://example.com)",
        "[1] a footnote",
        "- text",
        "-- [ ] x",
        "",
    ] {
        assert_eq!(boxed(line), None, "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_said_and_kept_as_written() {
    let (task, lints) =
        one("- [ ] x [due:: end of May] [impact:: a lot] [effort:: soon] [onwer:: me] [due:: 2026-01-01]");
    assert_eq!(task.unwrap().due.as_deref(), Some("end of May"));
    let expected = [
        "task.due",
        "task.money",
        "task.effort",
        "task.field",
        "task.field",
        "task.no_owner",
    ];
    assert_eq!(lints, expected);
    let (_, lints) = read(1, &["- [ ] x [onwer:: me]"], None);
    assert_eq!(lints[0].fix, "did you mean `[owner:: me]`?");
}

#[test]
fn a_field_with_one_colon_is_read_and_said() {
    let (task, lints) = read(1, &["- [ ] x [owner: cmo] (Due: 2026-12-01)"], None);
    let task = task.unwrap();
    assert_eq!(
        (task.title.as_str(), task.owner.as_deref(), task.due.as_deref()),
        ("x", Some("cmo"), Some("2026-12-01"))
    );
    let said: Vec<_> = lints.iter().map(|lint| (lint.code, lint.fix.as_str())).collect();
    assert_eq!(
        said,
        [
            (Code::TaskColon, "write `[owner:: cmo]`"),
            (Code::TaskColon, "write `[due:: 2026-12-01]`")
        ]
    );
}

#[test]
fn a_task_that_says_nothing_is_said_to() {
    assert_eq!(one("- [ ] [owner:: ]"), (None, vec!["task.field", "task.empty"]));
    assert_eq!(one("- [-] old"), (None, vec!["task.cancelled"]));
    assert_eq!(one("- [x] done, by nobody").1, Vec::<&str>::new());
}

#[test]
fn a_task_goes_on_in_the_next_line() {
    let (task, lints) = read(3, &["- [ ] first", "    second [owner:: cto]"], None);
    assert_eq!(task.unwrap().title, "first second");
    assert!(lints.is_empty());
}
