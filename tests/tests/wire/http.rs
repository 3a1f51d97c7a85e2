//! As much HTTP as the set-up of these tests needs, so that it needs no client.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Sends a request without a body; answers the body, and panics unless the status is 200.
pub fn request(endpoint: &str, method: &str, path: &str) -> String {
    let host = endpoint
        .strip_prefix("http://")
        .expect("a plain endpoint on this machine");
    let mut stream = TcpStream::connect(host).expect("the local AWS answers");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {head}");
    body.to_owned()
}
