//! Addresses, parsed once.

use std::{fmt, str::FromStr};

/// A mailbox: an optional display name and an address. `Debug` shows neither: logs know recipients by
/// [`super::Rid`] only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mailbox {
    name: Option<String>,
    address: String,
}

/// Why a text is no mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no mailbox: {reason}")]
pub struct AddressError {
    reason: &'static str,
}

impl AddressError {
    /// What to write instead.
    pub const REMEDY: &'static str = "write name@domain.tld or Name <name@domain.tld>";
}

impl Mailbox {
    /// The display name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
    /// `local@domain`, as written.
    pub fn address(&self) -> &str {
        &self.address
    }
    /// For comparison and hashing: lower case, the whole of it. (Local parts are case-sensitive by RFC 5321 and
    /// nowhere in practice; two spellings must not be two recipients.)
    pub fn normalised(&self) -> String {
        self.address.to_lowercase()
    }
}

fn check_address(address: &str) -> Result<(), AddressError> {
    let fail = |reason| Err(AddressError { reason });
    if address.len() > 254 {
        return fail("longer than 254 characters");
    }
    let Some((local, domain)) = address.rsplit_once('@') else {
        return fail("it has no @");
    };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    if local.is_empty() || local.len() > 64 || !local.chars().all(atom) {
        return fail("the part before the @ is empty, too long or has a character that is not allowed");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return fail("the part before the @ has a misplaced dot");
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if !domain.contains('.') || !domain.split('.').all(label) {
        return fail("the part behind the @ is no domain name");
    }
    Ok(())
}

impl FromStr for Mailbox {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.chars().any(|c| c.is_control()) {
            return Err(AddressError {
                reason: "it has a control character",
            });
        }
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
            None => ("", text),
        };
        if name.chars().count() > 200 || name.contains(['<', '>', '"']) {
            return Err(AddressError {
                reason: "the display name is too long or has a quote or bracket",
            });
        }
        check_address(address)?;
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self {
            name,
            address: address.to_owned(),
        })
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(..)")
    }
}

#[cfg(test)]
mod tests;
