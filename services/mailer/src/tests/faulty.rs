//! Ports that fail at the n-th call: before the effect, after it, or with the death of the function.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use shared::{
    id::{DocumentId, Generation, PartId, PortfolioId, RunId},
    ledger::{
        AnalysisRecorded, AuditEntry, Begun, Completed, DeliveryKey, DeliveryRow, Ledger, LedgerError,
        Outcome, PartRef, Planned, RunPlan, RunRow, RunState, Settled,
    },
    message::Input,
    queue::{QueueError, Sender, Stage},
};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing happens, and an error comes back.
    Before,
    /// It happens, and an error comes back.
    After,
    /// It happens, and the function dies.
    Died,
}

/// Counts the calls of all ports, and says which of them is to fail.
#[derive(Default)]
pub struct Faults {
    calls: AtomicUsize,
    at: Mutex<Option<(usize, Mode)>>,
}

impl Faults {
    /// Lets the `n`-th call from now on fail, counting from 1.
    pub fn inject(&self, n: usize, mode: Mode) {
        *self.at.lock().unwrap() = Some((self.calls() + n, mode));
    }
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
    fn next(&self) -> Option<Mode> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let at = *self.at.lock().unwrap();
        at.filter(|(n, _)| *n == number).map(|(_, mode)| mode)
    }
    async fn call<T, E>(
        &self,
        fail: impl FnOnce() -> E,
        effect: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match self.next() {
            None => effect.await,
            Some(Mode::Before) => Err(fail()),
            Some(Mode::After) => {
                effect.await?;
                Err(fail())
            }
            Some(Mode::Died) => {
                effect.await?;
                panic!("killed");
            }
        }
    }
}

pub struct FaultySender {
    pub inner: Arc<dyn Sender>,
    pub faults: Arc<Faults>,
}

#[async_trait]
impl Sender for FaultySender {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        let fail = || QueueError::Unavailable {
            stage,
            source: "injected".into(),
        };
        self.faults.call(fail, self.inner.send(stage, bodies)).await
    }
}

pub struct FaultyLedger {
    pub inner: Arc<dyn Ledger>,
    pub faults: Arc<Faults>,
}

fn away() -> LedgerError {
    LedgerError::Unavailable {
        what: "(injected)",
        source: "injected".into(),
    }
}

macro_rules! through {
    ($self:ident . $method:ident ( $($arg:expr),* )) => {
        $self.faults.call(away, $self.inner.$method($($arg),*)).await
    };
}

#[async_trait]
impl Ledger for FaultyLedger {
    async fn plan_run(&self, plan: &RunPlan) -> Result<Planned, LedgerError> {
        through!(self.plan_run(plan))
    }
    async fn run(&self, run: &RunId) -> Result<Option<RunRow>, LedgerError> {
        through!(self.run(run))
    }
    async fn runs(&self, portfolio: &PortfolioId, limit: usize) -> Result<Vec<RunRow>, LedgerError> {
        through!(self.runs(portfolio, limit))
    }
    async fn complete_part(
        &self,
        r: &RunId,
        g: Generation,
        p: &PartId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError> {
        through!(self.complete_part(r, g, p, result))
    }
    async fn give_up_parts(
        &self,
        r: &RunId,
        g: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<PartId>, LedgerError> {
        through!(self.give_up_parts(r, g, now))
    }
    async fn analyze_sent(&self, r: &RunId, g: Generation, now: Timestamp) -> Result<(), LedgerError> {
        through!(self.analyze_sent(r, g, now))
    }
    async fn record_analysis(
        &self,
        r: &RunId,
        g: Generation,
        analysis: &Input,
        documents: &BTreeSet<DocumentId>,
    ) -> Result<AnalysisRecorded, LedgerError> {
        through!(self.record_analysis(r, g, analysis, documents))
    }
    async fn complete_document(
        &self,
        r: &RunId,
        g: Generation,
        d: &DocumentId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError> {
        through!(self.complete_document(r, g, d, result))
    }
    async fn mail_sent(&self, r: &RunId, g: Generation, now: Timestamp) -> Result<(), LedgerError> {
        through!(self.mail_sent(r, g, now))
    }
    async fn finish_run(
        &self,
        r: &RunId,
        g: Generation,
        state: RunState,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        through!(self.finish_run(r, g, state, now))
    }
    async fn plan_delivery(
        &self,
        key: &DeliveryKey,
        mail: &Input,
        not_after: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        through!(self.plan_delivery(key, mail, not_after, now))
    }
    async fn begin_delivery(
        &self,
        key: &DeliveryKey,
        owner: &str,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Begun, LedgerError> {
        through!(self.begin_delivery(key, owner, now, lease))
    }
    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        attempt: u32,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Settled, LedgerError> {
        through!(self.settle_delivery(key, attempt, outcome, now))
    }
    async fn deliveries(&self, run: &RunId) -> Result<Vec<DeliveryRow>, LedgerError> {
        through!(self.deliveries(run))
    }
    async fn audit(&self, run: &RunId, entry: &AuditEntry) -> Result<(), LedgerError> {
        through!(self.audit(run, entry))
    }
    async fn audits(&self, run: &RunId) -> Result<Vec<AuditEntry>, LedgerError> {
        through!(self.audits(run))
    }
}
