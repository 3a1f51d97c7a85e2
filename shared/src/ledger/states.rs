//! The states of runs and deliveries. An attempt moves a delivery by [`Outcome::next`], an event of the mail service by
//! [`DeliveryState::reported`], which refuses illegal transitions.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::HeldFor;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunState {
    /// Parts are pending.
    Collecting,
    /// All parts came, or were given up (see `missing_parts`).
    Analyzing,
    /// Documents are pending.
    Rendering,
    /// Deliveries are under way.
    Mailing,
    /// Every document was made and every delivery ended well.
    Finished,
    /// It ended, with something missing, failed, held or in doubt.
    Degraded,
    /// It ended without documents.
    Failed,
}

impl RunState {
    /// Whether the run has ended; only a later generation takes it up again.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Finished | Self::Degraded | Self::Failed)
    }
    /// As on the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collecting => "COLLECTING",
            Self::Analyzing => "ANALYZING",
            Self::Rendering => "RENDERING",
            Self::Mailing => "MAILING",
            Self::Finished => "FINISHED",
            Self::Degraded => "DEGRADED",
            Self::Failed => "FAILED",
        }
    }
}
impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a delivery is. See the state diagram in docs/SEMANTICS.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryState {
    /// To be sent.
    Queued,
    /// An attempt owns it.
    Sending,
    /// The service took it.
    Accepted,
    /// The service reports a delay.
    Delayed,
    /// The recipient's server took it.
    Delivered,
    /// It came back.
    Bounced,
    /// The recipient complained.
    Complained,
    /// Refused for good.
    Failed,
    /// Waits for an operator: the account cannot send, or policy `hold`.
    Held,
    /// May have been sent.
    Unknown,
    /// `not_after` passed.
    Expired,
    /// The recipient is on the suppression list.
    Suppressed,
    /// An operator called it off.
    Cancelled,
}

impl DeliveryState {
    /// All there are.
    pub const ALL: [Self; 13] = [
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Delayed,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Failed,
        Self::Held,
        Self::Unknown,
        Self::Expired,
        Self::Suppressed,
        Self::Cancelled,
    ];

    /// How far the mail service has got with a delivery, for its events, which come in any order. FAILED is the end here:
    /// refused at the send, or taken and then rejected.
    fn rank(self) -> u8 {
        match self {
            Self::Accepted => 1,
            Self::Delayed => 2,
            Self::Delivered => 3,
            Self::Bounced | Self::Complained | Self::Failed => 4,
            // The service has said nothing of it, as far as this row knows.
            Self::Queued
            | Self::Sending
            | Self::Held
            | Self::Unknown
            | Self::Expired
            | Self::Suppressed
            | Self::Cancelled => 0,
        }
    }

    /// What an event that reports `to` does to a delivery in this state: the one place where events move deliveries.
    ///
    /// QUEUED and HELD move too: an event of an attempt is proof that the service took the mail, whatever the mailer
    /// was told, and a mail that is out must not be sent once more.
    pub fn reported(self, to: Self) -> Reported {
        let is_report = to.rank() > 0;
        // Settled without a send: there was no mail that the service could tell of.
        let unsent = matches!(self, Self::Expired | Self::Suppressed | Self::Cancelled);
        match () {
            () if !is_report || unsent => Reported::Illegal,
            () if to.rank() > self.rank() => Reported::Moves,
            () => Reported::Stays,
        }
    }

    /// Whether the run may call it well ended.
    pub fn is_well_ended(self) -> bool {
        matches!(self, Self::Accepted | Self::Delayed | Self::Delivered)
    }
    /// Whether nothing will change it by itself any more: settled, and not in doubt, which an event or a policy will end.
    pub fn is_final(self) -> bool {
        self.is_settled() && self != Self::Unknown
    }
    /// Whether no attempt will change it any more.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Sending)
    }
    /// As on the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sending => "SENDING",
            Self::Accepted => "ACCEPTED",
            Self::Delayed => "DELAYED",
            Self::Delivered => "DELIVERED",
            Self::Bounced => "BOUNCED",
            Self::Complained => "COMPLAINED",
            Self::Failed => "FAILED",
            Self::Held => "HELD",
            Self::Unknown => "UNKNOWN",
            Self::Expired => "EXPIRED",
            Self::Suppressed => "SUPPRESSED",
            Self::Cancelled => "CANCELLED",
        }
    }
}
impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event does to a delivery: see [`DeliveryState::reported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// The delivery goes to the state that was reported.
    Moves,
    /// It has got as far or further: events come late, twice and out of order.
    Stays,
    /// No such transition: the event contradicts the row, or reports no state of the service's.
    Illegal,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The service took it under this id.
    Accepted {
        /// SES's message id.
        message_id: String,
        /// Whether it was the fallback; see [`crate::mail::failover`].
        by_fallback: bool,
    },
    /// Definitely not sent; due again then.
    Retry {
        /// When.
        next_at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Refused for good.
    Failed {
        /// Code and text.
        reason: String,
    },
    /// Not sent, and not to be until somebody acts.
    Held {
        /// What has to change.
        cause: HeldFor,
        /// Why.
        reason: String,
    },
    /// May have been sent.
    Unknown {
        /// Why.
        reason: String,
    },
    /// Not sent: nothing is mailed to this recipient.
    Suppressed {
        /// Why not.
        reason: String,
    },
    /// `not_after` passed before the send.
    Expired,
}

impl Outcome {
    /// The state that a SENDING delivery goes to.
    pub fn next(&self) -> DeliveryState {
        match self {
            Self::Accepted { .. } => DeliveryState::Accepted,
            Self::Retry { .. } => DeliveryState::Queued,
            Self::Failed { .. } => DeliveryState::Failed,
            Self::Held { .. } => DeliveryState::Held,
            Self::Unknown { .. } => DeliveryState::Unknown,
            Self::Suppressed { .. } => DeliveryState::Suppressed,
            Self::Expired => DeliveryState::Expired,
        }
    }
    /// What a delivery that is held waits for.
    pub fn held_for(&self) -> Option<HeldFor> {
        match self {
            Self::Held { cause, .. } => Some(*cause),
            _ => None,
        }
    }
    /// In words, where there is something to say.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Accepted { .. } | Self::Expired => None,
            Self::Retry { reason, .. }
            | Self::Failed { reason }
            | Self::Held { reason, .. }
            | Self::Unknown { reason }
            | Self::Suppressed { reason } => Some(reason),
        }
    }
}

#[cfg(test)]
mod tests;
