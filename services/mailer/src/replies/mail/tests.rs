use proptest::prelude::*;

use super::*;

fn of(headers: &str) -> Mail {
    read(format!("{headers}\r\n\r\nhello\r\n").as_bytes()).unwrap()
}

#[test]
fn a_mail_is_from_one_address_or_from_nobody() {
    let from = |headers: &str| of(headers).from.map(|mailbox| mailbox.address().to_owned());
    let ceo = Some("ceo@example.com".to_owned());
    assert_eq!(from("From: ceo@example.com"), ceo);
    assert_eq!(from("from: \"The, CEO\" <ceo@example.com>"), ceo);
    assert_eq!(from("From: =?utf-8?q?M=C3=BCller?= <ceo@example.com>"), ceo);
    for nobody in [
        "Subject: none",
        "From: ",
        "From: ceo",
        "From: ceo@example.com, cfo@example.com",
        "From: ceo@example.com\r\nFrom: ceo@example.com",
        "From: team: ceo@example.com, cfo@example.com;",
        "Sender: ceo@example.com",
    ] {
        assert_eq!(from(nobody), None, "{nobody:?}");
    }
}

#[test]
fn a_mail_is_to_whom_its_own_headers_say() {
    let raw = b"To: A <a@example.com>, nobody\r\nCc: b@example.com\r\nBcc: c@example.com\r\n\r\nhello";
    let found: Vec<_> = addressees(raw)
        .into_iter()
        .map(|one| one.address().to_owned())
        .collect();
    assert_eq!(found, ["a@example.com", "b@example.com"]);
    assert!(addressees(b"").is_empty());
}

/// DMARC may have been about the other address: a program that reads such a From may find either.
#[test]
fn a_from_that_two_programs_could_read_differently_is_from_nobody() {
    let from = |value: &str| {
        let mail = of(&format!("From: {value}\r\nSubject: Re"));
        mail.from.map(|mailbox| mailbox.address().to_owned())
    };
    for plain in [
        "ceo@example.com",
        "<ceo@example.com>",
        "\r\n ceo@example.com",
        "Jo Doe <ceo@example.com>",
        "Jo\r\n Doe\r\n\t<ceo@example.com>",
        "\"Doe, Jo (CEO): <x>; y\" <ceo@example.com>",
        "\"Jo \\\"Boss\\\" Doe\" <ceo@example.com>",
        "\"Doe,\r\n Jo\" <ceo@example.com>",
        "Jo M\u{fc}ller <ceo@example.com>",
        "=?utf-8?q?M=C3=BCller?= =?utf-8?b?Sm8=?= <ceo@example.com>",
    ] {
        assert_eq!(from(plain).as_deref(), Some("ceo@example.com"), "{plain:?}");
    }
    for odd in [
        "<attacker@evil.example.com>:ceo@example.com;",
        "attacker@evil.example.com <ceo@example.com>",
        "\"ceo@example.com\" (attacker@evil.example.com)",
        "ceo@example.com (attacker@evil.example.com)",
        "Jo (attacker@evil.example.com) <ceo@example.com>",
        "Jo <ceo@example.com> (attacker@evil.example.com)",
        "\"attacker@evil.example.com\" <ceo@example.com>",
        "\"Jo\" attacker@evil.example.com <ceo@example.com>",
        "\"Jo\" \"attacker@evil.example.com\" <ceo@example.com>",
        "\"Jo\\\" <attacker@evil.example.com>, \" <ceo@example.com>",
        "\"Jo <ceo@example.com>",
        "=?utf-8?q?attacker=40evil.example.com?= <ceo@example.com>",
        "=?utf-8?b?YXR0YWNrZXJAZXZpbC5leGFtcGxlLmNvbQ==?= <ceo@example.com>",
        "attacker@evil.example.com\r\n <ceo@example.com>",
        "<attacker@evil.example.com> <ceo@example.com>",
        "<attacker@evil.example.com>,\r\n <ceo@example.com>",
        "<@evil.example.com:ceo@example.com>",
        "team: ceo@example.com;",
        "team: Jo <ceo@example.com>;",
        "ceo@example.com, attacker@evil.example.com",
        "ceo@exam\r\n ple.com",
        "ceo@example.com>",
        "<ceo@example.com",
        "<ceo@example.com>>",
    ] {
        assert_eq!(from(odd), None, "{odd:?}");
    }
}

proptest! {
    /// Anybody can send anything.
    #[test]
    fn fuzz_no_bytes_stop_the_reader_of_mails(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = (read(&bytes), addressees(&bytes));
    }

    /// The same where it looks like a mail.
    #[test]
    fn fuzz_nothing_near_a_mail_stops_its_reader(
        headers in proptest::collection::vec("(From|To|Cc|Content-Type|Auto-Submitted|Content-Transfer-Encoding): .{0,40}", 0..8),
        body in "(?s)(--b|\r\n|[a-zA-Z0-9=+/ ]{1,8}|.){0,60}",
    ) {
        let raw = format!("{}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{body}", headers.join("\r\n"));
        let _ = (read(raw.as_bytes()), addressees(raw.as_bytes()));
    }
}
