use aws_config::{Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use shared::{clock::ManualClock, cloud::QUEUE_PREFIX};

use super::*;
use crate::sources::inventory::account::tests::Script;

async fn mappings(script: &Arc<Script>) -> Mappings {
    let queue = Cloud::named(&[(QUEUE_PREFIX, "https://sqs.example.com/q-")]).await;
    let keys = Credentials::new("KEY", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .region(Region::new("us-west-2"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build();
    let clock = Arc::new(ManualClock::at("2026-11-21T18:00:00Z".parse().unwrap()));
    Mappings {
        lambda: Api::over(script.clone(), clock, &config, "lambda").unwrap(),
        queue: queue.queue().unwrap(),
        ids: [(Stage::Render, "11-aa".to_owned())].into(),
    }
}

/// Whether a mapping in this state was switched, and the calls that were made.
async fn switched(state: &str, on: bool) -> (bool, Vec<String>) {
    let answer = format!(r#"{{"UUID":"11-aa","State":"{state}"}}"#);
    let script = Script::default().on(&["lambda", "/event-source-mappings/11-aa"], &[(200, &answer)]);
    let script = Arc::new(script);
    let did = mappings(&script).await.switch(Stage::Render, on).await.unwrap();
    let asked = script.asked.lock().unwrap().clone();
    (did, asked)
}

#[tokio::test]
async fn a_mapping_is_changed_only_from_the_other_state_and_not_on_its_way() {
    let (did, asked) = switched("Disabled", true).await;
    assert!(did);
    let path = "https://lambda.us-west-2.amazonaws.com/2015-03-31/event-source-mappings/11-aa";
    let expected = [
        format!("us-west-2 lambda GET {path}  "),
        format!(r#"us-west-2 lambda PUT {path}  {{"Enabled":true}}"#),
    ];
    assert_eq!(asked, expected);
    let (did, asked) = switched("Enabled", false).await;
    assert!(did && asked[1].ends_with(r#"{"Enabled":false}"#), "{asked:?}");
    for (state, on) in [
        ("Enabled", true),
        ("Disabled", false),
        ("Disabling", true),
        ("Enabling", false),
        ("Updating", true),
    ] {
        let (did, asked) = switched(state, on).await;
        assert_eq!((did, asked.len()), (false, 1), "{state}");
    }
}

#[tokio::test]
async fn a_refusal_and_a_stage_without_a_mapping_are_errors() {
    let script = Arc::new(Script::default());
    let mappings = mappings(&script).await;
    let denied = mappings
        .switch(Stage::Render, true)
        .await
        .unwrap_err()
        .to_string();
    assert!(denied.contains("403"), "{denied}");
    let unknown = mappings.switch(Stage::Mail, true).await.unwrap_err().to_string();
    assert_eq!(unknown, "no mapping of the mail queue is known");
}
