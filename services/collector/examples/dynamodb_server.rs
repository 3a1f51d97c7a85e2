//! The embedded DynamoDB behind HTTP on loopback, for `benches/scan.py`: a peer that boto3 and the collector read alike.
//!
//! usage: dynamodb_server TABLE FILE.ndjson. Loads the file, prints the address, serves until its standard input ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
};

use anyhow::Context;
use shared::embedded::EmbeddedDynamo;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, file] = &arguments[..] else {
        anyhow::bail!("usage: dynamodb_server TABLE FILE.ndjson");
    };
    let database = EmbeddedDynamo::memory()?;
    database.load_ndjson(table, Path::new(file))?;
    let listener = TcpListener::bind("127.0.0.1:0").context("failed to listen")?;
    println!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let database = database.clone();
            std::thread::spawn(move || serve(&database, stream));
        }
    });
    // Whoever started it closes this, also by dying.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

/// Requests of one connection, until it ends. A broken one is dropped: the client says so.
fn serve(database: &EmbeddedDynamo, stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let (mut operation, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "x-amz-target" => operation = value.trim().rsplit('.').next()?.to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (status, answer) = database.answer(&operation, &body);
        let head = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        writer
            .write_all(&[head.as_bytes(), answer.as_bytes()].concat())
            .ok()?;
    }
}
