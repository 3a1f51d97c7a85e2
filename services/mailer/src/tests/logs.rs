//! Logs know people by rid only, and name what a line is about by the same fields everywhere.

use std::{fmt::Write as _, sync::Arc};

use serde_json::Value;
use shared::{
    clock::ManualClock,
    contract::logs::Captured,
    ledger::DeliveryRow,
    mail::{MailError, Rid},
    portfolio::EXAMPLE,
    telemetry,
};
use tracing::{Subscriber, level_filters::LevelFilter};

use super::{
    events,
    world::{SUBJECT, Step, World},
};

/// What must be in no line, whatever the recipients are called.
const SECRETS: [&str; 6] = [
    "@example.com",
    "Quarterdeck <",
    SUBJECT,
    "secret figure",
    "3028 51st",
    "not an address",
];

/// A night with faults of every kind, and then an event of every kind, forged and malformed ones among them.
async fn eventful_night(portfolio: &str) {
    let text = || "no such mailbox ceo@example.com".to_owned();
    let world = World::night_of(portfolio, None).await;
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
    world.doubt_is_over().await;
    let is_known =
        |row: &DeliveryRow| row.key.document.as_str() == "audit-rental" || row.key.rid == Rid::archive();
    let rows = world
        .rows()
        .await
        .into_iter()
        .filter(|row| row.message_id.is_some() && is_known(row));
    for row in rows {
        for (name, _) in events::FIXTURES {
            // One of these is the recipient; as if to the others it is forged.
            for address in ["ceo@example.com", "rental@example.com", "archive@example.com"] {
                world.told([events::of(name, &row, address).to_string()]).await;
            }
            let mut forged = events::of(name, &row, "ceo@example.com");
            forged["mail"]["messageId"] = "of ceo@example.com".into();
            world.told([events::wrapped(&forged)]).await;
        }
    }
    let garbage = r#"{"eventType":"Send","mail":{"messageId":"1","tags":{"ceo@example.com":"Harbor: four months of runway"}}}"#;
    world
        .told([garbage, "mail for ceo@example.com", "\"ceo@example.com\""])
        .await;
}

fn logged(
    subscriber: impl Subscriber + Send + Sync + 'static,
    captured: &Captured,
    portfolio: &str,
) -> String {
    captured.of(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(eventful_night(portfolio));
    });
    captured.text()
}

fn assert_knows_nobody<'a>(log: &str, secrets: impl IntoIterator<Item = &'a str>) {
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is in the log");
    }
}

/// At the finest level, of all crates: the ledger and the queue are in the log too, and have no addresses to show.
#[test]
fn no_address_name_subject_or_body_is_in_any_log() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(captured.clone())
        .finish();
    let log = logged(subscriber, &captured, EXAMPLE);
    for expected in [
        "deliveries planned",
        "delivery accepted",
        "delivery not accepted",
        "delivery in doubt",
        "run ended",
        "mail came back",
        "mail event quarantined",
        "record failed",
    ] {
        assert!(
            log.contains(expected),
            "the log was not captured: no {expected:?}"
        );
    }
    assert_knows_nobody(&log, SECRETS);
}

/// The example portfolio, its CEO brief to fifty people: spellings that a careless log would let through.
fn to_fifty() -> (String, Vec<String>) {
    let odd = [
        "O'Neil, Zoë <zoe.o'neil+{n}@example.com>",
        "ALL CAPS <PERSON{n}@EXAMPLE.COM>",
        "李 小龍 <li{n}@example.com>",
        "Björk & Söhne <a_b-c.{n}@sub.domain.example.com>",
        "{n}=odd/local?part@example.com",
        "Vice-President #{n} <v{n}@example.com>",
        "Robert'); DROP TABLE <bobby{n}@example.com>",
        "%s%n ${{name}} <percent%{n}@example.com>",
        "x <{n}x@xn--bcher-kva.example.com>",
        "The Chair of the Board of Directors <chair~{n}@example.com>",
    ];
    let people: Vec<String> = (0..50)
        .map(|n| odd[n % odd.len()].replace("{n}", &n.to_string()))
        .collect();
    let mut list = String::from("recipients = [");
    for person in &people {
        write!(list, "\n  {},", serde_json::json!(person)).unwrap();
    }
    list.push_str("\n]");
    let portfolio = EXAMPLE.replacen(r#"recipients = ["ceo@example.com"]"#, &list, 1);
    (portfolio, people)
}

/// As Lambda's logs are written, at the finest level.
#[test]
fn the_json_logs_of_a_run_with_fifty_odd_recipients_name_runs_and_rids_and_nobody() {
    let (portfolio, people) = to_fifty();
    let captured = Captured::default();
    let clock = Arc::new(ManualClock::at("2026-11-21T10:31:00Z".parse().unwrap()));
    let subscriber = telemetry::subscriber(
        LevelFilter::TRACE,
        Some("test".to_owned()),
        clock,
        captured.clone(),
    );
    let log = logged(subscriber, &captured, &portfolio);
    let names = people
        .iter()
        .flat_map(|person| person.split([' ', '<', '>']))
        .filter(|word| word.len() > 5);
    let addresses = people
        .iter()
        .filter_map(|person| person.split(['<', '>']).find(|word| word.contains('@')));
    assert_knows_nobody(&log.to_lowercase(), ["@example", "@sub.domain", "@xn--"]);
    assert_knows_nobody(&log, SECRETS.into_iter().chain(names).chain(addresses));

    let lines = captured.json();
    let accepted: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "delivery accepted")
        .collect();
    assert!(accepted.len() > 45, "{} were accepted", accepted.len());
    for line in accepted {
        let span = &line["span"];
        assert_eq!(span["run"], "harbor.2026-11-20", "{line}");
        let rid = span["rid"].as_str().unwrap();
        assert!(rid.len() == 32 || rid == "archive", "{line}");
        assert!(
            span["document"].is_string() && line["attempt"].is_u64() && span["attempt"].is_string(),
            "{line}"
        );
    }
    let came_back = lines
        .iter()
        .find(|line| line["message"] == "mail came back")
        .unwrap();
    let span = &came_back["span"];
    assert!(
        span["run"].is_string() && span["document"].is_string() && span["rid"].is_string(),
        "{came_back}"
    );
}
