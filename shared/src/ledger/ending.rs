//! When a run is over, and how it ended. The mailer asks after every delivery that it settles, the sweeper when nobody else
//! does.

use jiff::{SignedDuration, Timestamp};

use super::{DeliveryRow, RunRow, RunState};

impl RunRow {
    /// The state that it ends in, or `None` while it goes on or when it has ended before. `deliveries` are all of the run.
    ///
    /// A source that could not be read does not degrade the run: documents say so, and where that is not enough they are
    /// held, which does. Parts that never came do, and documents that were never made.
    pub fn end_state(&self, deliveries: &[DeliveryRow]) -> Option<RunState> {
        if self.state.is_end() || !self.pending_documents.is_empty() || self.documents.is_empty() {
            return None;
        }
        let epoch = self.plan.mail_epoch;
        let of_epoch = || deliveries.iter().filter(|row| row.key.mail_epoch == epoch);
        // A document whose mail message is still on its way has no rows yet.
        let planned = self
            .documents
            .keys()
            .all(|document| of_epoch().any(|row| row.key.document == *document));
        // One in doubt is waited for: the mail service's word, or the report's policy, comes within the hour.
        if !planned || of_epoch().any(|row| !row.state.is_final()) {
            return None;
        }
        let whole = self.missing_parts.is_empty()
            && self.missing_documents.is_empty()
            && self.documents.values().all(|document| document.failure.is_none());
        let well = of_epoch().all(|row| row.state.is_well_ended());
        Some(if whole && well {
            RunState::Finished
        } else {
            RunState::Degraded
        })
    }

    /// Whether the operator has to be told how it ended.
    pub fn owes_end(&self) -> bool {
        self.state.is_end() && self.state != RunState::Finished && self.end_told != self.finished_at
    }

    /// When the analysis, and documents, that have not come are given up: after four times what parts are given. By then a
    /// message has been delivered as often as its queue allows and sent again by the sweeper more than once.
    pub fn give_up_at(&self) -> Timestamp {
        let collecting = self.plan.collect_until.duration_since(self.plan.planned_at);
        let wait = collecting.max(SignedDuration::ZERO).saturating_mul(4);
        self.plan
            .planned_at
            .saturating_add(wait)
            .unwrap_or(Timestamp::MAX)
    }
}
