//! `DECIDE#portfolio`/`ID#id`: decisions about actions. The key is the id alone, so that a copy that comes at another instant is the same
//! row; the order is made when they are read, for there are a few a week.

use async_trait::async_trait;

use super::{
    DynamoLedger, Write,
    item::{Item, Row, instant, s},
};
use crate::{
    id::PortfolioId,
    ledger::{
        LedgerError,
        decided::{DecidedBy, Decisions, LedgerDecision},
        feedback::FeedbackId,
    },
    portfolio::{Decided, Decision},
};

const OPERATOR: &str = "operator";

fn pk(portfolio: &PortfolioId) -> String {
    format!("DECIDE#{portfolio}")
}

#[async_trait]
impl Decisions for DynamoLedger {
    async fn decide(&self, decision: &LedgerDecision) -> Result<bool, LedgerError> {
        let Decision {
            action,
            decided,
            on,
            reason,
        } = &decision.decision;
        let (state, until) = match decided {
            Decided::Done => ("done", None),
            Decided::Snoozed(until) => ("snoozed", Some(until)),
            Decided::Accepted(until) => ("accepted", Some(until)),
        };
        let by = match &decision.by {
            DecidedBy::Operator => OPERATOR,
            DecidedBy::Recipient(rid) => rid.as_str(),
        };
        let mut request = self
            .client
            .put_item()
            .item("PK", s(pk(&decision.portfolio)))
            // An id may be any text; a key may not.
            .item("SK", s(format!("ID#{}", FeedbackId::of(&decision.id))))
            .item("id", s(&decision.id))
            .item("portfolio", s(&decision.portfolio))
            .item("action", s(action))
            .item("state", s(state))
            .item("on", s(on))
            .item("by", s(by))
            .item("at", instant(decision.at))
            .condition_expression("attribute_not_exists(PK)");
        if let Some(until) = until {
            request = request.item("until", s(until));
        }
        if let Some(reason) = reason {
            request = request.item("reason", s(reason));
        }
        Ok(matches!(
            self.put("store a decision", request).await?,
            Write::Done(_)
        ))
    }

    async fn decisions(&self, portfolio: &PortfolioId) -> Result<Vec<LedgerDecision>, LedgerError> {
        let items = self.list("list the decisions", &pk(portfolio), "ID#").await?;
        let mut all = items.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(all)
    }
}

fn parse(item: &Item) -> Result<LedgerDecision, LedgerError> {
    let row = Row::new(item);
    let (state, until) = (row.get::<String>("state")?, row.maybe("until")?);
    let decided = match (state.as_str(), until) {
        ("done", None) => Decided::Done,
        ("snoozed", Some(until)) => Decided::Snoozed(until),
        ("accepted", Some(until)) => Decided::Accepted(until),
        _ => return Err(row.malformed("attributes state and until do not fit each other")),
    };
    let by: String = row.get("by")?;
    let by = match by.as_str() {
        OPERATOR => DecidedBy::Operator,
        _ => DecidedBy::Recipient(row.get("by")?),
    };
    let action: String = row.get("action")?;
    Ok(LedgerDecision {
        id: row.get("id")?,
        portfolio: row.get("portfolio")?,
        decision: Decision {
            action: action
                .parse()
                .map_err(|_| row.malformed("attribute action is none"))?,
            decided,
            on: row.get("on")?,
            reason: row.maybe("reason")?,
        },
        by,
        at: row.get("at")?,
    })
}
