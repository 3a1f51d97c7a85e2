//! Logs of a function: one JSON object a line, with the span's fields (`run`, `document`, `part`, `attempt`, `key`).

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Our crates; what others log is told only when it is a warning.
const CRATES: [&str; 5] = ["shared", "collector", "analyzer", "renderer", "mailer"];

/// Starts logging for Lambda, at the level of `AWS_LAMBDA_LOG_LEVEL` (the function's setting; INFO without it). Call it
/// first in `main`; a second call does nothing.
pub fn init_lambda() {
    let level = level(std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().as_deref());
    let others = level.min(LevelFilter::WARN);
    let targets = Targets::new()
        .with_default(others)
        .with_targets(CRATES.map(|name| (name, level)));
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    // Whoever was first has logging already.
    let _ = tracing_subscriber::registry().with(targets).with(json).try_init();
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
