//! What the built-in catalog says of the pipeline's own earlier nights.

use shared::facts::{Analysis, Kpi, MissingReason, Status, Value};

use super::{DATE, LocalTable, built_in_night, bundle, lack, says, table};

const KPIS: [&str; 7] = [
    "reports.mail_accepted",
    "reports.bounce_rate",
    "reports.complaint_rate",
    "reports.readers_unreachable",
    "reports.mail_waiting",
    "reports.sources_unread",
    "reports.nights_well",
];

/// Tables of the ledger; a row's cells are apart by spaces, `-` is NULL and `''` is empty.
struct Ledger<'a> {
    /// `nights recipients brake_reason brake_since`
    own: &'a str,
    /// `business_date mail_epoch state parts_failed parts_missing`
    runs: &'a [&'a str],
    /// `business_date part state`
    parts: &'a [&'a str],
    /// `business_date mail_epoch document mails state held_for reason`
    deliveries: &'a [&'a str],
    /// `rid document last_date verdict reason since`
    recipients: &'a [&'a str],
}

const FIRST: Ledger<'_> = Ledger {
    own: "0 0 '' ''",
    runs: &[],
    parts: &[],
    deliveries: &[],
    recipients: &[],
};

/// One night that ended well, one that failed, and a last one of which little arrived.
const BAD: Ledger<'_> = Ledger {
    own: "3 3 paused 2026-11-20T10:31:00Z",
    runs: &[
        "2026-11-10 0 FINISHED 1 0",
        "2026-11-18 0 FAILED 0 3",
        "2026-11-19 0 DEGRADED 1 0",
    ],
    parts: &[
        "2026-11-10 dynamodb.gone failed",
        "2026-11-18 inventory missing",
        "2026-11-19 dynamodb.gone failed",
    ],
    deliveries: &[
        "2026-11-10 0 ceo 1 DELIVERED '' ''",
        "2026-11-10 0 ceo 1 DELAYED '' ''",
        "2026-11-10 0 ceo 1 ACCEPTED '' ''",
        "2026-11-10 0 cfo 4 DELIVERED '' ''",
        "2026-11-19 0 ceo 1 BOUNCED '' NoEmail",
        "2026-11-19 0 ceo 1 ACCEPTED '' ''",
        "2026-11-19 0 cfo 2 HELD ACCOUNT paused",
        "2026-11-19 0 cto 1 UNKNOWN '' silence",
        "2026-11-19 0 cto 1 COMPLAINED '' abuse",
        "2026-11-19 0 cmo 1 SUPPRESSED '' NoEmail",
    ],
    recipients: &[
        "aaaaaaaaaa ceo 2026-11-19 SUPPRESS NoEmail 2026-11-20T11:31:30Z",
        "aaaaaaaaaa cfo 2026-11-10 SUPPRESS NoEmail 2026-11-20T11:31:30Z",
        "aaaaaaaaaa cmo 2026-11-19 SUPPRESS NoEmail 2026-11-20T11:31:30Z",
    ],
};

fn rows(name: &str, columns: &str, cells: &[&str]) -> LocalTable {
    let columns: Vec<&str> = columns.split(' ').collect();
    let empty = |text| if text == "''" { "" } else { text };
    let split: Vec<Vec<&str>> = cells
        .iter()
        .map(|row| row.split(' ').map(empty).collect())
        .collect();
    let rows: Vec<&[&str]> = split.iter().map(Vec::as_slice).collect();
    table(name, &columns, &rows)
}

/// `run` is the business date here: a run has one.
fn tables(ledger: &Ledger<'_>) -> Vec<LocalTable> {
    let dated = |rows: &[&str]| -> Vec<String> {
        let twice = |row: &&str| {
            let date = row.split(' ').next().unwrap();
            format!("{date} {row}")
        };
        rows.iter().map(twice).collect()
    };
    let with_run = |name, columns: &str, cells: &[&str]| {
        let cells = dated(cells);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        rows(name, &format!("run business_date {columns}"), &cells)
    };
    let own = format!("2026-10-21 2026-11-19 {}", ledger.own);
    vec![
        rows(
            "pipeline_ledger",
            "first_date last_date nights recipients brake_reason brake_since",
            &[&own],
        ),
        with_run(
            "pipeline_run",
            "mail_epoch state parts_failed parts_missing",
            ledger.runs,
        ),
        with_run("pipeline_part", "part state", ledger.parts),
        with_run(
            "pipeline_delivery",
            "mail_epoch document mails state held_for reason",
            ledger.deliveries,
        ),
        rows(
            "pipeline_recipient",
            "rid document last_date verdict reason since",
            ledger.recipients,
        ),
    ]
}

async fn night(ledger: &Ledger<'_>) -> Analysis {
    let analysis = built_in_night(&bundle("", &[]), DATE, tables(ledger), None).await;
    let own = |file: &str| file.contains("pipeline");
    let problems: Vec<_> = analysis.problems.iter().filter(|p| own(&p.file)).collect();
    assert!(problems.is_empty(), "{problems:?}");
    analysis
}

fn kpi<'a>(analysis: &'a Analysis, id: &str) -> &'a Kpi {
    let found = analysis.kpis.iter().find(|k| k.id == id);
    found.unwrap_or_else(|| panic!("no {id}"))
}

/// Value, n and note.
fn said(analysis: &Analysis, id: &str) -> String {
    let kpi = kpi(analysis, id);
    let value = match &kpi.value {
        Value::Number(number) => format!("{number:.3}"),
        Value::Int(number) => number.to_string(),
        Value::Null => "-".to_owned(),
        other => format!("{other:?}"),
    };
    let n = kpi.n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    format!("{value} of {n} {}", kpi.note.as_deref().unwrap_or_default())
}

/// Headlines of the shortfalls of reports, by fact.
fn shortfalls(analysis: &Analysis) -> Vec<(&str, &str)> {
    let own = analysis
        .shortfalls
        .iter()
        .filter(|s| s.id.starts_with("reports."));
    let mut found: Vec<_> = own.map(|s| (s.fact.as_str(), s.headline.as_str())).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_first_night_says_that_there_is_no_earlier_one_and_shows_no_zero() {
    let analysis = night(&FIRST).await;
    for id in KPIS {
        assert_eq!(said(&analysis, id), "- of - no earlier night", "{id}");
        assert_eq!(kpi(&analysis, id).status, Status::Unknown, "{id}");
        assert_eq!(lack(&analysis, id), "not missing");
    }
    assert_eq!(
        says(&analysis, "pipeline"),
        "Unknown: There is no earlier night to tell of"
    );
    assert!(analysis.models["pipeline"].rows.is_empty());
    assert!(analysis.models["unreachable_readers"].rows.is_empty());
    assert!(shortfalls(&analysis).is_empty(), "{:?}", shortfalls(&analysis));
}

#[tokio::test]
async fn a_ledger_that_was_not_read_is_unknown_and_no_first_night() {
    let analysis = built_in_night(&bundle("", &[]), DATE, Vec::new(), None).await;
    for id in KPIS {
        let missing = analysis.missing_kpis.iter().find(|m| m.id == id).unwrap();
        assert_eq!(missing.reason, MissingReason::NoTable);
        assert_eq!(missing.detail, "table pipeline_ledger was not collected");
    }
    assert_eq!(
        says(&analysis, "pipeline"),
        "Unknown: table pipeline_ledger was not collected"
    );
}

#[tokio::test]
async fn the_figures_are_what_became_of_the_mail_of_earlier_nights() {
    let analysis = night(&BAD).await;
    let expected = [
        "0.143 of 7 ",
        "0.100 of 10 ",
        "0.100 of 10 ",
        "1 of 3 ",
        "3 of 14 ",
        "2 of 3 most often dynamodb.gone, on 2 nights",
        "0.333 of 3 no run on 7 of 10 days",
    ];
    for (id, expected) in KPIS.into_iter().zip(expected) {
        assert_eq!(said(&analysis, id), expected, "{id}");
    }
    assert_eq!(
        says(&analysis, "pipeline"),
        "Bad: The night of 19 Nov 2026 ended degraded, 1 of 7 mails accepted; 1 of 3 nights ended well; nothing is mailed to 1 reader"
    );
    assert_eq!(analysis.models["pipeline"].rows.len(), 3);
    assert_eq!(
        says(&analysis, "unreachable_readers"),
        "Bad: Nothing is mailed to 1 reader"
    );
    let text = |text: &str| Value::Text(text.to_owned());
    let reader = &analysis.models["unreachable_readers"].rows[0];
    assert_eq!(reader[..2], [text("aaaaaaaa"), text("ceo, cfo, cmo")]);
}

#[tokio::test]
async fn what_kept_a_report_from_its_reader_is_a_shortfall_with_a_remedy() {
    let analysis = night(&BAD).await;
    assert_eq!(
        shortfalls(&analysis),
        [
            (
                "shortfall:reports.mail_held",
                "3 of 7 mails of 19 Nov 2026 were held or may not have been sent"
            ),
            (
                "shortfall:reports.mail_refused",
                "1 of 10 mails of 3 nights bounced (10.0 %) and 1 drew complaints (10.0 %)"
            ),
            (
                "shortfall:reports.reader_unreachable#ceo",
                "The ceo report does not reach 1 of its readers: nothing is mailed to them"
            ),
            (
                "shortfall:reports.reader_unreachable#cmo",
                "The cmo report does not reach 1 of its readers: nothing is mailed to them"
            ),
        ]
    );
    let action = |fact: &str| analysis.actions.iter().find(|a| a.fact == fact).unwrap();
    let of_ceo = action("action:shortfall:reports.reader_unreachable#ceo");
    assert_eq!(of_ceo.owner, "ceo", "it is of whom the report is for");
    let held = analysis
        .shortfalls
        .iter()
        .find(|s| s.id == "reports.mail_held")
        .unwrap();
    assert_eq!(
        held.evidence,
        "pipeline_delivery: 2 HELD for account, paused; 1 UNKNOWN, silence; sending was stopped last on 20 Nov 2026: paused"
    );
}

#[tokio::test]
async fn a_rate_of_fewer_than_ten_mails_is_no_shortfall() {
    let few = Ledger {
        own: "1 2 '' ''",
        runs: &["2026-11-19 0 DEGRADED 0 0"],
        deliveries: &[
            "2026-11-19 0 ceo 1 BOUNCED '' NoEmail",
            "2026-11-19 0 ceo 1 ACCEPTED '' ''",
        ],
        ..FIRST
    };
    let analysis = night(&few).await;
    assert_eq!(said(&analysis, "reports.bounce_rate"), "0.500 of 2 ");
    assert!(shortfalls(&analysis).is_empty(), "{:?}", shortfalls(&analysis));
}

#[tokio::test]
async fn a_night_that_was_mailed_again_is_judged_by_its_last_mails_and_sent_both() {
    let again = Ledger {
        own: "1 2 '' ''",
        runs: &["2026-11-19 1 FINISHED 0 0"],
        deliveries: &[
            "2026-11-19 0 ceo 1 BOUNCED '' NoEmail",
            "2026-11-19 0 ceo 1 HELD ACCOUNT paused",
            "2026-11-19 1 ceo 1 DELIVERED '' ''",
        ],
        ..FIRST
    };
    let analysis = night(&again).await;
    assert_eq!(said(&analysis, "reports.mail_accepted"), "1 of 1 ");
    assert_eq!(said(&analysis, "reports.mail_waiting"), "0 of 1 ");
    assert_eq!(said(&analysis, "reports.bounce_rate"), "0.500 of 2 ");
    assert!(shortfalls(&analysis).is_empty(), "{:?}", shortfalls(&analysis));
}

#[tokio::test]
async fn a_night_that_had_not_ended_says_so() {
    let open = Ledger {
        own: "1 2 '' ''",
        runs: &["2026-11-19 0 MAILING 0 0"],
        deliveries: &[
            "2026-11-19 0 ceo 1 QUEUED '' ''",
            "2026-11-19 0 ceo 1 ACCEPTED '' ''",
        ],
        ..FIRST
    };
    let analysis = night(&open).await;
    assert_eq!(
        said(&analysis, "reports.mail_accepted"),
        "0.500 of 2 the night of 19 Nov 2026 had not ended"
    );
    assert_eq!(
        says(&analysis, "pipeline"),
        "Bad: The night of 19 Nov 2026 had not ended: mailing, 1 of 2 mails accepted"
    );
}
