//! What a function measures, as CloudWatch's embedded metric format: one JSON object a line on standard output, which
//! CloudWatch Logs reads as metrics. Start at [`record`].
//!
//! A metric is told where its fact is known, as a tracing event of the target [`TARGET`]; [`Emf`], a layer of the
//! function's subscriber, writes the line and adds what only the process knows: the deployment and the time. Where
//! nobody asked for metrics (the local runner) there is no such layer, and nothing is written.
//!
//! The format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
//! Dimensions are the deployment, the portfolio and the stage: few values each, and nothing of a person. Delivery is at
//! least once, so a metric may be counted twice when a message is; the ledger has the exact numbers.

use std::{fmt::Write as _, io::Write, sync::Arc, time::Duration};

use serde_json::{Map, Number, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context};

use crate::{clock::Clock, id::PortfolioId};

/// The target of events that are metrics. No log shows them.
pub const TARGET: &str = "quarterdeck.metrics";
/// CloudWatch's name for all of them.
pub const NAMESPACE: &str = "Quarterdeck";

/// What is measured. The names are the template's: alarms and the dashboard read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Parts whose source was read.
    PartsCollected,
    /// Parts whose source could not be read.
    PartsFailed,
    /// Rows of parts.
    RowsCollected,
    /// Parquet bytes of parts.
    BytesCollected,
    /// Documents made.
    DocumentsRendered,
    /// Deliveries that the mail service took.
    DeliveriesAccepted,
    /// Deliveries refused for good, and mails rejected after they were taken.
    DeliveriesFailed,
    /// Deliveries that wait for an operator.
    DeliveriesHeld,
    /// Deliveries in doubt.
    DeliveriesUnknown,
    /// Deliveries not sent because the recipient is on the suppression list.
    DeliveriesSuppressed,
    /// Deliveries that came back.
    DeliveriesBounced,
    /// Deliveries that the recipient complained of.
    DeliveriesComplained,
    /// Mail events that were not believed.
    EventsQuarantined,
    /// Mail events of a kind, or bounces of a subtype, that this build does not know.
    EventsUnrecognised,
    /// Commands of answered mails that were carried out.
    RepliesApplied,
    /// Answers that were not believed, though they knew an address of a delivery.
    RepliesQuarantined,
    /// Answers with something that was not understood.
    RepliesNotUnderstood,
    /// Runs that ended well.
    RunsFinished,
    /// Runs that ended with something missing, failed, held or in doubt.
    RunsDegraded,
    /// From the scheduled time to the end of the run, in seconds.
    Lag,
    /// Of the parts planned, those whose source was read, in percent.
    Coverage,
    /// A record's work, in milliseconds.
    StageDuration,
}

impl Metric {
    /// All there are.
    pub const ALL: [Self; 22] = [
        Self::PartsCollected,
        Self::PartsFailed,
        Self::RowsCollected,
        Self::BytesCollected,
        Self::DocumentsRendered,
        Self::DeliveriesAccepted,
        Self::DeliveriesFailed,
        Self::DeliveriesHeld,
        Self::DeliveriesUnknown,
        Self::DeliveriesSuppressed,
        Self::DeliveriesBounced,
        Self::DeliveriesComplained,
        Self::EventsQuarantined,
        Self::EventsUnrecognised,
        Self::RepliesApplied,
        Self::RepliesQuarantined,
        Self::RepliesNotUnderstood,
        Self::RunsFinished,
        Self::RunsDegraded,
        Self::Lag,
        Self::Coverage,
        Self::StageDuration,
    ];

    /// Its name in CloudWatch.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// CloudWatch's word for its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::BytesCollected => "Bytes",
            Self::Lag => "Seconds",
            Self::Coverage => "Percent",
            Self::StageDuration => "Milliseconds",
            _ => "Count",
        }
    }
}

/// Tells values of a portfolio.
pub fn record(portfolio: &PortfolioId, values: &[(Metric, f64)]) {
    tell(Some(portfolio), None, values);
}

/// Tells that something happened once.
pub fn count(portfolio: &PortfolioId, metric: Metric) {
    record(portfolio, &[(metric, 1.0)]);
}

/// Tells that something happened once which is no portfolio's, as far as can be believed.
pub fn count_unowned(metric: Metric) {
    tell(None, None, &[(metric, 1.0)]);
}

/// Tells how long a record of a stage took.
pub fn stage(portfolio: &PortfolioId, stage: &'static str, took: Duration) {
    let ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    tell(
        Some(portfolio),
        Some(stage),
        &[(Metric::StageDuration, f64::from(ms))],
    );
}

fn tell(portfolio: Option<&PortfolioId>, stage: Option<&str>, values: &[(Metric, f64)]) {
    let portfolio = portfolio.map(PortfolioId::as_str);
    let mut text = String::new();
    for (metric, value) in values {
        // Writing to a text does not fail.
        let _ = write!(text, "{metric:?}={value} ");
    }
    tracing::info!(target: TARGET, portfolio, stage, values = text.as_str());
}

/// A layer that writes metrics, and nothing else, as lines of the embedded metric format.
pub struct Emf<W> {
    deployment: String,
    clock: Arc<dyn Clock>,
    writer: W,
}

impl<W> Emf<W> {
    /// For a deployment, e.g. `prod`. Each metric is one write of one whole line.
    pub fn new(deployment: impl Into<String>, clock: Arc<dyn Clock>, writer: W) -> Self {
        Self {
            deployment: deployment.into(),
            clock,
            writer,
        }
    }

    fn document(&self, told: &Told) -> Value {
        let mut root = Map::new();
        let mut sets = vec![vec!["Deployment"]];
        root.insert("Deployment".to_owned(), json!(self.deployment));
        if let Some(portfolio) = &told.portfolio {
            root.insert("Portfolio".to_owned(), json!(portfolio));
            sets = vec![vec!["Deployment", "Portfolio"]];
        }
        if let Some(stage) = &told.stage {
            root.insert("Stage".to_owned(), json!(stage));
            sets.push(vec!["Deployment", "Stage"]);
        }
        let mut metrics = Vec::new();
        for metric in Metric::ALL {
            let name = metric.name();
            if let Some((_, value)) = told.values.iter().find(|(told, _)| *told == name) {
                metrics.push(json!({ "Name": name, "Unit": metric.unit() }));
                root.insert(name, Value::Number(value.clone()));
            }
        }
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": sets, "Metrics": metrics });
        let aws = json!({
            "Timestamp": self.clock.now().as_millisecond(),
            "CloudWatchMetrics": [directive],
        });
        root.insert("_aws".to_owned(), aws);
        Value::Object(root)
    }
}

impl<S, W> Layer<S> for Emf<W>
where
    S: Subscriber,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let mut told = Told::default();
        event.record(&mut told);
        let line = format!("{}\n", self.document(&told));
        // Standard output that cannot be written to leaves nowhere to say so.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

/// The fields of a metric's event.
#[derive(Default)]
struct Told {
    portfolio: Option<String>,
    stage: Option<String>,
    values: Vec<(String, Number)>,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, text: &str) {
        match field.name() {
            "portfolio" => self.portfolio = Some(text.to_owned()),
            "stage" => self.stage = Some(text.to_owned()),
            "values" => {
                let value = |pair: &str| {
                    let (name, value) = pair.split_once('=')?;
                    // A number that JSON does not have (an infinity) is no measurement.
                    Some((name.to_owned(), value.parse().ok()?))
                };
                self.values = text.split_whitespace().filter_map(value).collect();
            }
            _ => {}
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(all(test, feature = "contract"))]
mod tests;
