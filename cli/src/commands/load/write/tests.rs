use std::sync::Mutex;

use aws_sdk_dynamodb::types::AttributeValue;

use super::*;

/// Takes only so many of each batch; none for ever if that is zero.
struct Slow {
    takes: usize,
    calls: Mutex<Vec<usize>>,
    taken: Mutex<Vec<Item>>,
}

#[async_trait]
impl Target for Slow {
    async fn put(&self, mut items: Vec<Item>) -> anyhow::Result<Vec<Item>> {
        self.calls.lock().unwrap().push(items.len());
        let left = items.split_off(self.takes.min(items.len()));
        self.taken.lock().unwrap().extend(items);
        Ok(left)
    }
}

fn items(count: usize) -> Vec<Item> {
    let item = |n: usize| Item::from([("id".to_owned(), AttributeValue::N(n.to_string()))]);
    (0..count).map(item).collect()
}

fn slow(takes: usize) -> Slow {
    Slow {
        takes,
        calls: Mutex::default(),
        taken: Mutex::default(),
    }
}

#[tokio::test]
async fn items_that_were_not_processed_are_offered_again_until_all_are_there() {
    let target = slow(10);
    put_all(&target, items(30), Duration::ZERO, &ProgressBar::hidden())
        .await
        .unwrap();
    assert_eq!(*target.calls.lock().unwrap(), [25, 15, 5, 5]);
    assert_eq!(*target.taken.lock().unwrap(), items(30), "each once");
}

#[tokio::test]
async fn a_table_that_takes_nothing_is_an_error_and_no_endless_loop() {
    let error = put_all(&slow(0), items(3), Duration::ZERO, &ProgressBar::hidden())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("3 items are not taken"), "{error}");
}
