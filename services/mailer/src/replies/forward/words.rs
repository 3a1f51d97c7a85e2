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
    let from = mail.from.as_ref().map(|from| command::clean(from.address()));
    let _ = match (from, is_proven) {
        (Some(from), true) => writeln!(text, "\nFrom: {from}, which is proven"),
        (Some(from), false) => writeln!(text, "\nFrom: {from}, as the mail says; that is not proven"),
        (None, _) => writeln!(text, "\nFrom: no single address"),
    };
    if let Some(subject) = &mail.subject {
        let subject: String = command::clean(subject).chars().take(WIDTH).collect();
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
        let pieces = wrapped(&command::clean(line));
        if shown + pieces.len() > MAX_LINES {
            *text += "The rest is left out.\n";
            break;
        }
        shown += pieces.len();
        for piece in pieces {
            let _ = writeln!(text, "> {piece}");
        }
    }
    if quoted > 0 {
        let _ = writeln!(text, "Quoted lines that are left out: {quoted}.");
    }
}

/// A line in pieces that each fit behind a mark; one piece of an empty line.
fn wrapped(line: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let mut letters = word.chars().peekable();
        while letters.peek().is_some() {
            let last = pieces.last().map_or(0, |piece| piece.chars().count());
            // A blank before it, unless it is the first.
            let room = WIDTH.saturating_sub(last + usize::from(last > 0));
            let fits = letters.clone().count() <= room;
            if !fits && last > 0 {
                pieces.push(String::new());
                continue;
            }
            if let Some(piece) = pieces.last_mut() {
                if last > 0 {
                    piece.push(' ');
                }
                piece.extend(letters.by_ref().take(room));
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
