//! Against a socket that answers what a test says, byte for byte.

use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;
use crate::cloud::https;

const HALF: &str = "HTTP/1.1 200 OK\r\netag: \"e\"\r\nlast-modified: Fri, 20 Nov 2026 04:00:00 GMT\r\ncontent-length: 9\r\n\r\nhalf";
const REST: &str = "HTTP/1.1 206 Partial Content\r\netag: \"e\"\r\nlast-modified: Fri, 20 Nov 2026 04:00:00 GMT\r\ncontent-range: bytes 4-8/9\r\ncontent-length: 5\r\n\r\n+rest";
const NOTHING: &str = "";

/// One request of a connection: its head in small letters and its body.
async fn read(socket: &mut TcpStream) -> String {
    let mut sent = Vec::new();
    loop {
        let read = socket.read_buf(&mut sent).await.expect("a request");
        assert!(
            read > 0,
            "the client went away after {}",
            String::from_utf8_lossy(&sent)
        );
        let text = String::from_utf8_lossy(&sent).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        if body.len() == length.map_or(0, |digits| digits.parse().expect("a number")) {
            return text;
        }
    }
}

/// A connection for each answer, closed after it. Gives what was asked.
async fn server(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("asked");
            asked.push(read(&mut socket).await);
            socket.write_all(answer.as_bytes()).await.expect("answered");
        }
        asked
    });
    (address, served)
}

fn store(endpoint: &str, plain: bool) -> AmazonS3 {
    let builder = AmazonS3Builder::new()
        .with_bucket_name("bucket")
        .with_endpoint(endpoint)
        .with_allow_http(plain)
        .with_access_key_id("id")
        .with_secret_access_key("key")
        .with_http_connector(Connections(https::connector()));
    builder.build().expect("a store")
}

fn requests(answer: Duration) -> Requests {
    Requests {
        connector: https::connector(),
        plain: true,
        answer,
    }
}

fn put(uri: &str) -> HttpRequest {
    let request = http::Request::put(format!("{uri}/bucket/key")).header("x-amz-meta-run", "r1");
    request.body("bytes".to_owned().into()).expect("a request")
}

#[tokio::test]
async fn a_request_goes_out_whole_and_its_answer_comes_back_whole() {
    let answer = "HTTP/1.1 412 Precondition Failed\r\netag: \"e\"\r\ncontent-length: 4\r\n\r\nthen";
    let (uri, served) = server(vec![answer].leak()).await;
    let answer = requests(ANSWER).call(put(&uri)).await.expect("answered");
    assert_eq!(
        answer.status(),
        412,
        "what a status means is for the store to say"
    );
    assert_eq!(answer.headers()["etag"], "\"e\"");
    assert_eq!(answer.into_body().bytes().await.expect("read"), "then");
    let sent = &served.await.expect("served")[0];
    assert!(
        sent.starts_with("put /bucket/key http/1.1\r\n") && sent.ends_with("\r\n\r\nbytes"),
        "{sent}"
    );
    for header in [
        "host: 127.0.0.1:",
        "content-length: 5",
        "x-amz-meta-run: r1",
        "user-agent: quarterdeck/",
    ] {
        assert!(sent.contains(header), "{header} in {sent}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_read_on_where_it_did() {
    let (uri, served) = server(&[HALF, REST]).await;
    let object = store(&uri, true).get(&Path::from("key")).await.expect("begun");
    assert_eq!(object.bytes().await.expect("all of it"), "half+rest");
    let asked = served.await.expect("served");
    assert!(!asked[0].contains("\r\nrange: "), "{}", asked[0]);
    assert!(asked[1].contains("\r\nrange: bytes=4-8\r\n"), "{}", asked[1]);
}

#[tokio::test]
async fn a_write_whose_connection_broke_is_asked_again() {
    let (uri, served) = server(&[
        NOTHING,
        "HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 0\r\n\r\n",
    ])
    .await;
    let once = PutOptions::from(PutMode::Create);
    store(&uri, true)
        .put_opts(&Path::from("key"), "bytes".into(), once)
        .await
        .expect("written");
    let asked = served.await.expect("served");
    for request in &asked {
        assert!(
            request.contains("\r\nif-none-match: *\r\n") && request.ends_with("\r\n\r\nbytes"),
            "{request}"
        );
    }
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_made_again() {
    #[derive(Debug)]
    struct Silent;
    impl aws_smithy_runtime_api::client::http::HttpConnector for Silent {
        fn call(&self, _: aws_smithy_runtime_api::http::Request) -> HttpConnectorFuture {
            HttpConnectorFuture::ready(Err(ConnectorError::timeout("HTTP connect timeout".into())))
        }
    }
    let silent = Requests {
        connector: SharedHttpConnector::new(Silent),
        plain: true,
        answer: ANSWER,
    };
    let failed = silent
        .call(put("http://127.0.0.1:1"))
        .await
        .expect_err("nobody answers");
    assert_eq!(
        failed.kind(),
        HttpErrorKind::Connect,
        "{failed}: tried again, a write too"
    );
}

#[tokio::test]
async fn without_leave_nothing_goes_out_unencrypted() {
    let (uri, served) = server(&[NOTHING]).await;
    let refused = store(&uri, false)
        .get(&Path::from("key"))
        .await
        .expect_err("refused");
    assert!(format!("{refused:?}").contains("Unencrypted"), "{refused:?}");
    assert!(!served.is_finished(), "it was sent nothing");
    served.abort();
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_late() {
    for begun in [NOTHING, HALF] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!("http://{}", listener.local_addr().expect("bound"));
        let served = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("asked");
            read(&mut socket).await;
            socket.write_all(begun.as_bytes()).await.expect("begun");
            std::future::pending::<()>().await;
        });
        let late = match requests(Duration::from_millis(500)).call(put(&uri)).await {
            Ok(answer) => answer.into_body().bytes().await.expect_err("it stops there"),
            Err(late) => late,
        };
        assert_eq!(late.kind(), HttpErrorKind::Timeout, "{late}");
        served.abort();
    }
}
