//! What nobody would write: fragments of Markdown in any order, and bytes. `make fuzz` runs a million of each; a plain test
//! runs as many as `PROPTEST_CASES` says, 256 unless told.

use super::*;
use crate::sources::handoffs::{codes::Code, document::Lint, sections};

/// Stands for a word that comes once in a document, so that a test can look for it afterwards.
const WORD: char = '§';

/// Fragments all of whose words have to be found again.
const TEXTS: [&str; 62] = [
    "# §",
    "## Risks §",
    "###### §",
    "##§",
    "####### Risks",
    "§\n===",
    "> § §\n> ---",
    "## Deploy log",
    "### 2026-11-18",
    "### 2026-11-18 §",
    "**Next steps**",
    "#risks",
    "# Finacials §",
    "§ §",
    "Key §: §",
    "§: §\n§: §",
    "§ [cost:: §]",
    "_§_ **§** `§` ~~§~~",
    "- [ ] § [owner:: §]",
    "- [x] § [due:: §]",
    "  - [X] §",
    "      - [ ] §",
    "- [-] §",
    "-[ ] §",
    "[ ] §",
    "- []§",
    "- [?] § [onwer:: §] [cost: §]",
    "1. [ ] §\n   §",
    "- §",
    "* § §",
    "1. §",
    "-",
    "  - Key: §",
    "- - - §",
    "- # §",
    "- | § |\n  |---|\n  | § |",
    "| § | § |\n|---|---|\n| § | § | § |",
    "| § |\n|---|",
    "| § | § |\n|--|\n| § |",
    "|§|§|\n|:-:|-|\n|§|",
    "| a \\| § |\n|---|\n| `§` |",
    "> §",
    "> - [ ] §",
    ">>> §",
    "> | § |\n> |---|\n> | § |",
    "<div>\n§\n</div>",
    "<!-- x --> §",
    "<!--\nx\n--> - [ ] §",
    "    §",
    "\t- [ ] §",
    "[§]: §",
    "[^1]: §",
    "- [§]: §",
    "---",
    "***",
    "2026-11-18 § §",
    "2026-11-18T10:00 §\n2026-11-19 §",
    "- 2026-11-18 §\n  - §",
    "🚤 § é\u{301}",
    "\u{202e}§\u{2028}",
    "\u{a0}§",
    "§ <b>§",
];
/// Fragments that may swallow what follows.
const ODD: [&str; 24] = [
    "```\n§\n```",
    "~~~\n§",
    "<!-- §",
    "<!-->",
    "<!--->",
    "[§](§ \"§\")",
    "![§][",
    "](",
    "<§",
    "<?",
    "&#0;",
    "&lt;",
    "\\",
    "\u{0}",
    "\u{feff}",
    "|",
    "|-|",
    "::",
    "[::]",
    "[ ]",
    "- [",
    "---\n---",
    "+++",
    "$§",
];
/// Front matter; the last two never end, and swallow what follows down to the next rule.
const HEADS: [&str; 8] = [
    "",
    "---\ntitle: §\nowner: §\nupdated: 2026-11-01\n---\n",
    "---\n§\nentity: §\n- §\n---\n",
    "\n---\ndate: §\n...\n",
    "+++\nname = '§'\n+++\n",
    "\u{feff}---\nstage: §\n---\n",
    "---\nowner: §\n",
    "---\n",
];

fn fragment() -> impl Strategy<Value = String> {
    let deep = (
        prop::sample::select(vec![">", "- ", "> - ", "[", "![", "*", "`", "  "]),
        0..150_usize,
    );
    prop_oneof![
        8 => prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
        4 => prop::sample::select(ODD.to_vec()).prop_map(str::to_owned),
        1 => deep.prop_map(|(unit, n)| unit.repeat(n) + "§"),
        1 => ".{0,30}",
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned)
}

/// A document of fragments: some indented, some a line apart.
fn document(
    heads: &[&'static str],
    fragments: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let placed = (fragments, 0..5_usize, prop::bool::ANY);
    let body = prop::collection::vec(placed, 0..12);
    (prop::sample::select(heads.to_vec()), body).prop_map(|(head, body)| {
        let mut text = head.to_owned();
        for (fragment, indent, apart) in body {
            text.push_str(&" ".repeat(indent.saturating_sub(1)));
            text.push_str(&fragment);
            text.push_str(if apart { "\n\n" } else { "\n" });
        }
        numbered(&text)
    })
}

fn numbered(text: &str) -> String {
    let mut pieces = text.split(WORD);
    let mut numbered = pieces.next().unwrap_or_default().to_owned();
    for (n, piece) in pieces.enumerate() {
        numbered.push_str(&format!("w{n}q{piece}"));
    }
    numbered
}

/// Every text that a document's rows hold, and its line.
fn said(document: &Document) -> Vec<(usize, &str)> {
    let mut said: Vec<(usize, &str)> = Vec::new();
    said.extend(document.sections.iter().map(|s| (s.line, s.heading.as_str())));
    for t in &document.tasks {
        let fields = [&t.owner, &t.due, &t.impact, &t.cost, &t.effort];
        said.push((t.line, &t.title));
        said.extend(fields.into_iter().flatten().map(|text| (t.line, text.as_str())));
    }
    for c in &document.cells {
        said.extend([(c.line, c.header.as_str()), (c.line, c.value.as_str())]);
    }
    for f in &document.facts {
        said.extend([(f.line, f.key.as_str()), (f.line, f.value.as_str())]);
    }
    for d in &document.deploys {
        said.extend([(d.line, d.at.as_str()), (d.line, d.what.as_str())]);
    }
    let lints = document.lints.iter();
    said.extend(lints.flat_map(|l| [(l.line, l.message.as_str()), (l.line, l.fix.as_str())]));
    said
}

/// What holds for every document, however it came about.
fn hold_invariants(text: &str, document: &Document) -> Result<(), TestCaseError> {
    let lines = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .lines()
        .count()
        .max(1);
    for (line, what) in said(document) {
        prop_assert!(
            (1..=lines).contains(&line),
            "{what:?} is said of line {line} of {lines}"
        );
    }
    let rows = document.tasks.len() + document.facts.len() + document.cells.len() + document.sections.len();
    prop_assert!(
        rows + document.deploys.len() <= 2 * text.len() + 1,
        "{rows} rows of {} bytes",
        text.len()
    );
    let sections = document.facts.iter().filter_map(|fact| fact.section.as_ref());
    for name in sections.chain(document.cells.iter().map(|cell| &cell.header)) {
        prop_assert!(
            name.chars().count() <= sections::LONGEST + 1,
            "{name:?} is in many rows"
        );
    }
    for task in &document.tasks {
        prop_assert!(task.parent_line.is_none_or(|line| line < task.line), "{task:?}");
    }
    Ok(())
}

fn any_document(bytes: Vec<u8>) -> Document {
    match read_bytes("jada.md", bytes) {
        Read::Document(document) | Read::Unreadable(document) => document,
    }
}

proptest! {
    #[test]
    fn no_document_stops_the_reader_and_line_ends_do_not_matter(text in document(&HEADS, fragment())) {
        let found = any_document(text.clone().into_bytes());
        hold_invariants(&text, &found)?;
        if !text.contains('\r') {
            let mut windows = any_document(text.replace('\n', "\r\n").into_bytes());
            (windows.bytes, windows.sha256) = (found.bytes, found.sha256.clone());
            prop_assert_eq!(windows, found);
        }
    }

    #[test]
    fn no_word_of_a_document_is_dropped(text in document(&HEADS[..6], texts())) {
        let found = any_document(text.clone().into_bytes());
        hold_invariants(&text, &found)?;
        let said = said(&found);
        let lines: Vec<&str> = text.lines().collect();
        let told = |line| found.lints.iter().any(|lint| lint.line == line);
        // A task that is left out goes on to the end of its paragraph, and is said of its first line.
        let left_out = |line: usize| {
            let ends_above = |n: &usize| lines[*n - 1].trim().is_empty();
            let is_left_out = |lint: &&Lint| matches!(lint.code, Code::TaskCancelled | Code::TaskEmpty);
            let paragraph = (1..=line).rev().take_while(|n| !ends_above(n));
            paragraph.flat_map(|n| found.lints.iter().filter(move |lint| lint.line == n)).any(|lint| is_left_out(&lint))
        };
        for (n, raw) in lines.iter().enumerate() {
            let words = raw.split(|c: char| !c.is_ascii_alphanumeric());
            for word in words.filter(|word| word.starts_with('w') && word.ends_with('q')) {
                let kept = said.iter().any(|(_, text)| text.contains(word));
                prop_assert!(kept || told(n + 1) || left_out(n + 1), "{word} of line {} is neither kept nor said: {found:#?}", n + 1);
            }
        }
    }

    #[test]
    fn no_bytes_stop_the_reader_whatever_they_replace(
        text in document(&HEADS, fragment()),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        tail in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte) in cuts {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        bytes.extend(tail);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let found = any_document(bytes.clone());
        // Of UTF-16 the lines above are not the file's.
        if !matches!(bytes.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            hold_invariants(&text, &found)?;
        }
    }

    #[test]
    fn no_bytes_at_all_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        any_document(bytes);
    }
}
