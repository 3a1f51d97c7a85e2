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
    let failure = guarded(sample(Task::Analyze), &async |_: Envelope| {
        Err(Deferred::seconds(30, "2 parts are pending")).context("failed to analyze")
    })
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
