use super::*;

#[test]
fn what_cannot_be_seen_does_not_survive() {
    assert_eq!(text("a\u{202E}b\u{200B}c\u{0}d\u{FEFF}"), "abcd");
    assert_eq!(text("  a\r\n\tb \u{2028} c  "), "a b c");
}

#[test]
fn other_scripts_and_emoji_survive() {
    assert_eq!(text("Zoë 北京 שלום 🙂"), "Zoë 北京 שלום 🙂");
}

#[test]
fn a_wall_of_text_is_cut() {
    let cut = text(&"word ".repeat(4000));
    assert!(
        cut.chars().count() <= MAX_CHARS + 2 && cut.ends_with('…'),
        "{}",
        cut.len()
    );
}

#[test]
fn a_subject_is_one_line_of_at_most_200_characters() {
    let subject = Subject::new(&format!("Cash\r\nBcc: all@example.com\0 {}", "x".repeat(300)));
    assert!(!subject.as_str().contains(['\r', '\n', '\0']));
    assert_eq!(subject.as_str().chars().count(), 200);
}
