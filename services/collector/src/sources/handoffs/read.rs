//! One file, from bytes to a [`Document`]: encoding, front matter, whose it is, how old it is, then its text.

use jiff::civil::Date;
use shared::id::Sha256;

use super::{
    codes::Code,
    dates,
    document::{Document, Fact, Lint, NOTE, Status},
    encoding::{Decoded, decode, lines_end_in_newline},
    entities::{Entities, Whose, stem},
    front_matter::{FrontMatter, keys},
    lint, text,
    walk::Walk,
};
use crate::sources::objects::Content;

/// Bytes. A handoff is a few pages; what is larger is something else, and would cost the parser dearly: the worst that was
/// tried of this size, all brackets or backslashes, takes 350 MB of the function's 512 and 3 s in a development build.
pub const LARGEST: u64 = 1024 * 1024;
/// Bytes at the start of a file that is not read, among which its front matter is looked for.
pub const HEAD: usize = 4096;
/// Days. An older night that is made again sees newer handoffs, so a day or a week ahead is no mistake.
const AHEAD: i64 = 31;

/// Reads the files of one portfolio on one day.
#[derive(Debug)]
pub struct Reader<'a> {
    /// Whose they may be.
    pub entities: &'a Entities,
    /// The day reported on.
    pub as_of: Date,
    /// A document not updated for longer is stale.
    pub stale_after_days: i64,
}

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// It was read; its lints are in it.
    Document(Document),
    /// Its text is unknown; only what stands outside of it, and the reason, is in it.
    Unreadable(Document),
}

/// Whether a file is read at all.
pub fn is_markdown(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("md"))
}

impl Reader<'_> {
    /// Reads a file, given its name and what the store answered.
    pub fn read(&self, name: &str, content: Result<Content, String>) -> Read {
        let bytes = match content {
            Ok(Content::Whole(bytes)) => bytes,
            Ok(Content::TooLarge { bytes, head }) => {
                return self.unreadable(name, &head, None, lint::too_large(bytes, LARGEST));
            }
            Err(error) => {
                let problem = lint::lint(1, Code::FileUnreadable, error);
                return self.unreadable(name, &[], None, problem);
            }
        };
        match decode(&bytes) {
            Ok(decoded) => Read::Document(self.document(name, &bytes, decoded)),
            Err(problem) => self.unreadable(name, &bytes, Some(&bytes), problem),
        }
    }

    fn document(&self, name: &str, bytes: &[u8], decoded: Decoded) -> Document {
        let text = decoded.text.as_str();
        let (mut document, head) = self.head(name, text);
        document.bytes = Some(bytes.len() as u64);
        document.sha256 = Some(Sha256::of(bytes).to_string());
        if text.trim().is_empty() {
            document.status = Status::Empty;
            document.lints = vec![lint::lint(1, Code::FileEmpty, "the file has no text")];
            return document;
        }
        document.lints.extend(decoded.lints);
        document.lints.extend(head.lints());
        Walk::of(text, head.lines, &mut document);
        if document.title.is_empty() {
            let first = document
                .sections
                .iter()
                .map(|section| &section.heading)
                .find(|heading| !heading.is_empty());
            document.title = first.cloned().unwrap_or_else(|| stem(name).to_owned());
        }
        self.judge_age(&mut document, &head);
        if decoded.is_damaged {
            document.status = Status::Damaged;
        }
        lint::settle(&mut document.lints);
        document
    }

    /// What the front matter says.
    fn head(&self, name: &str, text: &str) -> (Document, FrontMatter) {
        let head = FrontMatter::of(text);
        let value = |names: &[&str]| head.get(names).map(|field| field.value.clone());
        let mut document = Document {
            title: value(&keys::TITLE)
                .map(|title| text::plain(&title).into_owned())
                .unwrap_or_default(),
            owner: value(&keys::OWNER),
            stage: value(&keys::STAGE),
            updated_on: value(&keys::UPDATED),
            ..Document::default()
        };
        let fact = |line, key: &str, value: &str| Fact {
            line,
            section: Some("front matter".to_owned()),
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let fields = head
            .fields
            .iter()
            .map(|field| fact(field.line, &field.key, &field.value));
        let remarks = head
            .remarks
            .iter()
            .map(|(line, remark)| fact(*line, NOTE, remark));
        document.facts = fields
            .chain(remarks)
            .filter(|fact| !fact.value.is_empty())
            .collect();
        let mut whose = Whose::Unknown;
        if let Some(given) = head.get(&keys::ENTITY) {
            whose = self.entities.named(&given.value);
            if whose == Whose::Unknown {
                let near = self.entities.near(&given.value);
                document
                    .lints
                    .push(lint::unknown_entity(given.line, &given.value, near));
            }
        }
        if whose == Whose::Unknown {
            whose = self.entities.of_file(name);
        }
        if whose == Whose::Unknown && document.lints.is_empty() {
            document.lints.push(lint::no_entity(stem(name)));
        }
        document.entity = whose.entity().map(str::to_owned);
        (document, head)
    }

    fn judge_age(&self, document: &mut Document, head: &FrontMatter) {
        const SAID: [&str; 7] = [
            "updated",
            "last updated",
            "last touched",
            "last edited",
            "last reviewed",
            "last change",
            "as of",
        ];
        let mut line = head.get(&keys::UPDATED).map_or(1, |field| field.line);
        if document.updated_on.is_none() {
            let is_said = |fact: &&Fact| SAID.contains(&fact.key.to_lowercase().as_str());
            if let Some(said) = document.facts.iter().find(is_said) {
                line = said.line;
                document.updated_on = dates::stamp(&said.value).map(|(day, _)| day.to_owned());
            }
        }
        let Some(updated_on) = &document.updated_on else {
            return document.lints.push(lint::no_date());
        };
        let Some(day) = dates::civil(updated_on) else {
            return document.lints.push(lint::bad_date(line, updated_on));
        };
        let days = i64::from((self.as_of - day).get_days());
        if days > self.stale_after_days {
            document.lints.push(lint::stale(line, updated_on, days));
            document.status = Status::Stale;
        } else if days < -AHEAD {
            document.lints.push(lint::future(line, updated_on, -days));
        }
    }

    /// `start` is as much of the file as there is, `all` the whole of it.
    fn unreadable(&self, name: &str, start: &[u8], all: Option<&[u8]>, problem: Lint) -> Read {
        let start = String::from_utf8_lossy(&start[..start.len().min(HEAD)]);
        let (mut document, _) = self.head(name, &lines_end_in_newline(&start));
        document.status = Status::Unreadable;
        document.bytes = all.map(|bytes| bytes.len() as u64);
        document.sha256 = all.map(|bytes| Sha256::of(bytes).to_string());
        document.facts = Vec::new();
        document.lints.push(problem);
        if document.title.is_empty() {
            document.title = stem(name).to_owned();
        }
        Read::Unreadable(document)
    }
}
