//! Whether a mail can be believed. Pure.
//!
//! DMARC has to have passed: of SES's verdicts it is the one that is about the domain of From, which people and this read;
//! SPF alone is about the envelope's, and DKIM alone about whoever signed. It passes only where SPF or DKIM did, for that
//! domain. A domain without a DMARC record has no verdict, so whoever is there cannot decide by mail.

use shared::mail::{Mailbox, Rid};

use super::{
    mail::Mail,
    wire::{Verdict, Verdicts},
};

/// Why a mail is not believed. The texts are the quarantine's and the logs'; nothing of the mail is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// To no address that a delivery could have.
    #[error("it is to no address of a delivery")]
    NoAddress,
    /// To addresses of two portfolios, or more.
    #[error("it answers reports of several portfolios at once")]
    Several,
    /// The object is no mail.
    #[error("it cannot be read as a mail")]
    NoMail,
    /// Not proven to be from where it says.
    #[error("its sender's domain is not proven: the check of DMARC {}", .0.as_str())]
    Dmarc(Verdict),
    /// Perhaps spam.
    #[error("the check for spam {}", .0.as_str())]
    Spam(Verdict),
    /// Perhaps a virus.
    #[error("the check for viruses {}", .0.as_str())]
    Virus(Verdict),
    /// None, several, or one that is no address.
    #[error("it is not from exactly one address")]
    From,
    /// The address is of no delivery to the sender.
    #[error("its sender has had no mail that is answered at this address")]
    NotTheirs,
    /// The report is too old.
    #[error("it answers a report that is more than a month old")]
    Old,
}

/// Whether SES's word is good enough to act on.
///
/// # Errors
/// The first verdict that is not.
pub fn proven(verdicts: &Verdicts) -> Result<(), Disbelief> {
    if verdicts.dmarc != Verdict::Pass {
        return Err(Disbelief::Dmarc(verdicts.dmarc));
    }
    harmless(verdicts)
}

/// Whether a person may be shown what was written, whoever wrote it.
///
/// # Errors
/// The first verdict that says no.
pub fn harmless(verdicts: &Verdicts) -> Result<(), Disbelief> {
    if verdicts.virus != Verdict::Pass {
        return Err(Disbelief::Virus(verdicts.virus));
    }
    // Gray: neither spam nor certainly none, as much honest mail is.
    if !matches!(verdicts.spam, Verdict::Pass | Verdict::Gray) {
        return Err(Disbelief::Spam(verdicts.spam));
    }
    Ok(())
}

/// Who wrote it, as the ledger knows people.
///
/// # Errors
/// [`Disbelief::From`].
pub fn rid(mail: &Mail, key: &[u8]) -> Result<Rid, Disbelief> {
    let from: &Mailbox = mail.from.as_ref().ok_or(Disbelief::From)?;
    Ok(Rid::of(key, from))
}
