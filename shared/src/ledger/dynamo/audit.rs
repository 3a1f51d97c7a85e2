//! `RUN#r`/`AUDIT#instant#digest`: the operator's lines; the deployment's own are below `CTRL`. The key is made of the line, so the same line twice is one.
//! The line of the run's end has the key `AUDIT#instant#end`, and the first of it stands.

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;

use super::{
    DynamoLedger, Write,
    item::{Row, instant, s},
    run_pk,
};
use crate::{
    id::{RunId, Sha256},
    ledger::{AuditEntry, LedgerError},
};

pub(super) async fn add(ledger: &DynamoLedger, pk: &str, entry: &AuditEntry) -> Result<(), LedgerError> {
    let digest = Sha256::of(format!("{}\n{}", entry.event, entry.detail).as_bytes());
    let request = line(ledger, pk, entry, digest.short());
    ledger.put("write an audit line", request).await.map(|_| ())
}

pub(super) async fn end(ledger: &DynamoLedger, run: &RunId, entry: &AuditEntry) -> Result<bool, LedgerError> {
    let request = line(ledger, &run_pk(run), entry, "end").condition_expression("attribute_not_exists(PK)");
    let written = ledger.put("write a run's last audit line", request).await?;
    Ok(matches!(written, Write::Done(_)))
}

fn line(ledger: &DynamoLedger, pk: &str, entry: &AuditEntry, name: &str) -> PutItemFluentBuilder {
    ledger
        .client
        .put_item()
        .item("PK", s(pk))
        .item("SK", s(format!("AUDIT#{:.9}#{name}", entry.at)))
        .item("at", instant(entry.at))
        .item("event", s(&entry.event))
        .item("detail", s(&entry.detail))
}

pub(super) async fn list(ledger: &DynamoLedger, pk: &str) -> Result<Vec<AuditEntry>, LedgerError> {
    let items = ledger.list("read the audit", pk, "AUDIT#").await?;
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
