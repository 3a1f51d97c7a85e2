//! Findings for authors, in words. [`Code`] lists their kinds; here is what each says of its case.

use super::{codes::Code, document::Lint};

/// A file with more findings than so many has one cause for most of them.
const MOST: usize = 1000;

/// A finding whose fix is the one of its code.
pub fn lint(line: usize, code: Code, message: impl Into<String>) -> Lint {
    fixed(line, code, message, code.fix())
}
/// A finding that knows a better fix, a name that was probably meant say.
pub fn fixed(line: usize, code: Code, message: impl Into<String>, fix: impl Into<String>) -> Lint {
    Lint {
        line,
        code,
        message: message.into(),
        fix: fix.into(),
    }
}

/// Orders the findings of a file by line; beyond [`MOST`] they are counted.
pub fn settle(lints: &mut Vec<Lint>) {
    lints.sort_by_key(|lint| lint.line);
    if let Some(first) = lints.get(MOST).map(|lint| lint.line) {
        let more = lints.len() - MOST;
        lints.truncate(MOST);
        lints.push(lint(
            first,
            Code::More,
            format!("{more} more findings from here on"),
        ));
    }
}

pub fn ignored_file(name: &str) -> Lint {
    lint(
        1,
        Code::FileIgnored,
        format!("{name} is no Markdown file and is not read"),
    )
}
pub fn too_large(bytes: u64, most: u64) -> Lint {
    let message = format!("the file has {bytes} bytes, more than the {most} that are read");
    lint(1, Code::FileTooLarge, message)
}
pub fn no_entity(stem: &str) -> Lint {
    let message = format!("nothing says which business this is about: {stem} is no entity of the portfolio");
    lint(1, Code::FileNoEntity, message)
}
pub fn unknown_entity(line: usize, given: &str, near: Option<&str>) -> Lint {
    let message = format!("{:?} is no entity of the portfolio", cut(given));
    match near {
        Some(near) => {
            let fix = format!("did you mean `entity: {near}`?");
            fixed(line, Code::FileUnknownEntity, message, fix)
        }
        None => lint(line, Code::FileUnknownEntity, message),
    }
}
pub fn no_date() -> Lint {
    lint(1, Code::FileNoDate, "nothing says how old this is")
}
pub fn bad_date(line: usize, given: &str) -> Lint {
    lint(line, Code::FileBadDate, format!("{:?} is no date", cut(given)))
}
pub fn future(line: usize, updated_on: &str, days: i64) -> Lint {
    let message = format!("last updated {updated_on}, which is {days} days after the day reported on");
    lint(line, Code::FileFuture, message)
}
pub fn stale(line: usize, updated_on: &str, days: i64) -> Lint {
    let message = format!("last updated {updated_on}, which is {days} days ago");
    lint(line, Code::FileStale, message)
}
pub fn heading(line: usize, heading: &str, near: &str) -> Lint {
    let message = format!("section {:?} is not known", cut(heading));
    fixed(
        line,
        Code::HeadingUnknown,
        message,
        format!("did you mean \"{near}\"?"),
    )
}
pub fn ragged(line: usize, cells: usize, header: usize, missing: Option<&str>) -> Lint {
    let s = if cells == 1 { "" } else { "s" };
    let missing = missing.map_or_else(String::new, |name| format!("; {:?} is missing", cut(name)));
    let message = format!("this row has {cells} cell{s}, its header has {header}{missing}");
    lint(line, Code::TableRagged, message)
}
pub fn delimiter(line: usize, cells: usize, header: usize) -> Lint {
    let message = format!("the line below the header has {cells} columns, the header has {header}");
    lint(line, Code::TableDelimiter, message)
}

/// A text short enough to be quoted in a message.
pub fn cut(text: &str) -> String {
    cut_to(text, 40)
}
/// The first `most` characters of a text, with `…` in the place of the others.
pub fn cut_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_beyond_the_limit_are_counted_not_lost() {
        let mut lints: Vec<_> = (1..=1500)
            .rev()
            .map(|line| lint(line, Code::TaskNoOwner, "x"))
            .collect();
        settle(&mut lints);
        let last = lints.last().unwrap();
        assert_eq!((lints.len(), last.line, last.code), (1001, 1001, Code::More));
        assert!(last.message.starts_with("500 more"), "{}", last.message);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut_to("éé", 2), "éé");
        assert_eq!(cut_to("ééé", 2), "éé…");
    }
}
