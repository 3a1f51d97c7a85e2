//! The messages that begin a night, or carry one on from where its ledger row says it is. The collector, the sweeper, the
//! command's requeue and the local runner all make them here.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Cause, Envelope, Input, Task, VERSION};
use crate::{
    id::{DocumentId, Generation, MailEpoch, RunId},
    ledger::{RunRow, RunState},
};

/// What all messages of a night agree on.
#[derive(Debug, Clone)]
pub struct Night {
    /// Which run.
    pub run: RunId,
    /// In which generation.
    pub generation: Generation,
    /// Under which permission to mail.
    pub mail_epoch: MailEpoch,
    /// With which configuration.
    pub bundle: Input,
    /// IANA zone of the portfolio.
    pub tz: String,
    /// The scheduled time.
    pub scheduled_at: Timestamp,
    /// Nothing is mailed after this.
    pub not_after: Timestamp,
    /// The documents to make, if not all.
    pub only: Option<BTreeSet<DocumentId>>,
    /// When the message is made.
    pub now: Timestamp,
    /// Why.
    pub cause: Cause,
}

impl Night {
    /// A night as its row has it.
    pub fn of(row: &RunRow, cause: Cause, now: Timestamp) -> Self {
        let plan = &row.plan;
        Self {
            run: plan.run.clone(),
            generation: plan.generation,
            mail_epoch: plan.mail_epoch,
            bundle: plan.portfolio.clone(),
            tz: plan.tz.clone(),
            scheduled_at: plan.scheduled_at,
            not_after: plan.not_after,
            only: plan.only.clone(),
            now,
            cause,
        }
    }

    /// The message that plans it.
    pub fn plan(self) -> Envelope {
        let mut envelope = Envelope {
            v: VERSION,
            task: Task::Plan,
            business_date: self.run.date(),
            run: self.run,
            generation: self.generation,
            mail_epoch: self.mail_epoch,
            key: String::new(),
            input: None,
            only: self.only,
            portfolio: self.bundle,
            tz: self.tz,
            scheduled_at: self.scheduled_at,
            not_after: self.not_after,
            issued_at: self.now,
            cause: self.cause,
        };
        envelope.key = envelope.computed_key();
        envelope
    }
}

/// The messages that a run needs to go on, with `plan`'s cause; none if it has ended. All of them may be sent though others
/// like them are on their way.
pub fn carry_on(plan: &Envelope, row: &RunRow) -> Vec<Envelope> {
    let follow = |task, input| {
        let next = plan.follow(task, input, "", "", plan.issued_at);
        Envelope {
            cause: plan.cause.clone(),
            ..next
        }
    };
    let mails = || {
        row.documents
            .iter()
            .map(|(d, made)| follow(Task::Mail { document: d.clone() }, Some(made.input.clone())))
            .collect()
    };
    match row.state {
        RunState::Collecting => vec![plan.clone()],
        RunState::Analyzing => vec![follow(Task::Analyze, None)],
        // Whoever finished the last document may have died before the mail messages.
        RunState::Rendering if row.pending_documents.is_empty() => mails(),
        RunState::Rendering => row
            .pending_documents
            .iter()
            .map(|d| follow(Task::Render { document: d.clone() }, row.analysis.clone()))
            .collect(),
        RunState::Mailing => mails(),
        RunState::Finished | RunState::Degraded | RunState::Failed => Vec::new(),
    }
}
