//! Front matter: flat `key: value` lines between two `---` lines (or `key = "value"` between `+++`) at the head of a
//! file. It is split off before Markdown is parsed, which would take `---` for a heading.

use std::collections::BTreeSet;

use shared::problem::nearest;

use super::{
    codes::Code,
    document::Lint,
    lint::{cut, fixed, lint},
};

/// One `key: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// 1-based.
    pub line: usize,
    /// In lower case.
    pub key: String,
    /// Without quotes; may be empty.
    pub value: String,
}

/// What stands at the head of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrontMatter {
    /// In order.
    pub fields: Vec<Field>,
    /// Lines that are not `key: value`: (line, text).
    pub strange: Vec<(usize, String)>,
    /// Comments: (line, text).
    pub remarks: Vec<(usize, String)>,
    /// How many lines it takes, fences included; the text begins below.
    pub lines: usize,
    /// Whether it has a beginning and no end: then it is no front matter.
    pub never_ends: bool,
}

impl FrontMatter {
    /// Of a text whose lines end in `\n`.
    pub fn of(text: &str) -> Self {
        // Blank lines above it are an editor's, and nobody sees them.
        let mut lines = text
            .lines()
            .map(str::trim_end)
            .enumerate()
            .skip_while(|(_, line)| line.is_empty());
        let (fence, separator) = match lines.next() {
            Some((_, "---")) => ("---", ':'),
            Some((_, "+++")) => ("+++", '='),
            _ => return Self::default(),
        };
        let mut found = Self::default();
        for (n, line) in lines {
            if line == fence || (fence == "---" && line == "...") {
                // Text between two rules.
                if found.fields.is_empty() && n > 1 {
                    return Self::default();
                }
                found.lines = n + 1;
                return found;
            }
            if let Some(remark) = line.strip_prefix('#') {
                found
                    .remarks
                    .push((n + 1, remark.trim_matches(['#', ' ']).to_owned()));
                continue;
            }
            match line.split_once(separator) {
                _ if line.trim().is_empty() => {}
                Some((key, value)) if is_key(key) => found.fields.push(Field {
                    line: n + 1,
                    key: key.trim().to_lowercase(),
                    value: unquote(value.trim()).to_owned(),
                }),
                _ => found.strange.push((n + 1, line.trim().to_owned())),
            }
        }
        // A document may begin with a rule: it has no front matter then, and none of this was a field.
        Self {
            never_ends: !found.fields.is_empty(),
            ..Self::default()
        }
    }

    /// The first field of one of these names that has a value.
    pub fn get(&self, names: &[&str]) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| names.contains(&field.key.as_str()) && !field.value.is_empty())
    }
}

/// Keys that mean something; all others are facts.
pub mod keys {
    /// The document's title.
    pub const TITLE: [&str; 2] = ["title", "name"];
    /// Whose it is to write.
    pub const OWNER: [&str; 2] = ["owner", "owners"];
    /// How far the business is.
    pub const STAGE: [&str; 1] = ["stage"];
    /// When the document was last true.
    pub const UPDATED: [&str; 4] = ["updated", "updated_on", "last_updated", "date"];
    /// Which business it is about.
    pub const ENTITY: [&str; 2] = ["entity", "business"];
}

impl FrontMatter {
    /// What its author should mend.
    pub fn lints(&self) -> Vec<Lint> {
        let mut lints: Vec<Lint> = Vec::new();
        if self.never_ends {
            let message = "the front matter never ends; it is read as text";
            lints.push(lint(1, Code::FrontMatterOpen, message));
        }
        for (line, text) in &self.strange {
            let message = format!("front matter line {:?} is not `key: value`", cut(text));
            lints.push(lint(*line, Code::FrontMatterLine, message));
        }
        let mut seen = BTreeSet::new();
        for Field { line, key, value } in &self.fields {
            if value.is_empty() {
                lints.push(lint(
                    *line,
                    Code::FrontMatterEmpty,
                    format!("`{key}` has no value"),
                ));
            } else if !seen.insert(key) {
                let message = format!(
                    "`{key}` is given twice; the first counts, {:?} does not",
                    cut(value)
                );
                lints.push(lint(*line, Code::FrontMatterTwice, message));
            } else if let Some(near) = self.near_miss(key) {
                let fix = format!("did you mean `{near}: {}`?", cut(value));
                let message = format!("key `{key}` is not known");
                lints.push(fixed(*line, Code::FrontMatterKey, message, fix));
            }
        }
        lints
    }

    /// The known key that this one was probably meant to be. Where what it stands for is said too, it was not.
    fn near_miss(&self, key: &str) -> Option<&'static str> {
        let groups: [&[&'static str]; 5] = [
            &keys::TITLE,
            &keys::OWNER,
            &keys::STAGE,
            &keys::UPDATED,
            &keys::ENTITY,
        ];
        let known = groups.iter().flat_map(|group| group.iter().copied());
        let near = nearest(key, known).filter(|near| *near != key)?;
        let group = groups.iter().find(|group| group.contains(&near))?;
        (!group.contains(&key) && self.get(group).is_none()).then_some(near)
    }
}

fn is_key(text: &str) -> bool {
    let text = text.trim_end();
    !text.is_empty()
        && text.len() <= 40
        && text.starts_with(char::is_alphabetic)
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'))
}

fn unquote(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests;
