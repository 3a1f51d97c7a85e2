//! The template engine's environment: escaping by file name, strict about names, with the filters that text needs.

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};

use crate::{document::Table, templates::Templates, text};

/// Characters of a word that no column of a mail has room for: an ARN, or what a customer leaned on the keyboard for.
const LONG_WORD: usize = 24;

/// All `.j2` templates, ready to render.
///
/// # Errors
/// The first template that does not parse, with its name and line.
pub fn environment(templates: &Templates) -> Result<Environment<'static>, Error> {
    let mut env = bare();
    for (name, source) in templates.ending(".j2") {
        env.add_template_owned(name.to_owned(), source.to_owned())?;
    }
    Ok(env)
}

/// The environment without templates.
pub fn bare() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_debug(true);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line that holds only a tag leaves no line behind.
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
    {
        env.set_syntax(syntax);
    }
    // Only plain text goes unescaped; a name that nobody thought of is escaped.
    env.set_auto_escape_callback(|name| {
        if name.ends_with(".txt.j2") {
            AutoEscape::None
        } else {
            AutoEscape::Html
        }
    });
    env.add_filter(
        "wrap",
        |text: String, indent: Option<usize>, hang: Option<usize>| {
            let indent = indent.unwrap_or(0);
            text::wrap(&text, indent, hang.unwrap_or(indent))
        },
    );
    // Words longer than a column of a mail: a browser may break these anywhere, and no others.
    env.add_test("unbreakable", |text: &str| {
        text.split(' ').any(|w| w.chars().count() > LONG_WORD)
    });
    env.add_filter("table", |table: Serde<Table>| text::table(&table));
    // Quotes are escaped anyway; angle brackets too would be lawful in an attribute, but mail filters are simple minds.
    env.add_filter("attr", |text: String| text.replace('<', "‹").replace('>', "›"));
    env.add_filter("sides", |left: String, right: String| text::sides(&left, &right));
    env.add_filter("rule", |mark: String| mark.repeat(text::COLUMNS));
    env
}
