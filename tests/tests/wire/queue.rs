//! The queues on SQS's protocol.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use shared::{
    contract::queue::Bench,
    queue::{Receiver, Sender, Stage, sqs::SqsQueue, trace},
};

/// Longer than any two calls are apart, other tests going on beside these.
const VISIBILITY: Duration = Duration::from_secs(4);
const MAX_RECEIVES: u32 = 3;

struct OverTheWire(SqsQueue);

#[async_trait::async_trait]
impl Bench for OverTheWire {
    fn sender(&self) -> &dyn Sender {
        &self.0
    }
    fn receiver(&self) -> &dyn Receiver {
        &self.0
    }
    fn visibility(&self) -> Duration {
        VISIBILITY
    }
    fn max_receives(&self) -> u32 {
        MAX_RECEIVES
    }
    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time + Duration::from_millis(200)).await;
    }
}

/// A queue and its DLQ for each stage, as the template makes them.
async fn queue() -> Option<OverTheWire> {
    let client = Client::new(&super::config().await?);
    let name = super::fresh("qd");
    let mut prefix = String::new();
    for stage in Stage::ALL {
        let dlq = create(&client, &format!("{name}-{stage}-dlq"), HashMap::new()).await;
        let arn = client
            .get_queue_attributes()
            .queue_url(&dlq)
            .attribute_names(QueueAttributeName::QueueArn);
        let arn = arn.send().await.expect("attributes").attributes.expect("some")
            [&QueueAttributeName::QueueArn]
            .clone();
        let redrive = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{MAX_RECEIVES}"}}"#);
        let attributes = HashMap::from([
            (
                QueueAttributeName::VisibilityTimeout,
                VISIBILITY.as_secs().to_string(),
            ),
            (QueueAttributeName::RedrivePolicy, redrive),
        ]);
        let url = create(&client, &format!("{name}-{stage}"), attributes).await;
        url.strip_suffix(stage.name())
            .expect("the URL ends in the name")
            .clone_into(&mut prefix);
    }
    Some(OverTheWire(
        SqsQueue::new(client, prefix).with_wait(Duration::ZERO),
    ))
}

async fn create(client: &Client, name: &str, attributes: HashMap<QueueAttributeName, String>) -> String {
    let created = client
        .create_queue()
        .queue_name(name)
        .set_attributes(Some(attributes))
        .send()
        .await;
    created.expect("made").queue_url.expect("a queue has a URL")
}

shared::queue_contract!(queue());

#[tokio::test]
async fn a_queue_that_is_not_there_is_unavailable_and_says_which() {
    let Some(config) = super::config().await else {
        return;
    };
    let prefix = format!("{}/000000000000/nowhere-", super::endpoint().unwrap_or_default());
    let queue = SqsQueue::new(Client::new(&config), prefix);
    let error = queue.send(Stage::Render, &["x".to_owned()]).await.unwrap_err();
    assert_eq!(error.to_string(), "the render queue cannot be used");
}

/// Reads one request with a body of a known length.
fn hear(stream: &mut TcpStream) -> String {
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut chunk).expect("a request");
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                let length = line.strip_prefix("content-length:")?;
                length.trim().parse::<usize>().ok()
            });
            body.len() >= length.unwrap_or(0)
        });
        if whole || read == 0 {
            return text;
        }
    }
}

/// The local AWS drops the system attributes of a batch, so what the adapter sends is looked at by itself.
#[tokio::test]
async fn a_batch_carries_the_trace_that_it_is_sent_in() {
    const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    const TAKEN: &str = r#"{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}],"Failed":[]}"#;
    let Some(config) = super::config().await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let request = hear(&mut stream);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close";
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{TAKEN}", TAKEN.len()).expect("answered");
        request
    });
    let config = aws_sdk_sqs::config::Builder::from(&config).endpoint_url(&endpoint);
    let queue = SqsQueue::new(Client::from_conf(config.build()), format!("{endpoint}/q-"));
    let bodies = ["x".to_owned()];
    trace::within(Some(HEADER.to_owned()), queue.send(Stage::Mail, &bodies))
        .await
        .expect("taken");
    let request = heard.join().expect("the listener ends");
    assert!(
        request.contains("AWSTraceHeader") && request.contains(HEADER),
        "{request}"
    );
}
