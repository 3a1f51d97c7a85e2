//! Secrets by way of AWS's Parameters and Secrets Lambda extension: a cache of Secrets Manager on the function's own
//! loopback. It spares a client (and its cold start) for the one secret that is read once.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Where the extension listens, and what proves that we are the function.
pub(super) struct Extension {
    port: u16,
    token: SecretString,
}

impl Extension {
    /// As the extension's and Lambda's own variables say.
    pub(super) fn from_env() -> Self {
        let port = std::env::var("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT").ok();
        let token = std::env::var("AWS_SESSION_TOKEN").unwrap_or_default();
        Self {
            port: port.and_then(|port| port.parse().ok()).unwrap_or(2773),
            token: token.into(),
        }
    }

    /// Reads a secret's string. The error says why, and never what was read.
    pub(super) fn read(&self, id: &str) -> Result<SecretString, String> {
        // Ids are names or ARNs; anything else would change the request.
        if !id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c))
        {
            return Err("the secret's id has a character that no id has".to_owned());
        }
        let at = ("127.0.0.1", self.port);
        let fail = |error: std::io::Error| {
            format!(
                "the secrets extension on port {} does not answer ({error}); is its layer on the function?",
                at.1
            )
        };
        let mut stream = TcpStream::connect(at).map_err(fail)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(fail)?;
        let token = self.token.expose_secret();
        let id = id.replace('+', "%2B");
        write!(
            stream,
            "GET /secretsmanager/get?secretId={id} HTTP/1.0\r\nHost: localhost:{}\r\n\
             X-Aws-Parameters-Secrets-Token: {token}\r\n\r\n",
            at.1
        )
        .map_err(fail)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(fail)?;
        parse(&answer)
    }
}

fn parse(answer: &str) -> Result<SecretString, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "SecretString")]
        secret: String,
    }
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or("the secrets extension answered without a body")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(format!("the secrets extension answered {status:?}"));
    }
    // The parser's own message may quote what it read.
    let answer: Answer =
        serde_json::from_str(body).map_err(|_| "the secret has no SecretString".to_owned())?;
    Ok(answer.secret.into())
}

#[cfg(test)]
mod tests {
    use std::{io::BufRead, net::TcpListener};

    use super::*;

    fn extension(answer: &'static str) -> Extension {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = std::io::BufReader::new(stream.try_clone().unwrap()).lines();
            let first = request.next().unwrap().unwrap();
            let token = request.any(|line| line.unwrap() == "X-Aws-Parameters-Secrets-Token: token");
            assert!(first.starts_with("GET /secretsmanager/get?secretId=quarterdeck/rid ") && token);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        Extension {
            port,
            token: "token".to_owned().into(),
        }
    }

    #[test]
    fn a_secret_is_read_from_the_extension() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Name\":\"x\",\"SecretString\":\"s3cret\"}";
        assert_eq!(
            extension(answer).read("quarterdeck/rid").unwrap().expose_secret(),
            "s3cret"
        );
    }

    #[test]
    fn a_refusal_names_its_status_and_a_strange_id_is_not_asked_for() {
        let refused = extension("HTTP/1.1 400 Bad Request\r\n\r\nsecret not found").read("quarterdeck/rid");
        assert_eq!(
            refused.unwrap_err(),
            "the secrets extension answered \"HTTP/1.1 400 Bad Request\""
        );
        let extension = Extension {
            port: 1,
            token: String::new().into(),
        };
        assert!(extension.read("a b\r\nX: y").unwrap_err().contains("character"));
        assert!(
            extension
                .read("id")
                .unwrap_err()
                .contains("port 1 does not answer")
        );
    }
}
