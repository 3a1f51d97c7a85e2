//! Checkbox lines: `- [ ] list on Sailo [owner:: cmo] [due:: 2026-12-15] [impact:: $4,000/mo] [effort:: 2d]`.
//!
//! Read line by line rather than by the Markdown parser, which takes a box for text as soon as a blank is missing; what
//! is sloppy is read all the same, and its author is told.

use shared::problem::nearest;

use super::{
    dates,
    document::{Lint, Task},
    lint::{cut, task as lint},
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
        lints.push(lint(
            line,
            "task.form",
            message,
            "write `- [ ] what to do`, with all three blanks",
        ));
    }
    let done = match boxed.mark {
        Some('x' | 'X' | '✓' | '✔' | '☑') => true,
        None | Some(' ' | '/' | '>' | '~') => false,
        Some('-') => {
            let message = "a task marked `[-]` is taken for cancelled and left out";
            lints.push(lint(
                line,
                "task.cancelled",
                message,
                "delete the line, or write `[ ]` if it is still to be done",
            ));
            return (None, lints);
        }
        Some(other) => {
            let message = format!("`[{other}]` says neither open nor done; the task is taken for open");
            lints.push(lint(line, "task.mark", message, "write `[ ]` or `[x]`"));
            false
        }
    };
    let mut raw = boxed.rest.trim().to_owned();
    for more in lines.iter().skip(1).map(|line| text::unquoted(line).trim_end()) {
        raw.push(' ');
        raw.push_str(more);
    }
    let (title, fields) = fields(&raw);
    let mut task = Task {
        line,
        section: section.map(str::to_owned),
        done,
        ..Task::default()
    };
    task.title = text::plain(&title).into_owned();
    for (key, value) in fields {
        lints.extend(set(&mut task, &key, value));
    }
    if task.title.is_empty() {
        lints.push(lint(
            line,
            "task.empty",
            "the task says nothing to do and is left out",
            "write what is to be done",
        ));
        return (None, lints);
    }
    if task.owner.is_none() && !task.done {
        lints.push(lint(
            line,
            "task.no_owner",
            "nobody owns this task",
            "add `[owner:: role]`",
        ));
    }
    (Some(task), lints)
}

const FIELDS: [&str; 5] = ["owner", "due", "impact", "cost", "effort"];

/// Sets one field, as written; the lint says if nothing will be able to read it.
fn set(task: &mut Task, key: &str, value: String) -> Option<Lint> {
    let line = task.line;
    if value.is_empty() {
        return Some(lint(
            line,
            "task.field",
            format!("`{key}` is empty"),
            "give it a value or take it out",
        ));
    }
    let shown = cut(&value);
    let (field, problem) = match key {
        "owner" | "assignee" => (&mut task.owner, None),
        "due" | "deadline" => {
            let bad = dates::civil(&value).is_none();
            let fix = "write `[due:: YYYY-MM-DD]`";
            (
                &mut task.due,
                bad.then(|| lint(line, "task.due", format!("{shown:?} is no date"), fix)),
            )
        }
        "impact" | "cost" => {
            let bad = !value.contains(|c: char| c.is_ascii_digit());
            let fix = format!("write `[{key}:: $4,000]`, with `/mo` if it is per month");
            let field = if key == "impact" {
                &mut task.impact
            } else {
                &mut task.cost
            };
            (
                field,
                bad.then(|| lint(line, "task.money", format!("{shown:?} is no amount"), fix)),
            )
        }
        "effort" => {
            let bad = !is_effort(&value);
            let fix = "write days, such as `[effort:: 2d]`";
            (
                &mut task.effort,
                bad.then(|| lint(line, "task.effort", format!("{shown:?} is no effort"), fix)),
            )
        }
        other => {
            let fix = match nearest(other, FIELDS) {
                Some(near) => format!("did you mean `[{near}:: {shown}]`?"),
                None => format!("known fields: {}", FIELDS.join(", ")),
            };
            return Some(lint(
                line,
                "task.field",
                format!("field `{}` is not known", cut(other)),
                fix,
            ));
        }
    };
    if field.is_some() {
        return Some(lint(
            line,
            "task.field",
            format!("`{key}` is given twice; the first counts"),
            "keep one",
        ));
    }
    *field = Some(value);
    problem
}

/// `2d`, `0.5 days`, `4h`, `1w`, `2`.
fn is_effort(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    let units = ["", "d", "day", "days", "h", "hour", "hours", "w", "week", "weeks"];
    number.parse::<f64>().is_ok() && units.contains(&unit.trim().to_lowercase().as_str())
}

/// Bytes between the brackets of a field.
const LONGEST_FIELD: usize = 500;

/// Takes `[key:: value]` and `(key:: value)` out of a text: (what is left, (key in lower case, value)).
pub fn fields(raw: &str) -> (String, Vec<(String, String)>) {
    let (mut left, mut found, mut rest) = (String::new(), Vec::new(), raw);
    while let Some(at) = rest.find(['[', '(']) {
        let (open, after) = (&rest[at..=at], &rest[at + 1..]);
        let close = if open == "[" { ']' } else { ')' };
        // A field is short; looking for its end in all that follows would take quadratic time on a line of brackets.
        let near = &after[..after.floor_char_boundary(LONGEST_FIELD)];
        let field = near
            .find(close)
            .and_then(|end| Some((end, after[..end].split_once("::")?)));
        match field {
            Some((end, (key, value))) if is_field_key(key) => {
                left.push_str(rest[..at].trim_end());
                found.push((key.trim().to_lowercase(), text::plain(value).into_owned()));
                rest = &after[end + 1..];
            }
            _ => {
                left.push_str(&rest[..=at]);
                rest = after;
            }
        }
    }
    left.push_str(rest);
    (left.trim().to_owned(), found)
}

fn is_field_key(key: &str) -> bool {
    let key = key.trim();
    !key.is_empty()
        && key.len() <= 30
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> (Option<Task>, Vec<&'static str>) {
        let (task, lints) = read(7, &[line], Some("channels"));
        (task, lints.into_iter().map(|lint| lint.code).collect())
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
        let (task, lints) = one(
            "- [ ] x [due:: end of May] [impact:: a lot] [effort:: soon] [onwer:: me] [due:: 2026-01-01]",
        );
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
    fn a_task_that_says_nothing_is_said_to() {
        assert_eq!(one("- [ ] [owner:: ]"), (None, vec!["task.field", "task.empty"]));
        assert_eq!(one("- [-] old"), (None, vec!["task.cancelled"]));
        assert_eq!(one("- [x] done, by nobody").1, Vec::<&str>::new());
    }

    #[test]
    fn a_megabyte_of_brackets_is_a_title_and_a_field_may_be_as_long_as_it_says() {
        let (left, found) = fields(&"[".repeat(1_000_000));
        assert_eq!((left.len(), found.len()), (1_000_000, 0));
        let of = |len: usize| {
            fields(&format!("x [owner::{}]", "a".repeat(len - "owner::".len())))
                .1
                .len()
        };
        assert_eq!((of(LONGEST_FIELD - 1), of(LONGEST_FIELD)), (1, 0));
    }

    #[test]
    fn a_task_goes_on_in_the_next_line() {
        let (task, lints) = read(3, &["- [ ] first", "    second [owner:: cto]"], None);
        assert_eq!(task.unwrap().title, "first second");
        assert!(lints.is_empty());
    }
}
