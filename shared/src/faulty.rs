//! Ports that fail at the n-th call: before the effect, after it, or with the death of the function. For tests: run a
//! scenario once, count its calls, then let each of them fail once in every [`Mode`] and see that the promises hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::{Timestamp, civil::Date};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, path::Path,
};

use crate::{
    id::{DocumentId, Generation, MailEpoch, PartId, PortfolioId, RunId},
    ledger::{
        AnalysisRecorded, AuditEntry, Begun, Completed, DeliveryKey, DeliveryRow, Feedback, Ledger,
        LedgerError, Outcome, PartAttempt, PartRef, Planned, Requeue, Requeued, RunPlan, RunRow, RunState,
        Settled,
        control::{Brake, Control, Verdict},
        decided::{Decisions, LedgerDecision},
        feedback::{FeedbackId, FeedbackRow, Quarantined, Report, Reporting, Suppression},
    },
    mail::{Accepted, Account, MailError, OutgoingMail, Rid, Transport},
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

impl Mode {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Before, Self::After, Self::Died];
}

/// Counts the calls of all ports, and says which of them is to fail.
#[derive(Debug, Default)]
pub struct Faults {
    calls: AtomicUsize,
    at: Mutex<Option<(usize, Mode)>>,
    away: AtomicBool,
}

impl Faults {
    /// Lets the `n`-th call from now on fail, counting from 1.
    pub fn inject(&self, n: usize, mode: Mode) {
        *lock(&self.at) = Some((self.calls() + n, mode));
    }
    /// Lets every call fail before its effect until it is called again with `false`.
    pub fn away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }
    /// The calls so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
    fn next(&self) -> Option<Mode> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if self.away.load(Ordering::SeqCst) {
            return Some(Mode::Before);
        }
        let at = *lock(&self.at);
        at.filter(|(n, _)| *n == number).map(|(_, mode)| mode)
    }
    /// A call of a port that has no adapter here.
    ///
    /// # Errors
    /// What it comes to, or `fail`'s.
    ///
    /// # Panics
    /// If it is to die.
    pub async fn call<T, E>(
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A sender that fails so.
pub struct FaultySender {
    /// What it stands before.
    pub inner: Arc<dyn Sender>,
    /// When.
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

/// A ledger that fails so.
pub struct FaultyLedger {
    /// What it stands before.
    pub inner: Arc<dyn Ledger>,
    /// When.
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
    async fn runs_between(
        &self,
        portfolio: &PortfolioId,
        first: Date,
        last: Date,
    ) -> Result<Vec<RunRow>, LedgerError> {
        through!(self.runs_between(portfolio, first, last))
    }
    async fn begin_part(
        &self,
        r: &RunId,
        g: Generation,
        p: &PartId,
        now: Timestamp,
    ) -> Result<PartAttempt, LedgerError> {
        through!(self.begin_part(r, g, p, now))
    }
    async fn checkpoint_part(
        &self,
        r: &RunId,
        g: Generation,
        p: &PartId,
        attempt: u32,
        checkpoint: &Input,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        through!(self.checkpoint_part(r, g, p, attempt, checkpoint, now))
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
    async fn give_up_documents(
        &self,
        r: &RunId,
        g: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<DocumentId>, LedgerError> {
        through!(self.give_up_documents(r, g, now))
    }
    async fn open_runs(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError> {
        through!(self.open_runs(now))
    }
    async fn look_again(&self, r: &RunId, g: Generation, at: Timestamp) -> Result<(), LedgerError> {
        through!(self.look_again(r, g, at))
    }
    async fn requeue(&self, requeue: &Requeue) -> Result<Requeued, LedgerError> {
        through!(self.requeue(requeue))
    }
    async fn end_lease(&self, row: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError> {
        through!(self.end_lease(row, now))
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
    async fn set_aside(
        &self,
        key: &DeliveryKey,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        through!(self.set_aside(key, outcome, now))
    }
    async fn has_open_deliveries(&self, run: &RunId, epoch: MailEpoch) -> Result<bool, LedgerError> {
        through!(self.has_open_deliveries(run, epoch))
    }
    async fn deliveries(&self, run: &RunId) -> Result<Vec<DeliveryRow>, LedgerError> {
        through!(self.deliveries(run))
    }
    async fn audit(&self, run: &RunId, entry: &AuditEntry) -> Result<(), LedgerError> {
        through!(self.audit(run, entry))
    }
    async fn audit_end(&self, run: &RunId, entry: &AuditEntry) -> Result<bool, LedgerError> {
        through!(self.audit_end(run, entry))
    }
    async fn audits(&self, run: &RunId) -> Result<Vec<AuditEntry>, LedgerError> {
        through!(self.audits(run))
    }
}

#[async_trait]
impl Feedback for FaultyLedger {
    async fn delivery(&self, key: &DeliveryKey) -> Result<Option<DeliveryRow>, LedgerError> {
        through!(self.delivery(key))
    }
    async fn feedback(&self, id: &FeedbackId) -> Result<Option<FeedbackRow>, LedgerError> {
        through!(self.feedback(id))
    }
    async fn record_feedback(&self, row: &FeedbackRow) -> Result<bool, LedgerError> {
        through!(self.record_feedback(row))
    }
    async fn report_delivery(
        &self,
        key: &DeliveryKey,
        report: &Report,
        now: Timestamp,
    ) -> Result<Reporting, LedgerError> {
        through!(self.report_delivery(key, report, now))
    }
    async fn quarantine(&self, row: &Quarantined) -> Result<bool, LedgerError> {
        through!(self.quarantine(row))
    }
    async fn quarantined(&self, day: Date) -> Result<Vec<Quarantined>, LedgerError> {
        through!(self.quarantined(day))
    }
    async fn transient_bounce(
        &self,
        rid: &Rid,
        id: &FeedbackId,
        at: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        through!(self.transient_bounce(rid, id, at))
    }
    async fn suppress(&self, rid: &Rid, suppression: &Suppression) -> Result<(), LedgerError> {
        through!(self.suppress(rid, suppression))
    }
    async fn suppression(&self, rid: &Rid) -> Result<Option<Suppression>, LedgerError> {
        through!(self.suppression(rid))
    }
    async fn unsuppress(&self, rid: &Rid) -> Result<bool, LedgerError> {
        through!(self.unsuppress(rid))
    }
}

#[async_trait]
impl Control for FaultyLedger {
    async fn brake(&self) -> Result<Option<Brake>, LedgerError> {
        through!(self.brake())
    }
    async fn pull_brake(&self, brake: &Brake) -> Result<bool, LedgerError> {
        through!(self.pull_brake(brake))
    }
    async fn release_brake(&self, seen: &Brake) -> Result<bool, LedgerError> {
        through!(self.release_brake(seen))
    }
    async fn release(&self, held: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError> {
        through!(self.release(held, now))
    }
    async fn end_doubt(
        &self,
        row: &DeliveryRow,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        through!(self.end_doubt(row, verdict, now))
    }
    async fn reopen(&self, run: &RunId, g: Generation, look_at: Timestamp) -> Result<bool, LedgerError> {
        through!(self.reopen(run, g, look_at))
    }
    async fn mail_came_back(&self, run: &RunId, d: &DocumentId, now: Timestamp) -> Result<(), LedgerError> {
        through!(self.mail_came_back(run, d, now))
    }
    async fn notices_due(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError> {
        through!(self.notices_due(now))
    }
    async fn claim_notice(
        &self,
        ended: &RunRow,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        through!(self.claim_notice(ended, until, now))
    }
    async fn notice_told(&self, ended: &RunRow) -> Result<(), LedgerError> {
        through!(self.notice_told(ended))
    }
    async fn suppressed(&self) -> Result<BTreeMap<Rid, Suppression>, LedgerError> {
        through!(self.suppressed())
    }
    async fn control_audit(&self, entry: &AuditEntry) -> Result<(), LedgerError> {
        through!(self.control_audit(entry))
    }
    async fn control_audits(&self, last: usize) -> Result<Vec<AuditEntry>, LedgerError> {
        through!(self.control_audits(last))
    }
}

#[async_trait]
impl Decisions for FaultyLedger {
    async fn decide(&self, decision: &LedgerDecision) -> Result<bool, LedgerError> {
        through!(self.decide(decision))
    }
    async fn decisions(&self, portfolio: &PortfolioId) -> Result<Vec<LedgerDecision>, LedgerError> {
        through!(self.decisions(portfolio))
    }
}

/// A mail service that fails so. Whatever its error says, the caller cannot tell whether the mail was taken.
pub struct FaultyTransport {
    /// What it stands before.
    pub inner: Arc<dyn Transport>,
    /// When.
    pub faults: Arc<Faults>,
}

#[async_trait]
impl Transport for FaultyTransport {
    async fn send(&self, mail: OutgoingMail<'_>) -> Result<Accepted, MailError> {
        let fail = || MailError::Ambiguous("injected".to_owned());
        self.faults.call(fail, self.inner.send(mail)).await
    }
    async fn account(&self) -> Result<Account, MailError> {
        self.inner.account().await
    }
}

/// An object store that fails so when it reads or writes.
#[derive(Debug)]
pub struct FaultyStore {
    /// What it stands before.
    pub inner: Arc<dyn ObjectStore>,
    /// When.
    pub faults: Arc<Faults>,
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "faulty {}", self.inner)
    }
}

fn broken() -> object_store::Error {
    object_store::Error::Generic {
        store: "(injected)",
        source: "injected".into(),
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Stored<PutResult> {
        self.faults
            .call(broken, self.inner.put_opts(at, payload, options))
            .await
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Stored<GetResult> {
        self.faults.call(broken, self.inner.get_opts(at, options)).await
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Stored<ListResult> {
        self.faults
            .call(broken, self.inner.list_with_delimiter(prefix))
            .await
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Stored<ObjectMeta>> {
        self.inner.list(prefix)
    }
    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Stored<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }
    fn delete_stream(&self, at: BoxStream<'static, Stored<Path>>) -> BoxStream<'static, Stored<Path>> {
        self.inner.delete_stream(at)
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Stored<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

type Stored<T> = object_store::Result<T>;
