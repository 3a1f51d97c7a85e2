use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use shared::clock::ManualClock;

use super::*;
use crate::sources::inventory::account::tests::Script;

fn topic(script: &Arc<Script>) -> Topic {
    let keys = Credentials::new("KEY", "secret", None, None, "test");
    Topic {
        http: script.clone(),
        signer: Signer::new(SharedCredentialsProvider::new(keys)),
        clock: Arc::new(ManualClock::at("2026-11-21T18:00:00Z".parse().unwrap())),
        region: "us-west-2".into(),
        base: "https://sns.us-west-2.amazonaws.com".into(),
        arn: "arn:aws:sns:us-west-2:123456789012:quarterdeck-prod-alarms".into(),
    }
}

fn notice() -> Notice {
    Notice {
        subject: "Quarterdeck: harbor.2026-11-20 DEGRADED".to_owned(),
        text: "3 of 5 went out & 2 HELD\n".to_owned(),
    }
}

#[tokio::test]
async fn a_notice_is_one_signed_publish_to_the_topic() {
    let script = Script::default().on(&["sns", "Publish"], &[(200, "<PublishResponse/>")]);
    let script = Arc::new(script);
    topic(&script).tell(&notice()).await.unwrap();
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    for part in [
        "us-west-2 sns POST",
        "Action=Publish&Version=2010-03-31",
        "TopicArn=arn%3Aaws%3Asns%3Aus-west-2%3A123456789012%3Aquarterdeck-prod-alarms",
        "Subject=Quarterdeck%3A%20harbor.2026-11-20%20DEGRADED",
        "Message=3%20of%205%20went%20out%20%26%202%20HELD%0A",
    ] {
        assert!(asked[0].contains(part), "{part}: {asked:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_topics_is_an_error() {
    let script = Arc::new(Script::default());
    let error = topic(&script).tell(&notice()).await.unwrap_err().to_string();
    assert!(error.contains("403"), "{error}");
}
