//! Sentences about runs, parts and documents.

use std::collections::BTreeSet;

use super::*;
use crate::{
    id::{DocumentId, PartId},
    ledger::{AnalysisRecorded, AuditEntry, Completed, LedgerError, Planned, RunRow, RunState},
};

const LAST: Completed = Completed::Recorded {
    last: true,
    next_sent: false,
};
const NOT_LAST: Completed = Completed::Recorded {
    last: false,
    next_sent: false,
};

fn part(id: &str) -> PartId {
    id.parse().expect("a literal")
}

fn documents(ids: &[&str]) -> BTreeSet<DocumentId> {
    ids.iter().map(|id| id.parse().expect("a literal")).collect()
}

async fn row(ledger: &dyn Ledger) -> RunRow {
    ledger.run(&run()).await.expect("read").expect("planned before")
}

/// Scenario 25: the scheduler fires twice, or a person starts the night too.
pub async fn a_run_is_planned_once(ledger: &dyn Ledger) {
    assert_eq!(ledger.plan_run(&plan(&["a", "b"])).await.unwrap(), Planned::Now);
    ledger
        .complete_part(&run(), G0, &part("a"), &result("a.json"))
        .await
        .unwrap();
    let Planned::Before(stands) = ledger.plan_run(&plan(&["a", "b", "c"])).await.unwrap() else {
        panic!("planned twice")
    };
    assert_eq!(
        stands.pending_parts,
        [part("b")].into(),
        "a redelivery sends what is still pending"
    );
    assert_eq!(stands.plan, plan(&["a", "b"]), "the first plan stands");
}

/// Scenario 22 rests on it: a rerun is a new generation, and an old message cannot bring the old one back.
pub async fn a_later_generation_replaces_the_plan_and_an_earlier_one_does_not(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let next = RunPlan {
        generation: Generation(1),
        ..plan(&["a", "b"])
    };
    assert_eq!(ledger.plan_run(&next).await.unwrap(), Planned::Now);
    let Planned::Before(stands) = ledger.plan_run(&plan(&["a"])).await.unwrap() else {
        panic!("went back")
    };
    assert_eq!(
        (stands.plan.generation, stands.pending_parts.len()),
        (Generation(1), 2)
    );
}

/// All attributes, to the nanosecond.
pub async fn a_run_reads_back_as_it_was_written(ledger: &dyn Ledger) {
    let full = RunPlan {
        only: Some(documents(&["ceo", "cfo"])),
        ..plan(&["dynamodb.jada-calendar", "handoffs"])
    };
    ledger.plan_run(&full).await.unwrap();
    let failed = PartRef {
        failure: Some("table jada-calendar is missing".to_owned()),
        ..result("a.json")
    };
    ledger
        .complete_part(&run(), G0, &part("dynamodb.jada-calendar"), &failed)
        .await
        .unwrap();
    let expected = RunRow {
        plan: full,
        state: RunState::Collecting,
        pending_parts: [part("handoffs")].into(),
        parts: [(part("dynamodb.jada-calendar"), failed)].into(),
        missing_parts: BTreeSet::new(),
        late_parts: BTreeSet::new(),
        analyze_sent_at: None,
        analysis: None,
        pending_documents: BTreeSet::new(),
        documents: [].into(),
        missing_documents: BTreeSet::new(),
        mail_sent_at: None,
        finished_at: None,
        end_told: None,
        came_back: BTreeSet::new(),
    };
    assert_eq!(row(ledger).await, expected);
}

/// By business date, at most the limit, of this portfolio only.
pub async fn runs_are_listed_newest_first(ledger: &dyn Ledger) {
    for id in [
        "harbor.2026-11-19",
        "harbor.2026-12-01",
        "harbor.2026-11-20",
        "other.2026-11-30",
    ] {
        let plan = RunPlan {
            run: id.parse().expect("a literal"),
            ..plan(&["a"])
        };
        ledger.plan_run(&plan).await.unwrap();
    }
    let harbor = "harbor".parse().expect("a literal");
    let runs = ledger.runs(&harbor, 2).await.unwrap();
    let ids: Vec<_> = runs.iter().map(|row| row.plan.run.to_string()).collect();
    assert_eq!(ids, ["harbor.2026-12-01", "harbor.2026-11-20"]);
    assert_eq!(ledger.runs(&harbor, 10).await.unwrap().len(), 3);
    assert!(
        ledger
            .runs(&"nobody".parse().expect("a literal"), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Both days included, newest first, of this portfolio only; a range that ends before it begins has none.
pub async fn runs_between_two_days_are_those_of_both_days_and_no_other(ledger: &dyn Ledger) {
    for id in [
        "harbor.2026-10-20",
        "harbor.2026-10-21",
        "harbor.2026-11-19",
        "harbor.2026-11-20",
        "other.2026-11-01",
    ] {
        let plan = RunPlan {
            run: id.parse().expect("a literal"),
            ..plan(&["a"])
        };
        ledger.plan_run(&plan).await.unwrap();
    }
    let harbor = "harbor".parse().expect("a literal");
    let between = async |first: &str, last: &str| {
        let day = |text: &str| text.parse().expect("a literal");
        let rows = ledger.runs_between(&harbor, day(first), day(last)).await.unwrap();
        let dates = rows.iter().map(|row| row.plan.run.date().to_string());
        dates.collect::<Vec<_>>()
    };
    assert_eq!(
        between("2026-10-21", "2026-11-19").await,
        ["2026-11-19", "2026-10-21"]
    );
    assert!(between("2026-11-01", "2026-11-10").await.is_empty());
    assert!(between("2026-11-20", "2026-11-19").await.is_empty());
}

/// Scenario 14: exactly one sees the set empty.
pub async fn of_parts_that_finish_together_exactly_one_is_the_last(ledger: &dyn Ledger) {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    planned(ledger, &ids).await;
    let work = ids.map(|id| async move {
        ledger
            .complete_part(&run(), G0, &part(id), &result(id))
            .await
            .expect("completed")
    });
    let completed = futures::future::join_all(work).await;
    assert_eq!(
        completed.iter().filter(|outcome| **outcome == LAST).count(),
        1,
        "{completed:?}"
    );
    assert_eq!(
        completed.iter().filter(|outcome| **outcome == NOT_LAST).count(),
        7,
        "{completed:?}"
    );
    let row = row(ledger).await;
    assert!(row.pending_parts.is_empty() && row.parts.len() == 8);
}

/// Scenario 15: the last worker died between the set update and the message. Its redelivery sends.
pub async fn a_redelivered_part_asks_again_whether_the_next_message_was_sent(ledger: &dyn Ledger) {
    planned(ledger, &["a", "b"]).await;
    let again = async |id: &str, key: &str| {
        ledger
            .complete_part(&run(), G0, &part(id), &result(key))
            .await
            .expect("completed")
    };
    assert_eq!(again("a", "a.json").await, NOT_LAST);
    assert_eq!(
        again("a", "a.json").await,
        NOT_LAST,
        "a duplicate is not counted twice"
    );
    assert_eq!(again("b", "b.json").await, LAST);
    assert_eq!(
        again("b", "b.json").await,
        LAST,
        "nobody has noted that the message was sent"
    );
    ledger.analyze_sent(&run(), G0, at(5)).await.unwrap();
    assert_eq!(
        again("b", "b.json").await,
        Completed::Recorded {
            last: true,
            next_sent: true
        }
    );
    assert_eq!(row(ledger).await.state, RunState::Analyzing);
}

/// Scenario 21: an old worker finishes after a rerun.
pub async fn a_part_of_an_older_generation_is_stale(ledger: &dyn Ledger) {
    let next = RunPlan {
        generation: Generation(1),
        ..plan(&["a"])
    };
    ledger.plan_run(&next).await.unwrap();
    let completed = ledger
        .complete_part(&run(), G0, &part("a"), &result("old.json"))
        .await
        .unwrap();
    assert_eq!(completed, Completed::Stale);
    ledger.analyze_sent(&run(), G0, at(5)).await.unwrap();
    assert!(ledger.give_up_parts(&run(), G0, at(5)).await.unwrap().is_empty());
    let row = row(ledger).await;
    assert_eq!(
        (row.pending_parts.len(), row.analyze_sent_at),
        (1, None),
        "the new generation is untouched"
    );
}

/// Scenarios 16 and 17: the run goes on without it, and its coming is recorded.
pub async fn a_part_that_comes_after_it_was_given_up_is_late(ledger: &dyn Ledger) {
    planned(ledger, &["a", "b", "c"]).await;
    ledger
        .complete_part(&run(), G0, &part("a"), &result("a.json"))
        .await
        .unwrap();
    let missing: BTreeSet<_> = [part("b"), part("c")].into();
    assert_eq!(ledger.give_up_parts(&run(), G0, at(60)).await.unwrap(), missing);
    assert_eq!(
        ledger.give_up_parts(&run(), G0, at(61)).await.unwrap(),
        missing,
        "asked twice, told the same"
    );
    let late = ledger
        .complete_part(&run(), G0, &part("b"), &result("b.json"))
        .await
        .unwrap();
    assert_eq!(late, Completed::Late);
    let again = ledger
        .complete_part(&run(), G0, &part("a"), &result("a.json"))
        .await
        .unwrap();
    assert_eq!(
        again, LAST,
        "the part that came in time still finds its own effect"
    );
    let row = row(ledger).await;
    assert_eq!(
        (row.state, row.missing_parts, row.late_parts),
        (RunState::Analyzing, missing, [part("b")].into())
    );
}

/// Never a silent acknowledgement.
pub async fn a_part_that_nobody_planned_is_an_error(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let stranger = ledger
        .complete_part(&run(), G0, &part("z"), &result("z.json"))
        .await;
    assert!(
        matches!(stranger, Err(LedgerError::Malformed { .. })),
        "{stranger:?}"
    );
    let future = ledger
        .complete_part(&run(), Generation(7), &part("a"), &result("a.json"))
        .await;
    assert!(matches!(future, Err(LedgerError::Malformed { .. })), "{future:?}");
}

/// The analyzer may be done before the collector has noted that it sent the message.
pub async fn a_note_that_comes_late_never_moves_the_run_back(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ledger
        .complete_part(&run(), G0, &part("a"), &result("a.json"))
        .await
        .unwrap();
    ledger
        .record_analysis(&run(), G0, &input("analysis.json"), &documents(&["cfo"]))
        .await
        .unwrap();
    ledger.analyze_sent(&run(), G0, at(5)).await.unwrap();
    ledger.analyze_sent(&run(), G0, at(9)).await.unwrap();
    let row = row(ledger).await;
    assert_eq!(
        (row.state, row.analyze_sent_at),
        (RunState::Rendering, Some(at(5))),
        "the first note stands"
    );
}

/// Scenario 19: an analyzer that is retried with another output fails loudly.
pub async fn the_first_analysis_stands_and_another_is_refused(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let record = async |generation: Generation, key: &str| {
        let documents = documents(&["ceo", "cfo"]);
        ledger
            .record_analysis(&run(), generation, &input(key), &documents)
            .await
            .expect("recorded")
    };
    let all = AnalysisRecorded::Stands {
        pending: documents(&["ceo", "cfo"]),
    };
    assert_eq!(record(G0, "analysis.json").await, all);
    assert_eq!(record(G0, "analysis.json").await, all, "its own effect");
    assert_eq!(
        record(G0, "other.json").await,
        AnalysisRecorded::Differs {
            stands: input("analysis.json").sha256
        }
    );
    let cfo = "cfo".parse().expect("a literal");
    ledger
        .complete_document(&run(), G0, &cfo, &result("cfo.json"))
        .await
        .unwrap();
    assert_eq!(
        record(G0, "analysis.json").await,
        AnalysisRecorded::Stands {
            pending: documents(&["ceo"])
        },
        "a redelivery sends what is still pending"
    );
    ledger
        .plan_run(&RunPlan {
            generation: Generation(1),
            ..plan(&["a"])
        })
        .await
        .unwrap();
    assert_eq!(record(G0, "analysis.json").await, AnalysisRecorded::Stale);
    assert_eq!(
        row(ledger).await.analysis,
        None,
        "a new generation begins without one"
    );
}

/// The same rule, one stage on.
pub async fn documents_join_as_parts_do(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ledger
        .record_analysis(&run(), G0, &input("analysis.json"), &documents(&["ceo", "cfo"]))
        .await
        .unwrap();
    let complete = async |id: &str| {
        let id = id.parse().expect("a literal");
        ledger
            .complete_document(&run(), G0, &id, &result("manifest.json"))
            .await
            .expect("completed")
    };
    assert_eq!(complete("ceo").await, NOT_LAST);
    assert_eq!(complete("cfo").await, LAST);
    assert_eq!(complete("cfo").await, LAST);
    ledger.mail_sent(&run(), G0, at(9)).await.unwrap();
    assert_eq!(
        complete("cfo").await,
        Completed::Recorded {
            last: true,
            next_sent: true
        }
    );
    let row = row(ledger).await;
    assert_eq!(
        (row.state, row.mail_sent_at, row.documents.len()),
        (RunState::Mailing, Some(at(9)), 2)
    );
}

/// And nothing moves it on from there but a new generation.
pub async fn a_run_ends_once_and_only_in_an_end_state(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let refused = ledger.finish_run(&run(), G0, RunState::Mailing, at(9)).await;
    assert!(
        matches!(refused, Err(LedgerError::Malformed { .. })),
        "{refused:?}"
    );
    ledger
        .finish_run(&run(), Generation(3), RunState::Failed, at(9))
        .await
        .unwrap();
    assert_eq!(
        row(ledger).await.state,
        RunState::Collecting,
        "another generation's end is not this one's"
    );
    ledger
        .finish_run(&run(), G0, RunState::Degraded, at(9))
        .await
        .unwrap();
    ledger
        .finish_run(&run(), G0, RunState::Finished, at(10))
        .await
        .unwrap();
    let row = row(ledger).await;
    assert_eq!((row.state, row.finished_at), (RunState::Degraded, Some(at(9))));
}

/// An answer for reads, an error for transitions.
pub async fn what_was_never_planned_is_named(ledger: &dyn Ledger) {
    assert_eq!(ledger.run(&run()).await.unwrap(), None);
    let part = ledger
        .complete_part(&run(), G0, &part("a"), &result("a.json"))
        .await;
    assert!(
        matches!(&part, Err(LedgerError::NoRun(id)) if *id == run()),
        "{part:?}"
    );
    let end = ledger.finish_run(&run(), G0, RunState::Failed, at(1)).await;
    assert!(matches!(end, Err(LedgerError::NoRun(_))), "{end:?}");
}

/// Oldest first; a repeated write of a line adds nothing.
pub async fn audit_lines_are_kept_in_order_and_the_same_line_once(ledger: &dyn Ledger) {
    let line = |seconds, event: &str| AuditEntry {
        at: at(seconds),
        event: event.to_owned(),
        detail: "x".to_owned(),
    };
    for entry in [
        line(10, "finished"),
        line(2, "planned"),
        line(2, "started"),
        line(2, "planned"),
    ] {
        ledger.audit(&run(), &entry).await.unwrap();
    }
    let audits = ledger.audits(&run()).await.unwrap();
    assert_eq!(audits.len(), 3);
    assert_eq!((audits[0].at, audits[2].clone()), (at(2), line(10, "finished")));
}

/// Two records that settle the last two deliveries at once both come here, and what they count may differ by then.
pub async fn of_two_lines_about_a_runs_end_the_first_stands(ledger: &dyn Ledger) {
    let line = |detail: &str| AuditEntry {
        at: at(10),
        event: "finished".to_owned(),
        detail: detail.to_owned(),
    };
    assert!(ledger.audit_end(&run(), &line("4 delivered")).await.unwrap());
    assert!(!ledger.audit_end(&run(), &line("5 delivered")).await.unwrap());
    assert_eq!(ledger.audits(&run()).await.unwrap(), [line("4 delivered")]);
}
