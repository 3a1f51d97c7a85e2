use super::*;

fn pairs(found: &FrontMatter) -> Vec<(usize, &str, &str)> {
    found
        .fields
        .iter()
        .map(|f| (f.line, f.key.as_str(), f.value.as_str()))
        .collect()
}

#[test]
fn fields_are_read_with_their_lines() {
    let found = FrontMatter::of("---\nTitle: \"A: b\"\n# remark\n- item\nUpdated: 11/16/2026\n---\n# Text\n");
    assert_eq!(
        pairs(&found),
        [(2, "title", "A: b"), (5, "updated", "11/16/2026")]
    );
    assert_eq!(found.strange, [(4, "- item".to_owned())]);
    assert_eq!(found.remarks, [(3, "remark".to_owned())]);
    assert_eq!(found.lines, 6);
    assert_eq!(found.get(&["updated_on", "updated"]).unwrap().line, 5);
}

#[test]
fn toml_front_matter_is_read_too() {
    let found = FrontMatter::of("+++\nowner = 'ceo'\n+++\n");
    assert_eq!(pairs(&found), [(2, "owner", "ceo")]);
}

#[test]
fn blank_lines_above_it_do_not_matter() {
    let found = FrontMatter::of("\n \n---\nowner: ceo\n---\ntext");
    assert_eq!((pairs(&found), found.lines), (vec![(4, "owner", "ceo")], 5));
}

#[test]
fn what_is_odd_in_it_is_said_with_its_line() {
    let found = FrontMatter::of("---\nowner:\nudpated: 2026-11-01\ntitle: a\ntitle: b\nclient: c\n---\n");
    let said: Vec<_> = found
        .lints()
        .into_iter()
        .map(|lint| (lint.line, lint.code, lint.fix))
        .collect();
    let fix = |code: Code| code.fix().to_owned();
    let expected = [
        (2, Code::FrontMatterEmpty, fix(Code::FrontMatterEmpty)),
        (
            3,
            Code::FrontMatterKey,
            "did you mean `updated: 2026-11-01`?".to_owned(),
        ),
        (5, Code::FrontMatterTwice, fix(Code::FrontMatterTwice)),
    ];
    assert_eq!(said, expected);
    let both = FrontMatter::of("---\ndata: x\ndate: 2026-11-01\n---\n");
    assert_eq!(
        both.lints(),
        [],
        "`data` is a key of its own where `date` is given"
    );
}

#[test]
fn a_rule_is_no_front_matter_and_an_open_one_is_said() {
    assert_eq!(FrontMatter::of("---\n\nText\n"), FrontMatter::default());
    assert!(FrontMatter::of("---\ntitle: x\n\nText\n").never_ends);
    assert_eq!(FrontMatter::of(""), FrontMatter::default());
    assert_eq!(FrontMatter::of("---\n# Title\n---\n"), FrontMatter::default());
}
