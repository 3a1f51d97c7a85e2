use super::*;
use crate::clock::ManualClock;

fn queue() -> (Arc<ManualClock>, MemoryQueue) {
    let clock = Arc::new(ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap()));
    (Arc::clone(&clock), MemoryQueue::new(clock))
}

fn bodies(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("m{n}")).collect()
}

#[tokio::test]
async fn refused_entries_are_named_by_their_place_in_what_was_given() {
    let (_, queue) = queue();
    queue.inject([Fault::Refuse(vec![]), Fault::Refuse(vec![1])]);
    let error = queue.send(Stage::Mail, &bodies(12)).await.unwrap_err();
    let QueueError::Partial { failed, total, .. } = error else {
        panic!("{error}")
    };
    assert_eq!((failed, total), (vec![11], 12));
    assert_eq!(queue.depth(Stage::Mail).visible, 11);
}

#[tokio::test]
async fn a_lost_answer_names_messages_that_were_taken_all_the_same() {
    let (_, queue) = queue();
    queue.inject([Fault::AnswerLost]);
    let error = queue.send(Stage::Mail, &bodies(3)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error}");
    assert_eq!(queue.depth(Stage::Mail).visible, 3);
}

#[tokio::test]
async fn a_duplicate_is_delivered_twice_and_a_queue_that_is_down_takes_nothing() {
    let (_, queue) = queue();
    queue.inject([Fault::Duplicate, Fault::Down]);
    queue.send(Stage::Mail, &bodies(1)).await.unwrap();
    assert!(queue.send(Stage::Mail, &bodies(1)).await.is_err());
    assert_eq!(queue.depth(Stage::Mail).visible, 2);
}

#[tokio::test]
async fn a_delayed_message_is_not_visible_before_its_time() {
    let (clock, queue) = queue();
    queue.send_delayed(Stage::Mail, "later".to_owned(), Duration::from_secs(30));
    assert!(queue.receive(Stage::Mail, 10).await.unwrap().is_empty());
    assert_eq!(
        queue.next_visible(),
        Some("2026-11-21T08:00:30Z".parse().unwrap())
    );
    clock.advance(SignedDuration::from_secs(30));
    assert_eq!(queue.receive(Stage::Mail, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_redrive_gives_a_message_a_new_id_and_a_new_count() {
    let (clock, queue) = queue();
    queue.send(Stage::Mail, &bodies(1)).await.unwrap();
    let first = queue.receive(Stage::Mail, 1).await.unwrap().remove(0);
    for _ in 0..5 {
        clock.advance(SignedDuration::from_hours(1));
        queue.receive(Stage::Mail, 1).await.unwrap();
    }
    assert_eq!(
        queue.depth(Stage::Mail),
        Depth {
            visible: 0,
            invisible: 0,
            dead: 1
        }
    );
    assert_eq!(queue.redrive(Stage::Mail), 1);
    let again = queue.receive(Stage::Mail, 1).await.unwrap().remove(0);
    assert_ne!(again.message_id, first.message_id);
    assert_eq!((again.receive_count, again.body), (1, first.body));
}
