//! How many deliveries a second: `cargo bench --workspace --bench deliveries`, or `cargo test` with the same flags for the
//! development build. Prints two numbers: the outbox alone, one `.eml` file a mail, and the whole mailer on the embedded
//! ledger, from the document's message to the end of the run.

#[expect(dead_code, reason = "the bench needs a part of it")]
#[path = "../tests/tests/mail/world.rs"]
mod world;

use std::{sync::Arc, time::Instant};

use shared::{
    ledger::RunState,
    mail::{Mailbox, OutgoingMail, Transport, outbox::Outbox},
};
use world::{Deployment, address};

const MAILS: usize = 10_000;
/// Of text; a role's mail with its charts and PDF is 25 times as large, and then the disk is what is measured.
const BYTES: usize = 30_000;

#[tokio::main]
async fn main() {
    let all: usize = std::env::var("QUARTERDECK_MAILS").map_or(MAILS, |n| n.parse().expect("a number"));
    println!(
        "outbox, {BYTES} bytes a mail: {:.0} deliveries a second",
        outbox(all).await
    );
    println!(
        "mailer on the embedded ledger: {:.0} deliveries a second",
        mailer(all).await
    );
}

async fn outbox(all: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::new(folder.path());
    let from: Mailbox = "Quarterdeck <reports@example.com>".parse().expect("a literal");
    let line = "Four months of runway, and a figure that is behind it.\r\n";
    let body = line.repeat(BYTES / line.len());
    let began = Instant::now();
    for number in 0..all {
        let to: Mailbox = address(number).parse().expect("an address");
        let raw = format!(
            "From: reports@example.com\r\nTo: {}\r\nSubject: x\r\n\r\n{body}",
            to.address()
        );
        let tags = [
            ("run", "harbor_2026-11-20".to_owned()),
            ("document", "ceo".to_owned()),
            ("rid", format!("{number:032x}")),
            ("epoch", "e0".to_owned()),
        ];
        let mail = OutgoingMail {
            from: &from,
            to: &to,
            raw_mime: raw.as_bytes(),
            tags: &tags,
        };
        outbox.send(mail).await.expect("taken");
    }
    assert_eq!(outbox.sent(), all);
    per_second(all, began)
}

async fn mailer(all: usize) -> f64 {
    let mut night = Deployment::new(all - 1, "hold").await.night("2026-11-20").await;
    let outbox = Arc::new(Outbox::memory());
    night.deps.transport = outbox.clone();
    let began = Instant::now();
    night.turn().await;
    night.turn().await;
    let rate = per_second(all, began);
    assert_eq!(outbox.sent(), all);
    assert_eq!(night.row().await.state, RunState::Finished);
    rate
}

fn per_second(all: usize, began: Instant) -> f64 {
    f64::from(u32::try_from(all).expect("a few")) / began.elapsed().as_secs_f64()
}
