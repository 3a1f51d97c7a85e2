//! Plans a run: which parts it has, and one message for each. Start at [`run`].
//!
//! A night that is started twice, by the schedule or by a person, has one plan: the condition fails the second time and
//! the first plan stands. A planner that dies before all messages are sent is resumed by its own redelivery.

use std::collections::BTreeSet;

use anyhow::Context;
use shared::{
    id::PartId,
    ledger::{Planned, RunPlan, RunRow},
    message::{Envelope, Task},
    portfolio::{Portfolio, schedule},
    queue::{QueueError, Stage},
};

use crate::{BY, Deps, join, polling, sources};

/// Plans the run, if it is not planned, and sends the parts that are pending.
///
/// # Errors
/// When the configuration cannot be read, or a port fails; all of it is safe to repeat.
pub async fn run(deps: &Deps, envelope: &Envelope) -> anyhow::Result<()> {
    let (_, portfolio) = Portfolio::load(&deps.objects, &envelope.portfolio).await?;
    with(deps, envelope, &portfolio).await
}

/// [`run`], for whoever has read the configuration already.
///
/// # Errors
/// As [`run`].
pub async fn with(deps: &Deps, envelope: &Envelope, portfolio: &Portfolio) -> anyhow::Result<()> {
    let parts: BTreeSet<PartId> = sources::parts(&portfolio.sources)
        .into_iter()
        .map(|(part, _)| part)
        .collect();
    anyhow::ensure!(
        !parts.is_empty(),
        "portfolio {} has no sources: add at least one table, handoffs or an inventory to portfolio.toml",
        portfolio.id
    );
    let now = deps.clock.now();
    let plan = RunPlan {
        run: envelope.run.clone(),
        generation: envelope.generation,
        mail_epoch: envelope.mail_epoch,
        parts,
        portfolio: envelope.portfolio.clone(),
        scheduled_at: envelope.scheduled_at,
        not_after: envelope.not_after,
        tz: envelope.tz.clone(),
        only: envelope.only.clone(),
        planned_at: now,
        collect_until: schedule::collect_until(portfolio, now),
    };
    match deps
        .ledger
        .plan_run(&plan)
        .await
        .context("failed to plan the run")?
    {
        Planned::Now => {
            tracing::info!(parts = plan.parts.len(), "run planned");
            send(deps, envelope, plan.parts.iter()).await
        }
        Planned::Before(row) => carry_on(deps, envelope, &row).await,
    }
}

async fn carry_on(deps: &Deps, envelope: &Envelope, row: &RunRow) -> anyhow::Result<()> {
    if row.plan.generation != envelope.generation {
        tracing::info!(stands = %row.plan.generation, "the run is at another generation, this plan is stale");
        return Ok(());
    }
    if !join::is_open(row) {
        tracing::info!(state = ?row.state, "the run was planned before and went on");
        return Ok(());
    }
    tracing::info!(
        pending = row.pending_parts.len(),
        "the run was planned before, parts that are pending are sent"
    );
    let envelope = join::as_planned(envelope, row);
    send(deps, &envelope, row.pending_parts.iter()).await?;
    join::repeat(&deps.chain(), &envelope, row, join::in_turn())
        .await
        .map(drop)
}

async fn send<'a>(
    deps: &Deps,
    envelope: &Envelope,
    parts: impl Iterator<Item = &'a PartId>,
) -> anyhow::Result<()> {
    let now = deps.clock.now();
    let message = |part: &PartId| {
        envelope
            .follow(Task::Part { part: part.clone() }, None, BY, "planned", now)
            .to_body()
    };
    let bodies: Vec<String> = parts.map(message).collect();
    let sent = match deps.sender.send(Stage::Collect, &bodies).await {
        // What the queue did not take is offered once more; after that, redelivery of this message sends what is pending.
        Err(QueueError::Partial { failed, .. }) => {
            let refused: Vec<String> = failed.iter().filter_map(|n| bodies.get(*n).cloned()).collect();
            deps.sender.send(Stage::Collect, &refused).await
        }
        other => other,
    };
    sent.context("failed to send the parts")?;
    polling::wake(deps.polling.as_deref()).await;
    Ok(())
}
