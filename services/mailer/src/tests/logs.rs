use std::{
    io,
    sync::{Arc, Mutex},
};

use shared::mail::MailError;
use tracing_subscriber::fmt::MakeWriter;

use super::world::{SUBJECT, Step, World};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
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

/// At the finest level, of all crates: the ledger and the queue are in the log too, and have no addresses to show.
#[test]
fn no_address_name_subject_or_body_is_in_any_log() {
    let captured = Captured::default();
    // While there is only one subscriber, tracing asks the thread that meets a line first whether it has one, and
    // remembers a no for all: other tests are such threads.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(captured.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let text = || "no such mailbox ceo@example.com".to_owned();
            let world = World::night(None).await;
            world.service.script.lock().unwrap().extend([
                Step::Refuse(MailError::Rejected {
                    code: "MessageRejected".to_owned(),
                    text: text(),
                }),
                Step::Refuse(MailError::Throttled(text())),
                Step::Refuse(MailError::Ambiguous(text())),
                Step::AcceptAndDie,
            ]);
            world.until_quiet().await;
        });
    });
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "deliveries planned",
        "delivery accepted",
        "delivery not accepted",
        "delivery in doubt",
        "run ended",
    ] {
        assert!(
            log.contains(expected),
            "the log was not captured: no {expected:?}"
        );
    }
    for secret in [
        "@example.com",
        "Quarterdeck <",
        SUBJECT,
        "secret figure",
        "3028 51st",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is in the log");
    }
}
