//! A document as raw MIME, byte for byte the same every time: what is archived is what is sent.
//!
//! ```text
//! multipart/mixed
//! ├── multipart/alternative
//! │   ├── text/plain
//! │   └── multipart/related        (or text/html alone, when there are no images)
//! │       ├── text/html            images by `cid:`
//! │       └── image/png …
//! └── application/pdf
//! ```
//! Date is the scheduled time, not the sending's; Message-ID and boundaries are derived from the delivery's name. (SES
//! replaces Message-ID and Date's absence alike: correlation is by message tags, see [`crate::attempt`].)

use jiff::Timestamp;
use mail_builder::{
    MessageBuilder,
    headers::{HeaderType, address::Address, content_type::ContentType, date::Date, text::Text, url::URL},
    mime::MimePart,
};
use shared::{
    id::{Generation, Sha256},
    ledger::DeliveryKey,
    mail::{AddressError, Mailbox, Rid},
};

mod header;
pub use header::{HeaderError, HeaderText};

/// An image of the HTML.
#[derive(Debug, Clone)]
pub struct Picture {
    /// As in `src="cid:…"`.
    pub cid: String,
    /// PNG.
    pub png: Vec<u8>,
}

/// A rendered document, read.
#[derive(Clone)]
pub struct Content {
    /// Subject.
    pub subject: HeaderText,
    /// Mail HTML.
    pub html: String,
    /// Plain text.
    pub text: String,
    /// A4.
    pub pdf: Vec<u8>,
    /// In the order of the document.
    pub pictures: Vec<Picture>,
}

/// Everything a mail says beside its content.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// The delivery.
    pub key: &'a DeliveryKey,
    /// Of the documents.
    pub generation: Generation,
    /// Sender.
    pub from: &'a Mailbox,
    /// Where answers go, unless to the sender.
    pub reply_to: Option<&'a Mailbox>,
    /// Where answers with decisions go: an address of this delivery alone. Beside `reply_to`, so that people read them too.
    pub decide_at: Option<&'a Mailbox>,
    /// Who takes recipients off, if that is offered: a person, by `quarterdeck mail suppress`.
    pub unsubscribe: Option<&'a Mailbox>,
    /// The one recipient.
    pub to: &'a Mailbox,
    /// The scheduled time.
    pub date: Timestamp,
    /// Digest of the analysis that every figure comes from.
    pub facts: Option<&'a Sha256>,
}

impl Letter<'_> {
    /// Without the angle brackets.
    pub fn message_id(&self) -> String {
        let DeliveryKey {
            run,
            document,
            rid,
            mail_epoch,
        } = self.key;
        let domain = self.from.address().rsplit('@').next().unwrap_or("localhost");
        format!("{run}.{document}.{rid}.{}.{mail_epoch}@{domain}", self.generation)
    }

    /// `=_` cannot occur in quoted-printable or base64, so no body can contain a boundary.
    fn boundary(&self, role: &str) -> String {
        let digest = Sha256::of(format!("{role} {}", self.message_id()).as_bytes());
        format!("=_{role}_{}", &digest.as_str()[..32])
    }
    fn multipart(&self, role: &str, parts: Vec<MimePart<'static>>) -> MimePart<'static> {
        let kind = ContentType::new(format!("multipart/{role}")).attribute("boundary", self.boundary(role));
        // RFC 2387: a related part names the type of its root.
        let kind = if role == "related" {
            kind.attribute("type", "text/html")
        } else {
            kind
        };
        MimePart::new(kind, parts)
    }

    /// The mail, as bytes.
    pub fn build(&self, content: &Content) -> Vec<u8> {
        let html = MimePart::new("text/html", content.html.clone());
        let html = if content.pictures.is_empty() {
            html
        } else {
            let pictures = content.pictures.iter().map(|picture| {
                MimePart::new("image/png", picture.png.clone())
                    .inline()
                    .cid(picture.cid.clone())
            });
            self.multipart("related", std::iter::once(html).chain(pictures).collect())
        };
        let text = MimePart::new("text/plain", content.text.clone());
        let body = self.multipart("alternative", vec![text, html]);
        let name = format!("{}-{}.pdf", self.key.document, self.key.run.date());
        let pdf = MimePart::new("application/pdf", content.pdf.clone()).attachment(name);
        let tree = self.multipart("mixed", vec![body, pdf]);

        let text = |value: String| HeaderType::Text(Text::new(value));
        let mut message = MessageBuilder::new()
            .message_id(self.message_id())
            .date(Date::new(self.date.as_second()))
            .from(address(self.from))
            .to(address(self.to))
            .subject(content.subject.as_str().to_owned());
        let answers = self.decide_at.into_iter().chain(self.reply_to).map(address);
        let answers: Vec<_> = answers.collect();
        if !answers.is_empty() {
            message = message.reply_to(Address::new_list(answers));
        }
        // RFC 2369. The archive has nobody to take off. The subject says whom, by rid, and of what.
        if let Some(unsubscribe) = self.unsubscribe
            && self.key.rid != Rid::archive()
        {
            let DeliveryKey { document, rid, .. } = self.key;
            let link = format!(
                "mailto:{}?subject=unsubscribe%20{document}%20{rid}",
                unsubscribe.address()
            );
            message = message.header("List-Unsubscribe", HeaderType::URL(URL::new(link)));
        }
        // RFC 3834: nobody's holiday should answer a report.
        message = message
            .header("Auto-Submitted", text("auto-generated".to_owned()))
            .header(
                "X-Quarterdeck-Run",
                text(format!("{} {}", self.key.run, self.generation)),
            )
            .header("X-Quarterdeck-Document", text(self.key.document.to_string()));
        if let Some(facts) = self.facts {
            message = message.header("X-Quarterdeck-Facts", text(format!("sha256:{facts}")));
        }
        let mut bytes = Vec::new();
        message.body(tree).serialize(&mut bytes);
        bytes
    }
}

fn address(mailbox: &Mailbox) -> Address<'static> {
    Address::new_address(mailbox.name().map(str::to_owned), mailbox.address().to_owned())
}

/// Why an archived mail cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not a mail, or not one of ours.
    #[error("the archived mail has no single {0} address")]
    Missing(&'static str),
    /// The address does not parse.
    #[error("the archived mail's {header}: {source}")]
    Address {
        /// Which header.
        header: &'static str,
        /// Why.
        source: AddressError,
    },
}

/// Sender and recipient of an archived mail, from its own headers: what is sent is what is archived, to whom it says.
///
/// # Errors
/// [`EnvelopeError`], which shows no address.
pub fn envelope(raw: &[u8]) -> Result<(Mailbox, Mailbox), EnvelopeError> {
    let message = mail_parser::MessageParser::new()
        .parse_headers(raw)
        .ok_or(EnvelopeError::Missing("From"))?;
    let one = |header, list: Option<&mail_parser::Address<'_>>| {
        let mut all = list
            .into_iter()
            .flat_map(|list| list.iter())
            .filter_map(|a| a.address());
        match (all.next(), all.next()) {
            (Some(only), None) => only
                .parse::<Mailbox>()
                .map_err(|source| EnvelopeError::Address { header, source }),
            _ => Err(EnvelopeError::Missing(header)),
        }
    };
    Ok((one("From", message.from())?, one("To", message.to())?))
}

#[cfg(test)]
mod tests;
