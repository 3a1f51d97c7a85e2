use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::{
    clock::ManualClock,
    contract::logs::{Captured, assert_is_emf},
};

/// The lines that the calls write.
fn written(calls: impl FnOnce()) -> Vec<Value> {
    let captured = Captured::default();
    let now = "2026-11-21T10:31:00.250Z".parse().unwrap();
    let emf = Emf::new("test", Arc::new(ManualClock::at(now)), captured.clone());
    captured.of(tracing_subscriber::registry().with(emf), calls);
    let lines = captured.json();
    for line in &lines {
        assert_is_emf(line);
    }
    lines
}

fn harbor() -> PortfolioId {
    "harbor".parse().unwrap()
}

#[test]
fn values_of_a_portfolio_are_one_line_with_their_names_and_units() {
    let lines = written(|| {
        record(
            &harbor(),
            &[(Metric::BytesCollected, 4096.0), (Metric::Coverage, 87.5)],
        )
    });
    let expected = json!({
        "Deployment": "test",
        "Portfolio": "harbor",
        "BytesCollected": 4096,
        "Coverage": 87.5,
        "_aws": {
            "Timestamp": 1_795_257_060_250_i64,
            "CloudWatchMetrics": [{
                "Namespace": "Quarterdeck",
                "Dimensions": [["Deployment", "Portfolio"]],
                "Metrics": [
                    { "Name": "BytesCollected", "Unit": "Bytes" },
                    { "Name": "Coverage", "Unit": "Percent" },
                ],
            }],
        },
    });
    assert_eq!(lines, [expected]);
}

#[test]
fn a_duration_is_told_by_portfolio_and_by_stage() {
    let lines = written(|| stage(&harbor(), "render", Duration::from_millis(1234)));
    assert_eq!(lines[0]["StageDuration"], 1234);
    let directive = &lines[0]["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(
        directive["Dimensions"],
        json!([["Deployment", "Portfolio"], ["Deployment", "Stage"]])
    );
}

#[test]
fn what_is_no_portfolios_has_the_deployment_alone() {
    let lines = written(|| count_unowned(Metric::EventsQuarantined));
    assert_eq!(lines[0]["EventsQuarantined"], 1);
    assert_eq!(
        lines[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
        json!([["Deployment"]])
    );
    assert_eq!(lines[0].get("Portfolio"), None);
}

#[test]
fn every_metric_keeps_the_formats_rules() {
    let values = Metric::ALL.map(|metric| (metric, 1.0));
    let lines = written(|| record(&harbor(), &values));
    let metrics = lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        .as_array()
        .unwrap();
    assert_eq!(metrics.len(), Metric::ALL.len());
}

#[test]
fn other_events_and_numbers_that_are_none_write_no_metric() {
    let lines = written(|| {
        tracing::error!(portfolio = "harbor", values = "RunsFinished=1", "a log line");
        record(
            &harbor(),
            &[(Metric::RunsFinished, 1.0), (Metric::Lag, f64::INFINITY)],
        );
    });
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].get("Lag"), None);
}
