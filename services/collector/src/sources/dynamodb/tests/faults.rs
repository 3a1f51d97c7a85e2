//! What a table answers when the service errs.

use super::{script::Fault, *};

/// Three splits of five pages of four items.
fn jobs() -> Script {
    let split = |s: usize| {
        (0..5)
            .map(|p| items(s * 100 + p * 4..s * 100 + p * 4 + 4))
            .collect()
    };
    Script::of((0..3).map(split))
}

async fn expected() -> Collected {
    World::new().await.collect(&jobs()).await.unwrap()
}

fn transient(what: &str) -> ReadError {
    ReadError::Transient(what.into())
}

fn refused(code: &str) -> ReadError {
    ReadError::Refused {
        code: code.into(),
        message: "not authorized".into(),
    }
}

#[tokio::test]
async fn a_missing_table_is_named_with_what_to_do() {
    let collected = World::new().await.collect(&Script::of([])).await.unwrap();
    assert_eq!(collected.state, SourceState::Missing);
    let reason = collected.failure().unwrap();
    assert!(
        reason.contains("table jobs does not exist") && reason.contains("tables/jobs.ndjson"),
        "{reason}"
    );
    assert!(collected.tables.is_empty(), "unknown is not an empty table");
}

#[tokio::test]
async fn a_table_that_is_deleted_while_it_is_read_is_missing_at_whatever_page() {
    for call in 1..=15 {
        let world = World::new().await;
        let collected = world
            .collect(&jobs().error(call, ReadError::Missing))
            .await
            .unwrap();
        assert_eq!(collected.state, SourceState::Missing, "page {call}");
        let reason = collected.failure().unwrap();
        assert!(reason.contains("jobs was deleted while it was read"), "{reason}");
        assert!(collected.tables.is_empty() && world.files().await.is_empty());
    }
}

#[tokio::test]
async fn what_a_refused_scan_had_read_is_discarded() {
    let world = World::new().await;
    let denied = jobs().error(7, refused("AccessDeniedException"));
    let collected = world.collect(&denied).await.unwrap();
    assert_eq!((collected.state, collected.rows()), (SourceState::Failed, 0));
    let reason = collected.failure().unwrap();
    assert!(
        reason.contains("discarded") && reason.contains("dynamodb:Scan"),
        "{reason}"
    );
    assert!(world.files().await.is_empty());
}

#[tokio::test]
async fn an_error_of_the_service_is_asked_again_in_place() {
    let script = jobs().error(4, transient("500")).error(6, transient("500"));
    assert_eq!(
        World::new().await.collect(&script).await.unwrap(),
        expected().await
    );
    assert_eq!(script.calls(), 17, "15 pages and the two that failed");
}

#[tokio::test]
async fn throttling_is_waited_out_at_half_the_rate() {
    let throttled = || ReadError::Throttled("ProvisionedThroughputExceededException".into());
    let mut script = (3..9).fold(jobs(), |script, call| script.error(call, throttled()));
    script.provisioned = Some(40.0);
    assert_eq!(
        World::new().await.collect(&script).await.unwrap(),
        expected().await
    );
    // 15 pages of 10 units: 7.5 s at half of 40 units a second, and it was throttled down from there.
    assert!(script.seconds() > 21, "{} s for 21 calls", script.seconds());
}

#[tokio::test]
async fn a_scan_consumes_no_more_than_half_of_what_is_provisioned() {
    let mut script = jobs();
    script.provisioned = Some(2.0);
    World::new().await.collect(&script).await.unwrap();
    // 150 units at one a second, the last page's excepted; the first one is taken for a whole one until it is there.
    assert!((140..=170).contains(&script.seconds()), "{} s", script.seconds());
}

#[tokio::test]
async fn expired_credentials_end_the_delivery_and_the_next_one_goes_on() {
    let world = World::new().await;
    let expired = (9..=60).fold(jobs(), |script, call| {
        script.error(call, transient("ExpiredTokenException"))
    });
    let first = world.collect(&expired).await;
    assert!(matches!(first, Err(SourceError::Later(reason)) if reason.contains("ExpiredToken")));
    let fresh = jobs();
    assert_eq!(world.collect(&fresh).await.unwrap(), expected().await);
    assert_eq!(fresh.calls(), 15 - 8, "eight pages were read before");
}

#[tokio::test]
async fn a_table_that_stays_unreadable_fails_after_three_deliveries_without_progress() {
    let world = World::new().await;
    let script = jobs().throttled_from(5);
    for delivery in 1..=3 {
        let collected = world.collect(&script).await;
        assert!(
            matches!(collected, Err(SourceError::Later(_))),
            "delivery {delivery}"
        );
    }
    let last = world.collect(&script).await.unwrap();
    assert_eq!(
        last.state,
        SourceState::Failed,
        "the first had brought four pages"
    );
    assert!(last.failure().unwrap().contains("ProvisionedThroughputExceeded"));
    assert!(world.files().await.is_empty());
}

#[tokio::test]
async fn a_page_token_that_repeats_is_no_table() {
    for call in 4..=9 {
        let world = World::new().await;
        let collected = world.collect(&jobs().fault(call, Fault::Repeats)).await.unwrap();
        assert_eq!(collected.state, SourceState::Failed, "call {call}");
        let reason = collected.failure().unwrap();
        assert!(reason.contains("the end of one page for another"), "{reason}");
    }
}
