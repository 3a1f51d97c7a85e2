//! Checkbox lines: `- [ ] list on Sailo [owner:: cmo] [due:: 2026-12-15] [impact:: $4,000/mo] [effort:: 2d]`.
//!
//! Read line by line rather than by the Markdown parser, which takes a box for text as soon as a blank is missing; what
//! is sloppy is read all the same, and its author is told.

use shared::problem::nearest;

use super::{
    codes::Code,
    dates,
    document::{Lint, Task},
    fields::{self, Colons, Field},
    lint::{cut, fixed, lint},
    text,
};

/// A line with a box in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxed<'a> {
    /// What stands in the box; none if nothing does (`[]`).
    mark: Option<char>,
    /// Whether the list marker is there and a blank after it, and one after the box.
    is_tidy: bool,
    /// What follows.
    rest: &'a str,
}

/// Whether a line, as it stands in the file, is a task.
pub fn boxed(line: &str) -> Option<Boxed<'_>> {
    let line = text::unquoted(line);
    match text::without_markers(line) {
        Some(after) => boxed_text(after, true),
        None => match line.strip_prefix(['-', '*', '+']) {
            Some(after) => boxed_text(after, false),
            // A box without a marker: only a plain one, since `[a]` may be a link.
            None => boxed_text(line, false).filter(|b| b.has_plain_mark() && b.rest.starts_with([' ', '\t'])),
        },
    }
}

fn boxed_text(text: &str, has_marker: bool) -> Option<Boxed<'_>> {
    let inner = text.strip_prefix('[')?;
    let (mark, rest) = match inner.strip_prefix(']') {
        Some(rest) => (None, rest),
        None => {
            let mark = inner.chars().next()?;
            (Some(mark), inner[mark.len_utf8()..].strip_prefix(']')?)
        }
    };
    let is_link = rest.starts_with(['(', '[']) && mark != Some(' ');
    let is_tidy = has_marker && mark.is_some() && (rest.is_empty() || rest.starts_with([' ', '\t']));
    (!is_link).then_some(Boxed { mark, is_tidy, rest })
}

impl Boxed<'_> {
    fn has_plain_mark(&self) -> bool {
        matches!(self.mark, Some(' ' | 'x' | 'X'))
    }
}

/// The lines of one task: the first one boxed, the others its continuation.
pub fn read(line: usize, lines: &[&str], section: Option<&str>) -> (Option<Task>, Vec<Lint>) {
    let mut lints = Vec::new();
    let Some((first, boxed)) = lines.first().and_then(|first| Some((first, boxed(first)?))) else {
        return (None, lints);
    };
    if !boxed.is_tidy {
        let message = format!(
            "{:?} is read as a task, but it is not written as one",
            cut(first.trim())
        );
        lints.push(lint(line, Code::TaskForm, message));
    }
    let done = match boxed.mark {
        Some('x' | 'X' | '✓' | '✔' | '☑') => true,
        None | Some(' ' | '/' | '>' | '~') => false,
        Some('-') => {
            let message = format!("{:?} is taken for cancelled and left out", cut(first.trim()));
            lints.push(lint(line, Code::TaskCancelled, message));
            return (None, lints);
        }
        Some(other) => {
            let message = format!("`[{other}]` says neither open nor done; the task is taken for open");
            lints.push(lint(line, Code::TaskMark, message));
            false
        }
    };
    let mut raw = boxed.rest.trim().to_owned();
    for more in lines.iter().skip(1).map(|line| text::unquoted(line).trim_end()) {
        raw.push(' ');
        raw.push_str(more);
    }
    let (title, fields) = fields::take(&raw, Colons::OneWillDo);
    let mut task = Task {
        line,
        section: section.map(str::to_owned),
        done,
        ..Task::default()
    };
    task.title = text::plain(&title).into_owned();
    for field in fields {
        lints.extend(set(&mut task, field));
    }
    if task.title.is_empty() {
        let message = "the task says nothing to do and is left out";
        lints.push(lint(line, Code::TaskEmpty, message));
        return (None, lints);
    }
    if task.owner.is_none() && !task.done {
        lints.push(lint(line, Code::TaskNoOwner, "nobody owns this task"));
    }
    (Some(task), lints)
}

const FIELDS: [&str; 5] = ["owner", "due", "impact", "cost", "effort"];

/// Whether a key, in lower case, is one of a task's.
pub fn is_field(key: &str) -> bool {
    FIELDS.contains(&key) || ["assignee", "deadline"].contains(&key)
}

/// Sets one field, as written; the lints say if nothing will be able to read it.
fn set(task: &mut Task, field: Field) -> Vec<Lint> {
    let line = task.line;
    let Field { key, value, is_tidy } = field;
    let shown = cut(&value);
    if !is_field(&key) {
        let message = format!(
            "field `{}` is not known; its value {shown:?} is not read",
            cut(&key)
        );
        return vec![match nearest(&key, FIELDS) {
            Some(near) => fixed(
                line,
                Code::TaskField,
                message,
                format!("did you mean `[{near}:: {shown}]`?"),
            ),
            None => lint(line, Code::TaskField, message),
        }];
    }
    let mut lints = Vec::new();
    if !is_tidy {
        let message = format!("field `{key}` has one colon; it is read all the same");
        let fix = format!("write `[{key}:: {shown}]`");
        lints.push(fixed(line, Code::TaskColon, message, fix));
    }
    if value.is_empty() {
        let fix = "give it a value or take it out";
        lints.push(fixed(line, Code::TaskField, format!("`{key}` is empty"), fix));
        return lints;
    }
    let is_amount = value.contains(|c: char| c.is_ascii_digit());
    let (slot, problem) = match key.as_str() {
        "owner" | "assignee" => (&mut task.owner, None),
        "due" | "deadline" => {
            let bad = dates::civil(&value).is_none();
            let lint = || lint(line, Code::TaskDue, format!("{shown:?} is no date"));
            (&mut task.due, bad.then(lint))
        }
        "effort" => {
            let bad = !is_effort(&value);
            let lint = || lint(line, Code::TaskEffort, format!("{shown:?} is no effort"));
            (&mut task.effort, bad.then(lint))
        }
        _ => {
            let fix = format!("write `[{key}:: $4,000]`, with `/mo` if it is per month");
            let lint = || fixed(line, Code::TaskMoney, format!("{shown:?} is no amount"), fix);
            let slot = if key == "cost" {
                &mut task.cost
            } else {
                &mut task.impact
            };
            (slot, (!is_amount).then(lint))
        }
    };
    if slot.is_some() {
        let message = format!("`{key}` is given twice; the first counts, {shown:?} does not");
        lints.push(fixed(line, Code::TaskField, message, "keep one"));
        return lints;
    }
    *slot = Some(value);
    lints.extend(problem);
    lints
}

/// `2d`, `0.5 days`, `4h`, `1w`, `2`.
fn is_effort(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    let units = ["", "d", "day", "days", "h", "hour", "hours", "w", "week", "weeks"];
    number.parse::<f64>().is_ok() && units.contains(&unit.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
