//! One night from its plan to its last delivery.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    id::{BusinessDate, DocumentId, Generation, RunId},
    ledger::{DeliveryRow, RunRow},
    message::{Cause, Envelope, Night as Plan, Origin, carry_on},
    portfolio::schedule,
    queue::{Receiver, Sender, Stage, memory::MemoryQueue},
};

use super::{
    Local, clock_for,
    driver::drive_until_quiet,
    inputs,
    services::{Adapters, Services},
};
use crate::{
    failures,
    progress::{CountingSender, Progress},
};

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The business date; none is the last complete day.
    pub date: Option<BusinessDate>,
    /// The documents to make; none is all.
    pub only: BTreeSet<DocumentId>,
    /// Compute a night that has ended again.
    pub recompute: bool,
    /// No bars.
    pub quiet: bool,
}

/// How a night ended.
#[derive(Debug)]
pub struct Night {
    /// Its row.
    pub row: RunRow,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryRow>,
    /// How many mails this very call sent.
    pub sent_now: usize,
    /// Whether the run had ended before this call.
    pub already_ended: bool,
    /// Whether the folder's configuration is another one than that of this night.
    pub reconfigured: bool,
    /// Messages that ended in a DLQ.
    pub dead: Vec<Dead>,
}

/// A message that failed too often.
#[derive(Debug, Serialize)]
pub struct Dead {
    /// On whose queue.
    pub stage: Stage,
    /// Its key, `<run>/render/<document>@g0` say; the body where it has none.
    pub key: String,
    /// Why it failed last.
    pub reason: String,
}

impl Dead {
    fn new(stage: Stage, body: String) -> Self {
        let json = serde_json::from_str::<serde_json::Value>(&body).ok();
        let key = json
            .and_then(|json| json["key"].as_str().map(str::to_owned))
            .unwrap_or(body);
        let reason = failures::reason(&key).unwrap_or_else(|| "no reason was logged".to_owned());
        Self { stage, key, reason }
    }
}

/// Runs a night, or carries on one that was interrupted.
///
/// # Errors
/// What the configuration, the inputs or the state refuse. A source that cannot be read is no error: the documents say it.
pub async fn run_night(local: &Local, options: &Options) -> anyhow::Result<Night> {
    let portfolio = &local.portfolio;
    let date = match options.date {
        Some(date) => date,
        None => schedule::last_complete_day(portfolio, clock_for(None).now())?,
    };
    let run = RunId::new(portfolio.id.clone(), date);
    let scheduled_at = schedule::scheduled_at(portfolio, date)?;
    let bundle = local
        .bundle
        .store(&local.objects, &portfolio.id)
        .await
        .context("failed to store the configuration")?;

    let bundle_now = bundle.sha256.clone();

    let before = local.ledger.run(&run).await?;
    let carried_on = local.ledger.deliveries(&run).await?;
    let clock = clock_for(
        options
            .date
            .is_some()
            .then(|| replay_from(scheduled_at, &carried_on)),
    );
    let ended = before.as_ref().is_some_and(|row| row.state.is_end());
    let lacking = before
        .as_ref()
        .is_some_and(|row| lacks_documents(row, options, portfolio));
    let generation = match &before {
        // An unfinished night too: whoever asks for a recompute has mended what it stuck at.
        Some(row) if options.recompute || (ended && lacking) => row.plan.generation.next(),
        Some(row) => row.plan.generation,
        None => Generation::default(),
    };
    let again = before
        .as_ref()
        .is_some_and(|row| row.plan.generation != generation);
    let (origin, reason) = if again {
        (Origin::Requeue, "recompute")
    } else {
        (Origin::Schedule, "schedule")
    };
    let plan = Plan {
        run: run.clone(),
        generation,
        mail_epoch: before.as_ref().map(|row| row.plan.mail_epoch).unwrap_or_default(),
        bundle: match &before {
            Some(row) if !again => row.plan.portfolio.clone(),
            _ => bundle,
        },
        tz: portfolio.timezone.clone(),
        scheduled_at,
        not_after: schedule::not_after(portfolio, scheduled_at),
        only: (!options.only.is_empty()).then(|| options.only.clone()),
        now: clock.now(),
        cause: Cause {
            origin,
            by: "cli".to_owned(),
            reason: reason.to_owned(),
        },
    };
    let plan = plan.plan();
    let messages = match &before {
        // The local queue lives in memory, so an interrupted night is resumed from the ledger.
        Some(row) if !again => carry_on(&plan, row),
        _ => vec![plan],
    };

    let sent_before = local.outbox.sent();
    let dead = if messages.is_empty() {
        Vec::new()
    } else {
        drive(local, &messages, &clock, options).await?
    };
    let row = local.ledger.run(&run).await?.with_context(|| {
        let reason = dead
            .first()
            .map_or("its message was lost", |dead| dead.reason.as_str());
        format!("run {run} was not planned: {reason}")
    })?;
    Ok(Night {
        deliveries: local.ledger.deliveries(&run).await?,
        sent_now: local.outbox.sent() - sent_before,
        already_ended: messages.is_empty(),
        reconfigured: row.plan.portfolio.sha256 != bundle_now,
        row,
        dead,
    })
}

/// A replayed night goes on where it was left: with its clock put back, a lease that somebody died with would never end.
pub fn replay_from(scheduled_at: Timestamp, deliveries: &[DeliveryRow]) -> Timestamp {
    let times = deliveries
        .iter()
        .flat_map(|d| [Some(d.updated_at), d.lease_until, d.next_at]);
    times.flatten().fold(scheduled_at, Timestamp::max)
}

async fn drive(
    local: &Local,
    messages: &[Envelope],
    clock: &Arc<dyn shared::clock::Clock>,
    options: &Options,
) -> anyhow::Result<Vec<Dead>> {
    let Some(first) = messages.first() else {
        return Ok(Vec::new());
    };
    let (portfolio, date) = (&local.portfolio, first.business_date);
    let queue = Arc::new(MemoryQueue::new(Arc::clone(clock)));
    let progress = Progress::new(options.quiet);
    let sender = Arc::new(CountingSender {
        inner: Arc::clone(&queue),
        progress: progress.clone(),
    });
    let tables = inputs::load_tables(&local.folder, Some(date), portfolio)?;
    let services = Arc::new(Services::new(&Adapters {
        ledger: Arc::clone(&local.ledger),
        sender: sender.clone(),
        objects: local.objects.clone(),
        clock: Arc::clone(clock),
        tables: tables.client(),
        inputs: inputs::input_store(&local.folder, Some(date), portfolio).await?,
        transport: local.outbox.clone(),
        rid_key: local.rid_key.clone(),
    }));
    for message in messages {
        sender.send(message.task.stage(), &[message.to_body()]).await?;
    }
    drive_until_quiet(&queue, &services, &progress).await?;
    // What never came is given up, as the sweeper does in the cloud, and the run goes on without it: parts, then documents.
    while collector::sweep(services.collector(), first).await? {
        drive_until_quiet(&queue, &services, &progress).await?;
    }
    progress.clear();
    let mut dead = Vec::new();
    for stage in Stage::ALL {
        let bodies = queue.dead_letters(stage).await?;
        dead.extend(bodies.into_iter().map(|body| Dead::new(stage, body)));
    }
    Ok(dead)
}

/// Whether a document that is asked for was not made in this run.
fn lacks_documents(row: &RunRow, options: &Options, portfolio: &shared::portfolio::Portfolio) -> bool {
    let all = portfolio.documents.iter().map(|d| &d.id);
    let mut wanted = all.filter(|id| options.only.is_empty() || options.only.contains(*id));
    wanted.any(|id| !row.documents.contains_key(id))
}
