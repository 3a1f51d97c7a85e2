use std::{collections::BTreeMap, sync::Mutex};

use anyhow::Context;
use shared::{embedded::EmbeddedDynamo, ledger::DynamoLedger};

use super::*;

/// Two stages that can be switched, and what their queues hold; `None` cannot be counted.
struct Fake {
    on: Mutex<BTreeMap<Stage, bool>>,
    depths: BTreeMap<Stage, Option<u64>>,
    refuses: bool,
}

impl Fake {
    fn new(on: bool, analyze: Option<u64>, render: Option<u64>) -> Self {
        let stages = [Stage::Analyze, Stage::Render];
        Self {
            on: Mutex::new(stages.map(|stage| (stage, on)).into()),
            depths: [(Stage::Analyze, analyze), (Stage::Render, render)].into(),
            refuses: false,
        }
    }
    fn awake(&self) -> Vec<Stage> {
        let on = self.on.lock().unwrap();
        on.iter()
            .filter(|(_, on)| **on)
            .map(|(stage, _)| *stage)
            .collect()
    }
}

#[async_trait]
impl Polling for Fake {
    fn stages(&self) -> Vec<Stage> {
        self.depths.keys().copied().collect()
    }
    async fn depth(&self, stage: Stage) -> anyhow::Result<u64> {
        self.depths[&stage].context("throttled")
    }
    async fn switch(&self, stage: Stage, on: bool) -> anyhow::Result<bool> {
        anyhow::ensure!(!self.refuses, "denied");
        Ok(self.on.lock().unwrap().insert(stage, on) != Some(on))
    }
}

fn now() -> Timestamp {
    "2026-11-21T18:00:00Z".parse().unwrap()
}

async fn ledger() -> DynamoLedger {
    let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "ledger");
    ledger.create_table().await.unwrap();
    ledger
}

#[tokio::test]
async fn without_an_open_run_a_stage_is_awake_exactly_while_its_queue_has_a_message() {
    let ledger = ledger().await;
    for on in [true, false] {
        let fake = Fake::new(on, Some(0), Some(1));
        settle(&fake, &ledger, now()).await.unwrap();
        assert_eq!(fake.awake(), [Stage::Render], "whatever it was before");
    }
}

#[tokio::test]
async fn a_queue_that_cannot_be_counted_is_awake_and_the_sweep_says_so() {
    let fake = Fake::new(false, None, Some(0));
    let error = settle(&fake, &ledger().await, now()).await.unwrap_err();
    assert_eq!(fake.awake(), [Stage::Analyze]);
    assert!(error.to_string().contains("analyze: throttled"), "{error}");
}

#[tokio::test]
async fn only_a_stage_that_has_work_fails_the_sweep_when_it_cannot_be_switched() {
    let ledger = ledger().await;
    let refused = |depth| Fake {
        refuses: true,
        ..Fake::new(true, Some(depth), Some(depth))
    };
    settle(&refused(0), &ledger, now()).await.unwrap();
    let error = settle(&refused(2), &ledger, now()).await.unwrap_err().to_string();
    assert!(
        error.contains("analyze not woken: denied") && error.contains("render not woken"),
        "{error}"
    );
    // A plan goes on all the same.
    wake(Some(&refused(2))).await;
    wake(None).await;
}
