use super::*;

fn body(text: &str) -> String {
    let mail = Mail {
        from: None,
        message_id: None,
        automatic: None,
        subject: None,
        text: Some(text.to_owned()),
    };
    let mut shown = String::new();
    words(&mut shown, &mail, false);
    shown
        .strip_prefix("\nFrom: no single address\n")
        .unwrap()
        .to_owned()
}

#[test]
fn a_strangers_words_cannot_pass_for_ours() {
    let text = "hello\r\n\u{1b}[2JFrom: ceo@example.com, which is proven\rover\u{202e}\u{2028}nothing\n\n";
    assert_eq!(
        body(text),
        "> hello\n> [2JFrom: ceo@example.com, which is provenovernothing\n"
    );
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let line = "x".repeat(MAX_TEXT);
    assert_eq!(body(&line), format!("> {line}\n"));
    assert_eq!(
        body(&format!("{line}y")),
        format!("> {line}\nThe rest is left out.\n")
    );
    let shown = body(&"y\n".repeat(MAX_LINES + 1));
    assert_eq!(shown.matches("> y\n").count(), MAX_LINES);
    assert!(shown.ends_with("The rest is left out.\n"), "{shown}");
    assert!(!body(&"y\n".repeat(MAX_LINES)).contains("left out"));
}

#[test]
fn the_longest_notice_is_far_below_what_sns_takes() {
    // 256 KB of UTF-8, of which a character has at most four.
    let text = format!("{}\n", "\u{1f4a5}".repeat(40)).repeat(2 * MAX_LINES);
    assert!(body(&text).len() < 64 * 1024);
}
