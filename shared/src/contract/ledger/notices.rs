//! Sentences about what of a run the operator, and the reports' owners, have to be told.

use super::*;
use crate::{
    id::DocumentId,
    ledger::{LedgerError, RunRow, RunState},
};

/// By one, while the claim lasts; anew when the run ends anew; and never for one that ended well.
pub async fn a_run_that_did_not_end_well_waits_for_its_notice_and_is_told_of_once(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let due = async |second| ledger.notices_due(at(second)).await.unwrap();
    let end = async |state, second| ledger.finish_run(&run(), G0, state, at(second)).await.unwrap();
    assert!(due(9999).await.is_empty(), "it is open");
    end(RunState::Degraded, 10).await;
    assert!(ledger.open_runs(at(9999)).await.unwrap().is_empty());
    let row = due(10).await.remove(0);
    assert_eq!(row.state, RunState::Degraded);
    assert!(ledger.claim_notice(&row, at(100), at(10)).await.unwrap());
    assert!(
        ledger.claim_notice(&row, at(100), at(10)).await.unwrap(),
        "the same call"
    );
    assert!(!ledger.claim_notice(&row, at(150), at(50)).await.unwrap());
    assert!(due(99).await.is_empty());
    // Whoever claimed it died.
    assert_eq!(due(100).await.len(), 1);
    assert!(ledger.claim_notice(&row, at(200), at(100)).await.unwrap());
    for _ in 0..2 {
        ledger.notice_told(&row).await.unwrap();
        assert!(due(9999).await.is_empty());
    }
    assert!(ledger.reopen(&run(), G0, at(300)).await.unwrap());
    assert!(due(9999).await.is_empty());
    end(RunState::Degraded, 310).await;
    ledger.look_again(&run(), G0, at(5000)).await.unwrap();
    assert_eq!(due(310).await.len(), 1, "another end");
    assert!(
        !ledger.claim_notice(&row, at(500), at(400)).await.unwrap(),
        "of the first one"
    );
    ledger.reopen(&run(), G0, at(420)).await.unwrap();
    end(RunState::Finished, 430).await;
    assert!(due(9999).await.is_empty());
}

fn document(id: &str) -> DocumentId {
    id.parse().expect("a literal")
}

/// It is due when those that come back together have.
const GATHERED: i64 = 15 * 60;

async fn came_back(ledger: &dyn Ledger, id: &str, second: i64) {
    let noted = ledger.mail_came_back(&run(), &document(id), at(second)).await;
    noted.unwrap();
}

/// The one run of which the operator has to be told.
async fn due(ledger: &dyn Ledger, second: i64) -> Option<RunRow> {
    let mut rows = ledger.notices_due(at(second)).await.unwrap();
    assert!(rows.len() <= 1, "{rows:?}");
    rows.pop()
}

/// Tells of what is due, as the sweeper does.
async fn told(ledger: &dyn Ledger, second: i64) -> RunRow {
    let row = due(ledger, second).await.expect("a notice is due");
    let claimed = ledger.claim_notice(&row, at(second + 3600), at(second)).await;
    assert!(claimed.unwrap());
    ledger.notice_told(&row).await.unwrap();
    row
}

async fn ended(ledger: &dyn Ledger, state: RunState, second: i64) {
    ledger.finish_run(&run(), G0, state, at(second)).await.unwrap();
}

/// Whoever says it again, and whatever else of that document comes back: its next night tells the rest.
pub async fn mail_that_came_back_after_the_end_opens_the_notice_once_a_document(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ended(ledger, RunState::Finished, 10).await;
    assert_eq!(due(ledger, 9999).await, None, "it ended well");
    for second in [20, 20, 50] {
        came_back(ledger, "cfo", second).await;
    }
    came_back(ledger, "ceo", 60).await;
    assert_eq!(
        due(ledger, 20 + GATHERED - 1).await,
        None,
        "what comes together is told together"
    );
    let row = told(ledger, 20 + GATHERED).await;
    assert_eq!(row.came_back, [document("ceo"), document("cfo")].into());
    assert!(!row.owes_end(), "it is about the mail alone");
    assert_eq!(
        row.end_told, row.finished_at,
        "an end that is off the index is told"
    );
    ledger.notice_told(&row).await.unwrap();
    came_back(ledger, "cfo", 2000).await;
    assert_eq!(due(ledger, 99_999).await, None, "of these it was told");
    came_back(ledger, "cto", 3000).await;
    let row = told(ledger, 3000 + GATHERED).await;
    assert_eq!(row.came_back, [document("cto")].into());
    assert_eq!(due(ledger, 99_999).await, None);
}

/// Whether the run ends well all the same, because the event came in that moment, or not.
pub async fn mail_that_came_back_before_the_end_is_told_with_it_and_once_more_after_it(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    came_back(ledger, "cfo", 5).await;
    assert_eq!(due(ledger, 9999).await, None, "the run goes on");
    assert_eq!(ledger.open_runs(at(9999)).await.unwrap().len(), 1);
    ended(ledger, RunState::Degraded, 10).await;
    let row = told(ledger, 10).await;
    assert!(row.owes_end());
    assert_eq!(row.came_back, [document("cfo")].into());
    assert_eq!(due(ledger, 99_999).await, None);
    came_back(ledger, "cfo", 100).await;
    assert!(!told(ledger, 100 + GATHERED).await.owes_end());
    came_back(ledger, "cfo", 2000).await;
    assert_eq!(due(ledger, 99_999).await, None);

    assert!(ledger.reopen(&run(), G0, at(3000)).await.unwrap());
    came_back(ledger, "ceo", 3001).await;
    ended(ledger, RunState::Finished, 3010).await;
    let row = told(ledger, 3010).await;
    assert!(!row.owes_end());
    assert_eq!(row.came_back, [document("ceo")].into());
    assert!(ledger.open_runs(at(99_999)).await.unwrap().is_empty());
}

/// It is told of when the claim is over.
pub async fn mail_that_came_back_while_its_notice_was_written_is_not_lost(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ended(ledger, RunState::Degraded, 10).await;
    let row = due(ledger, 10).await.expect("it did not end well");
    assert!(ledger.claim_notice(&row, at(3610), at(10)).await.unwrap());
    came_back(ledger, "cfo", 20).await;
    for _ in 0..2 {
        ledger.notice_told(&row).await.unwrap();
    }
    assert_eq!(due(ledger, 3609).await, None);
    let row = told(ledger, 3610).await;
    assert!(!row.owes_end(), "the end was told");
    assert_eq!(row.came_back, [document("cfo")].into());
    assert_eq!(due(ledger, 99_999).await, None);

    let row = {
        came_back(ledger, "ceo", 4000).await;
        due(ledger, 4000 + GATHERED).await.expect("a notice is due")
    };
    assert!(ledger.claim_notice(&row, at(9000), at(4900)).await.unwrap());
    came_back(ledger, "cto", 4901).await;
    ledger.notice_told(&row).await.unwrap();
    assert_eq!(told(ledger, 9000).await.came_back, [document("cto")].into());
    assert_eq!(due(ledger, 99_999).await, None);
}

/// Then the run is old news: the audit has it.
pub async fn mail_that_comes_back_a_week_after_the_end_opens_nothing(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ended(ledger, RunState::Finished, 10).await;
    let week = 7 * 24 * 3600;
    came_back(ledger, "cfo", 10 + week + 1).await;
    assert_eq!(due(ledger, 2 * week).await, None);
    // Noted in time, and not on the index: so it is where who noted it died in between, and the redelivery makes it good.
    came_back(ledger, "cfo", 10 + week).await;
    let row = due(ledger, 2 * week).await.expect("a notice is due");
    assert_eq!(row.came_back, [document("cfo")].into());
    let unplanned = "harbor.2020-01-01".parse().expect("a literal");
    let refused = ledger.mail_came_back(&unplanned, &document("cfo"), at(20)).await;
    assert!(matches!(refused, Err(LedgerError::NoRun(_))), "{refused:?}");
}
