//! Sentences about decisions on actions.

use super::*;
use crate::{
    id::PortfolioId,
    ledger::decided::{DecidedBy, LedgerDecision},
    mail::Rid,
    portfolio::{Decided, Decision},
};

fn harbor() -> PortfolioId {
    run().portfolio().clone()
}

fn rid() -> Rid {
    "00112233445566778899aabbccddeeff".parse().expect("a literal")
}

fn decision(id: &str, seconds: i64, decided: Decided) -> LedgerDecision {
    LedgerDecision {
        id: id.to_owned(),
        portfolio: harbor(),
        decision: Decision {
            action: "A7K2QX".parse().expect("a literal"),
            decided,
            on: "2026-11-20".parse().expect("a literal"),
            reason: None,
        },
        by: DecidedBy::Recipient(rid()),
        at: at(seconds),
    }
}

/// A reply that comes twice is one decision, at whatever instant the second copy is handled and whatever it says.
pub async fn a_decision_is_stored_once_under_its_id(ledger: &dyn Ledger) {
    let first = decision("mail-1/1", 5, Decided::Done);
    assert!(ledger.decide(&first).await.unwrap());
    assert!(!ledger.decide(&first).await.unwrap());
    let until = "2026-12-01".parse().expect("a literal");
    let second = decision("mail-1/1", 9, Decided::Snoozed(until));
    assert!(!ledger.decide(&second).await.unwrap());
    assert_eq!(ledger.decisions(&harbor()).await.unwrap(), [first]);
}

/// By when they were made, whatever their ids are and in whichever order they are stored.
pub async fn decisions_are_listed_oldest_first(ledger: &dyn Ledger) {
    let until = "2026-12-01".parse().expect("a literal");
    let (early, late) = (
        decision("z", 5, Decided::Done),
        decision("a", 6, Decided::Snoozed(until)),
    );
    for one in [&late, &early] {
        assert!(ledger.decide(one).await.unwrap());
    }
    assert_eq!(ledger.decisions(&harbor()).await.unwrap(), [early, late]);
}

/// Every kind, by whomever, about an action by code or by fact id, under an id that is no key.
pub async fn a_decision_reads_back_as_it_was_written(ledger: &dyn Ledger) {
    let until = "2027-03-31".parse().expect("a literal");
    let mut accepted = decision("<id@example.com> #1\u{1F6A2}", 7, Decided::Accepted(until));
    accepted.decision.reason = Some("budgeted for the first quarter".to_owned());
    accepted.decision.action = "action:task:paint@boat".parse().expect("a literal");
    accepted.by = DecidedBy::Operator;
    let snoozed = decision("mail-2/1", 8, Decided::Snoozed(until));
    let done = decision("mail-2/2", 9, Decided::Done);
    for one in [&accepted, &snoozed, &done] {
        assert!(ledger.decide(one).await.unwrap());
    }
    assert_eq!(
        ledger.decisions(&harbor()).await.unwrap(),
        [accepted, snoozed, done]
    );
}

/// One deployment serves many portfolios.
pub async fn decisions_of_another_portfolio_are_not_listed(ledger: &dyn Ledger) {
    let ours = decision("mail-3/1", 1, Decided::Done);
    let theirs = LedgerDecision {
        portfolio: "pier".parse().expect("a literal"),
        ..ours.clone()
    };
    assert!(ledger.decide(&theirs).await.unwrap());
    assert_eq!(ledger.decisions(&harbor()).await.unwrap(), []);
    assert!(
        ledger.decide(&ours).await.unwrap(),
        "an id is of its own portfolio"
    );
    assert_eq!(ledger.decisions(&harbor()).await.unwrap(), [ours]);
}
