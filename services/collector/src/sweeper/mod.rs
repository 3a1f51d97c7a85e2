//! The sweeper: carries on every run that nobody else does, so that each of them ends. Start at
//! [`Chain::sweep_open_runs`].
//!
//! A run is looked at when its collecting should be over, and every quarter of an hour from then on until it ends. Whatever
//! the ledger says is due and may have been lost is done again: the joins, by [`parts`] and [`documents`], and the
//! deliveries, by [`mails`]. Messages may be sent that are on their way still; their takers find the work done. What never
//! comes is given up, in the order of the chain: parts at the end of collecting, the analysis and documents after four
//! times as long, mails an hour after they expired.
//!
//! It knows the ledger, the queues, what polls them, the operator and the time, and nothing else: no source, no archive, no
//! way to mail.

use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    clock::Clock,
    cloud::{Cloud, topic::Topic},
    ledger::{self, AuditEntry, Ledger, RunRow, RunState},
    message::{Cause, Envelope, Night, Origin},
    notice::Notices,
    queue::{Sender, Stage},
};

mod documents;
mod mails;
mod parts;

pub use parts::sweep;

use crate::{
    join, notice,
    polling::{self, Mappings, Polling},
};

/// As what the sweeper signs its messages.
const BY: &str = "sweeper";
/// How long after a look the next one is.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// What carries a run on from stage to stage.
#[derive(Clone)]
pub struct Chain {
    /// What runs have come to.
    pub ledger: Arc<dyn Ledger>,
    /// To all queues.
    pub sender: Arc<dyn Sender>,
    /// Decides what is due.
    pub clock: Arc<dyn Clock>,
    /// The stages that are polled only while there is work.
    pub polling: Option<Arc<dyn Polling>>,
    /// To the operator, of runs that did not end well.
    pub notices: Option<Arc<dyn Notices>>,
}

/// What one invocation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Swept {
    /// Open runs whose time to be looked at had come.
    pub looked_at: usize,
    /// Of these, those for which messages were sent or something was written.
    pub carried_on: usize,
}

impl Chain {
    /// The deployment's.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: cloud.ledger()?,
            sender: cloud.queue()?,
            clock: cloud.clock(),
            polling: Some(Arc::new(Mappings::of(cloud)?)),
            notices: match cloud.handler() {
                "sweep" => Some(Arc::new(Topic::of(cloud)?)),
                _ => None,
            },
        })
    }

    /// Looks at every open run that is due, and carries it on.
    ///
    /// # Errors
    /// When the runs cannot be listed, or some of them not be carried on, or a stage not be woken; the others are all the
    /// same. Safe to repeat.
    pub async fn sweep_open_runs(&self) -> anyhow::Result<Swept> {
        let now = self.clock.now();
        let swept = self.carry_on_due(now).await;
        // After the messages that were sent again, which are work; and also where that failed.
        let settled = match &self.polling {
            Some(polling) => polling::settle(&**polling, &*self.ledger, now).await,
            None => Ok(()),
        };
        // Last: it is about what has ended, also by this look.
        let told = match &self.notices {
            Some(notices) => notice::tell_all(&**notices, &*self.ledger, now).await,
            None => Ok(0),
        };
        let swept = swept?;
        settled?;
        told.map(|_| swept)
    }

    async fn carry_on_due(&self, now: Timestamp) -> anyhow::Result<Swept> {
        let rows = self.ledger.open_runs(now).await;
        let rows = rows.context("failed to list the open runs")?;
        let mut swept = Swept::default();
        let mut failed = Vec::new();
        for row in &rows {
            swept.looked_at += 1;
            match self.look(row, now).await {
                Ok(true) => swept.carried_on += 1,
                Ok(false) => {}
                Err(error) => {
                    let run = &row.plan.run;
                    tracing::error!(%run, error = format!("{error:#}"), "run not carried on");
                    failed.push(run.to_string());
                }
            }
        }
        tracing::info!(
            looked_at = swept.looked_at,
            carried_on = swept.carried_on,
            failed = failed.len(),
            "open runs swept"
        );
        anyhow::ensure!(failed.is_empty(), "{} not carried on", failed.join(", "));
        Ok(swept)
    }

    /// One run. The next look is noted last: a sweeper that dies before looks again at once.
    async fn look(&self, row: &RunRow, now: Timestamp) -> anyhow::Result<bool> {
        let did = match row.state {
            RunState::Collecting | RunState::Analyzing if join::is_open(row) => {
                parts::after_the_deadline(self, row, now).await?
            }
            RunState::Collecting | RunState::Analyzing => documents::analysis(self, row, now).await?,
            RunState::Rendering => documents::join(self, row, now).await?,
            RunState::Mailing => mails::carry_on(self, row, now).await?,
            RunState::Finished | RunState::Degraded | RunState::Failed => return Ok(false),
        };
        let at = now.checked_add(AGAIN)?;
        let noted = self
            .ledger
            .look_again(&row.plan.run, row.plan.generation, at)
            .await;
        noted.context("failed to note the next look")?;
        Ok(did)
    }

    /// The run's plan as a message of the sweeper's, for others to follow.
    fn plan(&self, row: &RunRow, reason: &str, now: Timestamp) -> Envelope {
        let cause = Cause {
            origin: Origin::Sweeper,
            by: BY.to_owned(),
            reason: reason.to_owned(),
        };
        Night::of(row, cause, now).plan()
    }

    /// Sends messages of one stage, if there are any.
    async fn send(&self, stage: Stage, messages: &[Envelope]) -> anyhow::Result<bool> {
        let bodies: Vec<String> = messages.iter().map(Envelope::to_body).collect();
        let sent = self.sender.send(stage, &bodies).await;
        sent.with_context(|| format!("failed to send to the {stage} queue"))?;
        if let Some(first) = messages.first() {
            let reason = &first.cause.reason;
            tracing::warn!(run = %first.run, %stage, messages = messages.len(), %reason, "messages sent again");
        }
        Ok(!messages.is_empty())
    }

    /// Ends a run that cannot go on. Why is said first: whoever dies in between says it again, and not never.
    async fn end(&self, row: &RunRow, state: RunState, why: &str, now: Timestamp) -> anyhow::Result<bool> {
        tracing::error!(run = %row.plan.run, %state, why, "run ended by the sweeper");
        self.audit(row, "given_up", why.to_owned(), now).await?;
        self.finish(row, state, now).await
    }

    /// Ends a run, and tells how it ended.
    async fn finish(&self, row: &RunRow, state: RunState, now: Timestamp) -> anyhow::Result<bool> {
        let (run, generation) = (&row.plan.run, row.plan.generation);
        let ended = self.ledger.finish_run(run, generation, state, now).await;
        ended.context("failed to end the run")?;
        let told = ledger::tell_end(&*self.ledger, run, generation).await;
        told.context("failed to tell how the run ended")?;
        Ok(true)
    }

    async fn audit(&self, row: &RunRow, event: &str, detail: String, at: Timestamp) -> anyhow::Result<()> {
        let entry = AuditEntry {
            at,
            event: event.to_owned(),
            detail,
        };
        let written = self.ledger.audit(&row.plan.run, &entry).await;
        written.context("failed to write the audit")
    }
}
