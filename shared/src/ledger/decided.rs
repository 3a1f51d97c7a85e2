//! What people decided about actions since the portfolio was pushed: by answering a mail (or, by a later command, an operator). Start at [`Decisions`].
//!
//! The configuration has decisions of its own ([`crate::portfolio::Portfolio`]); the collector makes one list of both. A row
//! has no address: who decided is a [`Rid`].

use async_trait::async_trait;
use jiff::Timestamp;

use super::LedgerError;
use crate::{id::PortfolioId, mail::Rid, portfolio::Decision};

/// Who decided, and by which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBy {
    /// Whoever may write to the ledger.
    Operator,
    /// A recipient, by answering a mail.
    Recipient(Rid),
}

/// A decision about an action as the ledger keeps it: `DECIDE#portfolio`/`ID#id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerDecision {
    /// Its name, of the mail or of the command: the same decision that comes twice is one.
    pub id: String,
    /// Of which portfolio.
    pub portfolio: PortfolioId,
    /// What.
    pub decision: Decision,
    /// Who.
    pub by: DecidedBy,
    /// When.
    pub at: Timestamp,
}

/// The ledger's side of decisions.
///
/// Contract: as [`super::Ledger`]'s: a method may be repeated with the same arguments, and then changes nothing.
#[async_trait]
pub trait Decisions: Send + Sync {
    /// Stores it under its id; answers false, and changes nothing, if it was stored before.
    async fn decide(&self, decision: &LedgerDecision) -> Result<bool, LedgerError>;
    /// All of a portfolio, oldest first.
    async fn decisions(&self, portfolio: &PortfolioId) -> Result<Vec<LedgerDecision>, LedgerError>;
}
