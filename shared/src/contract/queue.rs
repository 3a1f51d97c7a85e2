//! What every pair of [`Sender`] and [`Receiver`] does.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;

use crate::queue::{Received, Receiver, Sender, Stage, trace};

/// Queues under test, and time.
#[async_trait]
pub trait Bench: Send + Sync {
    /// The one end.
    fn sender(&self) -> &dyn Sender;
    /// The other.
    fn receiver(&self) -> &dyn Receiver;
    /// The visibility time of its queues: short, for it is waited for.
    fn visibility(&self) -> Duration;
    /// Their max receive count.
    fn max_receives(&self) -> u32;
    /// Lets time pass.
    async fn wait(&self, time: Duration);
}

/// Tests for queues: the argument is a future of `Option<impl Bench>`, with new queues for each test.
#[macro_export]
macro_rules! queue_contract {
    ($make:expr) => {
        use $crate::contract::queue as queue_sentences;
        $crate::contract_tests!(
            $make,
            queue_sentences,
            [
                nothing_sent_is_nothing_received,
                everything_sent_is_received_however_many_batches_it_takes,
                queues_do_not_mix,
                a_received_message_is_invisible_and_then_comes_back_counted,
                a_deleted_message_does_not_come_back_and_deleting_twice_is_fine,
                a_stale_receipt_is_no_error,
                a_message_comes_back_when_it_was_asked_to,
                past_the_max_receive_count_a_message_is_on_the_dlq_and_stays_there,
            ]
        );
    };
}

/// The sentence about traces, beside [`queue_contract`] in the same module: a stand-in for SQS may not keep them (ministack 1.5
/// drops the system attributes of a batch).
#[macro_export]
macro_rules! queue_trace_contract {
    ($make:expr) => {
        $crate::contract_tests!(
            $make,
            queue_sentences,
            [a_message_keeps_the_trace_that_it_was_sent_in,]
        );
    };
}

async fn send(bench: &dyn Bench, stage: Stage, bodies: &[&str]) {
    let bodies: Vec<String> = bodies.iter().map(|body| (*body).to_owned()).collect();
    bench.sender().send(stage, &bodies).await.expect("taken");
}

async fn receive(bench: &dyn Bench, stage: Stage) -> Vec<Received> {
    bench.receiver().receive(stage, 10).await.expect("received")
}

/// The one message that must be there. A receive may miss it (SQS samples its servers), so it is asked a few times.
async fn one(bench: &dyn Bench, stage: Stage) -> Received {
    for _ in 0..5 {
        if let Some(message) = receive(bench, stage).await.pop() {
            return message;
        }
    }
    panic!("no message came")
}

async fn none(bench: &dyn Bench, stage: Stage) {
    let batch = receive(bench, stage).await;
    assert!(batch.is_empty(), "{batch:?}");
}

/// Neither is an error.
pub async fn nothing_sent_is_nothing_received(bench: &dyn Bench) {
    send(bench, Stage::Render, &[]).await;
    none(bench, Stage::Render).await;
    assert!(
        bench
            .receiver()
            .dead_letters(Stage::Render)
            .await
            .unwrap()
            .is_empty()
    );
}

/// 23 messages are three batches; a receive answers ten at most.
pub async fn everything_sent_is_received_however_many_batches_it_takes(bench: &dyn Bench) {
    let bodies: Vec<String> = (0..23).map(|n| format!("message {n}: \"é\" <&>")).collect();
    bench.sender().send(Stage::Collect, &bodies).await.unwrap();
    let mut came = BTreeSet::new();
    for _ in 0..30 {
        let batch = receive(bench, Stage::Collect).await;
        assert!(batch.len() <= 10);
        came.extend(batch.into_iter().map(|message| message.body));
        if came.len() == bodies.len() {
            break;
        }
    }
    assert_eq!(came, bodies.into_iter().collect());
}

/// Each stage has its own.
pub async fn queues_do_not_mix(bench: &dyn Bench) {
    send(bench, Stage::Mail, &["for the mailer"]).await;
    for stage in [Stage::Collect, Stage::Analyze, Stage::Render] {
        none(bench, stage).await;
    }
    assert_eq!(one(bench, Stage::Mail).await.body, "for the mailer");
}

/// With a higher count under another receipt.
pub async fn a_received_message_is_invisible_and_then_comes_back_counted(bench: &dyn Bench) {
    send(bench, Stage::Mail, &["x"]).await;
    let first = one(bench, Stage::Mail).await;
    assert_eq!(first.receive_count, 1);
    none(bench, Stage::Mail).await;
    bench.wait(bench.visibility()).await;
    let second = one(bench, Stage::Mail).await;
    assert_eq!((second.receive_count, &second.body), (2, &first.body));
    assert_ne!(second.receipt, first.receipt);
}

/// As the contract of `delete` says.
pub async fn a_deleted_message_does_not_come_back_and_deleting_twice_is_fine(bench: &dyn Bench) {
    send(bench, Stage::Mail, &["x"]).await;
    let message = one(bench, Stage::Mail).await;
    bench
        .receiver()
        .delete(Stage::Mail, &message.receipt)
        .await
        .unwrap();
    bench
        .receiver()
        .delete(Stage::Mail, &message.receipt)
        .await
        .unwrap();
    bench.wait(bench.visibility()).await;
    none(bench, Stage::Mail).await;
}

/// Whether it still deletes is the queue's affair.
pub async fn a_stale_receipt_is_no_error(bench: &dyn Bench) {
    send(bench, Stage::Mail, &["x"]).await;
    let stale = one(bench, Stage::Mail).await;
    bench.wait(bench.visibility()).await;
    let fresh = one(bench, Stage::Mail).await;
    bench
        .receiver()
        .delete(Stage::Mail, &stale.receipt)
        .await
        .unwrap();
    bench
        .receiver()
        .delete(Stage::Mail, &fresh.receipt)
        .await
        .unwrap();
    bench
        .receiver()
        .retry_in(Stage::Mail, &fresh.receipt, Duration::ZERO)
        .await
        .unwrap();
    none(bench, Stage::Mail).await;
}

/// At once for zero; not before its time otherwise.
pub async fn a_message_comes_back_when_it_was_asked_to(bench: &dyn Bench) {
    send(bench, Stage::Mail, &["x"]).await;
    let first = one(bench, Stage::Mail).await;
    bench
        .receiver()
        .retry_in(Stage::Mail, &first.receipt, Duration::ZERO)
        .await
        .unwrap();
    let second = one(bench, Stage::Mail).await;
    let longer = bench.visibility() * 3;
    bench
        .receiver()
        .retry_in(Stage::Mail, &second.receipt, longer)
        .await
        .unwrap();
    bench.wait(bench.visibility()).await;
    none(bench, Stage::Mail).await;
    bench.wait(longer).await;
    assert_eq!(one(bench, Stage::Mail).await.receive_count, 3);
}

/// Looking does not take it off.
pub async fn past_the_max_receive_count_a_message_is_on_the_dlq_and_stays_there(bench: &dyn Bench) {
    send(bench, Stage::Analyze, &["poison"]).await;
    for _ in 0..bench.max_receives() {
        let message = one(bench, Stage::Analyze).await;
        bench
            .receiver()
            .retry_in(Stage::Analyze, &message.receipt, Duration::ZERO)
            .await
            .unwrap();
    }
    none(bench, Stage::Analyze).await;
    for _ in 0..2 {
        assert_eq!(
            bench.receiver().dead_letters(Stage::Analyze).await.unwrap(),
            ["poison"]
        );
    }
    none(bench, Stage::Analyze).await;
}

/// And one that was sent in none has none.
pub async fn a_message_keeps_the_trace_that_it_was_sent_in(bench: &dyn Bench) {
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    trace::within(Some(header.to_owned()), send(bench, Stage::Mail, &["traced"])).await;
    assert_eq!(one(bench, Stage::Mail).await.trace.as_deref(), Some(header));
    send(bench, Stage::Render, &["not traced"]).await;
    assert_eq!(one(bench, Stage::Render).await.trace, None);
}
