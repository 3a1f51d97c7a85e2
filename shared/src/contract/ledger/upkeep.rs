//! Sentences about what the sweeper and an operator do: runs that nobody carries on, and runs that are taken up again.

use std::collections::BTreeSet;

use super::{
    deliveries::{LEASE, begun, key, only, queued},
    *,
};
use crate::{
    id::DocumentId,
    ledger::{
        Again, AnalysisRecorded, Completed, DeliveryState, HeldFor, Outcome, Planned, Requeue, Requeued,
        RunRow, RunState,
    },
};

async fn row(ledger: &dyn Ledger) -> RunRow {
    ledger.run(&run()).await.expect("read").expect("planned before")
}

fn documents(ids: &[&str]) -> BTreeSet<DocumentId> {
    ids.iter().map(|id| id.parse().expect("a literal")).collect()
}

async fn open(ledger: &dyn Ledger, second: i64) -> Vec<String> {
    let rows = ledger.open_runs(at(second)).await.expect("listed");
    let mut ids: Vec<_> = rows.iter().map(|row| row.plan.run.to_string()).collect();
    ids.sort();
    ids
}

async fn complete(ledger: &dyn Ledger, generation: Generation, document: &str) -> Completed {
    let key = format!("{generation}/{document}.json");
    ledger
        .complete_document(
            &run(),
            generation,
            &document.parse().expect("a literal"),
            &result(&key),
        )
        .await
        .expect("completed")
}

/// A run up to its documents, of which the first is made.
async fn rendering(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let part = "a".parse().expect("a literal");
    ledger
        .complete_part(&run(), G0, &part, &result("a.json"))
        .await
        .unwrap();
    ledger.analyze_sent(&run(), G0, at(5)).await.unwrap();
    ledger
        .record_analysis(&run(), G0, &input("analysis.json"), &documents(&["ceo", "cfo"]))
        .await
        .unwrap();
    complete(ledger, G0, "ceo").await;
}

fn again(from: Again, expected: u32, second: i64) -> Requeue {
    Requeue {
        run: run(),
        expected: Generation(expected),
        from,
        portfolio: input("another bundle.json"),
        by: format!("operator at {second}"),
        now: at(second),
        look_at: at(second + 60),
    }
}

async fn requeued(ledger: &dyn Ledger, from: Again) -> RunRow {
    let expected = row(ledger).await.plan.generation.0;
    match ledger.requeue(&again(from, expected, 100)).await.unwrap() {
        Requeued::Now(row) => *row,
        other => panic!("not requeued: {other:?}"),
    }
}

/// A run is on the index from its plan to its end, and nobody is told of it before its time.
pub async fn open_runs_are_those_that_are_due_and_have_not_ended(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    let later = RunPlan {
        run: "other.2026-11-20".parse().expect("a literal"),
        collect_until: at(5000),
        ..plan(&["a"])
    };
    ledger.plan_run(&later).await.unwrap();
    assert!(open(ledger, 1800).await.is_empty(), "a second too early");
    assert_eq!(open(ledger, 1801).await, ["harbor.2026-11-20"]);
    assert_eq!(
        open(ledger, 5000).await,
        ["harbor.2026-11-20", "other.2026-11-20"]
    );
    ledger
        .finish_run(&run(), G0, RunState::Failed, at(1900))
        .await
        .unwrap();
    assert_eq!(open(ledger, 5000).await, ["other.2026-11-20"]);
    let rows = ledger.open_runs(at(5000)).await.unwrap();
    assert_eq!(rows[0].plan, later, "the whole row");
}

/// The next look is later; a run that ended in the meantime must not come back to the index.
pub async fn a_run_that_is_looked_at_is_due_again_later_unless_it_has_ended(ledger: &dyn Ledger) {
    planned(ledger, &["a"]).await;
    ledger.look_again(&run(), G0, at(3000)).await.unwrap();
    assert!(open(ledger, 2999).await.is_empty());
    assert_eq!(open(ledger, 3000).await.len(), 1);
    ledger.look_again(&run(), Generation(1), at(9000)).await.unwrap();
    assert_eq!(open(ledger, 3000).await.len(), 1, "another generation's look");
    ledger
        .finish_run(&run(), G0, RunState::Degraded, at(3001))
        .await
        .unwrap();
    ledger.look_again(&run(), G0, at(10)).await.unwrap();
    assert!(open(ledger, 9999).await.is_empty());
}

/// Scenario 32: the run goes on without the document that can never be made.
pub async fn documents_that_never_came_are_given_up_and_late_after_that(ledger: &dyn Ledger) {
    rendering(ledger).await;
    let cfo = documents(&["cfo"]);
    let give_up = async |generation| ledger.give_up_documents(&run(), generation, at(9)).await.unwrap();
    assert!(give_up(Generation(7)).await.is_empty(), "another generation's");
    assert_eq!(give_up(G0).await, cfo);
    assert_eq!(give_up(G0).await, cfo, "asked twice, told the same");
    assert_eq!(complete(ledger, G0, "cfo").await, Completed::Late);
    let row = row(ledger).await;
    assert_eq!((row.state, row.missing_documents), (RunState::Mailing, cfo));
    assert_eq!(row.documents.len(), 1, "the one that was made");
}

/// Scenario 22. A repeated call, whose answer was lost, finds its own effect.
pub async fn a_requeue_is_the_next_generation_and_a_second_one_is_told_that_it_moved(ledger: &dyn Ledger) {
    rendering(ledger).await;
    ledger
        .finish_run(&run(), G0, RunState::Degraded, at(50))
        .await
        .unwrap();
    let first = again(Again::Analyze, 0, 100);
    let Requeued::Now(taken) = ledger.requeue(&first).await.unwrap() else {
        panic!("not requeued")
    };
    assert_eq!(
        (taken.plan.generation, taken.state, &taken.plan.portfolio),
        (Generation(1), RunState::Analyzing, &first.portfolio)
    );
    assert_eq!(ledger.requeue(&first).await.unwrap(), Requeued::Now(taken));
    let second = again(Again::Analyze, 0, 101);
    assert_eq!(
        ledger.requeue(&second).await.unwrap(),
        Requeued::Moved(Generation(1))
    );
    assert_eq!(open(ledger, 160).await.len(), 1, "open again, for the sweeper");
    assert_eq!(complete(ledger, G0, "cfo").await, Completed::Stale);
    let Planned::Before(stands) = ledger.plan_run(&plan(&["a"])).await.unwrap() else {
        panic!("the old plan came back")
    };
    assert_eq!(stands.plan.generation, Generation(1));
}

/// What the stage and those after it made is gone from the row, and nothing else.
pub async fn a_requeue_from_each_stage_keeps_what_is_before_it(ledger: &dyn Ledger) {
    rendering(ledger).await;
    complete(ledger, G0, "cfo").await;
    ledger.mail_sent(&run(), G0, at(9)).await.unwrap();

    let mail = requeued(ledger, Again::Mail).await;
    assert_eq!((mail.state, mail.documents.len()), (RunState::Mailing, 2));
    assert!(mail.mail_sent_at.is_none() && mail.analysis.is_some());

    let render = requeued(ledger, Again::Render { document: None }).await;
    assert_eq!(
        (render.state, render.pending_documents, render.documents.len()),
        (RunState::Rendering, documents(&["ceo", "cfo"]), 0)
    );
    assert!(render.analysis.is_some());

    let analyze = requeued(ledger, Again::Analyze).await;
    assert_eq!((analyze.state, analyze.parts.len()), (RunState::Analyzing, 1));
    assert!(analyze.analysis.is_none() && analyze.pending_documents.is_empty());
    assert!(analyze.analyze_sent_at.is_none());
    let recorded = ledger
        .record_analysis(
            &run(),
            analyze.plan.generation,
            &input("other.json"),
            &documents(&["ceo"]),
        )
        .await
        .unwrap();
    assert!(
        matches!(recorded, AnalysisRecorded::Stands { .. }),
        "the first of its generation"
    );

    let parts: BTreeSet<_> = ["b", "c"].map(|id| id.parse().expect("a literal")).into();
    let collect = requeued(ledger, Again::Collect { parts: parts.clone() }).await;
    assert_eq!(
        (collect.state, &collect.pending_parts, &collect.plan.parts),
        (RunState::Collecting, &parts, &parts)
    );
    assert!(collect.parts.is_empty() && collect.analysis.is_none() && collect.documents.is_empty());
    assert_eq!(collect.plan.generation, Generation(4));
}

/// The others are complete with what they have; only this one is waited for.
pub async fn a_requeue_of_one_document_leaves_the_others_complete(ledger: &dyn Ledger) {
    rendering(ledger).await;
    complete(ledger, G0, "cfo").await;
    ledger.mail_sent(&run(), G0, at(9)).await.unwrap();
    let document = Some("cfo".parse().expect("a literal"));
    let taken = requeued(ledger, Again::Render { document }).await;
    assert_eq!(taken.pending_documents, documents(&["cfo"]));
    let made: Vec<_> = taken
        .documents
        .values()
        .map(|made| made.input.key.as_str())
        .collect();
    assert_eq!(made, ["g0/ceo.json"]);
    let last = Completed::Recorded {
        last: true,
        next_sent: false,
    };
    assert_eq!(complete(ledger, Generation(1), "cfo").await, last);
    let row = row(ledger).await;
    let made: Vec<_> = row
        .documents
        .values()
        .map(|made| made.input.key.as_str())
        .collect();
    assert_eq!(made, ["g0/ceo.json", "g1/cfo.json"]);
}

/// In words, and the row is untouched.
pub async fn a_run_that_cannot_be_taken_up_from_a_stage_says_why(ledger: &dyn Ledger) {
    planned(ledger, &["a", "b"]).await;
    let before = row(ledger).await;
    let unknown = "nobody".parse().expect("a literal");
    for (from, why) in [
        (Again::Analyze, "2 parts are pending"),
        (Again::Render { document: None }, "no analysis"),
        (
            Again::Render {
                document: Some(unknown),
            },
            "no analysis",
        ),
        (Again::Mail, "no documents"),
        (
            Again::Collect {
                parts: BTreeSet::new(),
            },
            "no sources",
        ),
    ] {
        let answer = ledger.requeue(&again(from, 0, 100)).await.unwrap();
        assert!(
            matches!(&answer, Requeued::Unfit(reason) if reason.contains(why)),
            "{answer:?}"
        );
    }
    assert_eq!(row(ledger).await, before);
}

/// As a message that comes after the lease would end it, and never the attempt of somebody who is still at it.
pub async fn a_lease_is_ended_when_it_is_over_and_not_before(ledger: &dyn Ledger) {
    let name = queued(ledger).await;
    let waiting = only(ledger).await;
    assert!(!ledger.end_lease(&waiting, at(9999)).await.unwrap(), "nobody's");
    let sending = begun(ledger, &name, "one", 10).await;
    assert!(!ledger.end_lease(&sending, at(10 + LEASE - 1)).await.unwrap());
    assert_eq!(only(ledger).await.state, DeliveryState::Sending);
    assert!(ledger.end_lease(&sending, at(10 + LEASE)).await.unwrap());
    assert_eq!(only(ledger).await.state, DeliveryState::Unknown);
    assert!(
        !ledger.end_lease(&sending, at(10 + LEASE)).await.unwrap(),
        "it has moved on"
    );
}

/// A rerun's mail replaces one that was never sent, and no other.
pub async fn a_delivery_that_waits_gets_the_mail_of_a_later_generation(ledger: &dyn Ledger) {
    let mail = |generation: u32| input(&format!("runs/harbor.2026-11-20/g{generation}/mail/cfo/x.e0.eml"));
    let name = key("cfo");
    let plan = async |generation, second| {
        ledger
            .plan_delivery(&name, &mail(generation), at(3600), at(second))
            .await
            .expect("planned")
    };
    assert!(plan(2, 0).await);
    assert!(!plan(10, 1).await, "there is one");
    assert_eq!(only(ledger).await.mail, mail(10));
    assert!(!plan(9, 2).await);
    assert_eq!(
        only(ledger).await.mail,
        mail(10),
        "an earlier one changes nothing"
    );
    let row = begun(ledger, &name, "one", 10).await;
    assert_eq!(row.mail, mail(10));
    assert!(!plan(11, 11).await);
    assert_eq!(only(ledger).await.mail, mail(10), "it may be on its way");
}

/// Holding writes no attempt, and is over when a later generation brings another mail.
pub async fn a_delivery_that_was_set_aside_was_never_begun_and_waits_again_with_a_later_mail(
    ledger: &dyn Ledger,
) {
    let mail = |generation: u32| input(&format!("runs/harbor.2026-11-20/g{generation}/mail/cfo/x.e0.eml"));
    let name = key("cfo");
    let plan = async |generation, second| {
        ledger
            .plan_delivery(&name, &mail(generation), at(3600), at(second))
            .await
            .expect("planned")
    };
    let hold = Outcome::Held {
        cause: HeldFor::Document,
        reason: "a core source was not read".to_owned(),
    };
    let aside = async |second| {
        ledger
            .set_aside(&name, &hold, at(second))
            .await
            .expect("answered")
    };
    assert!(plan(0, 0).await);
    assert!(aside(1).await);
    assert!(!aside(2).await, "it was done before");
    let row = only(ledger).await;
    assert_eq!((row.state, row.attempt), (DeliveryState::Held, 0));
    assert_eq!(row.reason.as_deref(), hold.reason());
    assert!(!plan(0, 3).await);
    assert_eq!(
        only(ledger).await.state,
        DeliveryState::Held,
        "the same mail stays held"
    );
    assert!(!plan(1, 4).await);
    let row = only(ledger).await;
    assert_eq!(
        (row.state, row.mail, row.reason),
        (DeliveryState::Queued, mail(1), None)
    );
    begun(ledger, &name, "one", 10).await;
    assert!(!aside(11).await, "an attempt is under way");
}
