//! Problems as a person reads them, with the source line and carets, and as a script reads them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use super::{Problem, Severity};
use crate::portfolio::Bundle;

/// All problems with their source lines and a count at the end; empty for none. Files that are not in the bundle (the
/// built-in catalog's) are named without their text: [`render_with`] takes texts from anywhere.
pub fn render_problems(problems: &[Problem], bundle: &Bundle, color: bool) -> String {
    render_with(problems, |file| bundle.get(file), color)
}

/// [`render_problems`] with the files' texts from a function.
pub fn render_with<'a>(
    problems: &'a [Problem],
    text: impl Fn(&str) -> Option<&'a str>,
    color: bool,
) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for problem in problems {
        out.push_str(&renderer.render(&[report(problem, &text)]));
        out.push_str("\n\n");
    }
    if !problems.is_empty() {
        out.push_str(&summary(problems));
        out.push('\n');
    }
    out
}

fn report<'p>(problem: &'p Problem, text: &impl Fn(&str) -> Option<&'p str>) -> Group<'p> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()).id(problem.code));
    match (text(&problem.file), problem.span.clone()) {
        (Some(source), Some(span)) => {
            let here = Snippet::source(source).path(problem.file.as_str());
            let mut here = here.annotation(AnnotationKind::Primary.span(span));
            for other in problem.related.iter().filter(|other| other.file == problem.file) {
                let label = other.message.as_str();
                here = here.annotation(AnnotationKind::Context.span(other.span.clone()).label(label));
            }
            group = group.element(here);
        }
        (_, span) => {
            let mut origin = Origin::path(problem.file.as_str());
            if span.is_some() {
                origin = origin.line(problem.line).char_column(problem.column);
            }
            group = group.element(origin);
        }
    }
    for other in problem.related.iter().filter(|other| other.file != problem.file) {
        let label = other.message.as_str();
        group = match text(&other.file) {
            Some(source) => {
                let mark = AnnotationKind::Context.span(other.span.clone()).label(label);
                group.element(Snippet::source(source).path(other.file.as_str()).annotation(mark))
            }
            None => group.element(
                Origin::path(other.file.as_str())
                    .line(other.line)
                    .char_column(other.column),
            ),
        };
    }
    match &problem.suggestion {
        Some(suggestion) => group.element(Level::HELP.message(suggestion.as_str())),
        None => group,
    }
}

fn summary(problems: &[Problem]) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let errors = problems.iter().filter(|p| p.is_error()).count();
    match (errors, problems.len() - errors) {
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// `{"errors": n, "warnings": n, "problems": […]}`.
pub fn problems_json(problems: &[Problem]) -> Value {
    let errors = problems.iter().filter(|p| p.is_error()).count();
    json!({ "errors": errors, "warnings": problems.len() - errors, "problems": problems })
}

#[cfg(test)]
mod tests;
