//! Logs and metrics of a function: one JSON object a line on standard output. A log line has the fields of its span
//! (`run`, `document`, `part`, `rid`, `attempt`, `key`); a metric is a line of its own, see [`crate::metrics`].

use std::{io, panic::PanicHookInfo, sync::Arc};

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    clock::{Clock, SystemClock},
    metrics::{Emf, TARGET},
};

/// Our crates; what others log is told only when it is a warning.
const CRATES: [&str; 5] = ["shared", "collector", "analyzer", "renderer", "mailer"];

/// The deployment's stage name, e.g. `prod`: the first dimension of every metric.
pub const DEPLOYMENT: &str = "QUARTERDECK_DEPLOYMENT";

/// Starts logging for Lambda, at the level of `AWS_LAMBDA_LOG_LEVEL` (the function's setting; INFO without it), and
/// metrics of the deployment that [`DEPLOYMENT`] names (none without it). Call it first in `main`; a second call does
/// nothing.
pub fn init_lambda() {
    let level = level(std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().as_deref());
    let deployment = std::env::var(DEPLOYMENT).ok().filter(|name| !name.is_empty());
    // Whoever was first has logging already.
    let _ = subscriber(level, deployment, Arc::new(SystemClock), io::stdout).try_init();
    std::panic::set_hook(Box::new(log_panic));
}

/// A panic as a line of the log, in the span that it came in: where a panic ends the process there is no later one.
fn log_panic(info: &PanicHookInfo<'_>) {
    let text = info.payload_as_str().unwrap_or("no text");
    let place = info.location().map(ToString::to_string);
    tracing::error!(panic = text, place, "panicked");
}

/// What [`init_lambda`] starts, with another clock and writer: for tests of what a function writes.
///
/// The level is the logs' alone: a function that logs errors only still tells its metrics.
pub fn subscriber<W>(
    level: LevelFilter,
    deployment: Option<String>,
    clock: Arc<dyn Clock>,
    writer: W,
) -> impl Subscriber + Send + Sync + 'static
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let others = level.min(LevelFilter::WARN);
    let logs = Targets::new()
        .with_default(others)
        .with_targets(CRATES.map(|name| (name, level)))
        .with_target(TARGET, LevelFilter::OFF);
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer.clone())
        .with_filter(logs);
    let metrics = Targets::new().with_target(TARGET, LevelFilter::TRACE);
    let emf = deployment.map(|deployment| Emf::new(deployment, clock, writer).with_filter(metrics));
    tracing_subscriber::registry().with(json).with(emf)
}

/// Lambda's names of levels; FATAL is its own, and what is none of them is INFO.
fn level(name: Option<&str>) -> LevelFilter {
    match name.map(str::to_ascii_uppercase).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

#[cfg(all(test, feature = "contract"))]
mod tests {
    use super::*;
    use crate::{
        clock::ManualClock,
        contract::logs::Captured,
        metrics::{self, Metric},
    };

    #[test]
    fn lambdas_levels_are_known_and_nonsense_is_info() {
        let levels = [None, Some("warn"), Some("FATAL"), Some("verbose")].map(level);
        assert_eq!(
            levels,
            [
                LevelFilter::INFO,
                LevelFilter::WARN,
                LevelFilter::ERROR,
                LevelFilter::INFO
            ]
        );
    }

    /// What a log line and a metric come to.
    fn written(level: LevelFilter, deployment: Option<&str>) -> Vec<serde_json::Value> {
        let (captured, clock) = (
            Captured::default(),
            Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH)),
        );
        let subscriber = subscriber(level, deployment.map(str::to_owned), clock, captured.clone());
        captured.of(subscriber, || {
            tracing::info!("a line");
            metrics::count(&"harbor".parse().unwrap(), Metric::RunsFinished);
        });
        captured.json()
    }

    #[test]
    fn a_metric_is_a_line_of_its_own_and_never_a_log_line() {
        let lines = written(LevelFilter::TRACE, Some("test"));
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(
            (&lines[0]["message"], &lines[1]["RunsFinished"]),
            (&"a line".into(), &1.into())
        );
    }

    #[test]
    fn the_level_of_the_logs_is_not_the_metrics_and_without_a_deployment_there_are_none() {
        let quiet = written(LevelFilter::ERROR, Some("test"));
        assert_eq!(quiet.len(), 1);
        assert_eq!(quiet[0]["RunsFinished"], 1);
        let local = written(LevelFilter::INFO, None);
        assert_eq!(local.len(), 1);
        assert_eq!(local[0]["message"], "a line");
    }
}
