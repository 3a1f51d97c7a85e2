//! What the end-to-end tests share: portfolios in temporary folders, and the command run as a user runs it.
//!
//! The tests themselves are in `tests/`; each file is one subject.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A portfolio of one business with one table, `calendar`, and one document, `ceo`.
pub const SMALL: &str = r#"
schema = 1
id = "small"
title = "Small Holding"
timezone = "UTC"
currency = "USD"

[mail]
from = "Quarterdeck <reports@example.com>"
archive = "archive@example.com"

[[entities]]
id = "boat"
title = "Boat"
kind = "charter"
stage = "operating"
owner = "ceo"

[sources]
[[sources.dynamodb]]
table = "calendar"
entity = "boat"
core = true

[[documents]]
id = "ceo"
template = "ceo"
title = "CEO brief"
recipients = ["ceo@example.com"]
"#;

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Runs `quarterdeck` and answers its exit code, standard output and standard error.
///
/// # Panics
/// If the binary cannot be started; `make build` builds it.
pub fn quarterdeck(arguments: &[&str]) -> (i32, String, String) {
    let binary = std::env::current_exe().expect("a test has a path");
    let folder = binary
        .parent()
        .and_then(Path::parent)
        .expect("tests are in target/<profile>/deps");
    let output = Command::new(folder.join("quarterdeck"))
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("quarterdeck starts: build it with cargo build --workspace --bins");
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Copies a folder, without what runs wrote in it.
///
/// # Panics
/// If a file cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a temporary folder is writable");
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder is readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}
