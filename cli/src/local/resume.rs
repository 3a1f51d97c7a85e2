//! Which messages carry a run on from where its ledger row says it is. The local queue lives in memory, so an
//! interrupted night is resumed from the ledger; in the cloud the queues and the sweeper do the same.

use shared::{
    id::{DocumentId, Generation, MailEpoch},
    ledger::{RunRow, RunState},
    message::{Cause, Envelope, Input, Origin, Task, VERSION},
    portfolio::Portfolio,
};

/// The first message of a night.
pub struct Start<'a> {
    /// Whose.
    pub portfolio: &'a Portfolio,
    /// Of which run.
    pub run: shared::id::RunId,
    /// In which generation.
    pub generation: Generation,
    /// With which configuration.
    pub bundle: Input,
    /// The scheduled time.
    pub scheduled_at: jiff::Timestamp,
    /// Nothing is mailed after this.
    pub not_after: jiff::Timestamp,
    /// Now.
    pub now: jiff::Timestamp,
    /// The documents to make, if not all.
    pub only: Option<std::collections::BTreeSet<DocumentId>>,
    /// Why.
    pub reason: &'a str,
}

impl Start<'_> {
    /// As an envelope that plans the run.
    pub fn envelope(self) -> Envelope {
        let mut envelope = Envelope {
            v: VERSION,
            task: Task::Plan,
            business_date: self.run.date(),
            run: self.run,
            generation: self.generation,
            mail_epoch: MailEpoch::default(),
            key: String::new(),
            input: None,
            only: self.only,
            portfolio: self.bundle,
            tz: self.portfolio.timezone.clone(),
            scheduled_at: self.scheduled_at,
            not_after: self.not_after,
            issued_at: self.now,
            cause: Cause {
                origin: if self.reason == "schedule" {
                    Origin::Schedule
                } else {
                    Origin::Requeue
                },
                by: "cli".into(),
                reason: self.reason.to_owned(),
            },
        };
        envelope.key = envelope.computed_key();
        envelope
    }
}

/// The messages that an interrupted run needs; none if it has ended.
pub fn messages(plan: &Envelope, row: &RunRow) -> Vec<Envelope> {
    let follow = |task, input| plan.follow(task, input, "cli", "resume", plan.issued_at);
    match row.state {
        RunState::Collecting => vec![plan.clone()],
        RunState::Analyzing => vec![follow(Task::Analyze, None)],
        RunState::Rendering => row
            .pending_documents
            .iter()
            .map(|d| follow(Task::Render { document: d.clone() }, row.analysis.clone()))
            .collect(),
        RunState::Mailing => row
            .documents
            .iter()
            .map(|(d, made)| follow(Task::Mail { document: d.clone() }, Some(made.input.clone())))
            .collect(),
        RunState::Finished | RunState::Degraded | RunState::Failed => Vec::new(),
    }
}
