//! A table that answers from a script, and the world around its part.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use shared::{
    clock::{Clock, ManualClock},
    embedded::EmbeddedDynamo,
    id::Generation,
    ledger::{DynamoLedger, Ledger},
    objects::Objects,
};
use tokio::sync::Notify;

use super::{
    super::{
        budget::Timer,
        pages::{Description, Item, Page, Split, Token},
    },
    *,
};

/// What a call of `page` does instead of answering its page.
#[derive(Clone)]
pub enum Fault {
    Error(ReadError),
    /// The function is killed.
    Killed,
    /// It answers, and says again that its first page ends where it did.
    Repeats,
    /// It answers, when another delivery has begun.
    Overtaken,
}

/// A table. Its pages are named by split and number; every page takes a second.
pub struct Script {
    splits: Vec<Vec<Vec<Item>>>,
    /// By the number of the call, from 1.
    faults: BTreeMap<usize, Fault>,
    /// From this call on all are throttled.
    throttled_from: usize,
    calls: AtomicUsize,
    pub provisioned: Option<f64>,
    pub identity: &'static str,
    time: Arc<ManualClock>,
    killed: Notify,
    world: Option<Arc<dyn Ledger>>,
}

impl Script {
    pub fn of(splits: impl IntoIterator<Item = Vec<Vec<Item>>>) -> Self {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        Self {
            splits: splits.into_iter().collect(),
            faults: BTreeMap::new(),
            throttled_from: usize::MAX,
            calls: AtomicUsize::new(0),
            provisioned: None,
            identity: "first",
            time: Arc::new(ManualClock::at(start)),
            killed: Notify::new(),
            world: None,
        }
    }
    pub fn fault(mut self, call: usize, fault: Fault) -> Self {
        self.faults.insert(call, fault);
        self
    }
    pub fn error(self, call: usize, error: ReadError) -> Self {
        self.fault(call, Fault::Error(error))
    }
    pub fn throttled_from(mut self, call: usize) -> Self {
        self.throttled_from = call;
        self
    }
    pub fn overtaken_at(mut self, call: usize, world: &World) -> Self {
        self.world = Some(Arc::clone(&world.progress.ledger));
        self.fault(call, Fault::Overtaken)
    }
    pub fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }
    /// Seconds since the script began.
    pub fn seconds(&self) -> i64 {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        self.time.now().duration_since(start).as_secs()
    }
}

fn part() -> shared::id::PartId {
    "dynamodb.jobs".parse().unwrap()
}

#[async_trait]
impl Pages for Script {
    async fn describe(&self) -> Result<Description, ReadError> {
        let of = u32::try_from(self.splits.len()).unwrap();
        if of == 0 {
            return Err(ReadError::Missing);
        }
        Ok(Description {
            identity: Some(self.identity.to_owned()),
            keys: vec!["id".to_owned()],
            splits: (0..of).map(|number| Split::Segment { number, of }).collect(),
            provisioned: self.provisioned,
        })
    }

    async fn page(&self, split: &Split, after: Option<&Token>) -> Result<Page, ReadError> {
        let call = 1 + self.calls.fetch_add(1, SeqCst);
        self.time.advance(SignedDuration::from_secs(1));
        if call >= self.throttled_from {
            return Err(ReadError::Throttled(
                "ProvisionedThroughputExceededException".into(),
            ));
        }
        let Split::Segment { number, .. } = split else {
            panic!("{split:?}")
        };
        let pages = &self.splits[*number as usize];
        let at = after.map_or(0, |token| token.0.parse::<usize>().unwrap());
        let mut next = (at + 1 < pages.len()).then(|| Token((at + 1).to_string()));
        match self.faults.get(&call).cloned() {
            Some(Fault::Error(error)) => return Err(error),
            Some(Fault::Killed) => {
                self.killed.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Fault::Repeats) => next = Some(Token("1".into())),
            Some(Fault::Overtaken) => {
                let ledger = self.world.as_ref().unwrap();
                let run = "harbor.2026-11-20".parse().unwrap();
                let part = part();
                let begun = ledger.begin_part(&run, Generation(0), &part, self.time.now());
                begun.await.unwrap();
            }
            None => {}
        }
        Ok(Page {
            items: pages[at].clone(),
            next,
            units: Some(10.0),
        })
    }
}

/// Simulated time: whoever sleeps moves the clock.
struct Simulated(Arc<ManualClock>, Mutex<()>);

#[async_trait]
impl Timer for Simulated {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    async fn sleep(&self, time: Duration) {
        let _one = self.1.lock().unwrap();
        self.0.advance(SignedDuration::try_from(time).unwrap());
    }
}

/// Ledger and store, which outlive deliveries.
pub struct World {
    pub progress: Progress,
}

impl World {
    pub async fn new() -> Self {
        let ledger = DynamoLedger::new(EmbeddedDynamo::memory().unwrap().client(), "quarterdeck");
        ledger.create_table().await.unwrap();
        Self {
            progress: Progress {
                ledger: Arc::new(ledger),
                objects: Objects::memory(),
                clock: Arc::new(ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap())),
                run: "harbor.2026-11-20".parse().unwrap(),
                generation: Generation(0),
                part: part(),
            },
        }
    }

    /// One delivery with all the time it needs.
    pub async fn collect(&self, script: &Script) -> Result<Collected, SourceError> {
        self.deliver(script, None).await.expect("not killed")
    }

    /// One delivery with so many seconds; `None` if it was killed.
    pub async fn deliver(
        &self,
        script: &Script,
        seconds: Option<i64>,
    ) -> Option<Result<Collected, SourceError>> {
        let Progress {
            objects,
            run,
            generation,
            part,
            ..
        } = &self.progress;
        let folder = PartFolder::new(objects, run, *generation, part);
        let means = Means {
            pages: script,
            progress: &self.progress,
            timer: &Simulated(Arc::clone(&script.time), Mutex::default()),
            ends: seconds.map(|seconds| script.time.now() + SignedDuration::from_secs(seconds)),
        };
        let source = source();
        tokio::select! {
            answer = collect(&source, &means, &folder) => Some(answer.map(|answer| answer.collected)),
            () = script.killed.notified() => None,
        }
    }

    /// Deliveries of so many seconds until one is neither killed nor unfinished.
    pub async fn deliver_until_done(&self, script: &Script, seconds: i64) -> (Collected, usize) {
        for delivery in 1..200 {
            match self.deliver(script, Some(seconds)).await {
                Some(Ok(collected)) => return (collected, delivery),
                None | Some(Err(SourceError::Unfinished(_) | SourceError::Later(_))) => {}
                Some(Err(error)) => panic!("{error}"),
            }
        }
        panic!("no end in 200 deliveries")
    }

    /// What the part's snapshot has.
    pub async fn files(&self) -> Vec<String> {
        self.progress.objects.list("runs").await.unwrap()
    }
    /// What is kept for going on.
    pub async fn work(&self) -> Vec<String> {
        self.progress.objects.list("work").await.unwrap()
    }
}

pub fn item(id: &str, attributes: &[(&str, &str)]) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut item: Item = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect();
    item.insert("id".to_owned(), text(id));
    item
}

pub fn items(numbers: Range<usize>) -> Vec<Item> {
    let name = |n: usize| format!("a{}", n % 3);
    numbers
        .map(|n| item(&format!("job-{:03}", n * 37 % 1000), &[(&name(n), "x")]))
        .collect()
}
