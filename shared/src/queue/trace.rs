//! The trace that a message belongs to, carried from the record that is handled to every message that its work sends, so
//! that a night is one trace from its schedule to its mails. The header travels as a system attribute of the message, not
//! in the body: it says nothing of the work, and must not change a message's digest.
//!
//! A task-local, because the sender is shared by all records that a function handles at once.

tokio::task_local! {
    static HEADER: Option<String>;
}

/// What SQS calls it.
pub const ATTRIBUTE: &str = "AWSTraceHeader";

/// Does work as part of a trace; without a header it begins none.
pub async fn within<T>(header: Option<String>, work: impl Future<Output = T>) -> T {
    HEADER.scope(header, work).await
}

/// The trace of the work under way: the record's, else the invocation's own (a timer's has no record). None if it is not
/// as SQS wants it: a batch must not be refused for its trace.
pub fn current() -> Option<String> {
    let header = HEADER.try_with(Clone::clone).ok().flatten();
    header
        .or_else(|| std::env::var("_X_AMZN_TRACE_ID").ok())
        .filter(|header| is_well_formed(header))
}

/// `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1`, in any order and with further fields.
fn is_well_formed(header: &str) -> bool {
    let printable = |c: char| c.is_ascii_graphic();
    header.len() <= 512
        && header.chars().all(printable)
        && header.split(';').any(|field| field.starts_with("Root=1-"))
        && header.split(';').all(|field| field.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[tokio::test]
    async fn work_carries_its_trace_and_no_other() {
        assert_eq!(current(), None);
        let (one, none) = tokio::join!(
            within(Some(HEADER.to_owned()), async { current() }),
            within(None, async { current() })
        );
        assert_eq!((one.as_deref(), none), (Some(HEADER), None));
    }

    #[tokio::test]
    async fn a_header_that_the_queue_would_refuse_is_dropped() {
        for bad in [
            "",
            "Root=2-x",
            "Root=1-x;\u{e9}=1",
            "Root=1-x;Parent",
            &format!("Root=1-{}", "x".repeat(600)),
        ] {
            assert_eq!(
                within(Some(bad.to_owned()), async { current() }).await,
                None,
                "{bad}"
            );
        }
    }
}
