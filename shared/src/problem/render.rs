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
mod tests {
    use super::*;

    fn bundle() -> Bundle {
        let text = "id = \"harbor\"\ntimezone = \"Mars/Olympus\"\n";
        Bundle([("portfolio.toml".to_owned(), text.to_owned())].into())
    }

    fn problem() -> Problem {
        let bundle = bundle();
        let text = bundle.get("portfolio.toml").unwrap();
        Problem::error(
            "bad-zone",
            "portfolio.toml",
            "\"Mars/Olympus\" is no IANA time zone",
        )
        .at(text, 25..39)
        .suggest("write America/Los_Angeles")
        .related("portfolio.toml", text, 5..13, "of this portfolio")
    }

    #[test]
    fn a_person_sees_the_line_the_carets_and_the_remedy() {
        let expected = "\
error[bad-zone]: \"Mars/Olympus\" is no IANA time zone
 --> portfolio.toml:2:12
  |
1 | id = \"harbor\"
  |      -------- of this portfolio
2 | timezone = \"Mars/Olympus\"
  |            ^^^^^^^^^^^^^^
  |
  = help: write America/Los_Angeles

1 error
";
        assert_eq!(render_problems(&[problem()], &bundle(), false), expected);
        assert!(render_problems(&[problem()], &bundle(), true).contains("\u{1b}["));
    }

    #[test]
    fn a_file_without_text_is_still_named_with_its_place() {
        let shown = render_problems(&[problem()], &Bundle::default(), false);
        assert!(shown.contains("--> portfolio.toml:2:12"), "{shown}");
    }

    #[test]
    fn a_script_gets_the_same_in_json() {
        let json = problems_json(&[problem()]);
        assert_eq!(
            (json["errors"].as_u64(), json["warnings"].as_u64()),
            (Some(1), Some(0))
        );
        let first = &json["problems"][0];
        assert_eq!(
            (first["line"].as_u64(), first["column"].as_u64()),
            (Some(2), Some(12))
        );
        assert_eq!(first["span"], json!({"start": 25, "end": 39}));
        assert_eq!(first["severity"], "error");
    }
}
