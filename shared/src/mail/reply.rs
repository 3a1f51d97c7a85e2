//! The address that a report's mail asks to be answered at: one a delivery. It says of which night the delivery is, and by a
//! MAC under the key of the recipients' ids of which one; so nothing is stored for an answer, and nobody who has not had
//! the mail can make one up. docs/decisions/021 says what that costs.

use std::{fmt, str::FromStr};

use super::{AddressError, Mailbox, mac};
use crate::{id::RunId, ledger::DeliveryKey};

/// Hex digits of the mark: 80 bits. With the longest portfolio id the part before the @ has 62 octets, and may have 64
/// (RFC 5321, 4.5.3.1.1).
const MARK: usize = 20;
/// `20261120`.
const DAY: usize = 8;

/// The domain that answers are mailed to, in lower case: all mail to it is the deployment's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyDomain(String);

impl ReplyDomain {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl FromStr for ReplyDomain {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        // An address of the longest kind has to fit.
        let longest = format!("{}@{text}", "x".repeat(64)).parse::<Mailbox>()?;
        let domain = longest.normalised();
        Ok(Self(domain.rsplit('@').next().unwrap_or_default().to_owned()))
    }
}
impl fmt::Display for ReplyDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A delivery's: `harbor.20261120.0123456789abcdef0123@reply.example.com`.
///
/// # Errors
/// Never for a [`ReplyDomain`], whose own parser has tried the longest.
pub fn address(key: &[u8], delivery: &DeliveryKey, domain: &ReplyDomain) -> Result<Mailbox, AddressError> {
    let (portfolio, day) = (delivery.run.portfolio(), delivery.run.date());
    let day = day.to_string().replace('-', "");
    format!("{portfolio}.{day}.{}@{domain}", mark(key, delivery)).parse()
}

/// Lines, so that it is the MAC of no address.
fn mark(key: &[u8], delivery: &DeliveryKey) -> String {
    let DeliveryKey {
        run,
        document,
        rid,
        mail_epoch,
    } = delivery;
    let text = format!("reply\n{run}\n{document}\n{rid}\n{mail_epoch}");
    mac(key, text.as_bytes())[..MARK].to_owned()
}

/// What an address of ours says, with nothing believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyClaim {
    /// Of which run the delivery is that was answered.
    pub run: RunId,
    mark: String,
}

impl ReplyClaim {
    /// Reads an address; `None` if it is not of this kind.
    pub fn of(mailbox: &Mailbox) -> Option<Self> {
        let address = mailbox.normalised();
        let (local, _) = address.rsplit_once('@')?;
        let mut pieces = local.split('.');
        let (portfolio, day, mark) = (pieces.next()?, pieces.next()?, pieces.next()?);
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let is_ours = pieces.next().is_none()
            && day.len() == DAY
            && day.bytes().all(|b| b.is_ascii_digit())
            && mark.len() == MARK
            && mark.bytes().all(is_hex);
        if !is_ours {
            return None;
        }
        let run = format!("{portfolio}.{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
        Some(Self {
            run: run.parse().ok()?,
            mark: mark.to_owned(),
        })
    }
    /// Whether it is the address of this delivery, under the deployment's key.
    pub fn is_of(&self, key: &[u8], delivery: &DeliveryKey) -> bool {
        delivery.run == self.run && mark(key, delivery) == self.mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::MailEpoch, mail::Rid};

    fn delivery(run: &str) -> DeliveryKey {
        DeliveryKey {
            run: run.parse().unwrap(),
            document: "ceo".parse().unwrap(),
            rid: "00112233445566778899aabbccddeeff".parse().unwrap(),
            mail_epoch: MailEpoch(0),
        }
    }

    #[test]
    fn the_address_of_a_delivery_is_known_again_and_is_of_no_other() {
        let domain: ReplyDomain = "Reply.Example.com".parse().unwrap();
        let ours = delivery("harbor.2026-11-20");
        let mailbox = address(b"key", &ours, &domain).unwrap();
        assert!(
            mailbox.address().starts_with("harbor.20261120."),
            "{}",
            mailbox.address()
        );
        assert!(mailbox.address().ends_with("@reply.example.com"));
        let shouted: Mailbox = mailbox.address().to_uppercase().parse().unwrap();
        for read in [&mailbox, &shouted] {
            let claim = ReplyClaim::of(read).unwrap();
            assert_eq!(claim.run, ours.run);
            assert!(claim.is_of(b"key", &ours));
            assert!(!claim.is_of(b"another key", &ours));
            for other in [
                DeliveryKey {
                    rid: Rid::archive(),
                    ..ours.clone()
                },
                DeliveryKey {
                    document: "cfo".parse().unwrap(),
                    ..ours.clone()
                },
                DeliveryKey {
                    mail_epoch: MailEpoch(1),
                    ..ours.clone()
                },
                delivery("harbor.2026-11-19"),
            ] {
                assert!(!claim.is_of(b"key", &other), "{other:?}");
            }
        }
    }

    #[test]
    fn the_longest_portfolio_id_fits_into_an_address() {
        let portfolio = "p".repeat(32);
        let ours = delivery(&format!("{portfolio}.2026-11-20"));
        let mailbox = address(b"key", &ours, &"r.example.com".parse().unwrap()).unwrap();
        assert_eq!(mailbox.address().split('@').next().unwrap().len(), 62);
        assert!(ReplyClaim::of(&mailbox).unwrap().is_of(b"key", &ours));
    }

    #[test]
    fn what_is_no_address_of_ours_claims_nothing() {
        for other in [
            "office@example.com",
            "harbor.20261120@example.com",
            "harbor.20261320.00112233445566778899@example.com",
            "harbor.2026112a.00112233445566778899@example.com",
            "harbor.20261120.0011223344556677889@example.com",
            "harbor.20261120.0011223344556677889g@example.com",
            "harbor.20261120.00112233445566778899.x@example.com",
            "har_bor.20261120.00112233445566778899@example.com",
        ] {
            assert_eq!(ReplyClaim::of(&other.parse().unwrap()), None, "{other}");
        }
    }

    #[test]
    fn a_domain_is_one_that_takes_the_longest_address() {
        for wrong in [
            "",
            "example",
            "a b.example.com",
            "x@example.com",
            "-a.example.com",
        ] {
            assert!(wrong.parse::<ReplyDomain>().is_err(), "{wrong}");
        }
        let long = format!("{}.example.com", [(); 3].map(|()| "a".repeat(63)).join("."));
        assert!(long.parse::<ReplyDomain>().is_err(), "254 octets in all");
    }
}
