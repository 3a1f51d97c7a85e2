//! The bootstraps themselves: one that lacks a variable, or is asked to be what it is not, ends at once and says which.

use std::process::Command;

use shared::cloud::HANDLERS;

/// What a bootstrap says before it ends, started as `handler` with these variables.
fn start(binary: &str, handler: &str, variables: &[&str]) -> String {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("in target/<profile>/deps");
    let output = Command::new(folder.join(binary))
        .env_clear()
        .env("_HANDLER", handler)
        // Without an API to poll it would wait for ever: nothing listens there, so that what starts fails too.
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .env("AWS_LAMBDA_FUNCTION_NAME", handler)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "test")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
        .env("AWS_REGION", "us-east-1")
        .envs(variables.iter().map(|name| (*name, "http://127.0.0.1:9/x")))
        .output()
        .expect("the bootstrap starts: build it with cargo build --workspace --bins");
    assert!(!output.status.success(), "{binary} as {handler} started");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn binary_of(handler: &str) -> Option<&'static str> {
    match handler {
        "collect" | "sweep" => Some("collector"),
        "analyze" => Some("analyzer"),
        "render" => Some("renderer"),
        "mail" | "events" | "replies" => Some("mailer"),
        _ => None,
    }
}

#[test]
fn a_variable_that_is_missing_fails_the_cold_start_and_is_named() {
    for (handler, names) in HANDLERS {
        let Some(binary) = binary_of(handler) else {
            continue;
        };
        for missing in names {
            let others: Vec<&str> = names
                .iter()
                .map(|n| n.name)
                .filter(|n| *n != missing.name)
                .collect();
            let said = start(binary, handler, &others);
            let expected = format!("environment variable {} is missing", missing.name);
            assert!(said.contains(&expected), "{binary} as {handler}: {said}");
            assert_eq!(said.matches("is missing").count(), 1, "{handler}: {said}");
        }
    }
}

#[test]
fn an_unknown_handler_fails_the_cold_start_and_is_told_which_there_are() {
    let said = start("collector", "mail", &[]);
    assert!(
        said.contains("_HANDLER is \"mail\", and this binary has: collect, sweep"),
        "{said}"
    );
}
