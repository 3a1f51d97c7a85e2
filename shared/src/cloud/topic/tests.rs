use std::sync::{Arc, Mutex};

use aws_config::{Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use bytes::Bytes;
use http::{Request, Response};

use super::*;
use crate::{
    clock::ManualClock,
    cloud::endpoint::{Http, Unreachable},
};

/// Answers every request the same, and keeps them.
struct Sns {
    answer: (u16, &'static str),
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl Sns {
    fn answering(status: u16, body: &'static str) -> Arc<Self> {
        Arc::new(Self {
            answer: (status, body),
            asked: Mutex::default(),
        })
    }
}

#[async_trait]
impl Http for Sns {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        self.asked.lock().unwrap().push(request);
        let (status, body) = self.answer;
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    }
}

async fn tell(sns: &Arc<Sns>) -> anyhow::Result<()> {
    let keys = Credentials::new("KEY", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .region(Region::new("us-west-2"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build();
    let clock = Arc::new(ManualClock::at("2026-11-21T18:00:00Z".parse().unwrap()));
    let topic = Topic {
        sns: Api::over(sns.clone(), clock, &config, "sns").unwrap(),
        arn: "arn:aws:sns:us-west-2:123456789012:quarterdeck-prod-alarms".into(),
    };
    let notice = Notice {
        subject: "Quarterdeck: harbor.2026-11-20 DEGRADED".to_owned(),
        text: "3 of 5 went out & 2 HELD\n".to_owned(),
    };
    topic.tell(&notice).await
}

#[tokio::test]
async fn a_notice_is_one_signed_publish_to_the_topic() {
    let sns = Sns::answering(200, "<PublishResponse/>");
    tell(&sns).await.unwrap();
    let asked = sns.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].method(), asked[0].uri().host()),
        (&Method::POST, Some("sns.us-west-2.amazonaws.com"))
    );
    let signed = asked[0].headers()["authorization"].to_str().unwrap();
    assert!(
        signed.contains("KEY/20261121/us-west-2/sns/aws4_request"),
        "{signed}"
    );
    let body = std::str::from_utf8(asked[0].body()).unwrap();
    assert_eq!(
        body.split('&').collect::<Vec<_>>(),
        [
            "Action=Publish",
            "Version=2010-03-31",
            "TopicArn=arn%3Aaws%3Asns%3Aus-west-2%3A123456789012%3Aquarterdeck-prod-alarms",
            "Subject=Quarterdeck%3A%20harbor.2026-11-20%20DEGRADED",
            "Message=3%20of%205%20went%20out%20%26%202%20HELD%0A",
        ]
    );
}

/// The error goes into a log, the notice may not.
#[tokio::test]
async fn a_refusal_of_the_topics_is_an_error_by_its_code_alone() {
    let refusal = "<E><Error><Code>InvalidParameter</Code><Message>no: 3 of 5 went out</Message></Error></E>";
    let error = tell(&Sns::answering(400, refusal)).await.unwrap_err().to_string();
    assert_eq!(error, "SNS answered 400 Bad Request: InvalidParameter");
    let error = tell(&Sns::answering(500, "3 of 5 went out"))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(error, "SNS answered 500 Internal Server Error: no code");
}
