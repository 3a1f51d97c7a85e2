//! The analysis and the documents: asked for again, and in the end given up. A document that can never be made (it always
//! runs out of memory, say) must not keep the others from being mailed, nor its run from ending.

use anyhow::Context;
use jiff::Timestamp;
use shared::{
    ledger::{RunRow, RunState},
    message::{Task, carry_on},
    queue::Stage,
};

use super::Chain;

/// The analyzer was sent for and has not answered.
pub(super) async fn analysis(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    if now >= row.give_up_at() {
        let why = "there is no analysis; its message is on the analyze queue's DLQ";
        return chain.end(row, RunState::Failed, why, now).await;
    }
    let plan = chain.plan(row, "the analysis has not come", now);
    let analyze = plan.follow(Task::Analyze, None, "", "", now);
    let analyze = shared::message::Envelope {
        cause: plan.cause,
        ..analyze
    };
    chain.send(Stage::Analyze, &[analyze]).await
}

/// The join rule over documents.
pub(super) async fn join(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    if now < row.give_up_at() && !row.pending_documents.is_empty() {
        let plan = chain.plan(row, "documents have not come", now);
        return chain.send(Stage::Render, &carry_on(&plan, row)).await;
    }
    give_up(chain, row, now).await
}

/// Goes on without the documents that are pending.
pub(super) async fn give_up(chain: &Chain, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
    if row.pending_documents.is_empty() {
        return mail(chain, row, "all documents were in, and nobody said so", now).await;
    }
    let (run, generation) = (&row.plan.run, row.plan.generation);
    let given_up = chain.ledger.give_up_documents(run, generation, now).await;
    let given_up = given_up.context("failed to give up the documents that never came")?;
    let names: Vec<&str> = given_up.iter().map(shared::id::DocumentId::as_str).collect();
    chain
        .audit(row, "documents_given_up", names.join(", "), now)
        .await?;
    // Read again: one may have come while the others were given up.
    let row = chain.ledger.run(run).await?;
    let row = row.with_context(|| format!("run {run} is not on the ledger any more"))?;
    let reason = format!("the run goes on without {}", names.join(", "));
    mail(chain, &row, &reason, now).await
}

/// Sends the mail messages of the documents that there are, and notes it.
pub(super) async fn mail(chain: &Chain, row: &RunRow, reason: &str, now: Timestamp) -> anyhow::Result<bool> {
    if row.documents.is_empty() {
        let why = "no document was made; their messages are on the render queue's DLQ";
        return chain.end(row, RunState::Failed, why, now).await;
    }
    let plan = chain.plan(row, reason, now);
    chain.send(Stage::Mail, &carry_on(&plan, row)).await?;
    let sent = chain.ledger.mail_sent(&row.plan.run, row.plan.generation, now);
    sent.await
        .context("failed to note that the mail messages were sent")?;
    Ok(true)
}
