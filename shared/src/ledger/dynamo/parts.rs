//! `RUN#r`/`PART#p#gN`: how far a part is that takes more than one invocation. Another generation reads anew.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use jiff::Timestamp;

use super::{
    DynamoLedger, Write,
    item::{self, Row, instant, n, s},
    run_pk,
};
use crate::{
    id::{Generation, PartId, RunId},
    ledger::{LedgerError, PartAttempt},
    message::Input,
};

pub(super) async fn begin(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    part: &PartId,
    now: Timestamp,
) -> Result<PartAttempt, LedgerError> {
    let request = row(ledger, run, generation, part)
        .update_expression("SET updated_at = :now ADD attempt :one, without_progress :one")
        .expression_attribute_values(":one", n(1_u64))
        .expression_attribute_values(":now", instant(now));
    match ledger.update("begin a part", request).await? {
        Write::Done(item) => {
            let row = Row::new(&item);
            Ok(PartAttempt {
                number: row.number("attempt")?,
                without_progress: row.number("without_progress")?,
                checkpoint: row.maybe_input("checkpoint")?,
            })
        }
        Write::Refused(_) => Err(LedgerError::Malformed {
            row: format!("{}/{}", run_pk(run), sk(generation, part)),
            reason: "refused a write that has no condition".to_owned(),
        }),
    }
}

pub(super) async fn checkpoint(
    ledger: &DynamoLedger,
    run: &RunId,
    generation: Generation,
    part: &PartId,
    attempt: u32,
    checkpoint: &Input,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let request = row(ledger, run, generation, part)
        .update_expression("SET checkpoint = :checkpoint, without_progress = :none, updated_at = :now")
        .condition_expression("attempt = :attempt")
        .expression_attribute_values(":checkpoint", item::input(checkpoint))
        .expression_attribute_values(":none", n(0_u64))
        .expression_attribute_values(":attempt", n(attempt))
        .expression_attribute_values(":now", instant(now));
    let written = ledger.update("note how far a part is", request).await?;
    Ok(matches!(written, Write::Done(_)))
}

fn row(ledger: &DynamoLedger, run: &RunId, generation: Generation, part: &PartId) -> UpdateItemFluentBuilder {
    let request = ledger.client.update_item().key("PK", s(run_pk(run)));
    request.key("SK", s(sk(generation, part)))
}

fn sk(generation: Generation, part: &PartId) -> String {
    format!("PART#{part}#{generation}")
}
