//! What `quarterdeck check` asks of the renderer: whether templates and document specifications can be used.

use shared::{portfolio::Bundle, problem::Problem};

use crate::{jinja, spec::parse_spec, templates::FOLDER};

/// Every mistake in the portfolio's own templates and document specifications, with file, line and column.
pub fn check_templates(bundle: &Bundle) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut env = jinja::bare();
    for (path, text) in bundle.under(FOLDER, ".j2") {
        let name = path.strip_prefix(FOLDER).unwrap_or(path);
        problems.extend(unescaped(path, text));
        if let Err(error) = env.add_template_owned(name.to_owned(), text.to_owned()) {
            let message = error.detail().unwrap_or("does not parse").to_owned();
            let problem = Problem::error("bad-template", path, message);
            problems.push(match (error.range(), error.line()) {
                (Some(range), _) => problem.at(text, range),
                (None, Some(line)) => problem.at_line(text, line),
                (None, None) => problem,
            });
        }
    }
    problems.extend(pages(bundle));
    for (path, text) in bundle.under("catalog/documents/", ".toml") {
        let Err(errors) = parse_spec(text) else { continue };
        problems.extend(errors.into_iter().map(|e| {
            let problem = Problem::error("bad-document", path, e.message);
            match e.span {
                Some(span) => problem.at(text, span),
                None => problem,
            }
        }));
    }
    problems
}

/// `| safe` and its like let a customer's text become markup.
fn unescaped(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let words = text
        .match_indices("safe")
        .filter(|(at, _)| text[..*at].trim_end().ends_with('|'));
    let blocks = text.match_indices("autoescape");
    for (at, word) in words.chain(blocks) {
        let message = format!("`{word}` switches escaping off, and a customer's text would become markup");
        let problem = Problem::error("unescaped", path, message).at(text, at..at + word.len());
        problems.push(problem.suggest("remove it: templates are given text, never markup"));
    }
    problems
}

fn pages_range(
    source: &typst::syntax::Source,
    error: &typst::syntax::SyntaxDiagnostic,
) -> Option<std::ops::Range<usize>> {
    use typst::syntax::DiagSpanKind;
    match error.span.get() {
        DiagSpanKind::Detached => None,
        DiagSpanKind::Number { num, sub_range, .. } => source.range(num, sub_range),
        DiagSpanKind::Range { range, .. } => Some(range),
    }
}

/// Syntax errors of `.typ` templates.
fn pages(bundle: &Bundle) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in bundle.under(FOLDER, ".typ") {
        let source = typst::syntax::Source::detached(text.to_owned());
        let (errors, _) = source.root().errors_and_warnings();
        for error in errors {
            let problem = Problem::error("bad-template", path, error.message.to_string());
            problems.push(match pages_range(&source, &error) {
                Some(range) => problem.at(text, range),
                None => problem,
            });
        }
    }
    problems
}
