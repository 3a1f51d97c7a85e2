//! One attempt's arithmetic: its tags, when the next one is due, and what is written of an error. Pure functions.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::{
    id::Sha256,
    ledger::{DeliveryKey, HeldFor, Outcome},
    mail::MailError,
};

/// Longer than any send with its timeouts; an attempt that has not settled by then is in doubt.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);

const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// SES message tags: they come back in every event, which is how an event finds its row.
pub fn tags(key: &DeliveryKey, attempt: u32) -> Vec<(&'static str, String)> {
    vec![
        ("run", tag(&key.run.to_string())),
        ("document", tag(key.document.as_str())),
        ("rid", tag(key.rid.as_str())),
        ("epoch", tag(&key.mail_epoch.to_string())),
        ("attempt", attempt.to_string()),
    ]
}

/// A tag's value: `[A-Za-z0-9_-]`, 1 to 256 characters. A run id has one `.`, which becomes the one `_`.
fn tag(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.chars()
        .take(256)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

/// How long to wait after a throttled attempt: doubling from 5 s to 5 min, the upper half of each step jittered. The
/// jitter comes from the delivery and the attempt, so that a replay waits the same and a crowd does not come back at once.
pub fn wait(key: &DeliveryKey, attempt: u32) -> Duration {
    let step = FIRST_WAIT
        .saturating_mul(1 << attempt.saturating_sub(1).min(10))
        .min(LONGEST_WAIT);
    let DeliveryKey {
        run,
        document,
        rid,
        mail_epoch,
    } = key;
    let digest = Sha256::of(format!("{run}/{document}/{rid}/{mail_epoch}/{attempt}").as_bytes());
    let seed = u32::from_str_radix(&digest.as_str()[..8], 16).unwrap_or(0);
    step.mul_f64(0.5 + 0.5 * f64::from(seed) / f64::from(u32::MAX))
}

/// What an attempt that the service did not accept came to.
pub fn outcome(error: &MailError, key: &DeliveryKey, attempt: u32, now: Timestamp) -> Outcome {
    let reason = redact(&error.to_string());
    match error {
        MailError::Throttled(_) => {
            let wait = SignedDuration::try_from(wait(key, attempt)).unwrap_or(SignedDuration::from_secs(300));
            Outcome::Retry {
                next_at: now.checked_add(wait).unwrap_or(Timestamp::MAX),
                reason,
            }
        }
        MailError::Rejected { .. } => Outcome::Failed { reason },
        MailError::Account(_) => Outcome::Held {
            cause: HeldFor::Account,
            reason,
        },
        MailError::Ambiguous(_) => Outcome::Unknown { reason },
    }
}

/// Services quote addresses in their errors; rows and logs must not.
pub fn redact(text: &str) -> String {
    let mark = |word: &str| {
        if word.contains('@') {
            "<address>".to_owned()
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(mark).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
