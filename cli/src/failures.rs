//! Why records failed, for the person at the terminal. The handlers log it once, at their boundary; this layer keeps
//! those lines while a night runs, so that a dead letter can be told with its reason. Start at [`reason`].

use std::{
    fmt::Debug,
    sync::{Mutex, PoisonError},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The handlers' module: what it logs as an error is a record that failed.
pub const TARGET: &str = "shared::handler";

/// Keys and reasons, oldest first. One per failed attempt: a night has few.
static SEEN: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Why the message of this key failed last.
pub fn reason(key: &str) -> Option<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.iter()
        .rev()
        .find(|(k, _)| k == key)
        .map(|(_, reason)| reason.clone())
}

/// The layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failures;

/// A record's key, kept with its span.
struct Key(String);

#[derive(Default)]
struct Fields {
    key: Option<String>,
    reason: Option<String>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "key" => self.key = Some(format!("{value:?}")),
            "error" | "panic" => self.reason = Some(format!("{value:?}")),
            _ => {}
        }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "key" => self.key = Some(value.to_owned()),
            "error" | "panic" => self.reason = Some(value.to_owned()),
            _ => {}
        }
    }
}

impl<S> Layer<S> for Failures
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        keep(fields.key, id, &context);
    }
    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        record.record(&mut fields);
        keep(fields.key, id, &context);
    }
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR || !event.metadata().target().starts_with(TARGET) {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let key = context
            .event_span(event)
            .and_then(|span| span.extensions().get::<Key>().map(|Key(key)| key.clone()));
        if let (Some(key), Some(reason)) = (key, fields.reason) {
            SEEN.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((key, reason));
        }
    }
}

fn keep<S>(key: Option<String>, id: &Id, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if let (Some(key), Some(span)) = (key, context.span(id)) {
        span.extensions_mut().replace(Key(key));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_failed_records_reason_is_found_by_its_key_and_the_last_one_counts() {
        let subscriber = tracing_subscriber::registry().with(Failures);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(target: TARGET, "record", key = tracing::field::Empty);
            let _entered = span.enter();
            span.record("key", "r/render/ceo@g0");
            tracing::error!(target: TARGET, error = "first", "record failed");
            tracing::error!(target: TARGET, panic = %"second", "record panicked");
            tracing::error!(target: "elsewhere", error = "third", "not ours");
        });
        assert_eq!(reason("r/render/ceo@g0").as_deref(), Some("second"));
        assert_eq!(reason("r/render/cfo@g0"), None);
    }
}
