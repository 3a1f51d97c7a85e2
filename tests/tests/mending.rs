//! A night in which something cannot be made: what can be is mailed, the reason is said, and when it is mended the rest
//! follows, to nobody twice.

use std::{fs, path::Path};

use tests::{SMALL, quarterdeck};

const CFO: &str = r#"
[[documents]]
id = "cfo"
template = "cfo"
title = "CFO report"
recipients = ["cfo@example.com"]
"#;
/// Parses, and fails for one document only when it is rendered.
const TEMPLATE: &str = "{% if id == 'cfo' %}{{ nothing.there.at_all }}{% endif %}{{ title }}\n";

struct Holding(tempfile::TempDir);

impl Holding {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let holding = Self(folder);
        holding.write("portfolio.toml", &format!("{SMALL}{CFO}"));
        holding.write(
            "tables/calendar.ndjson",
            "{\"id\": \"a\", \"charter_date\": \"2026-11-01\"}\n",
        );
        holding
    }
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }
    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }
    fn run(&self) -> (i32, String) {
        let (folder, out) = (self.0.path().to_str().unwrap().to_owned(), self.path("out"));
        let (code, said, errors) = quarterdeck(&[
            "run",
            &folder,
            "--date",
            "2026-11-20",
            "--out",
            out.to_str().unwrap(),
        ]);
        (code, said + &errors)
    }
}

#[test]
fn a_document_that_fails_is_named_with_its_reason_the_others_are_mailed_and_it_follows_when_it_is_mended() {
    let holding = Holding::new();
    holding.write("catalog/templates/document.txt.j2", TEMPLATE);
    let (code, said) = holding.run();
    assert_eq!(code, 3, "{said}");
    let failed = said
        .lines()
        .find(|line| line.starts_with("failed  "))
        .unwrap_or_default();
    assert!(
        failed.starts_with("failed  small.2026-11-20/render/cfo@g0: ") && failed.contains("document.txt.j2"),
        "{said}"
    );
    assert!(
        said.contains("small.2026-11-20 (g0) DEGRADED: 2 mails to the outbox"),
        "{said}"
    );

    fs::remove_file(holding.path("catalog/templates/document.txt.j2")).unwrap();
    let (code, said) = holding.run();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("small.2026-11-20 (g1) FINISHED: 2 mails to the outbox"),
        "{said}"
    );
    let (code, said) = holding.run();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("had ended before; nothing was mailed again"),
        "{said}"
    );
}

#[test]
fn a_night_that_was_held_for_a_core_source_is_mailed_when_it_is_there_and_computed_anew() {
    let holding = Holding::new();
    fs::rename(holding.path("tables"), holding.path("elsewhere")).unwrap();
    let (code, said) = holding.run();
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("HELD  4 deliveries of ceo, cfo: core source not read: dynamodb.calendar"),
        "{said}"
    );

    fs::rename(holding.path("elsewhere"), holding.path("tables")).unwrap();
    let (folder, out) = (holding.0.path().to_str().unwrap().to_owned(), holding.path("out"));
    let out = out.to_str().unwrap().to_owned();
    let (code, said, errors) = quarterdeck(&[
        "run",
        &folder,
        "--date",
        "2026-11-20",
        "--out",
        &out,
        "--recompute",
    ]);
    assert_eq!(code, 0, "{said}{errors}");
    assert!(said.contains("(g1) FINISHED: 4 mails to the outbox"), "{said}");
}
