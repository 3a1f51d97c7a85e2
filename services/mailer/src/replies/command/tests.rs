use proptest::prelude::*;

use super::*;

fn today() -> Date {
    "2026-11-21".parse().unwrap()
}

fn decision(code: &str, decided: Decided, reason: Option<&str>) -> Command {
    Command::Decide(Decision {
        action: ActionRef::Code(code.parse().unwrap()),
        decided,
        on: today(),
        reason: reason.map(str::to_owned),
    })
}

/// What a line comes to, if it is a command.
fn line(text: &str) -> Option<Result<Command, Mistake>> {
    let answer = read(text, today());
    match (answer.commands.into_iter().next(), answer.wrong.first()) {
        (Some(command), None) => Some(Ok(command)),
        (None, Some(wrong)) => Some(Err(wrong.why)),
        (None, None) => None,
        both => panic!("{text:?} is both: {both:?}"),
    }
}

fn until(date: &str) -> Date {
    date.parse().unwrap()
}

#[test]
fn a_line_is_read_as_people_type_it() {
    let done = || decision("A7K2QX", Decided::Done, None);
    let snoozed = |date| decision("A7K2QX", Decided::Snoozed(until(date)), None);
    let accepted = |date, reason| decision("A7K2QX", Decided::Accepted(until(date)), Some(reason));
    for (text, expected) in [
        ("done A7K2QX", done()),
        ("  DONE   a7k2qx.  ", done()),
        ("Done: A7K2QX", decision("A7K2QX", Decided::Done, None)),
        ("done (A7K2QX)!", done()),
        ("done AOO1IL", decision("A00111", Decided::Done, None)),
        ("done\u{a0}A7K2\u{200b}QX", done()),
        (
            "done A7K2QX: sold it",
            decision("A7K2QX", Decided::Done, Some("sold it")),
        ),
        ("snooze A7K2QX 2w", snoozed("2026-12-05")),
        ("snooze A7K2QX, 3d.", snoozed("2026-11-24")),
        ("Snooze A7K2QX for 3 days", snoozed("2026-11-24")),
        ("snooze A7K2QX 1m", snoozed("2026-12-21")),
        ("snooze A7K2QX until 2026-12-15", snoozed("2026-12-15")),
        ("snooze A7K2QX 2026-11-21", snoozed("2026-11-21")),
        (
            "accept A7K2QX until 2027-03-31: budgeted for the first quarter",
            accepted("2027-03-31", "budgeted for the first quarter"),
        ),
        (
            "accept A7K2QX 3 months: at 12:30 we knew",
            accepted("2027-02-21", "at 12:30 we knew"),
        ),
        ("Unsubscribe.", Command::Unsubscribe),
    ] {
        assert_eq!(line(text), Some(Ok(expected)), "{text:?}");
    }
}

#[test]
fn a_line_that_goes_wrong_says_why_and_does_nothing() {
    for (text, why) in [
        ("done", Mistake::Action),
        ("done with it, thank you", Mistake::Action),
        ("done A17", Mistake::Action),
        ("done A7K2QU", Mistake::Action),
        ("done A7K2QX until 2027-03-31", Mistake::DoneUntil),
        ("done A7K2QX A01111", Mistake::Until),
        ("snooze A7K2QX", Mistake::Until),
        ("snooze A7K2QX until", Mistake::Until),
        ("snooze A7K2QX soon", Mistake::Until),
        ("snooze A7K2QX 0d", Mistake::Until),
        ("snooze A7K2QX 1000d", Mistake::Until),
        ("snooze A7K2QX 2y", Mistake::Until),
        ("snooze A7K2QX 2027-02-30", Mistake::Until),
        ("snooze A7K2QX 15.12.2026", Mistake::Until),
        ("snooze A7K2QX 2026-11-20", Mistake::Past),
        ("accept A7K2QX until 2027-03-31", Mistake::Reason),
        ("accept A7K2QX until 2027-03-31: ...", Mistake::Reason),
        ("accept A7K2QX: because", Mistake::Until),
        ("accept A7K2QX 1m: ask ceo@example.com", Mistake::Address),
        ("accept A7K2QX 1m: ask ceo\u{ff20}example.com", Mistake::Address),
        ("accept A7K2QX 1m: ask ceo\u{fe6b}example.com", Mistake::Address),
        ("done A7K2QX: ask ceo@example.com:", Mistake::Address),
        ("unsubscribe me", Mistake::Unsubscribe),
    ] {
        assert_eq!(line(text), Some(Err(why)), "{text:?}");
    }
}

#[test]
fn talk_means_nothing() {
    for text in [
        "",
        "Thank you, well done A7K2QX",
        "A7K2QX",
        "I would accept that",
        "please unsubscribe",
        "> done A7K2QX",
        "doneA7K2QX",
    ] {
        assert_eq!(line(text), None, "{text:?}");
    }
}

#[test]
fn several_lines_are_several_commands_and_a_wrong_one_keeps_no_other_from_it() {
    let text = "Hello,\r\n\r\ndone A7K2QX\r\nsnooze A01111\r\nsnooze A01111 1w\r\n\r\nRegards\r\n";
    let answer = read(text, today());
    assert_eq!(
        answer.commands,
        [
            decision("A7K2QX", Decided::Done, None),
            decision("A01111", Decided::Snoozed(until("2026-11-28")), None),
        ]
    );
    let wrong = Wrong {
        line: 4,
        why: Mistake::Until,
    };
    assert_eq!(answer.wrong, [wrong]);
}

#[test]
fn what_is_quoted_or_below_a_signature_is_nobodys_command() {
    for before in [
        "-----Original Message-----",
        "________________________________",
        "From: Quarterdeck",
        "-- ",
        "> quoted",
    ] {
        let answer = read(
            &format!("done A7K2QX\n\n{before}\nunsubscribe\ndone A01111\n"),
            today(),
        );
        assert_eq!(
            answer.commands,
            [decision("A7K2QX", Decided::Done, None)],
            "{before:?}"
        );
        assert_eq!(answer.wrong, [], "{before:?}");
    }
}

/// Somebody who writes below the quote is told that this does nothing, by way of the report's owner.
#[test]
fn a_command_below_the_line_that_introduces_a_quote_is_none_and_is_said() {
    for before in [
        "On Fri, 20 Nov 2026 at 02:31, Quarterdeck wrote:",
        "On Friday, 20 November 2026 at 02:31, Quarterdeck\n<reports@example.com> wrote:",
        "On Friday, 20 November 2026 at 02:31, Quarterdeck <reports@example.com>\nwrote:",
        "On Friday Quarterdeck <reports@example.com>  \n  wrote:",
        "Am 20.11.2026 um 02:31 schrieb Quarterdeck:",
        "Quarterdeck <reports@example.com> a écrit :",
    ] {
        let text = format!(
            "done A7K2QX\n\n{before}\n> done A22222\n > unsubscribe\nthanks\nunsubscribe\nsnooze\n-- \ndone A01111\n"
        );
        let answer = read(&text, today());
        assert_eq!(
            answer.commands,
            [decision("A7K2QX", Decided::Done, None)],
            "{before:?}"
        );
        let first = 6 + before.lines().count();
        let wrong = [first, first + 1].map(|line| Wrong {
            line,
            why: Mistake::BelowQuote,
        });
        assert_eq!(answer.wrong, wrong, "{before:?}");
    }
}

#[test]
fn a_line_that_only_looks_as_if_it_introduced_a_quote_ends_nothing() {
    for before in [
        "On the boiler:",
        "Am Boiler:",
        "In 2 words:",
        "On 20 November we met",
        "Ask Jo <jo@example.com>",
        "Ask Jo <jo@example.com>\nbefore Friday",
        "reports@example.com\nagain:",
    ] {
        let answer = read(&format!("{before}\ndone A7K2QX\n"), today());
        assert_eq!(
            answer.commands,
            [decision("A7K2QX", Decided::Done, None)],
            "{before:?}"
        );
        assert_eq!(answer.wrong, [], "{before:?}");
    }
}

#[test]
fn a_reason_is_one_line_of_text_that_shows_and_is_cut() {
    let reason = |text: &str| match line(&format!("done A7K2QX: {text}")) {
        Some(Ok(Command::Decide(decision))) => decision.reason,
        other => panic!("{text:?} is {other:?}"),
    };
    assert_eq!(
        reason("a\u{202e}b\u{0}c\u{7}  <script>$(rm -rf)</script>\t{{ x }} '; drop table").as_deref(),
        Some("ab c <script>$(rm -rf)</script> {{ x }} '; drop table"),
        "inert text, as it was typed"
    );
    assert_eq!(reason(&"é".repeat(500)).unwrap().chars().count(), MAX_REASON);
}

#[test]
fn a_mail_has_at_most_so_many_commands() {
    let answer = read(&"done A7K2QX\n".repeat(MAX_COMMANDS + 5), today());
    assert_eq!(answer.commands.len(), MAX_COMMANDS);
    let wrong = Wrong {
        line: MAX_COMMANDS + 1,
        why: Mistake::TooMany,
    };
    assert_eq!(answer.wrong, [wrong]);
}

proptest! {
    /// Whatever the text, it is read; what comes of it fits what the ledger and the portfolio's own rules take.
    #[test]
    fn fuzz_no_text_stops_the_reader(text in "(?s).{0,400}") {
        check(&read(&text, today()));
    }

    /// The same near the grammar, where most of it is a command or nearly one.
    #[test]
    fn fuzz_no_text_near_a_command_stops_the_reader(
        lines in proptest::collection::vec(
            "(done|snooze|accept|unsubscribe|DONE)[ :,]{0,2}(A[0-9A-Zol]{5}|é)?[ :]{0,2}(until |for )?([0-9]{1,11}[dwmy]?|2[0-9]{3}-[0-9]{2}-[0-9]{2})?(:.{0,40})?",
            0..30,
        )
    ) {
        check(&read(&lines.join("\n"), today()));
    }
}

fn check(answer: &Answer) {
    assert!(answer.commands.len() + answer.wrong.len() <= MAX_COMMANDS + 1);
    for command in &answer.commands {
        let Command::Decide(decision) = command else {
            continue;
        };
        assert_eq!(decision.on, today());
        match decision.decided {
            Decided::Done => {}
            Decided::Snoozed(day) => assert!(day >= today()),
            Decided::Accepted(day) => assert!(day >= today() && decision.reason.is_some()),
        }
        if let Some(reason) = &decision.reason {
            assert!(reason.chars().count() <= MAX_REASON);
            assert!(!reason.contains(['@', '\u{ff20}', '\u{fe6b}']) && !reason.chars().any(char::is_control));
        }
    }
}
