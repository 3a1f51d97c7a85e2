//! A received mail, read as far as an answer needs it. Pure; start at [`read`]. Attachments, HTML and nested mails are not
//! looked at.

use mail_parser::{HeaderName, Message, MessageParser, PartType};
use shared::mail::Mailbox;

/// How much of a mail is read, in bytes. SES takes 40 MB; what is answered stands at the top, and below it is the quote.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// A mail.
pub struct Mail {
    /// Who wrote it: the one address of the one From, if there is one and it is plainly written.
    pub from: Option<Mailbox>,
    /// Its name, given by the sender's program.
    pub message_id: Option<String>,
    /// Why no person wrote it, if so.
    pub automatic: Option<&'static str>,
    /// What its sender called it.
    pub subject: Option<String>,
    /// Its plain text; `None` if it has only HTML, or none.
    pub text: Option<String>,
}

/// Reads the first bytes of a mail; `None` if they are none.
pub fn read(raw: &[u8]) -> Option<Mail> {
    let message = MessageParser::new().parse(raw)?;
    Some(Mail {
        from: from(&message),
        message_id: message.message_id().map(str::to_owned),
        automatic: automatic(&message),
        subject: message.subject().map(str::to_owned),
        text: text(&message),
    })
}

/// Whom a mail is to by its own headers, where there is no envelope that says it. What is no address is left out.
pub fn addressees(raw: &[u8]) -> Vec<Mailbox> {
    let Some(message) = MessageParser::new().parse_headers(raw) else {
        return Vec::new();
    };
    let lists = message.to().into_iter().chain(message.cc());
    let all = lists.flat_map(|list| list.iter()).filter_map(|one| one.address());
    all.filter_map(|text| text.parse().ok()).collect()
}

/// Two Froms are read by one program as the first and by another as the last, and DMARC is checked of one of them. A group, a
/// comment, or an address in the name is read in several ways too, so no From but a plain one is taken: see [`plain`].
fn from(message: &Message<'_>) -> Option<Mailbox> {
    let is_from = |name: &HeaderName<'_>| *name == HeaderName::From;
    let headers = message.headers().iter();
    if headers.filter(|header| is_from(&header.name)).count() != 1 {
        return None;
    }
    let mut raw = message.headers_raw();
    let (_, raw) = raw.find(|(name, _)| name.eq_ignore_ascii_case("from"))?;
    let unfolded = raw.replace(['\r', '\n'], "");
    let written = plain(&unfolded)?;
    let mut all = message.from()?.iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    // The name is decoded: an address may be in an encoded word.
    if only.address() != Some(written) || only.name().is_some_and(|name| name.contains('@')) {
        return None;
    }
    written.parse().ok()
}

/// The address of `addr`, `phrase <addr>` or `"quoted" <addr>`, not checked yet; `None` of a phrase that anything else could be in.
fn plain(value: &str) -> Option<&str> {
    let value = value.trim();
    let bracketed = value.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    let Some((phrase, address)) = bracketed else {
        return Some(value);
    };
    let phrase = phrase.trim();
    let outside = match phrase.strip_prefix('"') {
        Some(quoted) => behind_the_quote(quoted)?,
        None => phrase,
    };
    let is_plain = !outside.contains(['@', ':', ';', '(', ')', '<', '>', ',', '"']);
    is_plain.then_some(address)
}

/// What is behind a quoted string, whose first quote is taken off; `None` if it does not end, or has an `@`.
fn behind_the_quote(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    let end = text.find(|c: char| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    let (quoted, rest) = text.split_at(end);
    (!quoted.contains('@')).then(|| &rest[1..])
}

/// RFC 3834 and what was usual before it.
fn automatic(message: &Message<'_>) -> Option<&'static str> {
    message.headers_raw().find_map(|(name, value)| {
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "auto-submitted" if value.split(';').next() != Some("no") => Some("it answers by itself"),
            "precedence" if ["bulk", "junk", "list", "auto_reply"].contains(&value.as_str()) => {
                Some("it is bulk mail")
            }
            "x-autoreply" | "x-autorespond" => Some("it answers by itself"),
            "list-id" => Some("it is a mailing list's"),
            "return-path" if value == "<>" => Some("it is a bounce"),
            _ => None,
        }
    })
}

fn text(message: &Message<'_>) -> Option<String> {
    message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref().to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
