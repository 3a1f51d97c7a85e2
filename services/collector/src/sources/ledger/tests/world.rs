//! Ledgers with nights on them, and tables read back as lines of text.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use jiff::SignedDuration;
use object_store::memory::InMemory;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{
    embedded::EmbeddedDynamo,
    id::{DocumentId, Generation, MailEpoch, Sha256},
    ledger::{
        Begun, DecidedBy, DeliveryKey, DeliveryState, DynamoLedger, Feedback, HeldFor, Outcome, PartRef,
        RunPlan, RunState,
        feedback::{Report, Verdict},
    },
    message::Input,
    objects::Objects,
    portfolio::{Decided, Decision},
};

use super::super::*;

pub const NIGHT: &str = "harbor.2026-11-20";

pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}
/// When the night of [`NIGHT`] is due.
pub fn due() -> Timestamp {
    "2026-11-21T10:30:00Z".parse().unwrap()
}
pub fn rid(digit: char) -> Rid {
    digit.to_string().repeat(32).parse().unwrap()
}
pub fn input(key: &str) -> Input {
    Input {
        key: key.to_owned(),
        sha256: Sha256::of(key.as_bytes()),
        bytes: 1,
    }
}
pub fn result(failure: Option<&str>) -> PartRef {
    PartRef {
        input: input("part.json"),
        rows: 1,
        failure: failure.map(str::to_owned),
    }
}
pub fn plan(run: &str, parts: &[&str]) -> RunPlan {
    RunPlan {
        run: run.parse().unwrap(),
        generation: Generation(0),
        mail_epoch: MailEpoch(0),
        parts: parts.iter().map(|part| part.parse().unwrap()).collect(),
        portfolio: input("bundle.json"),
        scheduled_at: at(0),
        not_after: at(12 * 3600),
        tz: "America/Los_Angeles".to_owned(),
        only: None,
        planned_at: at(0),
        collect_until: at(1800),
    }
}
pub fn key(run: &str, rid: &Rid) -> DeliveryKey {
    DeliveryKey {
        run: run.parse().unwrap(),
        document: "ceo".parse().unwrap(),
        rid: rid.clone(),
        mail_epoch: MailEpoch(0),
    }
}

pub async fn empty() -> DynamoLedger {
    let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "quarterdeck");
    ledger.create_table().await.unwrap();
    ledger
}

/// A night with a source that failed, one that came late, a document that was never made, and a mail that came back.
pub async fn degraded(ledger: &DynamoLedger, run: &str, seconds: i64) {
    let plan = plan(run, &["dynamodb.gone", "handoffs", "inventory"]);
    let (run, g) = (&plan.run, Generation(0));
    let part = |id: &str| id.parse().unwrap();
    ledger.plan_run(&plan).await.unwrap();
    let gone = result(Some("there is no table gone"));
    ledger
        .complete_part(run, g, &part("dynamodb.gone"), &gone)
        .await
        .unwrap();
    ledger
        .complete_part(run, g, &part("handoffs"), &result(None))
        .await
        .unwrap();
    ledger.give_up_parts(run, g, at(seconds)).await.unwrap();
    ledger
        .complete_part(run, g, &part("inventory"), &result(None))
        .await
        .unwrap();
    ledger.analyze_sent(run, g, at(seconds)).await.unwrap();
    let documents: BTreeSet<DocumentId> = ["ceo", "cfo"].map(|id| id.parse().unwrap()).into();
    ledger
        .record_analysis(run, g, &input("a"), &documents)
        .await
        .unwrap();
    let ceo = "ceo".parse().unwrap();
    ledger
        .complete_document(run, g, &ceo, &result(None))
        .await
        .unwrap();
    ledger.give_up_documents(run, g, at(seconds)).await.unwrap();
    ledger.mail_sent(run, g, at(seconds)).await.unwrap();
    for who in [Rid::archive(), rid('a'), rid('b')] {
        let key = key(&run.to_string(), &who);
        ledger
            .plan_delivery(&key, &input("m.eml"), at(9_999), at(seconds))
            .await
            .unwrap();
        let begun = ledger
            .begin_delivery(&key, "x", at(seconds), at(seconds + 60))
            .await
            .unwrap();
        assert!(matches!(begun, Begun::Yours(_)));
        let outcome = match who == rid('b') {
            true => Outcome::Held {
                cause: HeldFor::Account,
                reason: "the account cannot send: paused".to_owned(),
            },
            false => Outcome::Accepted {
                message_id: "m".to_owned(),
                by_fallback: false,
            },
        };
        ledger
            .settle_delivery(&key, 1, &outcome, at(seconds))
            .await
            .unwrap();
    }
    let report = Report {
        state: DeliveryState::Bounced,
        message_id: "m".to_owned(),
        reason: Some("Permanent/NoEmail".to_owned()),
    };
    let bounced = key(&run.to_string(), &rid('a'));
    ledger
        .report_delivery(&bounced, &report, at(seconds))
        .await
        .unwrap();
    ledger
        .finish_run(run, g, RunState::Degraded, at(seconds))
        .await
        .unwrap();
}

pub async fn suppress(ledger: &DynamoLedger, who: &Rid, since: Timestamp) {
    let suppression = Suppression {
        verdict: Verdict::Suppress,
        reason: "Bounce Permanent/NoEmail".to_owned(),
        since,
    };
    ledger.suppress(who, &suppression).await.unwrap();
}

pub fn decision(id: &str, decided: Decided, on: &str, by: DecidedBy, seconds: i64) -> LedgerDecision {
    LedgerDecision {
        id: id.to_owned(),
        portfolio: "harbor".parse().unwrap(),
        decision: Decision {
            action: "A7K2QX".parse().unwrap(),
            decided,
            on: on.parse().unwrap(),
            reason: None,
        },
        by,
        at: at(seconds),
    }
}

pub struct Written {
    pub collected: Collected,
    /// `table: column=cell …` of every row; `-` for a cell that is unknown.
    pub rows: Vec<String>,
    /// The columns in which rows have a cell, by table.
    pub cells: BTreeMap<String, BTreeSet<String>>,
}

impl Written {
    pub fn of(&self, table: &str) -> Vec<&str> {
        let mark = format!("{table}: ");
        self.rows
            .iter()
            .filter_map(|row| row.strip_prefix(&mark))
            .collect()
    }
    pub fn digest(&self) -> Sha256 {
        let part = "ledger".parse().unwrap();
        self.collected
            .clone()
            .into_manifest(&part, super::super::super::Source::Ledger)
            .content_digest()
    }
}

pub async fn written(ledger: &dyn Ledger) -> Written {
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (NIGHT.parse().unwrap(), "ledger".parse().unwrap());
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let first = Delivery { received: 1 };
    let collected = collect(ledger, &run, due(), &folder, first).await.unwrap();
    read_back(&objects, collected).await
}

pub async fn tables_of(past: &Past) -> Written {
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (NIGHT.parse().unwrap(), "ledger".parse().unwrap());
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let collected = rows::tables(past).write(&folder).await.unwrap();
    read_back(&objects, collected).await
}

pub async fn read_back(objects: &Objects, collected: Collected) -> Written {
    let mut rows = Vec::new();
    let mut cells: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in &collected.tables {
        for file in &table.files {
            let bytes = objects.get_checked(&file.input).await.unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
            for batch in reader.build().unwrap() {
                let batch = batch.unwrap();
                let schema = batch.schema();
                let names = schema.fields().iter().map(|field| field.name().clone());
                cells.entry(table.table.clone()).or_default().extend(names);
                rows.extend(lines(&table.table, &batch));
            }
        }
    }
    Written {
        collected,
        rows,
        cells,
    }
}

pub fn lines(table: &str, batch: &RecordBatch) -> Vec<String> {
    let schema = batch.schema();
    let line = |row| {
        let cells = schema
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, column)| {
                let column = column.as_string::<i32>();
                let cell = if column.is_valid(row) {
                    column.value(row)
                } else {
                    "-"
                };
                format!("{}={cell}", field.name())
            });
        format!("{table}: {}", cells.collect::<Vec<_>>().join(" "))
    };
    (0..batch.num_rows()).map(line).collect()
}
