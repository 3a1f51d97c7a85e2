use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use super::*;

fn key() -> DeliveryKey {
    DeliveryKey {
        run: "harbor.2026-11-20".parse().unwrap(),
        document: "ceo".parse().unwrap(),
        rid: "0123456789abcdef0123456789abcdef".parse().unwrap(),
        mail_epoch: Default::default(),
    }
}

fn content() -> Content {
    // A PDF's bytes are anything, also what looks like a boundary or a line's end.
    let pdf = (0..=255_u8)
        .cycle()
        .take(100_000)
        .chain(*b"\r\n--=_mixed_\r\n.\r\n")
        .collect();
    Content {
        subject: HeaderText::parse("Harbor Holding: 4 months of runway — 3 actions due").unwrap(),
        html:
            "<html><body><p>Käse =3D</p><img src=\"cid:cash-13w\"><img src=\"cid:channels\"></body></html>\n"
                .to_owned(),
        text: format!("Runway 4 months\n.\nFrom here\n{}\n", "long line ".repeat(200)),
        pdf,
        pictures: ["cash-13w", "channels"]
            .map(|cid| Picture {
                cid: cid.to_owned(),
                png: format!("\u{89}PNG {cid}").into_bytes(),
            })
            .to_vec(),
    }
}

fn built(content: &Content) -> Vec<u8> {
    answered_at(content, None)
}

fn answered_at(content: &Content, decide_at: Option<&Mailbox>) -> Vec<u8> {
    let (from, reply_to, to) = mailboxes();
    let facts = Sha256::of(b"analysis");
    let letter = Letter {
        key: &key(),
        generation: Generation(1),
        from: &from,
        reply_to: Some(&reply_to),
        decide_at,
        unsubscribe: Some(&reply_to),
        to: &to,
        date: "2026-11-21T10:30:00Z".parse().unwrap(),
        facts: Some(&facts),
    };
    letter.build(content)
}

fn mailboxes() -> (Mailbox, Mailbox, Mailbox) {
    let parse = |text: &str| text.parse().unwrap();
    (
        parse("Quarterdeck <reports@example.com>"),
        parse("office@example.com"),
        parse("Müller, Anna <ceo@example.com>"),
    )
}

fn parsed(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

fn shape(message: &Message<'_>, part: u32) -> String {
    let part = message.part(part).unwrap();
    let kind = part.content_type().unwrap();
    let name = format!("{}/{}", kind.ctype(), kind.subtype().unwrap());
    match &part.body {
        PartType::Multipart(children) => {
            let below = children
                .iter()
                .map(|child| shape(message, *child))
                .collect::<Vec<_>>();
            format!("{name}({})", below.join(" "))
        }
        _ => name,
    }
}

#[test]
fn the_tree_is_mixed_alternative_text_related_html_images_and_the_pdf() {
    let raw = built(&content());
    let expected = "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png image/png)) application/pdf)";
    assert_eq!(shape(&parsed(&raw), 0), expected);
    let plain = built(&Content {
        pictures: Vec::new(),
        ..content()
    });
    let expected = "multipart/mixed(multipart/alternative(text/plain text/html) application/pdf)";
    assert_eq!(shape(&parsed(&plain), 0), expected);
}

#[test]
fn text_html_and_pdf_come_out_as_they_went_in() {
    let content = content();
    let raw = built(&content);
    let message = parsed(&raw);
    let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!(lines(&message.body_html(0).unwrap()), lines(&content.html));
    assert_eq!(lines(&message.body_text(0).unwrap()), lines(&content.text));
    let pdf = message
        .attachments()
        .find(|part| part.attachment_name() == Some("ceo-2026-11-20.pdf"))
        .unwrap();
    assert!(pdf.contents() == content.pdf, "the pdf is not byte-identical");
}

#[test]
fn every_cid_of_the_html_resolves_to_its_image() {
    let content = content();
    let raw = built(&content);
    let message = parsed(&raw);
    let html = message.body_html(0).unwrap();
    let cids = html
        .split("src=\"cid:")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect::<Vec<_>>();
    assert_eq!(cids.len(), 2);
    for cid in cids {
        let part = message
            .parts
            .iter()
            .find(|part| part.content_id() == Some(cid))
            .unwrap();
        let wanted = content
            .pictures
            .iter()
            .find(|picture| picture.cid == cid)
            .unwrap();
        assert!(part.contents() == wanted.png, "{cid}");
    }
}

#[test]
fn the_headers_say_who_when_and_of_what() {
    let raw = built(&content());
    let message = parsed(&raw);
    let one = |address: Option<&mail_parser::Address<'_>>| {
        let address = address.unwrap().first().unwrap();
        (
            address.name().unwrap_or_default().to_owned(),
            address.address().unwrap().to_owned(),
        )
    };
    assert_eq!(
        one(message.from()),
        ("Quarterdeck".to_owned(), "reports@example.com".to_owned())
    );
    assert_eq!(
        one(message.to()),
        ("Müller, Anna".to_owned(), "ceo@example.com".to_owned())
    );
    assert_eq!(one(message.reply_to()).1, "office@example.com");
    assert_eq!(
        message.subject(),
        Some("Harbor Holding: 4 months of runway — 3 actions due")
    );
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-21T10:30:00Z");
    let id = "harbor.2026-11-20.ceo.0123456789abcdef0123456789abcdef.g1.e0@example.com";
    assert_eq!(message.message_id(), Some(id));
    let raw_header = |name: &'static str| message.header_raw(name).unwrap().trim().to_owned();
    assert_eq!(raw_header("X-Quarterdeck-Run"), "harbor.2026-11-20 g1");
    assert_eq!(raw_header("X-Quarterdeck-Document"), "ceo");
    assert_eq!(
        raw_header("X-Quarterdeck-Facts").replace("\r\n ", ""),
        format!("sha256:{}", Sha256::of(b"analysis"))
    );
    assert_eq!(raw_header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        raw_header("List-Unsubscribe").replace("\r\n", ""),
        "<mailto:office@example.com?subject=unsubscribe%20ceo%200123456789abcdef0123456789abcdef>"
    );
}

#[test]
fn decisions_are_mailed_to_the_delivery_and_words_to_whoever_read_them_before() {
    let ours: Mailbox = "harbor.20261120.0123456789abcdef0123@reply.example.com"
        .parse()
        .unwrap();
    let raw = answered_at(&content(), Some(&ours));
    let message = parsed(&raw);
    let answers: Vec<_> = message
        .reply_to()
        .unwrap()
        .iter()
        .map(|a| a.address().unwrap())
        .collect();
    assert_eq!(answers, [ours.address(), "office@example.com"]);
}

#[test]
fn the_same_mail_built_twice_is_the_same_bytes() {
    assert!(built(&content()) == built(&content()));
}

#[test]
fn no_line_is_longer_than_smtp_allows_and_all_end_in_crlf() {
    let raw = built(&content());
    for line in raw.split_inclusive(|&b| b == b'\n') {
        assert!(
            line.ends_with(b"\r\n") && line.len() <= 1000,
            "{} bytes",
            line.len()
        );
    }
}

#[test]
fn an_archived_mail_tells_its_own_envelope() {
    let raw = built(&content());
    let (from, to) = envelope(&raw).unwrap();
    assert_eq!(
        (from.address(), to.address()),
        ("reports@example.com", "ceo@example.com")
    );
    assert_eq!(envelope(b"no mail"), Err(EnvelopeError::Missing("From")));
    let two = b"From: a@example.com\r\nTo: b@example.com, c@example.com\r\n\r\n";
    assert_eq!(
        envelope(two),
        Err(EnvelopeError::Missing("To")),
        "one recipient per call"
    );
}
