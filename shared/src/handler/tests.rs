use std::sync::Mutex;

use super::{mapping::failed_ids, *};
use crate::message::sample;

fn message(id: &str, body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = (!id.is_empty()).then(|| id.to_owned());
    message.body = Some(body.to_owned());
    message
}

fn event(messages: impl IntoIterator<Item = SqsMessage>) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = messages.into_iter().collect();
    event
}

fn part(name: &str) -> String {
    sample(Task::Part {
        part: name.parse().unwrap(),
    })
    .to_body()
}

#[tokio::test]
async fn a_body_that_is_no_json_fails_only_its_own_record() {
    let seen = Mutex::new(Vec::new());
    let batch = event([
        message("1", &part("a")),
        message("2", "not json"),
        message("3", &part("c")),
    ]);
    let response = per_record(batch, Stage::Collect, async |envelope: Envelope| {
        seen.lock().unwrap().push(envelope.key);
        Ok(())
    })
    .await;
    assert_eq!(failed_ids(&response), ["2".to_owned()].into());
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_panic_fails_only_its_own_record() {
    let batch = event([message("1", &part("bad")), message("2", &part("good"))]);
    let response = per_record(batch, Stage::Collect, async |envelope: Envelope| {
        assert!(!envelope.key.contains("bad"), "this one panics");
        Ok(())
    })
    .await;
    assert_eq!(failed_ids(&response), ["1".to_owned()].into());
}

#[tokio::test]
async fn an_error_fails_its_record_and_the_rest_of_the_batch_is_done() {
    let batch = event([message("1", &part("bad")), message("2", &part("good"))]);
    let response = per_record(batch, Stage::Collect, async |envelope: Envelope| {
        anyhow::ensure!(!envelope.key.contains("bad"), "no");
        Ok(())
    })
    .await;
    assert_eq!(failed_ids(&response), ["1".to_owned()].into());
}

#[tokio::test]
async fn a_failed_record_without_an_id_returns_the_whole_batch_instead_of_being_deleted() {
    let batch = event([message("", "not json"), message("2", &part("good"))]);
    let response = per_record(batch, Stage::Collect, async |_: Envelope| Ok(())).await;
    assert!(
        failed_ids(&response).contains(""),
        "Lambda returns the batch for an empty identifier"
    );
}

#[tokio::test]
async fn a_record_without_an_id_that_is_done_fails_nothing() {
    let batch = event([message("", &part("good"))]);
    let response = per_record(batch, Stage::Collect, async |_: Envelope| Ok(())).await;
    assert!(response.batch_item_failures.is_empty());
}

#[tokio::test]
async fn a_deferred_record_comes_back_also_when_context_was_added() {
    use anyhow::Context;
    let failure =
        guarded(async { Err(Deferred::seconds(30, "2 parts are pending")).context("failed to analyze") })
            .await;
    let Err(Failure::Deferred(deferred)) = failure else {
        panic!("not deferred")
    };
    assert_eq!(deferred, Deferred::seconds(30, "2 parts are pending"));
    let batch = event([message("1", &sample(Task::Analyze).to_body())]);
    let handle = async |_: Envelope| Err(Deferred::seconds(30, "2 parts are pending").into());
    let response = per_record(batch, Stage::Analyze, handle).await;
    assert_eq!(failed_ids(&response), ["1".to_owned()].into());
}

/// What a batch logs, one JSON object a line.
async fn logged(stage: Stage, messages: Vec<SqsMessage>) -> Vec<serde_json::Value> {
    #[derive(Clone, Default)]
    struct Buffer(std::sync::Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let logs = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || writer.clone());
    {
        let _logs = tracing::subscriber::set_default(logs.finish());
        per_record(event(messages), stage, async |_: Envelope| {
            anyhow::bail!("no such table")
        })
        .await;
    }
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    // A metric is no log line; a function's own subscriber keeps them apart.
    lines
        .filter(|line| line["target"] != crate::metrics::TARGET)
        .collect()
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_run_part_attempt_and_key() {
    let mut failing = message("1", &part("dynamodb.jada-calendar"));
    failing
        .attributes
        .insert("ApproximateReceiveCount".to_owned(), "3".to_owned());
    let lines = logged(Stage::Collect, vec![failing]).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["error"], "no such table");
    let span = &lines[0]["span"];
    assert_eq!(span["run"], "harbor.2026-11-20");
    assert_eq!(span["part"], "dynamodb.jada-calendar");
    assert_eq!(span["attempt"], "3");
    assert_eq!(span["key"], "harbor.2026-11-20/part/dynamodb.jada-calendar@g0");
}

#[tokio::test]
async fn a_body_that_is_no_message_is_never_logged_itself() {
    let lines = logged(
        Stage::Mail,
        vec![message("1", "{\"v\":1,\"to\":\"cfo@example.com\"}")],
    )
    .await;
    assert_eq!(lines.len(), 1);
    assert!(!lines[0].to_string().contains("cfo@example.com"), "{}", lines[0]);
}

#[cfg(feature = "embedded")]
#[tokio::test]
async fn what_a_record_sends_carries_the_trace_that_the_record_came_with() {
    use std::sync::Arc;

    use crate::queue::{Sender, memory::MemoryQueue, trace};

    const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    let start = "2026-11-21T08:00:00Z".parse().unwrap();
    let queue = MemoryQueue::new(Arc::new(crate::clock::ManualClock::at(start)));
    let first = part("a");
    trace::within(Some(HEADER.to_owned()), queue.send(Stage::Collect, &[first]))
        .await
        .unwrap();
    queue.send(Stage::Collect, &[part("b")]).await.unwrap();
    // Both records in one batch, handled by one function.
    mapping::poll(&queue, Stage::Collect, 10, |event| {
        per_record(event, Stage::Collect, async |envelope: Envelope| {
            queue.send(Stage::Analyze, &[envelope.key]).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
    let sent = queue.receive(Stage::Analyze, 10).await.unwrap();
    let traces: Vec<_> = sent.iter().map(|message| message.trace.as_deref()).collect();
    assert_eq!(
        traces,
        [Some(HEADER), None],
        "each its own, and none its neighbour's"
    );
}

#[tokio::test]
async fn bodies_of_a_foreign_queue_fail_alone_too() {
    let batch = event([
        message("1", "one"),
        message("2", "panic"),
        message("3", "error"),
        message("4", "four"),
    ]);
    let seen = Mutex::new(Vec::new());
    let response = per_body(batch, "events", async |body: String| {
        assert_ne!(body, "panic", "this one panics");
        anyhow::ensure!(body != "error", "no");
        seen.lock().unwrap().push(body);
        Ok(())
    })
    .await;
    assert_eq!(failed_ids(&response), ["2".to_owned(), "3".to_owned()].into());
    assert_eq!(*seen.lock().unwrap(), ["one", "four"]);
}
