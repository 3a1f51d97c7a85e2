//! `quarterdeck requeue`: a run again from one of its stages, as a new generation.
//!
//! The ledger's row first, by a condition on the generation that the operator has seen; then the messages. Whoever dies in
//! between leaves an open run, which the sweeper carries on.

use anyhow::{Context, bail};
use serde::Serialize;
use shared::{
    clock::Clock,
    cloud::{BUCKET, Cloud, QUEUE_PREFIX, TABLE},
    id::Generation,
    ledger::{Again, AuditEntry, Ledger, Requeue, Requeued, RunRow},
    message::{Cause, Envelope, Input, Night, Origin, Task, carry_on},
    objects::Objects,
    portfolio::{Portfolio, pointer, schedule},
    queue::Sender,
};

use crate::{
    args::{FromStage, RequeueArgs},
    exit::Exit,
    output,
};

/// What a requeue works on.
pub struct Ports<'a> {
    /// The run's row.
    pub ledger: &'a dyn Ledger,
    /// To all queues.
    pub sender: &'a dyn Sender,
    /// Configurations.
    pub objects: &'a Objects,
    /// When.
    pub clock: &'a dyn Clock,
}

/// What was done.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Which run.
    pub run: String,
    /// The generation that it is at now: what the next requeue has to expect.
    pub generation: u32,
    /// The work items that were asked for.
    pub messages: Vec<String>,
}

/// Requeues a run of a deployment.
///
/// # Errors
/// If it is not there, at another generation, or cannot be taken up from there; and what the cloud refuses.
pub async fn requeue(args: &RequeueArgs, json: bool) -> anyhow::Result<Exit> {
    let names = [
        (BUCKET, args.bucket.as_str()),
        (TABLE, &args.table),
        (QUEUE_PREFIX, &args.queue_prefix),
    ];
    let cloud = Cloud::named(&names).await;
    let (ledger, queue, objects) = (cloud.ledger()?, cloud.queue()?, cloud.objects()?);
    let ports = Ports {
        ledger: &*ledger,
        sender: &*queue,
        objects: &objects,
        clock: &*cloud.clock(),
    };
    let done = requeue_on(&ports, args).await?;
    if json {
        output::json(&done)?;
    } else {
        for message in &done.messages {
            output::say(format!("sent  {message}"))?;
        }
        output::say(format!(
            "{} is at generation {} now; nobody is mailed a second time",
            done.run, done.generation
        ))?;
    }
    Ok(Exit::Ok)
}

/// [`requeue`], on any ports.
///
/// # Errors
/// As [`requeue`].
pub async fn requeue_on(ports: &Ports<'_>, args: &RequeueArgs) -> anyhow::Result<Done> {
    anyhow::ensure!(
        args.document.is_none() || args.stage == FromStage::Render,
        "--document is for render: the other stages have no work of one document"
    );
    let expected = Generation(args.expected_gen);
    let row = ports.ledger.run(&args.run).await?;
    let row = row.with_context(|| format!("run {} is not on the ledger", args.run))?;
    let bundle = configuration(ports, args, &row).await?;
    let (_, portfolio) = Portfolio::load(ports.objects, &bundle).await?;
    let now = ports.clock.now();
    let asked = Requeue {
        run: args.run.clone(),
        expected,
        from: from(args, &portfolio),
        portfolio: bundle,
        by: this_call()?,
        now,
        look_at: schedule::collect_until(&portfolio, now),
    };
    let row = match ports.ledger.requeue(&asked).await? {
        Requeued::Now(row) => row,
        Requeued::Moved(stands) => bail!(
            "run {} is at generation {}, not {}: somebody was faster; nothing was done",
            args.run,
            stands.0,
            expected.0
        ),
        Requeued::Unfit(reason) => {
            bail!(
                "run {} cannot be taken up from there: {reason}; nothing was done",
                args.run
            )
        }
    };
    audit(ports, args, &row).await?;
    let messages = send(ports, args, &row).await?;
    Ok(Done {
        run: args.run.to_string(),
        generation: row.plan.generation.0,
        messages: messages.into_iter().map(|message| message.key).collect(),
    })
}

async fn configuration(ports: &Ports<'_>, args: &RequeueArgs, row: &RunRow) -> anyhow::Result<Input> {
    if !args.current {
        return Ok(row.plan.portfolio.clone());
    }
    let id = args.run.portfolio();
    let bundle = pointer::read(ports.objects, id)
        .await
        .context("failed to read which configuration is current")?;
    bundle.with_context(|| {
        format!(
            "portfolio {id} was never pushed: there is no {}",
            pointer::key(id)
        )
    })
}

fn from(args: &RequeueArgs, portfolio: &Portfolio) -> Again {
    match args.stage {
        FromStage::Collect => Again::Collect {
            parts: collector::sources::parts(&portfolio.sources)
                .into_iter()
                .map(|(part, _)| part)
                .collect(),
        },
        FromStage::Analyze => Again::Analyze,
        FromStage::Render => Again::Render {
            document: args.document.clone(),
        },
        FromStage::Mail => Again::Mail,
    }
}

async fn send(ports: &Ports<'_>, args: &RequeueArgs, row: &RunRow) -> anyhow::Result<Vec<Envelope>> {
    let now = ports.clock.now();
    let cause = Cause {
        origin: Origin::Requeue,
        by: "operator".to_owned(),
        reason: args.reason.clone(),
    };
    let messages = carry_on(&Night::of(row, cause, now).plan(), row);
    if let Some(first) = messages.first() {
        let bodies: Vec<String> = messages.iter().map(Envelope::to_body).collect();
        let sent = ports.sender.send(first.task.stage(), &bodies).await;
        sent.context("the run is at its new generation, and its messages were not sent: the sweeper will")?;
    }
    let (run, generation) = (&row.plan.run, row.plan.generation);
    match messages.first().map(|message| &message.task) {
        Some(Task::Analyze) => ports.ledger.analyze_sent(run, generation, now).await?,
        Some(Task::Mail { .. }) => ports.ledger.mail_sent(run, generation, now).await?,
        _ => {}
    }
    Ok(messages)
}

async fn audit(ports: &Ports<'_>, args: &RequeueArgs, row: &RunRow) -> anyhow::Result<()> {
    let document = args.document.as_ref();
    let document = document.map_or_else(String::new, |document| format!(" of {document}"));
    let stage = format!("{:?}", args.stage).to_lowercase();
    let entry = AuditEntry {
        at: ports.clock.now(),
        event: "requeued".to_owned(),
        detail: format!("{stage}{document} as {}: {}", row.plan.generation, args.reason),
    };
    let written = ports.ledger.audit(&args.run, &entry).await;
    written.context("failed to write the audit")
}

/// A name that no other call has.
fn this_call() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(hex::encode(bytes))
}
