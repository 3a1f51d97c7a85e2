//! What an answer asks for: the text above the quote, line by line. Pure; start at [`read`].
//!
//! ```text
//! done A7K2QX
//! snooze A7K2QX 2w                    also: until 2026-12-15, 10 days, 1m
//! accept A7K2QX until 2027-03-31: budgeted for the first quarter
//! unsubscribe
//! ```
//! A line that does not begin with one of these words is talk, and means nothing. One that does, and then goes wrong, does
//! nothing and is said. Nothing of the text is in what is said: it may be anything.

use std::fmt;

use jiff::{Span, civil::Date};
use shared::portfolio::{ActionCode, ActionRef, Decided, Decision};

/// Characters of a reason; what is beyond them is cut.
pub const MAX_REASON: usize = 200;
/// Commands that one mail may have.
pub const MAX_COMMANDS: usize = 20;
/// Lines that are read, and characters of a line.
const MAX_LINES: usize = 200;
const MAX_LINE: usize = 1000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// To decide about an action.
    Decide(Decision),
    /// To get no more mail.
    Unsubscribe,
}

impl fmt::Display for Command {
    /// Without the reason: that is the decision's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Decide(Decision { action, decided, .. }) = self else {
            return f.write_str("unsubscribed");
        };
        match decided {
            Decided::Done => write!(f, "{action} done"),
            Decided::Snoozed(until) => write!(f, "{action} snoozed until {until}"),
            Decided::Accepted(until) => write!(f, "{action} accepted until {until}"),
        }
    }
}

/// A line that begins as a command and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// Which line of the answer, from 1.
    pub line: usize,
    /// Why.
    pub why: Mistake,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// No code, or one that no action can have.
    #[error("names no action by its code, such as A7K2QX")]
    Action,
    /// Done, until a day.
    #[error("says until when, and what is done is done for good")]
    DoneUntil,
    /// No day, or one that is none.
    #[error("does not say until when, such as 2w or 2027-03-31")]
    Until,
    /// Its last day is over.
    #[error("is over already: its day is past")]
    Past,
    /// Accepted for no reason.
    #[error("gives no reason behind a colon, and a risk is accepted for one")]
    Reason,
    /// The ledger keeps no address.
    #[error("has an address in its reason, and the ledger keeps none")]
    Address,
    /// `unsubscribe` and then something.
    #[error("has more in it than the one word")]
    Unsubscribe,
    /// Written below, or into, what is quoted: whose word it is cannot be told.
    #[error("is below the line that introduces a quote")]
    BelowQuote,
    /// Too many.
    #[error("is one command too many for a mail")]
    TooMany,
}

/// An answer, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What is asked for, in the order of the text.
    pub commands: Vec<Command>,
    /// What was begun and is none.
    pub wrong: Vec<Wrong>,
}

/// Reads the text of a mail that came on this day of the portfolio. Only what is above the quote counts; what reads as a
/// command below the line that introduces it, and is not marked as quoted, is said to be no command.
pub fn read(text: &str, today: Date) -> Answer {
    let mut answer = Answer::default();
    let mut is_below = false;
    let mut lines = text.lines().take(MAX_LINES).enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        if is_below && is_marked(line) {
            continue;
        }
        if ends_answer(line) {
            break;
        }
        let Some(found) = command(&clean(line), today) else {
            let next = lines.peek().map_or("", |(_, next)| *next);
            is_below |= introduces_quote(line, next);
            continue;
        };
        let wrong = |why| Wrong {
            line: number + 1,
            why,
        };
        if answer.commands.len() + answer.wrong.len() >= MAX_COMMANDS {
            answer.wrong.push(wrong(Mistake::TooMany));
            break;
        }
        match found {
            _ if is_below => answer.wrong.push(wrong(Mistake::BelowQuote)),
            Ok(command) => answer.commands.push(command),
            Err(why) => answer.wrong.push(wrong(why)),
        }
    }
    answer
}

/// Whether a line is marked as quoted.
pub fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn begins(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word))
}

/// A quote, a signature, or the head of a mail that is quoted: from there on nothing is the writer's.
fn ends_answer(line: &str) -> bool {
    line.trim() == "--" || is_marked(line) || begins_mail(line)
}

/// The head of a mail that is quoted without marks.
pub fn begins_mail(line: &str) -> bool {
    let heads = [
        "-----", "_____", "From:", "Von:", "De:", "Da:", "Van:", "Från:", "Fra:",
    ];
    begins(line.trim(), &heads)
}

/// "On Friday, 20 November, Quarterdeck <reports@…> wrote:", in any language, also where it is folded before or behind the address.
fn introduces_quote(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim(), next.trim());
    let is_folded = line.contains('@') && line.ends_with('>');
    let ends = |text: &str| text.ends_with(':');
    let is_dated = line.contains(|c: char| c.is_ascii_digit())
        && begins(line, &["On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Den "]);
    (is_folded && ends(next)) || (ends(line) && (line.contains('@') || is_dated))
}

/// A line as [`seen`], and not longer than a line may be.
fn clean(line: &str) -> String {
    let end = line.char_indices().nth(MAX_LINE).map_or(line.len(), |(at, _)| at);
    seen(&line[..end])
}

/// Without what is not seen, and one blank for any white space.
pub fn seen(line: &str) -> String {
    let seen: String = line
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that hide, or change how others look.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Done,
    Snooze,
    Accept,
}

/// A cleaned line; `None` for talk.
fn command(line: &str, today: Date) -> Option<Result<Command, Mistake>> {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let verb = match bare(first).to_ascii_lowercase().as_str() {
        "done" => Verb::Done,
        "snooze" | "snoozed" => Verb::Snooze,
        "accept" | "accepted" => Verb::Accept,
        "unsubscribe" if bare(rest).is_empty() => return Some(Ok(Command::Unsubscribe)),
        "unsubscribe" => return Some(Err(Mistake::Unsubscribe)),
        _ => return None,
    };
    Some(decide(verb, rest, today).map(Command::Decide))
}

/// Without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| c.is_ascii_punctuation() || c == ' ')
}

fn decide(verb: Verb, rest: &str, today: Date) -> Result<Decision, Mistake> {
    let (head, reason) = match rest.split_once(':') {
        Some((head, reason)) => (head, self::reason(reason)?),
        None => (rest, None),
    };
    let mut words = head.split(' ').map(bare).filter(|word| !word.is_empty());
    let code = words.next().and_then(|word| word.parse::<ActionCode>().ok());
    let code = code.ok_or(Mistake::Action)?;
    let until = until(words, today)?;
    let decided = match (verb, until) {
        (Verb::Done, None) => Decided::Done,
        (Verb::Done, Some(_)) => return Err(Mistake::DoneUntil),
        (_, None) => return Err(Mistake::Until),
        (_, Some(day)) if day < today => return Err(Mistake::Past),
        (Verb::Accept, Some(_)) if reason.is_none() => return Err(Mistake::Reason),
        (Verb::Accept, Some(day)) => Decided::Accepted(day),
        (Verb::Snooze, Some(day)) => Decided::Snoozed(day),
    };
    Ok(Decision {
        action: ActionRef::Code(code),
        decided,
        on: today,
        reason,
    })
}

fn reason(text: &str) -> Result<Option<String>, Mistake> {
    let text: String = text.trim().chars().take(MAX_REASON).collect();
    // And the two that are shown as one: fullwidth, and small.
    if text.contains(['@', '\u{FF20}', '\u{FE6B}']) {
        return Err(Mistake::Address);
    }
    Ok((!bare(&text).is_empty()).then_some(text))
}

/// A day, or a time from today on: `until 2027-03-31`, `2w`, `for 10 days`. None where nothing is said.
fn until<'a>(words: impl Iterator<Item = &'a str>, today: Date) -> Result<Option<Date>, Mistake> {
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let when = match words.split_first() {
        None => return Ok(None),
        Some((first, rest)) if ["until", "till", "for"].contains(&first.as_str()) => rest.concat(),
        Some(_) => words.concat(),
    };
    let day = day(&when).or_else(|| {
        let span = period(&when)?;
        today.checked_add(span).ok()
    });
    day.map(Some).ok_or(Mistake::Until)
}

/// `2027-03-31`, and no other way to write a day.
fn day(text: &str) -> Option<Date> {
    let is_date = |(at, b): (usize, u8)| match at {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    };
    let whole = text.len() == 10 && text.bytes().enumerate().all(is_date);
    whole.then(|| text.parse().ok()).flatten()
}

/// `3d`, `2w`, `1m`, and with the unit's word.
fn period(text: &str) -> Option<Span> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    if !(1..=3).contains(&number.len()) {
        return None;
    }
    let number: i64 = number.parse().ok().filter(|number| *number > 0)?;
    Some(match unit {
        "d" | "day" | "days" => Span::new().days(number),
        "w" | "week" | "weeks" => Span::new().weeks(number),
        "m" | "month" | "months" => Span::new().months(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
