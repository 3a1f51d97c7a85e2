//! A night that an operator does again from one of its stages: on the embedded backends, with the command's own code.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    sync::{Arc, LazyLock},
};

use cli::{
    args::{FromStage, RequeueArgs},
    commands::requeue::{Ports, requeue_on},
    local::{Local, Options, run_night},
};
use shared::{
    clock::{Clock, ManualClock},
    id::RunId,
    ledger::{DeliveryRow, RunState},
    queue::{Receiver, Stage, memory::MemoryQueue},
};
use tests::root;

const RUN: &str = "harbor.2026-11-20";

struct Night {
    local: Local,
    queue: MemoryQueue,
    clock: Arc<ManualClock>,
    _out: tempfile::TempDir,
}

fn args(stage: FromStage, document: Option<&str>, expected_gen: u32) -> RequeueArgs {
    RequeueArgs {
        run: RUN.parse().unwrap(),
        stage,
        document: document.map(|id| id.parse().unwrap()),
        expected_gen,
        current: false,
        reason: "a test".to_owned(),
        bucket: String::new(),
        table: String::new(),
        queue_prefix: String::new(),
    }
}

impl Night {
    /// The example's night, run to its end.
    async fn ended() -> Self {
        // Once: tests of this file run side by side, and each would take the files from under the others.
        static GENERATED: LazyLock<bool> = LazyLock::new(|| {
            let mut generate = Command::new("python3");
            generate.arg("examples/harbor/generate").current_dir(root());
            generate.status().is_ok_and(|status| status.success())
        });
        assert!(*GENERATED);
        let out = tempfile::tempdir().unwrap();
        let local = Local::open(&root().join("examples/harbor"), out.path())
            .await
            .unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let night = Self {
            queue: MemoryQueue::new(clock.clone()),
            local,
            clock,
            _out: out,
        };
        night.run().await;
        night
    }

    /// Runs the night, or carries it on from where its row says it is.
    async fn run(&self) {
        let options = Options {
            date: Some(self.id().date()),
            quiet: true,
            ..Options::default()
        };
        let night = run_night(&self.local, &options).await.unwrap();
        assert_eq!(night.row.state, RunState::Finished);
        assert!(night.dead.is_empty(), "{:?}", night.dead);
    }

    fn id(&self) -> RunId {
        RUN.parse().unwrap()
    }

    async fn requeue(&self, args: &RequeueArgs) -> anyhow::Result<cli::commands::requeue::Done> {
        let ports = Ports {
            ledger: &*self.local.ledger,
            sender: &self.queue,
            objects: &self.local.objects,
            clock: &*self.clock as &dyn Clock,
        };
        requeue_on(&ports, args).await
    }

    async fn deliveries(&self) -> Vec<DeliveryRow> {
        self.local.ledger.deliveries(&self.id()).await.unwrap()
    }

    /// The manifests' keys, by document.
    async fn documents(&self) -> BTreeMap<String, String> {
        let row = self.local.ledger.run(&self.id()).await.unwrap().unwrap();
        let made = row.documents.into_iter();
        made.map(|(id, made)| (id.to_string(), made.input.key)).collect()
    }

    /// The keys of a generation's objects, below `runs/<run>/g<n>`.
    async fn objects(&self, generation: u32) -> Vec<String> {
        let prefix = format!("runs/{RUN}/g{generation}");
        self.local.objects.list(&prefix).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_23_one_document_is_rendered_again_alone_and_nobody_is_mailed_twice() {
    let night = Night::ended().await;
    let (before, deliveries, mails) = (
        night.documents().await,
        night.deliveries().await,
        night.local.outbox.sent(),
    );
    let done = night
        .requeue(&args(FromStage::Render, Some("cfo"), 0))
        .await
        .unwrap();
    assert_eq!(done.generation, 1);
    assert_eq!(done.messages, ["harbor.2026-11-20/render/cfo@g1"]);
    assert_eq!(night.queue.receive(Stage::Render, 10).await.unwrap().len(), 1);

    night.run().await;
    let after = night.documents().await;
    for (id, key) in &before {
        if id == "cfo" {
            assert_eq!(after[id], "runs/harbor.2026-11-20/g1/documents/cfo.json");
        } else {
            assert_eq!(after[id], *key, "{id} is as it was");
        }
    }
    let made = night.objects(1).await;
    assert!(
        !made.is_empty()
            && made.iter().all(
                |key| Path::new(key).starts_with(format!("runs/{RUN}/g1/documents"))
                    && key.contains("/documents/cfo")
            ),
        "only this document was made again: {made:?}"
    );
    assert_eq!(night.local.outbox.sent(), mails, "nobody is mailed");
    assert_eq!(night.deliveries().await, deliveries);
    let audit = night.local.ledger.audits(&night.id()).await.unwrap();
    assert!(
        audit
            .iter()
            .any(|line| line.event == "requeued" && line.detail.contains("render of cfo as g1"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_22_a_second_requeue_of_the_same_generation_does_nothing_and_says_so() {
    let night = Night::ended().await;
    night.requeue(&args(FromStage::Analyze, None, 0)).await.unwrap();
    let refused = night
        .requeue(&args(FromStage::Analyze, None, 0))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "run harbor.2026-11-20 is at generation 1, not 0: somebody was faster; nothing was done"
    );
    assert_eq!(night.queue.receive(Stage::Analyze, 10).await.unwrap().len(), 1);
    // The same snapshot under the same configuration: another generation's analysis of the same figures, and no mail.
    let mails = night.local.outbox.sent();
    night.run().await;
    assert_eq!(night.local.outbox.sent(), mails);
    assert!(
        night
            .objects(1)
            .await
            .iter()
            .any(|key| key.ends_with("/analysis.json"))
    );
    assert!(
        night
            .objects(1)
            .await
            .iter()
            .all(|key| !key.contains("/snapshot/"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requeue_that_makes_no_sense_is_refused_before_anything_is_written() {
    let night = Night::ended().await;
    for (args, why) in [
        (args(FromStage::Mail, Some("cfo"), 0), "--document is for render"),
        (
            args(FromStage::Render, Some("nobody"), 0),
            "nobody is none of its documents",
        ),
        (
            RequeueArgs {
                run: "harbor.2026-01-01".parse().unwrap(),
                ..args(FromStage::Mail, None, 0)
            },
            "is not on the ledger",
        ),
        (
            RequeueArgs {
                current: true,
                ..args(FromStage::Analyze, None, 0)
            },
            "was never pushed",
        ),
    ] {
        let refused = night.requeue(&args).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let row = night.local.ledger.run(&night.id()).await.unwrap().unwrap();
    assert_eq!((row.plan.generation.0, row.state), (0, RunState::Finished));
}
