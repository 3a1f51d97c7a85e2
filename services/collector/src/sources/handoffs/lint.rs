//! Everything that an author can be told, in one place: stable codes, what is wrong, what to do.

use super::document::Lint;

fn lint(line: usize, code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Lint {
    Lint {
        line,
        code,
        message: message.into(),
        fix: fix.into(),
    }
}

pub fn ignored_file(name: &str) -> Lint {
    let message = format!("{name} is no Markdown file and is not read");
    lint(
        1,
        "file.ignored",
        message,
        "give it the ending .md, or move it out of the folder",
    )
}
pub fn unfetched(error: &str) -> Lint {
    lint(
        1,
        "file.unreadable",
        error,
        "check that the file is there and may be read",
    )
}
pub fn too_large(bytes: u64, most: u64) -> Lint {
    let message = format!("the file has {bytes} bytes, more than the {most} that are read");
    lint(1, "file.too_large", message, "split it; a handoff is a few pages")
}
pub fn not_utf8(line: usize, hint: &str) -> Lint {
    lint(
        line,
        "file.not_utf8",
        format!("the file is not UTF-8 text{hint}"),
        "save it again with the encoding UTF-8",
    )
}
pub fn empty_file() -> Lint {
    lint(
        1,
        "file.empty",
        "the file has no text",
        "write the handoff, or delete the file",
    )
}
pub fn no_entity(stem: &str) -> Lint {
    let message = format!("nothing says which business this is about: {stem} is no entity of the portfolio");
    let fix = "put `entity: <id>` into the front matter (`entity: portfolio` if it concerns all), or name the file after the entity";
    lint(1, "file.no_entity", message, fix)
}
pub fn unknown_entity(line: usize, given: &str, near: Option<&str>) -> Lint {
    let fix = match near {
        Some(near) => format!("did you mean `entity: {near}`?"),
        None => "use the id or the title of an entity of portfolio.toml".to_owned(),
    };
    lint(
        line,
        "file.unknown_entity",
        format!("{given:?} is no entity of the portfolio"),
        fix,
    )
}
pub fn no_date() -> Lint {
    lint(
        1,
        "file.no_date",
        "nothing says how old this is",
        "put `updated: YYYY-MM-DD` into the front matter",
    )
}
pub fn bad_date(line: usize, given: &str) -> Lint {
    lint(
        line,
        "file.bad_date",
        format!("{given:?} is no date"),
        "write `updated: YYYY-MM-DD`",
    )
}
pub fn stale(line: usize, updated_on: &str, days: i64) -> Lint {
    let message = format!("last updated {updated_on}, which is {days} days ago");
    lint(
        line,
        "file.stale",
        message,
        "read it once more and set `updated:` in the front matter",
    )
}
pub fn front_matter_open() -> Lint {
    let fix = "close it with a line `---`";
    lint(
        1,
        "front_matter.open",
        "the front matter never ends; it is read as text",
        fix,
    )
}
pub fn front_matter_line(line: usize, text: &str) -> Lint {
    let message = format!("front matter line {:?} is not `key: value`", cut(text));
    lint(
        line,
        "front_matter.line",
        message,
        "write one `key: value` a line; put lists into the text",
    )
}
pub fn heading(line: usize, heading: &str, near: &str) -> Lint {
    let message = format!("section {:?} is not known", cut(heading));
    lint(
        line,
        "heading.unknown",
        message,
        format!("did you mean \"{near}\"?"),
    )
}
pub fn code_open(line: usize) -> Lint {
    let message = "this code block never ends; everything below it is taken for code";
    lint(
        line,
        "code.open",
        message,
        "close it with a line of the same marks",
    )
}
pub fn task(line: usize, code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Lint {
    lint(line, code, message, fix)
}
pub fn ragged(line: usize, cells: usize, header: usize) -> Lint {
    let cells = if cells == 1 {
        "1 cell".to_owned()
    } else {
        format!("{cells} cells")
    };
    let message = format!("this row has {cells}, its header has {header}");
    lint(
        line,
        "table.ragged",
        message,
        "give every row as many `|` as the header; write `\\|` for a bar in a text",
    )
}
pub fn delimiter(line: usize, cells: usize, header: usize) -> Lint {
    let message = format!("the line below the header has {cells} columns, the header has {header}");
    lint(
        line,
        "table.delimiter",
        message,
        "give both the same number of `|`; other readers do not see a table here",
    )
}
pub fn no_time(line: usize) -> Lint {
    lint(
        line,
        "deploy.no_time",
        "this entry of the deploy log has no date",
        "begin it with YYYY-MM-DD hh:mm",
    )
}

/// A text short enough to be quoted.
pub fn cut(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
