//! What the owner reads of an answer. Pure; start at [`notice`]. A stranger's words are marked line by line, so that none of
//! them can pass for ours.

use std::fmt::Write as _;

use shared::{ledger::DeliveryKey, notice::Notice};

use super::{
    super::{
        command,
        mail::Mail,
        sender,
        wire::{Received, Verdict},
    },
    Undone,
};

/// Lines of the mail that are shown.
const MAX_LINES: usize = 100;
/// Characters of a line, behind its mark: what is longer would be broken by whoever shows it, and have no mark then.
const WIDTH: usize = 74;

/// The notice.
pub fn notice(
    received: &Received,
    mail: Option<&Mail>,
    delivery: &DeliveryKey,
    undone: Undone<'_>,
) -> Notice {
    let DeliveryKey {
        run, document, rid, ..
    } = delivery;
    let (is_believed, what) = match undone {
        Undone::NotUnderstood { .. } => (true, "not understood"),
        Undone::NotBelieved(_) => (false, "not believed"),
    };
    let subject = format!("Quarterdeck: {run} answer {what}");
    let mut text = match undone {
        Undone::NotUnderstood { why, .. } => {
            format!("{rid} answered the document {document} of {run}: {why}.\n")
        }
        Undone::NotBelieved(why) => {
            format!("Somebody answered the document {document} of {run} that went to {rid}: {why}.\n")
        }
    };
    match undone {
        Undone::NotUnderstood { done, .. } if !done.is_empty() => {
            let _ = writeln!(text, "Done of it: {}.", done.join("; "));
        }
        _ => text += "Nothing of it was done.\n",
    }
    if !is_believed {
        text += "Further answers to mails of theirs that are not believed are in the quarantine only, until tomorrow (UTC).\n";
    }
    let _ = writeln!(
        text,
        "The mail: {} in the inbox, for thirty days.",
        received.object()
    );
    match mail {
        None => {}
        Some(_) if sender::harmless(&received.verdicts).is_err() => {
            text += "Its words are left out: spam, or a virus, perhaps.\n";
        }
        Some(mail) => words(&mut text, mail, received.verdicts.dmarc == Verdict::Pass),
    }
    text += "\nWhat to do: docs/OPERATIONS.md, \"Answers by mail\".\n";
    Notice { subject, text }
}

fn words(text: &mut String, mail: &Mail, is_proven: bool) {
    let from = mail.from.as_ref().map(|from| command::seen(from.address()));
    let _ = match (from, is_proven) {
        (Some(from), true) => writeln!(text, "\nFrom: {from}, which is proven"),
        (Some(from), false) => writeln!(text, "\nFrom: {from}, as the mail says; that is not proven"),
        (None, _) => writeln!(text, "\nFrom: no single address"),
    };
    if let Some(subject) = &mail.subject {
        let subject: String = command::seen(subject).chars().take(WIDTH).collect();
        let _ = writeln!(text, "> Subject: {subject}\n>");
    }
    let Some(body) = &mail.text else {
        *text += "It has no plain text.\n";
        return;
    };
    let (mut shown, mut quoted) = (0, 0);
    for line in body.trim_end().lines() {
        // The report itself, which is nobody's words and was for its recipient.
        if command::is_marked(line) {
            quoted += 1;
            continue;
        }
        if command::begins_mail(line) {
            *text += "A mail that is quoted below it is left out.\n";
            break;
        }
        let pieces = wrapped(&command::seen(line));
        for piece in pieces.iter().take(MAX_LINES - shown) {
            let _ = writeln!(text, "> {piece}");
        }
        shown += pieces.len();
        if shown > MAX_LINES {
            *text += "The rest is left out.\n";
            break;
        }
    }
    if quoted > 0 {
        let _ = writeln!(text, "Quoted lines that are left out: {quoted}.");
    }
}

/// A line in pieces that each fit behind a mark; one piece of an empty line.
fn wrapped(line: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut length) = (Vec::new(), String::new(), 0);
    for word in line.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        // What is left of a longer word finds the piece before it full.
        for part in letters.chunks(WIDTH) {
            if length > 0 && length + 1 + part.len() > WIDTH {
                pieces.push(std::mem::take(&mut piece));
                length = 0;
            }
            if length > 0 {
                piece.push(' ');
                length += 1;
            }
            piece.extend(part);
            length += part.len();
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests;
