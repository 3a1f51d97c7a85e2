//! What the owner reads of an answer. Pure; start at [`notice`]. A stranger's words are marked line by line, so that none of
//! them can pass for ours.

use std::fmt::Write as _;

use shared::{ledger::DeliveryKey, notice::Notice};

use super::{
    super::{mail::Mail, sender, wire::Received},
    Undone,
};

/// Characters of the mail that are shown, and lines of it.
const MAX_TEXT: usize = 4000;
const MAX_LINES: usize = 100;
/// Characters of a subject, or of an address.
const MAX_HEADER: usize = 200;

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
    let (is_proven, what) = match undone {
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
    if !is_proven {
        text += "Further mails to that address are in the quarantine only, until tomorrow (UTC).\n";
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
        Some(mail) => words(&mut text, mail, is_proven),
    }
    text += "\nWhat to do: docs/OPERATIONS.md, \"Answers by mail\".\n";
    Notice { subject, text }
}

fn words(text: &mut String, mail: &Mail, is_proven: bool) {
    let from = mail.from.as_ref().map(|from| shown(from.address(), MAX_HEADER));
    let _ = match (from, is_proven) {
        (Some(from), true) => writeln!(text, "\nFrom: {from}, which is proven"),
        (Some(from), false) => writeln!(text, "\nFrom: {from}, as the mail says; that is not proven"),
        (None, _) => writeln!(text, "\nFrom: no single address"),
    };
    if let Some(subject) = &mail.subject {
        let _ = writeln!(text, "Subject: {}", shown(subject, MAX_HEADER));
    }
    let Some(body) = &mail.text else {
        *text += "It has no plain text.\n";
        return;
    };
    let mut left = MAX_TEXT;
    for (number, line) in body.trim_end().lines().enumerate() {
        let line = shown(line, usize::MAX);
        let room = if number < MAX_LINES { left } else { 0 };
        let kept: String = line.chars().take(room).collect();
        let is_cut = kept.len() < line.len() || number == MAX_LINES;
        if !kept.is_empty() || !is_cut {
            let _ = writeln!(text, "> {kept}");
        }
        if is_cut {
            *text += "The rest is left out.\n";
            return;
        }
        left -= kept.chars().count();
    }
}

/// On one line, without what a terminal or a mail program would obey: controls, and what changes the direction of writing.
fn shown(text: &str, most: usize) -> String {
    let is_obeyed = |c: &char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !is_obeyed(c)).take(most).collect()
}

#[cfg(test)]
mod tests;
