//! What tests need to look at what is written: a writer that keeps it, and the rules of the embedded metric format.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::fmt::MakeWriter;

use crate::{clock::SystemClock, telemetry};

/// Keeps what is written. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Runs `calls` with a subscriber that writes here, on this thread.
    pub fn of<T>(&self, subscriber: impl Subscriber + Send + Sync + 'static, calls: impl FnOnce() -> T) -> T {
        // While there is only one subscriber, tracing asks the thread that meets a line first whether it has one, and
        // remembers a no for all: other tests are such threads. With a second one it asks each time.
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        tracing::subscriber::with_default(subscriber, calls)
    }

    /// All of it.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Its lines, each a JSON value.
    ///
    /// # Panics
    /// For a line that is none.
    pub fn json(&self) -> Vec<Value> {
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
        self.text().lines().map(line).collect()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Runs some work under a function's own subscriber, the logs being off, and answers the metrics that it tells. Each is held
/// to the format's rules.
///
/// # Panics
/// For a line that breaks them, or if the runtime cannot start.
pub fn metrics_of(work: impl AsyncFnOnce()) -> Vec<Value> {
    let captured = Captured::default();
    let (deployment, clock) = (Some("test".to_owned()), Arc::new(SystemClock));
    let subscriber = telemetry::subscriber(LevelFilter::OFF, deployment, clock, captured.clone());
    captured.of(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(work());
    });
    let lines = captured.json();
    for line in &lines {
        assert_is_emf(line);
        assert_eq!(line["Deployment"], "test");
    }
    lines
}

/// The sum of each metric over all lines; of durations their number, for how long work took is nobody's to say.
///
/// # Panics
/// For lines that are no metrics.
pub fn sums(lines: &[Value]) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
        for metric in metrics.expect("a directive has metrics") {
            let name = metric["Name"].as_str().expect("a metric has a name");
            let value = if name == "StageDuration" {
                1.0
            } else {
                line[name].as_f64().expect("a metric is a number")
            };
            *sums.entry(name.to_owned()).or_default() += value;
        }
    }
    sums
}

/// CloudWatch's units, of those that this project has a use for.
const UNITS: [&str; 5] = ["Count", "Bytes", "Seconds", "Milliseconds", "Percent"];

/// Holds a line to the embedded metric format's rules.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
///
/// # Panics
/// With the rule that it breaks.
pub fn assert_is_emf(line: &Value) {
    let aws = line["_aws"].as_object().expect("the root has an object _aws");
    assert_eq!(aws.len(), 2, "_aws has no other members: {line}");
    assert!(
        line["_aws"]["Timestamp"].is_u64(),
        "Timestamp is milliseconds since 1970: {line}"
    );
    let directives = line["_aws"]["CloudWatchMetrics"]
        .as_array()
        .expect("CloudWatchMetrics is an array");
    assert!(
        !directives.is_empty(),
        "without a directive there is no metric: {line}"
    );
    for directive in directives {
        assert_eq!(
            directive.as_object().map(serde_json::Map::len),
            Some(3),
            "{directive}"
        );
        assert_eq!(directive["Namespace"], "Quarterdeck");
        let sets = directive["Dimensions"]
            .as_array()
            .expect("Dimensions is an array");
        assert!(
            !sets.is_empty(),
            "a metric without a dimension is nobody's: {directive}"
        );
        for set in sets
            .iter()
            .map(|set| set.as_array().expect("a dimension set is an array"))
        {
            assert!(set.len() <= 30, "at most 30 dimensions: {directive}");
            for name in set {
                let value = line[name.as_str().expect("a dimension's name is a string")].as_str();
                let value = value.expect("a dimension is a string member of the root");
                assert!(
                    (1..=1024).contains(&value.len()),
                    "a dimension has 1 to 1024 characters: {line}"
                );
            }
        }
        let metrics = directive["Metrics"].as_array().expect("Metrics is an array");
        assert!(
            (1..=100).contains(&metrics.len()),
            "1 to 100 metrics: {directive}"
        );
        for metric in metrics {
            let name = metric["Name"].as_str().expect("a metric has a name");
            assert!((1..=1024).contains(&name.len()), "{directive}");
            assert!(
                line[name].is_number(),
                "metric {name} is a number of the root: {line}"
            );
            let unit = metric["Unit"].as_str().expect("a metric has a unit");
            assert!(UNITS.contains(&unit), "{unit} is no unit");
        }
    }
}
