//! What [`Objects`] does on every store.

use bytes::Bytes;

use crate::{
    id::Sha256,
    message::Input,
    objects::{ObjectError, Objects},
};

/// An archive under test.
pub trait Bench: Send + Sync {
    /// It.
    fn objects(&self) -> &Objects;
}
impl Bench for Objects {
    fn objects(&self) -> &Objects {
        self
    }
}

/// Tests for an archive: the argument is a future of `Option<impl Bench>`, an empty one for each test.
#[macro_export]
macro_rules! objects_contract {
    ($make:expr) => {
        use $crate::contract::objects as object_sentences;
        $crate::contract_tests!(
            $make,
            object_sentences,
            [
                what_was_written_is_read_and_checked,
                the_same_bytes_again_are_fine_and_others_are_a_conflict,
                of_many_that_write_one_key_at_once_one_stands,
                a_reference_to_other_bytes_is_refused,
                what_is_not_there_is_told_apart,
                of_what_is_large_the_first_bytes_are_read,
            ]
        );
    };
}

const KEY: &str = "runs/harbor.2026-11-20/g0/snapshot/dynamodb.jada-calendar.json";

async fn put(objects: &Objects, text: &str) -> Result<Input, ObjectError> {
    objects
        .put_once(KEY, Bytes::copy_from_slice(text.as_bytes()))
        .await
}

/// Under its key, with its digest and size.
pub async fn what_was_written_is_read_and_checked(bench: &dyn Bench) {
    let objects = bench.objects();
    let reference = put(objects, "one").await.unwrap();
    assert_eq!((reference.key.as_str(), reference.bytes), (KEY, 3));
    assert_eq!(objects.get_checked(&reference).await.unwrap(), "one");
    let empty = objects.put_once("empty", Bytes::new()).await.unwrap();
    assert_eq!(objects.get_checked(&empty).await.unwrap(), "");
}

/// Scenario 20: a crash between the object and the ledger.
pub async fn the_same_bytes_again_are_fine_and_others_are_a_conflict(bench: &dyn Bench) {
    let objects = bench.objects();
    let first = put(objects, "one").await.unwrap();
    assert_eq!(put(objects, "one").await.unwrap(), first);
    match put(objects, "two").await {
        Err(ObjectError::Conflict { stored, new, .. }) => {
            assert_eq!((stored, new), (first.sha256.clone(), Sha256::of(b"two")));
        }
        other => panic!("no conflict: {other:?}"),
    }
    assert_eq!(objects.get(KEY).await.unwrap(), "one", "the first one stands");
}

/// Nobody's write is lost without an error.
pub async fn of_many_that_write_one_key_at_once_one_stands(bench: &dyn Bench) {
    let objects = bench.objects();
    let texts: Vec<String> = (0..6).map(|n| format!("text {n}")).collect();
    let puts = futures::future::join_all(texts.iter().map(|text| put(objects, text))).await;
    let written: Vec<_> = puts.iter().zip(&texts).filter(|(put, _)| put.is_ok()).collect();
    assert_eq!(written.len(), 1, "{puts:?}");
    assert_eq!(objects.get(KEY).await.unwrap(), written[0].1.as_bytes());
}

/// A task reads what its message names, or nothing.
pub async fn a_reference_to_other_bytes_is_refused(bench: &dyn Bench) {
    let objects = bench.objects();
    let reference = put(objects, "one").await.unwrap();
    let wrong = Input {
        sha256: Sha256::of(b"two"),
        ..reference
    };
    let refused = objects.get_checked(&wrong).await;
    assert!(matches!(refused, Err(ObjectError::Digest { .. })), "{refused:?}");
}

/// From a store that cannot be reached.
pub async fn what_is_not_there_is_told_apart(bench: &dyn Bench) {
    let error = bench.objects().get("runs/none").await.expect_err("not there");
    assert!(error.is_not_found(), "{error:?}");
}

/// A mail may be of any size.
pub async fn of_what_is_large_the_first_bytes_are_read(bench: &dyn Bench) {
    let objects = bench.objects();
    put(objects, "one and two").await.unwrap();
    assert_eq!(objects.get_first(KEY, 3).await.unwrap(), "one");
    assert_eq!(objects.get_first(KEY, 1 << 20).await.unwrap(), "one and two");
    assert!(objects.get_first("nothing", 3).await.unwrap_err().is_not_found());
}
