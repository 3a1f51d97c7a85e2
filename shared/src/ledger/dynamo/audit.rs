//! `RUN#r`/`AUDIT#instant#digest`: the operator's lines. The key is made of the line, so the same line twice is one.

use super::{
    DynamoLedger,
    item::{Row, instant, s},
    run_pk,
};
use crate::{
    id::{RunId, Sha256},
    ledger::{AuditEntry, LedgerError},
};

pub(super) async fn add(ledger: &DynamoLedger, run: &RunId, entry: &AuditEntry) -> Result<(), LedgerError> {
    let digest = Sha256::of(format!("{}\n{}", entry.event, entry.detail).as_bytes());
    let request = ledger
        .client
        .put_item()
        .item("PK", s(run_pk(run)))
        .item("SK", s(format!("AUDIT#{:.9}#{}", entry.at, digest.short())))
        .item("at", instant(entry.at))
        .item("event", s(&entry.event))
        .item("detail", s(&entry.detail));
    ledger.put("write an audit line", request).await.map(|_| ())
}

pub(super) async fn list(ledger: &DynamoLedger, run: &RunId) -> Result<Vec<AuditEntry>, LedgerError> {
    let items = ledger.list("read the audit", &run_pk(run), "AUDIT#").await?;
    let entry = |item| {
        let row = Row::new(item);
        Ok(AuditEntry {
            at: row.get("at")?,
            event: row.get("event")?,
            detail: row.get("detail")?,
        })
    };
    items.iter().map(entry).collect()
}
