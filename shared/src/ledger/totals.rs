//! What a run came to, in numbers: the last line of its audit, and its metrics. Whoever ends a run calls [`tell_end`].

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;

use super::{AuditEntry, DeliveryRow, DeliveryState, Ledger, LedgerError, RunRow, RunState};
use crate::{
    id::{Generation, RunId},
    metrics::{self, Metric},
};

/// Writes the audit's line of a run's end, once, and tells its metrics. For a run that goes on, or that a later generation
/// has taken up, it does nothing; so it may be called by whoever finds a run ended, in case the one who ended it died
/// before they said so.
///
/// # Errors
/// The ledger's; safe to repeat.
pub async fn tell_end(ledger: &dyn Ledger, run: &RunId, generation: Generation) -> Result<(), LedgerError> {
    let row = ledger.run(run).await?;
    let ended = row.filter(|row| row.plan.generation == generation && row.state.is_end());
    let Some((row, at)) = ended.and_then(|row| row.finished_at.map(|at| (row, at))) else {
        return Ok(());
    };
    let totals = Totals::of(&row, &ledger.deliveries(run).await?, at);
    let entry = AuditEntry {
        at,
        event: "finished".to_owned(),
        detail: format!("{}: {totals}", row.state),
    };
    if ledger.audit_end(run, &entry).await? {
        tracing::info!(state = %row.state, %totals, "run ended");
        metrics::record(run.portfolio(), &totals.metrics(row.state));
    }
    Ok(())
}

/// The numbers of a run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Parts planned.
    pub parts: usize,
    /// Of these, those that came and whose source was read.
    pub parts_read: usize,
    /// Rows collected.
    pub rows: u64,
    /// Documents made.
    pub documents: usize,
    /// Deliveries under the run's mail epoch, by state.
    pub deliveries: BTreeMap<DeliveryState, usize>,
    /// From the scheduled time to the end, in seconds; none for an end before it.
    pub lag: u32,
}

impl Totals {
    /// Of a run that ended at an instant. Deliveries of an earlier mail epoch are another night's work.
    pub fn of(run: &RunRow, rows: &[DeliveryRow], ended: Timestamp) -> Self {
        let mut deliveries = BTreeMap::new();
        for row in rows
            .iter()
            .filter(|row| row.key.mail_epoch == run.plan.mail_epoch)
        {
            *deliveries.entry(row.state).or_default() += 1;
        }
        let lag = ended.duration_since(run.plan.scheduled_at).as_secs().max(0);
        Self {
            parts: run.plan.parts.len(),
            parts_read: run.parts.values().filter(|part| part.failure.is_none()).count(),
            rows: run.parts.values().map(|part| part.rows).sum(),
            documents: run.documents.len(),
            deliveries,
            lag: u32::try_from(lag).unwrap_or(u32::MAX),
        }
    }

    /// Of the parts planned, those whose source was read, in percent.
    pub fn coverage(&self) -> f64 {
        // A run is never planned without parts.
        let parts = u32::try_from(self.parts.max(1)).unwrap_or(u32::MAX);
        100.0 * f64::from(u32::try_from(self.parts_read).unwrap_or(u32::MAX)) / f64::from(parts)
    }

    /// What CloudWatch is told of the end.
    pub fn metrics(&self, state: RunState) -> Vec<(Metric, f64)> {
        let end = match state {
            RunState::Finished => Metric::RunsFinished,
            _ => Metric::RunsDegraded,
        };
        vec![
            (end, 1.0),
            (Metric::Lag, f64::from(self.lag)),
            (Metric::Coverage, self.coverage()),
        ]
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: usize = self.deliveries.values().sum();
        let out = |(state, count): (&DeliveryState, &usize)| state.is_well_ended().then_some(*count);
        let well: usize = self.deliveries.iter().filter_map(out).sum();
        write!(f, "{well} of {all} deliveries went out")?;
        for (state, count) in self.deliveries.iter().filter(|(state, _)| !state.is_well_ended()) {
            write!(f, ", {count} {state}")?;
        }
        let Self {
            parts,
            parts_read,
            rows,
            documents,
            lag,
            ..
        } = self;
        write!(
            f,
            "; {parts_read} of {parts} sources read, {rows} rows, {documents} documents; {lag} s after its time"
        )
    }
}
