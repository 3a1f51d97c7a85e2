//! A row of an earlier build, which no call of the ledger makes any more.

use jiff::SignedDuration;

use super::*;
use crate::{
    embedded::EmbeddedDynamo,
    id::{Generation, MailEpoch, Sha256},
    ledger::{Ledger, RunPlan, RunState},
    message::Input,
};

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

fn plan() -> RunPlan {
    RunPlan {
        run: "harbor.2026-11-20".parse().unwrap(),
        generation: Generation(0),
        mail_epoch: MailEpoch(0),
        parts: ["a".parse().unwrap()].into(),
        portfolio: Input {
            key: "bundle.json".to_owned(),
            sha256: Sha256::of(b"bundle"),
            bytes: 6,
        },
        scheduled_at: at(0),
        not_after: at(12 * 3600),
        tz: "America/Los_Angeles".to_owned(),
        only: None,
        planned_at: at(0),
        collect_until: at(1800),
    }
}

#[tokio::test]
async fn an_end_that_an_earlier_build_told_of_is_not_told_again_with_mail_that_came_back() {
    let dynamo = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "ledger");
    dynamo.create_table().await.unwrap();
    let ledger: &dyn Ledger = &dynamo;
    let (plan, cfo) = (plan(), "cfo".parse::<DocumentId>().unwrap());
    let (run, generation) = (&plan.run, plan.generation);
    let end = async |second| {
        let ended = ledger.finish_run(run, generation, RunState::Degraded, at(second));
        ended.await.unwrap();
    };
    ledger.plan_run(&plan).await.unwrap();
    end(10).await;
    // All that it noted.
    let request = meta(&dynamo, run)
        .update_expression("REMOVE #open, due_at")
        .expression_attribute_names("#open", open::OPEN);
    let noted = dynamo.update("note as an earlier build did", request).await;
    assert!(matches!(noted, Ok(Write::Done(_))));

    ledger.mail_came_back(run, &cfo, at(100)).await.unwrap();
    let row = ledger.notices_due(at(9_999)).await.unwrap().remove(0);
    assert!(!row.owes_end(), "that was told");
    assert_eq!(row.came_back, [cfo].into());
    assert!(ledger.claim_notice(&row, at(20_000), at(9_999)).await.unwrap());
    ledger.notice_told(&row).await.unwrap();
    assert_eq!(ledger.notices_due(at(99_999)).await.unwrap(), []);

    assert!(ledger.reopen(run, generation, at(30_000)).await.unwrap());
    end(30_010).await;
    let row = ledger.notices_due(at(30_010)).await.unwrap().remove(0);
    assert!(row.owes_end(), "another end");
}
