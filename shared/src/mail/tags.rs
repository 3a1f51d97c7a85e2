//! SES's rule for message tags, checked before a message leaves: a refused tag would refuse the mail.

use super::MailError;

/// # Errors
/// [`MailError::Rejected`] for a name or value that is empty, longer than 256 or not of `[A-Za-z0-9_-]`.
pub(super) fn check(tags: &[(&'static str, String)]) -> Result<(), MailError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let good = |text: &str| (1..=256).contains(&text.len()) && text.chars().all(allowed);
    match tags.iter().find(|(name, value)| !good(name) || !good(value)) {
        None => Ok(()),
        Some((name, _)) => Err(MailError::Rejected {
            code: "InvalidTag".to_owned(),
            text: format!("message tag {name:?} or its value is not 1 to 256 of A-Z, a-z, 0-9, _ and -"),
        }),
    }
}
