//! As much HTTP as the set-up of these tests needs, so that it needs no client.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Sends a request without a body; answers the body, and panics unless the status is 200.
pub fn request(endpoint: &str, method: &str, path: &str) -> String {
    send(endpoint, &format!("{method} {path}"), &[], "")
}

/// Makes a call of one of AWS's JSON protocols, unsigned, as a local AWS takes it; panics unless it succeeds.
pub fn json(endpoint: &str, target: &str, parameters: &serde_json::Value) -> String {
    let headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", target),
    ];
    send(endpoint, "POST /", &headers, &parameters.to_string())
}

fn send(endpoint: &str, line: &str, headers: &[(&str, &str)], body: &str) -> String {
    let host = endpoint
        .strip_prefix("http://")
        .expect("a plain endpoint on this machine");
    let mut stream = TcpStream::connect(host).expect("the local AWS answers");
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{line}: {head}");
    body.to_owned()
}
