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
    let text = "hello\r\n\u{1b}[2JFrom: ceo@example.com, which is proven\rover\u{202e}\u{2028}noth\u{200b}ing\u{ffff}\n\n";
    assert_eq!(
        body(text),
        "> hello\n> [2JFrom: ceo@example.com, which is proven overnothing\n"
    );
    let padded = format!("a{}Nothing of it was done.", " ".repeat(300));
    assert_eq!(body(&padded), "> a Nothing of it was done.\n");
    for line in body(&"word ".repeat(100))
        .lines()
        .chain(body(&"x".repeat(500)).lines())
    {
        assert!(line.starts_with("> ") && line.len() <= WIDTH + 2, "{line}");
    }
}

#[test]
fn a_long_word_is_broken_and_loses_nothing() {
    let text = format!("one {} two", "x".repeat(2 * WIDTH));
    let pieces = wrapped(&text);
    assert_eq!(pieces.concat().replace(' ', ""), text.replace(' ', ""));
    assert!(
        pieces.iter().all(|piece| piece.chars().count() <= WIDTH),
        "{pieces:?}"
    );
    assert_eq!(wrapped(""), [""]);
}

/// The report went to its recipient, and not to whoever is told.
#[test]
fn what_is_quoted_is_left_out_wherever_the_answer_is() {
    let above = "Why?\n\nOn Sat, 21 Nov 2026 Quarterdeck <reports@example.com> wrote:\n> Cash $1,000\n> Runway 4 months\n";
    assert_eq!(
        body(above),
        "> Why?\n> \n> On Sat, 21 Nov 2026 Quarterdeck <reports@example.com> wrote:\nQuoted lines that are left out: 2.\n"
    );
    assert_eq!(
        body("> Cash $1,000\nWhy?"),
        "> Why?\nQuoted lines that are left out: 1.\n"
    );
    let unmarked = "Why?\n-----Original Message-----\nFrom: Quarterdeck\nCash $1,000\n";
    assert_eq!(
        body(unmarked),
        "> Why?\nA mail that is quoted below it is left out.\n"
    );
}

/// Many programs send a paragraph as one line.
#[test]
fn a_paragraph_of_one_line_is_shown_to_its_end() {
    let words: Vec<String> = (0..400).map(|n| format!("word{n}")).collect();
    let shown = body(&words.join(" "));
    let back = shown.lines().filter_map(|line| line.strip_prefix("> "));
    assert_eq!(back.collect::<Vec<_>>().join(" "), words.join(" "));
    let shown = body(&"x".repeat(WIDTH * MAX_LINES + 1));
    assert_eq!(
        shown.lines().filter(|line| line.starts_with("> x")).count(),
        MAX_LINES
    );
    assert!(shown.ends_with("The rest is left out.\n"), "{shown}");
}

/// Letters are counted, not bytes.
#[test]
fn a_line_that_just_fits_is_one_piece() {
    let words = |last: usize| format!("{} {}", "é".repeat(WIDTH / 2 - 1), "é".repeat(last));
    assert_eq!(wrapped(&words(WIDTH / 2)), [words(WIDTH / 2)]);
    assert_eq!(wrapped(&words(WIDTH / 2 + 1)).len(), 2);
    assert_eq!(wrapped(&"é".repeat(WIDTH)).len(), 1);
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let shown = body(&"y\n".repeat(MAX_LINES + 1));
    assert_eq!(shown.matches("> y\n").count(), MAX_LINES);
    assert!(shown.ends_with("The rest is left out.\n"), "{shown}");
    assert!(!body(&"y\n".repeat(MAX_LINES)).contains("left out"));
}

#[test]
fn the_longest_notice_is_far_below_what_sns_takes() {
    // 256 KB of UTF-8, of which a character has at most four.
    let text = format!("{}\n", "\u{1f4a5}".repeat(400)).repeat(2 * MAX_LINES);
    assert!(body(&text).len() < 64 * 1024);
}
