//! Every kind of finding can be raised, and the page for authors lists them as they are.

use std::collections::BTreeSet;

use super::*;
use crate::sources::handoffs::{codes::Code, lint, sections};

const PAGE: &str = include_str!("../../../../../../docs/HANDOFFS.md");

/// A text that raises the finding; none where only a store can.
fn example(code: Code) -> Option<String> {
    let text = match code {
        Code::FileIgnored | Code::FileUnreadable | Code::FileTooLarge => return None,
        Code::FileBinary => "a\0",
        Code::FileNotUtf8 => "\u{fffd}",
        Code::FileEmpty => "\n",
        Code::FileNoEntity => "text",
        Code::FileUnknownEntity => "---\nentity: jadda\n---\n",
        Code::FileNoDate => "text",
        Code::FileBadDate => "---\nupdated: soon\n---\n",
        Code::FileFuture => "---\nupdated: 2027-11-01\n---\n",
        Code::FileStale => "---\nupdated: 2024-11-01\n---\n",
        Code::FrontMatterOpen => "---\nowner: ceo\n",
        Code::FrontMatterLine => "---\nowner: ceo\n- x\n---\n",
        Code::FrontMatterKey => "---\nonwer: ceo\n---\n",
        Code::FrontMatterEmpty => "---\nowner:\n---\n",
        Code::FrontMatterTwice => "---\nowner: a\nowner: b\n---\n",
        Code::HeadingUnknown => "# Finacials",
        Code::HeadingForm => "##Risks",
        Code::HeadingLong => return Some(format!("# {}", "x".repeat(101))),
        Code::CodeOpen => "```\n",
        Code::CommentOpen => "<!-- x",
        Code::TaskForm => "- []x",
        Code::TaskMark => "- [?] x",
        Code::TaskCancelled => "- [-] x",
        Code::TaskEmpty => "- [ ]",
        Code::TaskNoOwner => "- [ ] x",
        Code::TaskDue => "- [ ] x [due:: soon]",
        Code::TaskMoney => "- [ ] x [impact:: high]",
        Code::TaskEffort => "- [ ] x [effort:: much]",
        Code::TaskField => "- [ ] x [onwer:: me]",
        Code::TaskColon => "- [ ] x [owner: me]",
        Code::TaskNoBox => "- [ ] x\n- y",
        Code::TaskUnread => "| a | b |\n|---|---|\n| c | d |\n[ ] x | y",
        Code::TableRagged => "| a |\n|---|\n| b | c |",
        Code::TableDelimiter => "| a | b |\n|---|\n| c | d |",
        Code::TableEmpty => "| a |\n|---|",
        Code::TableHeader => return Some(format!("| {} |\n|---|\n| a |", "x".repeat(101))),
        Code::DeployNoTime => "# Deploys\n- api",
        Code::More => return Some("- [ ] x\n".repeat(1001)),
    };
    Some(text.to_owned())
}

fn raised(name: &str, text: &str) -> BTreeSet<&'static str> {
    // The one text above that is meant to be no UTF-8.
    let bytes = match text {
        "\u{fffd}" => vec![0xe9],
        text => text.as_bytes().to_vec(),
    };
    let (Read::Document(document) | Read::Unreadable(document)) = read_bytes(name, bytes);
    document.lints.iter().map(|lint| lint.code.as_str()).collect()
}

#[test]
fn every_kind_of_finding_can_be_raised() {
    for code in Code::ALL {
        if let Some(text) = example(*code) {
            let raised = raised("old-domains.md", &text);
            assert!(
                raised.contains(code.as_str()),
                "{code:?}: {text:?} raises {raised:?}"
            );
        }
    }
}

#[test]
fn the_findings_that_a_store_raises_are_these() {
    assert_eq!(lint::ignored_file("a.txt").code, Code::FileIgnored);
    let of = |content| match reader(&entities()).read("jada.md", content) {
        Read::Unreadable(document) => (codes(&document)[0].1.to_owned(), document.bytes),
        Read::Document(document) => panic!("{document:?}"),
    };
    let head = Bytes::from_static(b"---\nentity: qos\n");
    let large = Content::TooLarge { bytes: 1 << 21, head };
    assert_eq!(of(Ok(large)), ("file.too_large".to_owned(), None));
    assert_eq!(of(Err("denied".to_owned())), ("file.unreadable".to_owned(), None));
}

/// The lines of the page between two marks.
fn listed(name: &str) -> Vec<&'static str> {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- end of {name} -->"));
    let (_, after) = PAGE.split_once(&begin).expect("the page has this list");
    let (list, _) = after.split_once(&end).expect("the list ends");
    list.trim().lines().collect()
}

#[test]
fn the_page_for_authors_lists_every_finding_as_it_is() {
    let rows = Code::ALL
        .iter()
        .map(|code| format!("| `{}` | {} | {} |", code.as_str(), code.reason(), code.fix()));
    let head = ["| code | why | what to do |", "|---|---|---|"].map(str::to_owned);
    let expected: Vec<_> = head.into_iter().chain(rows).collect();
    assert_eq!(
        listed("findings"),
        expected,
        "write this into docs/HANDOFFS.md:\n{}",
        expected.join("\n")
    );
}

#[test]
fn the_page_for_authors_lists_every_section_as_it_is() {
    let rows = sections::SECTIONS
        .iter()
        .map(|(name, others)| format!("| {name} | {} |", others.join(", ")));
    let head = ["| section | also |", "|---|---|"].map(str::to_owned);
    let expected: Vec<_> = head.into_iter().chain(rows).collect();
    assert_eq!(
        listed("sections"),
        expected,
        "write this into docs/HANDOFFS.md:\n{}",
        expected.join("\n")
    );
}

#[test]
fn the_page_s_own_example_is_read_without_a_finding() {
    let (_, after) = PAGE
        .split_once("````markdown\n")
        .expect("the page has an example");
    let (text, _) = after.split_once("````").expect("the example ends");
    let document = read(text);
    assert_eq!(codes(&document), []);
    let counts = (
        document.sections.len(),
        document.tasks.len(),
        document.cells.len(),
        document.deploys.len(),
    );
    assert_eq!(counts, (6, 4, 8, 3));
    assert_eq!(document.tasks[1].parent_line, Some(document.tasks[0].line));
}
