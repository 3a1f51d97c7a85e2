//! One file, from bytes to a [`Document`]: encoding, front matter, whose it is, how old it is, then its text.

use bytes::Bytes;
use jiff::civil::Date;
use shared::id::Sha256;

use super::{
    dates,
    document::{Document, Fact, Lint, Status},
    entities::{Entities, Whose, stem},
    front_matter::FrontMatter,
    lint, text,
    walk::Walk,
};

/// A handoff is a few pages; what is larger is something else, and would cost the parser dearly.
const LARGEST: u64 = 1024 * 1024;

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
    pub fn read(&self, name: &str, content: Result<Bytes, String>) -> Read {
        let bytes = match content {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(name, None, lint::unfetched(&error)),
        };
        if bytes.len() as u64 > LARGEST {
            return self.unreadable(name, Some(&bytes), lint::too_large(bytes.len() as u64, LARGEST));
        }
        match decode(&bytes) {
            Ok(text) => Read::Document(self.document(name, &bytes, &text)),
            Err(problem) => self.unreadable(name, Some(&bytes), problem),
        }
    }

    fn document(&self, name: &str, bytes: &[u8], text: &str) -> Document {
        let (mut document, head) = self.head(name, Some(bytes), text);
        if text.trim().is_empty() {
            document.status = Status::Empty;
            document.lints = vec![lint::empty_file()];
            return document;
        }
        if head.never_ends {
            document.lints.push(lint::front_matter_open());
        }
        document.lints.extend(
            head.strange
                .iter()
                .map(|(line, text)| lint::front_matter_line(*line, text)),
        );
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
        document.lints.sort_by_key(|lint| lint.line);
        document
    }

    /// What the front matter says. Of bytes that are no text, whatever of it can be made out.
    fn head(&self, name: &str, bytes: Option<&[u8]>, text: &str) -> (Document, FrontMatter) {
        let head = FrontMatter::of(text);
        let value = |names: &[&str]| head.get(names).map(|field| field.value.clone());
        let mut document = Document {
            title: value(&["title", "name"])
                .map(|title| text::plain(&title).into_owned())
                .unwrap_or_default(),
            owner: value(&["owner", "owners"]),
            stage: value(&["stage"]),
            updated_on: value(&["updated", "updated_on", "last_updated", "date"]),
            bytes: bytes.map_or(0, |bytes| bytes.len() as u64),
            sha256: bytes.map(|bytes| Sha256::of(bytes).to_string()),
            ..Document::default()
        };
        document.facts = head
            .fields
            .iter()
            .filter(|field| !field.value.is_empty())
            .map(|field| Fact {
                line: field.line,
                section: Some("front matter".to_owned()),
                key: field.key.clone(),
                value: field.value.clone(),
            })
            .collect();
        let mut whose = Whose::Unknown;
        if let Some(given) = head.get(&["entity", "business"]) {
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
        if document.updated_on.is_none() {
            let said = document
                .facts
                .iter()
                .find(|fact| SAID.contains(&fact.key.to_lowercase().as_str()));
            document.updated_on = said.and_then(|fact| Some(dates::stamp(&fact.value)?.0.to_owned()));
        }
        let Some(updated_on) = &document.updated_on else {
            return document.lints.push(lint::no_date());
        };
        let line = head
            .get(&["updated", "updated_on", "last_updated", "date"])
            .map_or(1, |field| field.line);
        let Some(day) = dates::civil(updated_on) else {
            return document.lints.push(lint::bad_date(line, updated_on));
        };
        let days = i64::from((self.as_of - day).get_days());
        if days > self.stale_after_days {
            document.lints.push(lint::stale(line, updated_on, days));
            document.status = Status::Stale;
        }
    }

    fn unreadable(&self, name: &str, bytes: Option<&Bytes>, problem: Lint) -> Read {
        let lossy = bytes
            .map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]))
            .unwrap_or_default();
        let (mut document, _) = self.head(name, bytes.map(Bytes::as_ref), &lines_end_in_newline(&lossy));
        document.status = Status::Unreadable;
        document.facts = Vec::new();
        document.lints.push(problem);
        if document.title.is_empty() {
            document.title = stem(name).to_owned();
        }
        Read::Unreadable(document)
    }
}

/// UTF-8, with or without a byte order mark; all lines end in `\n`.
fn decode(bytes: &[u8]) -> Result<String, Lint> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(lint::not_utf8(1, " but UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(lines_end_in_newline(text)),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            Err(lint::not_utf8(line, &format!(" (byte 0x{byte:02x})")))
        }
    }
}

fn lines_end_in_newline(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
