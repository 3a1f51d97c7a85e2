//! A megabyte of one mark, or of a few: nesting as deep as a file is long must not overflow the stack, which a test has
//! 2 MiB of, as a worker of the runtime has.

use super::*;
use crate::sources::handoffs::read::LARGEST;

const UNITS: [&str; 26] = [
    ">", "> ", "- ", "* ", "1. ", "> - ", "[", "![", "](", "[a](", "[a][", "*", "**a ", "_a", "~", "`", "` ",
    "<", "<!--", "<a ", "&", "\\", "|", "#", "- [ ] [", "[a:: ",
];

/// Blocks that grow line by line, as deep as a file of that size gets.
fn staircases() -> [String; 3] {
    let stair = |step: &str, steps: usize| {
        (0..steps)
            .map(|n| step.repeat(n) + "- [ ] x\n")
            .collect::<String>()
    };
    [stair(">", 1400), stair("  ", 1000), stair("> ", 1000)]
}

#[test]
fn a_megabyte_of_one_mark_is_read() {
    let most = usize::try_from(LARGEST).unwrap();
    for unit in UNITS {
        let text = unit.repeat(most / unit.len());
        let Read::Document(document) = read_bytes("jada.md", text) else {
            panic!("{unit:?} is unreadable")
        };
        assert!(!document.lints.is_empty(), "{unit:?} has no date, at least");
    }
}

#[test]
fn nested_images_are_read() {
    let depth = 100_000;
    let document = read(&format!("{}deep{}", "![".repeat(depth), "](a)".repeat(depth)));
    assert!(document.facts[0].value.contains("deep"));
}

#[test]
fn tasks_below_one_another_are_read_down_to_the_last() {
    for text in staircases() {
        let lines = text.lines().count();
        let document = read(&text);
        let said = document.lints.iter().map(|lint| lint.line);
        let known: std::collections::BTreeSet<_> =
            document.tasks.iter().map(|task| task.line).chain(said).collect();
        assert_eq!(known.len(), lines);
    }
}
