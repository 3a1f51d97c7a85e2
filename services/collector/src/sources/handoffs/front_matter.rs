//! Front matter: flat `key: value` lines between two `---` lines (or `key = "value"` between `+++`) at the head of a
//! file. It is split off before Markdown is parsed, which would take `---` for a heading.

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
    /// How many lines it takes, fences included; the text begins below.
    pub lines: usize,
    /// Whether it has a beginning and no end: then it is no front matter.
    pub never_ends: bool,
}

impl FrontMatter {
    /// Of a text whose lines end in `\n`.
    pub fn of(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim_end).enumerate();
        let (fence, separator) = match lines.next() {
            Some((_, "---")) => ("---", ':'),
            Some((_, "+++")) => ("+++", '='),
            _ => return Self::default(),
        };
        let mut found = Self::default();
        for (n, line) in lines {
            if line == fence || (fence == "---" && line == "...") {
                return Self {
                    lines: n + 1,
                    ..found
                };
            }
            match line.split_once(separator) {
                _ if line.trim().is_empty() || line.starts_with('#') => {}
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
mod tests {
    use super::*;

    fn pairs(found: &FrontMatter) -> Vec<(usize, &str, &str)> {
        found
            .fields
            .iter()
            .map(|f| (f.line, f.key.as_str(), f.value.as_str()))
            .collect()
    }

    #[test]
    fn fields_are_read_with_their_lines() {
        let found =
            FrontMatter::of("---\nTitle: \"A: b\"\n# remark\n- item\nUpdated: 11/16/2026\n---\n# Text\n");
        assert_eq!(
            pairs(&found),
            [(2, "title", "A: b"), (5, "updated", "11/16/2026")]
        );
        assert_eq!(found.strange, [(4, "- item".to_owned())]);
        assert_eq!(found.lines, 6);
        assert_eq!(found.get(&["updated_on", "updated"]).unwrap().line, 5);
    }

    #[test]
    fn toml_front_matter_is_read_too() {
        let found = FrontMatter::of("+++\nowner = 'ceo'\n+++\n");
        assert_eq!(pairs(&found), [(2, "owner", "ceo")]);
    }

    #[test]
    fn a_rule_is_no_front_matter_and_an_open_one_is_said() {
        assert_eq!(FrontMatter::of("---\n\nText\n"), FrontMatter::default());
        assert!(FrontMatter::of("---\ntitle: x\n\nText\n").never_ends);
        assert_eq!(FrontMatter::of(""), FrontMatter::default());
    }
}
