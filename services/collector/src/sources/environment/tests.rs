//! Values of a scripted environment and account: what is read, what is asked for, and what is never kept.

use std::sync::{Arc, Mutex};

use object_store::memory::InMemory;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shared::{id::Generation, manifest::TableManifest, objects::Objects};

use super::*;
use crate::sources::inventory::account::tests::{Script, account};

/// What a target of each of these places needs.
fn source(places: &[ValueSource]) -> EnvironmentSource {
    let targets = places.iter().enumerate();
    EnvironmentSource {
        targets: targets.map(|(n, p)| (format!("kpi.{n}"), p.clone())).collect(),
        ..EnvironmentSource::default()
    }
}
fn env(name: &str) -> ValueSource {
    ValueSource::Variable(format!("QUARTERDECK_VALUE_{name}"))
}
fn ssm(name: &str) -> ValueSource {
    ValueSource::Parameter(format!("/harbor/{name}"))
}
/// An answer of SSM: name, type and value of each, and the names that are not there.
fn answer(found: &[(&str, &str, &str)], invalid: &[&str]) -> String {
    let found = found.iter().map(|(name, kind, value)| {
        serde_json::json!({"Name": format!("/harbor/{name}"), "Type": kind, "Value": value, "Version": 3})
    });
    let invalid = invalid.iter().map(|name| format!("/harbor/{name}"));
    let (found, invalid): (Vec<_>, Vec<_>) = (found.collect(), invalid.collect());
    serde_json::json!({"Parameters": found, "InvalidParameters": invalid}).to_string()
}

async fn read_of(places: &[ValueSource], script: &Arc<Script>) -> Vec<String> {
    let source = source(places);
    let (account, _) = account(Arc::clone(script));
    let means = Means {
        variable: &|_| None,
        account: Some(&account),
    };
    let values = read(&source, &means, Delivery { received: 1 }).await.unwrap();
    shown(&values)
}

fn shown(values: &[Value<'_>]) -> Vec<String> {
    let one = |(place, value): &Value<'_>| match value {
        Ok(number) => format!("{} {number}", place.name()),
        Err(reason) => format!("{} {reason}", place.name()),
    };
    values.iter().map(one).collect()
}

#[tokio::test]
async fn only_the_variables_that_the_portfolio_uses_are_looked_up() {
    let asked = Mutex::new(Vec::new());
    let variable = |name: &str| {
        asked.lock().unwrap().push(name.to_owned());
        Some(" 25000.50\n".to_owned()).filter(|_| name.ends_with("FLOOR"))
    };
    let source = source(&[env("FLOOR"), env("TARGET"), env("FLOOR")]);
    let means = Means {
        variable: &variable,
        account: None,
    };
    let values = read(&source, &means, Delivery { received: 1 }).await.unwrap();
    assert_eq!(
        shown(&values),
        [
            "QUARTERDECK_VALUE_FLOOR 25000.50",
            "QUARTERDECK_VALUE_TARGET is not set"
        ]
    );
    let asked = asked.into_inner().unwrap();
    assert_eq!(asked, ["QUARTERDECK_VALUE_FLOOR", "QUARTERDECK_VALUE_TARGET"]);
}

#[tokio::test]
async fn ssm_is_asked_for_the_names_that_the_portfolio_uses_ten_at_a_time_and_to_decrypt_none() {
    let names: Vec<String> = (10..22).map(|n| format!("v{n}")).collect();
    let found: Vec<_> = names.iter().map(|n| (n.as_str(), "String", "7")).collect();
    let script = Script::default()
        .on(
            &["AmazonSSM.GetParameters", "/harbor/v10\""],
            &[(200, &answer(&found[..10], &[]))],
        )
        .on(
            &["AmazonSSM.GetParameters", "/harbor/v20\""],
            &[(200, &answer(&found[10..], &[]))],
        );
    let script = Arc::new(script);
    let places: Vec<_> = names.iter().map(|name| ssm(name)).collect();
    let values = read_of(&places, &script).await;
    assert_eq!(values.len(), 12);
    assert!(values.iter().all(|line| line.ends_with(" 7")), "{values:?}");
    let asked = script.asked.lock().unwrap().clone();
    let expected = "us-west-2 ssm POST https://ssm.us-west-2.amazonaws.com/ AmazonSSM.GetParameters \
                    {\"Names\":[\"/harbor/v20\",\"/harbor/v21\"],\"WithDecryption\":false}";
    assert_eq!((asked.len(), asked[1].as_str()), (2, expected));
}

#[tokio::test]
async fn without_a_parameter_to_read_ssm_is_not_asked() {
    let script = Arc::new(Script::default());
    let values = read_of(&[env("FLOOR")], &script).await;
    assert_eq!(values, ["QUARTERDECK_VALUE_FLOOR is not set"]);
    assert_eq!(script.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_missing_encrypted_or_no_number_is_unknown_with_the_reason() {
    let page = answer(
        &[
            ("good", "String", "-12.5"),
            ("key", "SecureString", "AQICAH"),
            ("text", "String", "25,000"),
        ],
        &["gone"],
    );
    let script = Arc::new(Script::default().on(&["AmazonSSM.GetParameters"], &[(200, &page)]));
    let places = ["good", "key", "text", "gone", "silent"].map(ssm);
    assert_eq!(
        read_of(&places, &script).await,
        [
            "/harbor/gone is not there",
            "/harbor/good -12.5",
            "/harbor/key is a SecureString, and values are no secrets: store it as a String",
            "/harbor/silent could not be read (UnreadableAnswer)",
            "/harbor/text is no number: write digits and at most one point, such as 25000 or 1850.50",
        ]
    );
}

#[tokio::test]
async fn a_parameter_that_may_not_be_read_hides_no_other() {
    let script = Script::default()
        .on(
            &["[\"/harbor/mine\"]"],
            &[(200, &answer(&[("mine", "String", "3")], &[]))],
        )
        .on(&["AmazonSSM"], &[(400, "{\"__type\":\"AccessDeniedException\"}")]);
    let script = Arc::new(script);
    assert_eq!(
        read_of(&[ssm("mine"), ssm("theirs")], &script).await,
        [
            "/harbor/mine 3",
            "/harbor/theirs may not be read (AccessDeniedException): its ARN belongs in the template's SourceParameters"
        ]
    );
    assert_eq!(script.count("AmazonSSM.GetParameters"), 3);
}

#[tokio::test]
async fn when_ssm_is_silent_another_delivery_asks_and_the_last_one_says_so() {
    let throttled = r#"{"__type":"ThrottlingException"}"#;
    for (answer, error) in [
        ((0, "no route"), "Unreachable"),
        ((400, throttled), "ThrottlingException"),
    ] {
        let script = Arc::new(Script::default().on(&["AmazonSSM"], &[answer]));
        let (account, _) = account(script);
        let means = Means {
            variable: &|_| None,
            account: Some(&account),
        };
        let source = source(&[ssm("floor"), ssm("rate")]);
        let first = read(&source, &means, Delivery { received: 1 }).await;
        assert!(matches!(first, Err(SourceError::Later(_))), "{first:?}");
        let last = read(&source, &means, Delivery { received: 3 }).await.unwrap();
        let expected = ["floor", "rate"].map(|name| format!("/harbor/{name} could not be read ({error})"));
        assert_eq!(shown(&last), expected);
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_no_number() {
    for (text, expected) in [("25000", "25000"), ("-0.155", "-0.155"), (" 1850.50 ", "1850.50")] {
        assert_eq!(number(text).unwrap().to_string(), expected);
    }
    for text in [
        "",
        "25,000",
        "$25000",
        "1e5",
        "1_000",
        "25 000",
        "0x10",
        "NaN",
        "1.2.3",
        "-",
        "1000000000000000",
    ] {
        assert!(number(text).is_err(), "{text:?}");
    }
}

/// What is collected, and the written rows as text.
async fn collected(places: &[ValueSource], variable: fn(&str) -> Option<String>) -> (Collected, String) {
    let objects = Objects::new(Arc::new(InMemory::new()));
    let (run, part) = (
        "harbor.2026-11-20".parse().unwrap(),
        "environment".parse().unwrap(),
    );
    let folder = PartFolder::new(&objects, &run, Generation(0), &part);
    let means = Means {
        variable: &variable,
        account: None,
    };
    let (source, delivery) = (source(places), Delivery { received: 1 });
    let collected = collect(&source, &means, &folder, delivery).await.unwrap();
    let mut written = String::new();
    for file in collected.tables.iter().flat_map(|table| &table.files) {
        let bytes = objects.get_checked(&file.input).await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
            .unwrap()
            .build()
            .unwrap();
        reader.for_each(|batch| written += &format!("{:?}", batch.unwrap()));
    }
    (collected, written)
}

#[tokio::test]
async fn the_table_has_a_row_for_every_place_and_the_part_says_what_is_unknown() {
    let variable = |name: &str| match name {
        "QUARTERDECK_VALUE_FLOOR" => Some("15000".to_owned()),
        _ => Some("hunter2".to_owned()),
    };
    let (part, written) = collected(&[env("FLOOR"), env("PASSWORD"), ssm("target")], variable).await;
    assert!(
        written.contains("15000") && written.contains("QUARTERDECK_VALUE_PASSWORD"),
        "{written}"
    );
    assert!(!written.contains("hunter2"), "what is no number is not kept");
    let reason = "2 of 3 values unknown: environment variable QUARTERDECK_VALUE_PASSWORD is no number: write digits and at most one \
                  point, such as 25000 or 1850.50";
    assert_eq!(
        (part.state, part.reason.as_deref()),
        (SourceState::Ok, Some(reason))
    );
    let [TableManifest { table, columns, .. }] = &part.tables[..] else {
        panic!("{:?}", part.tables)
    };
    assert_eq!((table.as_str(), part.rows()), (ENVIRONMENT_TABLE, 3));
    assert_eq!(columns[..], ["name", "reason", "source", "value"]);
    let (none, _) = collected(&[ssm("target")], variable).await;
    let reason = "1 of 1 values unknown: SSM parameter /harbor/target is not read by a local night, which has no AWS account";
    assert_eq!(
        (none.state, none.failure().as_deref()),
        (SourceState::Failed, Some(reason))
    );
}
