//! Walks a parsed document. The parser says what kind of block stands at which line; what a block says is read from the
//! lines themselves, which hold more than the parser keeps. Start at [`Walk::of`]; [`super::log`] has the deploy log's
//! part of it, [`super::nets`] what becomes of lines that no block claims.

use std::collections::BTreeSet;

use comrak::{
    Arena, Node,
    nodes::{NodeCodeBlock, NodeValue},
    parse_document,
};

use super::{
    codes::Code,
    document::{Document, Section, Task},
    facts, headings,
    lint::{self, lint},
    log::Dated,
    sections::{self, Outline, canonical, near_miss},
    tables, tasks, text,
};

/// Where the walk is.
pub struct Walk<'a> {
    pub(super) lines: Vec<&'a str>,
    pub(super) outline: Outline,
    pub(super) dated: Dated,
    tables: usize,
    /// Lines with a task in them.
    tasks: BTreeSet<usize>,
    /// By line, counted from 1: whether a block has claimed it.
    pub(super) claimed: Vec<bool>,
    /// By line: whether it is meant to be no text, as code and comments are.
    pub(super) hidden: Vec<bool>,
    pub(super) document: &'a mut Document,
}

impl<'a> Walk<'a> {
    /// Reads `source`, whose lines end in `\n`, below the `skip` lines of its front matter, into `document`.
    pub fn of(source: &'a str, skip: usize, document: &'a mut Document) {
        let lines: Vec<&str> = source.lines().collect();
        // Blank lines instead of the front matter keep the line numbers.
        let body = "\n".repeat(skip) + &lines.get(skip..).unwrap_or_default().join("\n");
        let (arena, options) = (Arena::new(), text::options());
        let root = parse_document(&arena, &body, &options);
        let mut walk = Self {
            claimed: vec![false; lines.len() + 1],
            hidden: vec![false; lines.len() + 1],
            lines,
            outline: Outline::default(),
            dated: Dated::default(),
            tables: 0,
            tasks: BTreeSet::new(),
            document,
        };
        walk.hide(1, skip);
        // No recursion: a document may be nested as deep as it is long.
        for node in root.descendants() {
            walk.block(node);
        }
        walk.keep_unclaimed_lines();
        walk.say_unread_tasks();
        walk.document.facts.sort_by_key(|fact| fact.line);
    }

    fn block(&mut self, node: Node<'_>) {
        let ast = node.data();
        let (start, end) = (ast.sourcepos.start.line, ast.sourcepos.end.line);
        match &ast.value {
            NodeValue::Heading(heading) => self.heading(start, end, heading.level, heading.setext),
            NodeValue::Table(_) => self.table(start, end),
            NodeValue::Item(_) => self.item(node, start),
            NodeValue::Paragraph if !is_head_of_item(node, start) => self.paragraph(start, end),
            NodeValue::CodeBlock(code) if code.fenced => self.code(start, end, code),
            // Four blanks in front of a line are seldom meant as code.
            NodeValue::CodeBlock(_) => self.paragraph(start, end),
            NodeValue::HtmlBlock(html) if html.literal.trim_start().starts_with("<!--") => {
                self.comment(start, end);
            }
            NodeValue::HtmlBlock(_) => self.paragraph(start, end),
            NodeValue::ThematicBreak => self.claim(start, end),
            _ => {}
        }
    }

    /// Lines `start` to `end`, both inclusive and 1-based, as far as there are such lines.
    pub(super) fn lines(&self, start: usize, end: usize) -> &[&'a str] {
        let end = end.min(self.lines.len());
        self.lines.get(start.saturating_sub(1)..end).unwrap_or_default()
    }

    /// The same; they are claimed by that.
    fn take(&mut self, start: usize, end: usize) -> Vec<&'a str> {
        self.claim(start, end);
        self.lines(start, end).to_vec()
    }

    fn heading(&mut self, line: usize, end: usize, level: u8, setext: bool) {
        let lines = self.take(line, end);
        let last = if setext {
            lines.len().saturating_sub(1).max(1)
        } else {
            1
        };
        let raw = lines
            .iter()
            .take(last)
            .map(|l| text::unquoted(text::without_markers(l).unwrap_or(l)))
            .collect::<Vec<_>>()
            .join(" ");
        let raw = if setext {
            raw.as_str()
        } else {
            headings::without_hashes(&raw)
        };
        self.open(line, level, raw);
    }

    fn open(&mut self, line: usize, level: u8, raw: &str) {
        let heading = text::plain(raw).into_owned();
        if let Some(near) = near_miss(&heading).filter(|_| canonical(&heading).is_none()) {
            self.document.lints.push(lint::heading(line, &heading, near));
        }
        let section = self.outline.open(level, &heading).to_owned();
        if heading.chars().nth(sections::LONGEST).is_some() {
            let message = format!(
                "heading {:?} is longer than {} characters",
                lint::cut(&heading),
                sections::LONGEST
            );
            self.document.lints.push(lint(line, Code::HeadingLong, message));
        }
        self.log_heading(line, level, &heading);
        self.document.sections.push(Section {
            line,
            level,
            heading,
            section,
        });
    }

    fn table(&mut self, start: usize, end: usize) {
        self.tables += 1;
        // The parser forgets the link definitions that it took off a paragraph which a table interrupts: the table begins
        // as many lines further down than it says.
        let above = self.lines(start, end).windows(2).position(tables::looks_like_one);
        let start = start + above.unwrap_or(0);
        let lines = self.take(start, end);
        let table = tables::read(start, &lines, self.tables, self.outline.section());
        if self.is_in_log() {
            self.log_table(&table.cells);
        }
        self.document.cells.extend(table.cells);
        self.document.lints.extend(table.lints);
    }

    /// The first paragraph of an item, or what stands on its line if the parser has none there (a bullet that it takes
    /// for a link definition, say).
    fn item(&mut self, item: Node<'_>, line: usize) {
        let head = item
            .first_child()
            .filter(|child| child.data().sourcepos.start.line == line);
        let end = match head.map(|child| (child.data().value.clone(), child.data().sourcepos.end.line)) {
            Some((NodeValue::Paragraph, end)) => end.max(line),
            Some(_) => return,
            None => line,
        };
        let above = enclosing_items(item);
        let parent = above.iter().copied().find(|line| self.tasks.contains(line));
        let lines = self.take(line, end);
        for (line, lines) in segments(line, &lines) {
            if tasks::boxed(lines[0]).is_some() {
                self.task(line, lines, parent);
                continue;
            }
            let first = text::without_markers(lines[0]).unwrap_or(lines[0]);
            let lines = [&[first], &lines[1..]].concat();
            if self.is_in_log() && !first.is_empty() {
                // What is nested below an entry is part of what it says.
                self.log_entry(line, &lines, !above.is_empty());
            } else {
                self.say_if_box_is_missing(item, line);
                self.fact(line, &lines);
            }
        }
    }

    fn paragraph(&mut self, start: usize, end: usize) {
        let lines = self.take(start, end);
        if tables::looks_like_one(&lines) {
            return self.table(start, end);
        }
        let mut from = 0;
        for (n, raw) in lines.iter().enumerate() {
            let Some(meant) = headings::meant(raw).filter(|meant| meant.level < 6 || lines.len() == 1) else {
                continue;
            };
            self.text(start + from, &lines[from..n]);
            let message = format!(
                "{:?} is read as a heading, but it is not written as one",
                lint::cut(raw.trim())
            );
            self.document
                .lints
                .push(lint(start + n, Code::HeadingForm, message));
            self.open(start + n, meant.level, meant.raw);
            from = n + 1;
        }
        self.text(start + from, &lines[from..]);
    }

    pub(super) fn text(&mut self, start: usize, lines: &[&str]) {
        for (line, lines) in segments(start, lines) {
            if tasks::boxed(lines[0]).is_some() {
                self.task(line, lines, None);
            } else if self.is_in_log() {
                self.log_lines(line, lines);
            } else {
                self.fact(line, lines);
            }
        }
    }

    fn code(&mut self, start: usize, end: usize, code: &NodeCodeBlock) {
        self.hide(start, end);
        if !code.closed {
            let message = "this code block never ends; everything below it is taken for code";
            self.document.lints.push(lint(start, Code::CodeOpen, message));
        }
        if self.is_in_log() {
            self.log_code(start + 1, &code.literal);
        }
    }

    fn task(&mut self, line: usize, lines: &[&str], parent_line: Option<usize>) {
        let (task, lints) = tasks::read(line, lines, self.outline.section());
        self.tasks.extend(task.as_ref().map(|task| task.line));
        self.document
            .tasks
            .extend(task.map(|task| Task { parent_line, ..task }));
        self.document.lints.extend(lints);
    }

    pub(super) fn fact(&mut self, line: usize, lines: &[&str]) {
        let facts = facts::read(line, lines, self.outline.section());
        self.document.facts.extend(facts);
    }

    /// A list that begins with a box is a task list: a bullet without one was probably meant as a task. A list that begins
    /// with plain bullets is a mixed one, and says what it means.
    fn say_if_box_is_missing(&mut self, item: Node<'_>, line: usize) {
        let first = item.parent().and_then(|list| list.first_child());
        let begins = first.map_or(line, |first| first.data().sourcepos.start.line);
        let raw = self.lines.get(begins.saturating_sub(1));
        if raw.is_some_and(|raw| tasks::boxed(raw).is_some()) {
            let message = "this line of a task list has no box; it is read as a note";
            self.document.lints.push(lint(line, Code::TaskNoBox, message));
        }
    }
}

/// The lines of the items around an item, from the inside out.
fn enclosing_items(item: Node<'_>) -> Vec<usize> {
    item.ancestors()
        .skip(1)
        .filter(|node| matches!(node.data().value, NodeValue::Item(_)))
        .map(|node| node.data().sourcepos.start.line)
        .collect()
}

fn is_head_of_item(paragraph: Node<'_>, line: usize) -> bool {
    let parent = paragraph.parent();
    parent.is_some_and(|parent| {
        let is_first = parent
            .first_child()
            .is_some_and(|first| first.same_node(paragraph));
        let ast = parent.data();
        is_first && matches!(ast.value, NodeValue::Item(_)) && ast.sourcepos.start.line == line
    })
}

/// Cuts lines where a boxed one begins: the parser takes a badly indented task for more text of the line above.
fn segments<'l, 's>(start: usize, lines: &'l [&'s str]) -> Vec<(usize, &'l [&'s str])> {
    let mut cuts = vec![0];
    cuts.extend((1..lines.len()).filter(|n| tasks::boxed(lines[*n]).is_some()));
    cuts.push(lines.len());
    let spans = cuts.windows(2).filter(|span| span[0] < span[1]);
    spans
        .map(|span| (start + span[0], &lines[span[0]..span[1]]))
        .collect()
}
