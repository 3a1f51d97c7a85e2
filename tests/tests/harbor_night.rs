//! The example portfolio's two nights, run as a user runs them.

use std::{collections::BTreeSet, path::Path, process::Command, sync::OnceLock};

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value;
use tests::{quarterdeck, root};

const DOCUMENTS: [&str; 8] = [
    "ceo",
    "cto",
    "cfo",
    "cmo",
    "accounting",
    "audit-rental",
    "audit-delivery",
    "audit-dangerouscentaur",
];

struct Nights {
    out: tempfile::TempDir,
    second: (i32, String, String),
}

impl Nights {
    fn path(&self) -> &str {
        self.out.path().to_str().unwrap()
    }
    fn analysis(&self, date: &str) -> Value {
        let path = self.out.path().join(date).join("analysis.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }
}

/// Both nights, run once for all tests of this file.
fn nights() -> &'static Nights {
    static NIGHTS: OnceLock<Nights> = OnceLock::new();
    NIGHTS.get_or_init(|| {
        let generated = Command::new("python3")
            .arg("examples/harbor/generate")
            .current_dir(root())
            .status();
        assert!(generated.unwrap().success());
        let out = tempfile::tempdir().unwrap();
        let path = out.path().to_str().unwrap().to_owned();
        let run = |date| quarterdeck(&["run", "examples/harbor", "--date", date, "--out", &path]);
        let first = run("2026-11-19");
        assert_eq!(first.0, 0, "{}{}", first.1, first.2);
        let second = run("2026-11-20");
        Nights { out, second }
    })
}

#[test]
fn a_night_writes_eight_documents_in_four_formats_and_the_analysis() {
    let nights = nights();
    assert_eq!(nights.second.0, 0, "{}{}", nights.second.1, nights.second.2);
    for document in DOCUMENTS {
        for kind in ["html", "txt", "pdf", "eml"] {
            let path = nights
                .out
                .path()
                .join("2026-11-20")
                .join(format!("{document}.{kind}"));
            assert!(
                std::fs::metadata(&path).is_ok_and(|m| m.len() > 500),
                "{}",
                path.display()
            );
        }
        let html = std::fs::metadata(nights.out.path().join(format!("2026-11-20/{document}.html"))).unwrap();
        assert!(
            html.len() < 102 * 1024,
            "{document}: Gmail clips mails above 102 KB, this has {}",
            html.len()
        );
    }
}

#[test]
fn a_pdf_is_no_longer_than_its_reader_was_promised() {
    for (document, most) in DOCUMENTS.into_iter().zip([2, 3, 3, 2, 3, 1, 1, 1]) {
        let path = nights().out.path().join(format!("2026-11-20/{document}.pdf"));
        let pdf = std::fs::read(path).unwrap();
        // typst writes page objects as they are; the tree of pages is `/Type/Pages`.
        let pages = pdf
            .windows(11)
            .filter(|w| w.starts_with(b"/Type/Page") && w[10] != b's')
            .count();
        assert!(
            (1..=most).contains(&pages),
            "{document}: {pages} pages, at most {most}"
        );
    }
}

/// Mails in a folder and below it.
fn count_mails(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { count_mails(&path) } else { 1 })
        .sum()
}

#[test]
fn a_second_run_of_the_same_date_delivers_nothing_again_and_says_so() {
    let nights = nights();
    let outbox = || count_mails(&nights.out.path().join(".quarterdeck/outbox"));
    let before = outbox();
    let (code, said, errors) = quarterdeck(&[
        "run",
        "examples/harbor",
        "--date",
        "2026-11-20",
        "--out",
        nights.path(),
    ]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("nothing was mailed again"), "{said}");
    assert_eq!(outbox(), before);
    assert!(
        before > 16,
        "two nights of eight documents with an archive copy each, found {before}"
    );
}

#[test]
fn the_archived_mail_has_three_renderings_and_every_image_it_names() {
    for document in DOCUMENTS {
        let raw = std::fs::read(nights().out.path().join(format!("2026-11-20/{document}.eml"))).unwrap();
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert!(mail.body_text(0).is_some_and(|t| t.len() > 500), "{document}");
        let html = mail.body_html(0).unwrap();
        let named: BTreeSet<&str> = html
            .split("cid:")
            .skip(1)
            .filter_map(|rest| rest.split(['"', '\'']).next())
            .collect();
        let held: BTreeSet<&str> = mail.parts.iter().filter_map(|p| p.content_id()).collect();
        assert!(!named.is_empty(), "{document} has no chart");
        assert!(named.is_subset(&held), "{document}: {named:?} against {held:?}");
        let pdf = std::fs::read(nights().out.path().join(format!("2026-11-20/{document}.pdf"))).unwrap();
        assert!(
            mail.attachments().any(|a| a.contents() == pdf),
            "{document}: the PDF is not attached as it is"
        );
    }
}

#[test]
fn the_figures_that_harbor_is_built_to_yield_come_out() {
    let analysis = nights().analysis("2026-11-20");
    let kpi = |id: &str| {
        let found = analysis["kpis"]
            .as_array()
            .unwrap()
            .iter()
            .find(|k| k["id"] == id && k["entity"].is_null());
        found.unwrap_or_else(|| panic!("no KPI {id}"))["value"].clone()
    };
    let dollars = |id: &str| kpi(id)["minor"].as_i64().unwrap() / 100;
    assert!(
        (7_000..=9_000).contains(&dollars("burn.net")),
        "net burn {}",
        dollars("burn.net")
    );
    assert!(
        (50..=84).contains(&dollars("aws.cost_last_month")),
        "AWS {}",
        dollars("aws.cost_last_month")
    );
    assert!(
        (20..=30).contains(&dollars("aws.savings")),
        "savings {}",
        dollars("aws.savings")
    );
    assert_eq!(kpi("charters.break_even_units"), 6);
    let critical = analysis["shortfalls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["severity"] == "critical");
    let critical: Vec<&str> = critical.map(|s| s["id"].as_str().unwrap()).collect();
    assert_eq!(critical.len(), 8, "{critical:?}");
    let missing: Vec<&str> = analysis["missing_kpis"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["id"].as_str().unwrap())
        .collect();
    assert_eq!(missing.len(), 9, "{missing:?}");
}

#[test]
fn the_second_night_says_what_changed_since_the_first() {
    let analysis = nights().analysis("2026-11-20");
    assert_eq!(analysis["run"]["previous_run"], "harbor.2026-11-19");
    let kinds: BTreeSet<&str> = analysis["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["kind"].as_str().unwrap())
        .collect();
    for kind in ["new", "worse", "better", "resolved"] {
        assert!(kinds.contains(kind), "no {kind} in {kinds:?}");
    }
    for document in ["ceo", "cto"] {
        let path = nights().out.path().join(format!("2026-11-20/{document}.txt"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(
            text.contains("[worse] Messages in dead-letter queues: 77, was 64"),
            "{document} does not say that customers wait: {text}"
        );
    }
}

#[test]
fn the_second_night_tells_how_the_first_ones_mail_went_and_the_first_that_there_was_none_before_it() {
    let accepted = |date: &str| {
        let analysis = nights().analysis(date);
        let sources = analysis["sources"].as_array().unwrap();
        let ledger = sources.iter().find(|s| s["id"] == "ledger").unwrap();
        assert!(ledger["kind"] == "ledger" && ledger["state"] == "ok", "{ledger}");
        let kpis = analysis["kpis"].as_array().unwrap();
        kpis.iter()
            .find(|k| k["id"] == "reports.mail_accepted")
            .unwrap()
            .clone()
    };
    let (first, second) = (accepted("2026-11-19"), accepted("2026-11-20"));
    assert!(
        first["value"].is_null() && first["note"] == "no earlier night",
        "{first}"
    );
    assert_eq!(second["value"].as_f64(), Some(1.0), "{second}");
    assert!(
        second["n"].as_u64() >= Some(16),
        "eight documents and the archive's copies: {second}"
    );
    let text = std::fs::read_to_string(nights().out.path().join("2026-11-19/cto.txt")).unwrap();
    assert!(text.contains("There is no earlier night to tell of"), "{text}");
    let text = std::fs::read_to_string(nights().out.path().join("2026-11-20/cto.txt")).unwrap();
    assert!(text.contains("The night of 19 Nov 2026 ended finished"), "{text}");
}

#[test]
fn what_could_not_be_read_is_named_and_nothing_is_silently_zero() {
    let analysis = nights().analysis("2026-11-20");
    let sources = analysis["sources"].as_array().unwrap();
    let missing: Vec<_> = sources.iter().filter(|s| s["state"] == "missing").collect();
    assert!(!missing.is_empty(), "harbor declares a table that does not exist");
    let unreadable = analysis["unreadable"].as_array().unwrap();
    let money = unreadable
        .iter()
        .find(|u| u["function"] == "money")
        .expect("harbor has moneys like TBD");
    assert!(money["count"].as_u64() > Some(0) && !money["examples"].as_array().unwrap().is_empty());
    let lint = analysis["handoff_lint"].as_array().unwrap();
    assert!(
        lint.iter()
            .any(|l| l["code"].as_str().is_some_and(|c| c.contains("utf8"))),
        "{lint:?}"
    );
    // QueenofSanDiego's bookings have no price since August: what they are worth is unknown, and no $0.00.
    for id in [
        "bookings.revenue_30d",
        "bookings.net_revenue_mtd",
        "bookings.on_books_90d",
    ] {
        let kpis = analysis["kpis"].as_array().unwrap();
        let own = kpis
            .iter()
            .find(|k| k["id"] == id && k["entity"] == "qos")
            .unwrap();
        assert!(own["value"].is_null(), "{id} is {}", own["value"]);
        assert!(
            own["gap"].as_str().is_some_and(|gap| gap.contains("has a price")),
            "{own}"
        );
    }
    let text = std::fs::read_to_string(nights().out.path().join("2026-11-20/ceo.txt")).unwrap();
    let source = missing[0]["id"].as_str().unwrap().trim_start_matches("dynamodb.");
    assert!(text.contains(source), "the CEO brief does not name {source}");
}

#[test]
fn hostile_customer_text_comes_out_harmless() {
    for document in DOCUMENTS {
        let base = nights().out.path().join("2026-11-20");
        let html = std::fs::read_to_string(base.join(format!("{document}.html"))).unwrap();
        assert!(!html.to_lowercase().contains("<script"), "{document}");
        assert!(
            !html.contains("href=\"http://") && !html.contains("src=\"http"),
            "{document} has a plain link"
        );
        let text = std::fs::read_to_string(base.join(format!("{document}.txt"))).unwrap();
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{7}']), "{document}");
    }
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    let other = tempfile::tempdir().unwrap();
    let path = other.path().to_str().unwrap();
    for date in ["2026-11-19", "2026-11-20"] {
        let (code, said, errors) = quarterdeck(&["run", "examples/harbor", "--date", date, "--out", path]);
        assert_eq!(code, 0, "{said}{errors}");
    }
    let files = DOCUMENTS
        .iter()
        .flat_map(|d| ["html", "txt", "pdf"].map(|k| format!("{d}.{k}")));
    for file in files.chain(["analysis.json".to_owned()]) {
        let read = |base: &Path| std::fs::read(base.join("2026-11-20").join(&file)).unwrap();
        assert!(
            read(nights().out.path()) == read(other.path()),
            "{file} differs between two runs"
        );
    }
}

#[test]
fn status_shows_every_delivery_by_rid_and_no_address() {
    let (code, said, _) = quarterdeck(&[
        "status",
        "examples/harbor",
        "--date",
        "2026-11-20",
        "--out",
        nights().path(),
        "--json",
    ]);
    assert_eq!(code, 0);
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(status["state"], "FINISHED");
    assert!(
        status["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["state"] == "ACCEPTED")
    );
    assert!(!said.contains('@'), "an address in {said}");
}
