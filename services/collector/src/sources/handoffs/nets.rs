//! The nets under the walk: comments that hide more than they should, lines that no block claims (link definitions and
//! footnotes, to the parser), and tasks that were not read. A line is a row, or its author is told.

use super::{codes::Code, document::Fact, facts, lint::lint, tasks, text, walk::Walk};

impl Walk<'_> {
    /// Marks lines as read, both inclusive.
    pub(super) fn claim(&mut self, start: usize, end: usize) {
        let end = end.min(self.claimed.len().saturating_sub(1));
        if let Some(lines) = self.claimed.get_mut(start..=end) {
            lines.fill(true);
        }
    }

    /// Marks lines as no text, both inclusive.
    pub(super) fn hide(&mut self, start: usize, end: usize) {
        self.claim(start, end);
        let end = end.min(self.hidden.len().saturating_sub(1));
        if let Some(lines) = self.hidden.get_mut(start..=end) {
            lines.fill(true);
        }
    }

    /// Lines `start` to `end`, which begin with a comment. What stands behind it on its last line is text.
    pub(super) fn comment(&mut self, start: usize, end: usize) {
        // A comment may be closed by the two marks that opened it (`<!-->`), as in HTML.
        let closing = self.lines(start, end).iter().enumerate().find_map(|(n, line)| {
            let from = if n == 0 {
                line.find("<!--").map_or(0, |at| at + 2)
            } else {
                0
            };
            let (_, after) = line[from..].split_once("-->")?;
            Some((start + n, after))
        });
        let Some((last, after)) = closing else {
            self.hide(start, end);
            let message = "this comment never ends; everything in it is not read";
            self.document.lints.push(lint(start, Code::CommentOpen, message));
            return;
        };
        self.hide(start, last);
        let after = without_comments(after);
        if !after.trim().is_empty() {
            self.text(last, &[&after]);
        }
    }

    /// Lines that are in no block are facts of their section.
    pub(super) fn keep_unclaimed_lines(&mut self) {
        let mut sections = self.document.sections.iter().peekable();
        let mut section = None;
        let mut kept: Vec<Fact> = Vec::new();
        for (n, raw) in self.lines.iter().enumerate() {
            let line = n + 1;
            while let Some(open) = sections.next_if(|section| section.line <= line) {
                section = Some(open.section.as_str());
            }
            let said = text::without_markers(raw).unwrap_or_else(|| text::unquoted(raw));
            // A rule says nothing.
            let is_text = said.contains(|c: char| !c.is_whitespace() && !c.is_ascii_punctuation());
            if !self.claimed[line] && is_text {
                kept.extend(facts::read(line, &[said], section));
            }
        }
        self.document.facts.extend(kept);
    }

    /// The net under everything else: a line that looks like a task is a task, or its author is told.
    pub(super) fn say_unread_tasks(&mut self) {
        let mut said = self.hidden.clone();
        let tasks = self.document.tasks.iter().map(|task| task.line);
        for line in tasks.chain(self.document.lints.iter().map(|lint| lint.line)) {
            if let Some(said) = said.get_mut(line) {
                *said = true;
            }
        }
        for (n, raw) in self.lines.iter().enumerate() {
            if !said[n + 1] && tasks::boxed(raw).is_some() {
                let message =
                    "this looks like a task, but it stands where Markdown sees none (in a table, say)";
                self.document.lints.push(lint(n + 1, Code::TaskUnread, message));
            }
        }
    }
}

fn without_comments(text: &str) -> String {
    let (mut left, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((_, after)) = after.split_once("-->") else {
            break;
        };
        left.push_str(before);
        rest = after;
    }
    left.push_str(rest);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_taken_out_of_a_line() {
        assert_eq!(without_comments(" a <!-- b --> c <!----> d"), " a  c  d");
        assert_eq!(without_comments("a <!-- b"), "a <!-- b");
    }
}
