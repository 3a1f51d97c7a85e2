//! Walks a parsed document. The parser says what kind of block stands at which line; what a block says is read from the
//! lines themselves, which hold more than the parser keeps. Start at [`Walk::of`].

use std::collections::BTreeSet;

use comrak::{
    Arena, Node,
    nodes::{NodeCodeBlock, NodeValue},
    parse_document,
};

use super::{
    dates,
    document::{Deploy, Document, Fact, Section},
    facts, lint,
    sections::{Outline, canonical, near_miss},
    tables, tasks, text,
};

/// Section whose entries are deploys.
const DEPLOY_LOG: &str = "deploy log";
/// Headers of a deploy log's column of dates.
const WHEN: [&str; 7] = ["when", "at", "date", "time", "day", "deployed", "timestamp"];

/// Where the walk is.
pub struct Walk<'a> {
    lines: Vec<&'a str>,
    outline: Outline,
    tables: usize,
    /// Lines that are meant to be no text: code in fences, comments.
    hidden: BTreeSet<usize>,
    document: &'a mut Document,
}

impl<'a> Walk<'a> {
    /// Reads `source`, whose lines end in `\n`, below the `skip` lines of its front matter, into `document`.
    pub fn of(source: &'a str, skip: usize, document: &'a mut Document) {
        let lines: Vec<&str> = source.lines().collect();
        // Blank lines instead of the front matter keep the line numbers.
        let body = "\n".repeat(skip) + &lines.get(skip..).unwrap_or_default().join("\n");
        let (arena, options) = (Arena::new(), text::options());
        let root = parse_document(&arena, &body, &options);
        let hidden = (1..=skip).collect();
        let mut walk = Self {
            lines,
            outline: Outline::default(),
            tables: 0,
            hidden,
            document,
        };
        for node in root.descendants() {
            walk.block(node);
        }
        walk.say_unread_tasks();
        walk.document.lints.sort_by_key(|lint| lint.line);
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
                self.hidden.extend(start..=end);
            }
            NodeValue::HtmlBlock(_) => self.paragraph(start, end),
            _ => {}
        }
    }

    /// Lines `start` to `end`, both inclusive and 1-based, as far as there are such lines.
    fn lines(&self, start: usize, end: usize) -> Vec<&'a str> {
        let end = end.min(self.lines.len());
        self.lines
            .get(start.saturating_sub(1)..end)
            .unwrap_or_default()
            .to_vec()
    }

    fn heading(&mut self, line: usize, end: usize, level: u8, setext: bool) {
        let last = if setext {
            end.saturating_sub(1).max(line)
        } else {
            line
        };
        let lines = self.lines(line, last);
        let raw = lines
            .iter()
            .map(|l| text::unquoted(text::without_markers(l).unwrap_or(l)))
            .collect::<Vec<_>>()
            .join(" ");
        let raw = if setext {
            raw.as_str()
        } else {
            raw.trim_start_matches('#').trim_end().trim_end_matches('#')
        };
        let heading = text::plain(raw).into_owned();
        if let Some(near) = near_miss(&heading).filter(|_| canonical(&heading).is_none()) {
            self.document.lints.push(lint::heading(line, &heading, near));
        }
        let section = self.outline.open(level, &heading).to_owned();
        self.document.sections.push(Section {
            line,
            level,
            heading,
            section,
        });
    }

    fn table(&mut self, start: usize, end: usize) {
        self.tables += 1;
        let table = tables::read(
            start,
            &self.lines(start, end),
            self.tables,
            self.outline.section(),
        );
        if self.outline.is_in(DEPLOY_LOG) {
            for row in table.cells.chunk_by(|a, b| a.row_no == b.row_no) {
                let when = row
                    .iter()
                    .position(|cell| WHEN.contains(&cell.header.to_lowercase().as_str()))
                    .unwrap_or(0);
                let what = row
                    .iter()
                    .enumerate()
                    .filter(|(n, cell)| *n != when && !cell.value.is_empty());
                let what = what
                    .map(|(_, cell)| cell.value.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                self.deploy(row[when].line, &format!("{} {what}", row[when].value));
            }
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
        let lines = self.lines(line, end);
        for (line, lines) in segments(line, &lines) {
            if tasks::boxed(lines[0]).is_some() {
                self.task(line, lines);
                continue;
            }
            let first = text::without_markers(lines[0]).unwrap_or(lines[0]);
            let lines = [&[first], &lines[1..]].concat();
            if self.outline.is_in(DEPLOY_LOG) && !first.is_empty() {
                self.deploy(line, &lines.join(" "));
            } else {
                self.say_if_box_is_missing(item, line);
                self.fact(line, &lines);
            }
        }
    }

    fn paragraph(&mut self, start: usize, end: usize) {
        let lines = self.lines(start, end);
        if tables::looks_like_one(&lines) {
            return self.table(start, end);
        }
        for (line, lines) in segments(start, &lines) {
            if tasks::boxed(lines[0]).is_some() {
                self.task(line, lines);
            } else if self.outline.is_in(DEPLOY_LOG) {
                self.log_lines(line, lines);
            } else {
                self.fact(line, lines);
            }
        }
    }

    /// Lines of a deploy log that is no list: each dated one is an entry, the others are remarks.
    fn log_lines(&mut self, start: usize, lines: &[&str]) {
        for (n, raw) in lines.iter().enumerate() {
            match dates::stamp(&text::plain(text::unquoted(raw))) {
                Some(_) => self.deploy(start + n, raw),
                None => self.fact(start + n, &[raw]),
            }
        }
    }

    fn code(&mut self, start: usize, end: usize, code: &NodeCodeBlock) {
        self.hidden.extend(start..=end);
        if !code.closed {
            self.document.lints.push(lint::code_open(start));
        }
        if self.outline.is_in(DEPLOY_LOG) {
            for (n, raw) in code.literal.lines().enumerate() {
                if dates::stamp(raw).is_some() {
                    self.deploy(start + 1 + n, raw);
                }
            }
        }
    }

    fn task(&mut self, line: usize, lines: &[&str]) {
        let (task, lints) = tasks::read(line, lines, self.outline.section());
        self.document.tasks.extend(task);
        self.document.lints.extend(lints);
    }

    fn fact(&mut self, line: usize, lines: &[&str]) {
        self.document
            .facts
            .extend(facts::read(line, lines, self.outline.section()));
    }

    fn deploy(&mut self, line: usize, raw: &str) {
        let said = text::plain(raw);
        match dates::stamp(&said) {
            Some((at, what)) => {
                let (at, what) = (at.to_owned(), what.to_owned());
                self.document.deploys.push(Deploy { line, at, what });
            }
            None => {
                self.document.lints.push(lint::no_time(line));
                let (section, value) = (self.outline.section().map(str::to_owned), said.into_owned());
                self.document.facts.push(Fact {
                    line,
                    section,
                    key: super::document::NOTE.to_owned(),
                    value,
                });
            }
        }
    }

    /// A list that begins with a box is a task list: a bullet without one was probably meant as a task. A list that begins
    /// with plain bullets is a mixed one, and says what it means.
    fn say_if_box_is_missing(&mut self, item: Node<'_>, line: usize) {
        let first = item.parent().and_then(|list| list.first_child());
        let begins = first.map_or(line, |first| first.data().sourcepos.start.line);
        if self
            .lines(begins, begins)
            .first()
            .is_some_and(|raw| tasks::boxed(raw).is_some())
        {
            let message = "this line of a task list has no box; it is read as a note";
            self.document.lints.push(lint::task(
                line,
                "task.no_box",
                message,
                "write `- [ ] ...` if it is a task",
            ));
        }
    }

    /// The net under everything above: a line that looks like a task is a task, or its author is told.
    fn say_unread_tasks(&mut self) {
        let rows = self.document.tasks.iter().map(|task| task.line);
        let said: BTreeSet<usize> = rows
            .chain(self.document.lints.iter().map(|lint| lint.line))
            .collect();
        for (n, raw) in self.lines.iter().enumerate() {
            let line = n + 1;
            if !said.contains(&line) && !self.hidden.contains(&line) && tasks::boxed(raw).is_some() {
                let message =
                    "this looks like a task, but it stands where Markdown sees none (in a table, say)";
                let fix = "begin the line with `- [ ] `, with less than four blanks in front";
                self.document
                    .lints
                    .push(lint::task(line, "task.unread", message, fix));
            }
        }
    }
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
