//! What an operator asks of nights that are over: what a figure was made of, and what differs between two of them.

use std::{process::Command, sync::OnceLock};

use serde_json::Value;
use tests::{quarterdeck, root};

/// Where harbor's two nights are, run once for all tests of this file.
fn out() -> &'static str {
    static OUT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let out = OUT.get_or_init(|| {
        let generated = Command::new("python3")
            .arg("examples/harbor/generate")
            .current_dir(root())
            .status();
        assert!(generated.unwrap().success());
        let out = tempfile::tempdir().unwrap();
        for date in ["2026-11-19", "2026-11-20"] {
            let path = out.path().to_str().unwrap();
            let ran = quarterdeck(&["run", "examples/harbor", "--date", date, "--out", path]);
            assert_eq!(ran.0, 0, "{}{}", ran.1, ran.2);
        }
        out
    });
    out.path().to_str().unwrap()
}

fn ask(arguments: &[&str]) -> (i32, Value) {
    let (code, said, errors) = quarterdeck(&[arguments, &["--out", out(), "--json"]].concat());
    let json = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}{errors}"));
    (code, json)
}

fn analysis(date: &str) -> Value {
    let text = std::fs::read_to_string(format!("{}/{date}/analysis.json", out())).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_fact_of_every_kind_is_explained_and_comes_out_the_same() {
    let night = analysis("2026-11-20");
    let first = |list: &str| night[list][0]["fact"].as_str().unwrap().to_owned();
    let facts = [
        "kpi:bookings.revenue_30d@jada".to_owned(),
        first("missing_kpis"),
        first("shortfalls"),
        first("findings"),
        first("rules"),
        first("actions"),
        "model:cash_13w".to_owned(),
        "invariant:cash.one_figure".to_owned(),
    ];
    for fact in facts {
        let (code, found) = ask(&["explain", "examples/harbor", &fact]);
        assert_eq!(code, 0, "{found:#}");
        assert_eq!(found["agrees"], true, "{fact}");
        assert_eq!(found["recorded"], found["again"], "{fact}");
        assert_eq!(found["query"]["error"], Value::Null, "{fact}: {}", found["query"]);
        assert_ne!(
            found["tables"],
            Value::Array(Vec::new()),
            "{fact} rests on something"
        );
        assert_eq!(found["run"]["snapshot_sha256"], night["run"]["snapshot_sha256"]);
    }
}

#[test]
fn the_query_that_an_explanation_shows_answers_the_figure_by_hand() {
    let (_, found) = ask(&["explain", "examples/harbor", "kpi:bookings.revenue_30d@jada"]);
    let bound = found["query"]["bound"].as_str().unwrap();
    let (code, rows) = ask(&["query", "examples/harbor", bound]);
    assert_eq!(code, 0);
    let of = |row: &&Value| row["entity"] == "jada";
    let by_hand = rows.as_array().unwrap().iter().find(of).unwrap()["value"]
        .as_str()
        .unwrap();
    let minor = found["recorded"]["value"]["minor"].as_i64().unwrap();
    let cents: f64 = by_hand.parse::<f64>().unwrap() * 100.0;
    assert!(
        (cents - minor as f64).abs() < 0.5,
        "{by_hand} is not {minor} cents"
    );
    let sources: Vec<&str> = found["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert!(sources.contains(&"dynamodb.jada-calendar"), "{sources:?}");
}

#[test]
fn a_slip_of_the_pen_is_answered_by_the_nearest_fact() {
    let (code, said) = ask(&["explain", "examples/harbor", "kpi:booking.revenue_30d@jada"]);
    assert_eq!(code, 1);
    let error = said["error"].as_str().unwrap();
    assert!(
        error.ends_with("did you mean kpi:bookings.revenue_30d@jada?"),
        "{error}"
    );
}

#[test]
fn two_nights_are_compared_fact_by_fact_and_a_night_with_itself_has_no_difference() {
    let (code, same) = ask(&["diff", "examples/harbor", "2026-11-20", "2026-11-20"]);
    assert_eq!((code, same["facts"].as_array().unwrap().len()), (0, 0));
    let (code, found) = ask(&["diff", "examples/harbor", "2026-11-19", "2026-11-20"]);
    assert_eq!(code, 0);
    assert_eq!(
        (&found["same_snapshot"], &found["same_catalog"]),
        (&Value::Bool(false), &Value::Bool(true))
    );
    // Every KPI of either night is equal, or listed with both its values.
    let values = |night: &Value| -> std::collections::BTreeMap<String, Value> {
        let kpis = night["kpis"].as_array().unwrap().iter();
        kpis.map(|k| (k["fact"].as_str().unwrap().to_owned(), k["value"].clone()))
            .collect()
    };
    let (before, after) = (values(&analysis("2026-11-19")), values(&analysis("2026-11-20")));
    let mut moved = 0;
    for (fact, value) in &after {
        let listed = found["facts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["kind"] == "kpi" && f["fact"] == fact.as_str());
        let of_value = listed.and_then(|f| {
            f["fields"]
                .as_array()
                .unwrap()
                .iter()
                .find(|field| field["field"] == "value")
        });
        match before.get(fact) {
            Some(was) if was == value => assert!(of_value.is_none(), "{fact} did not move"),
            Some(was) => {
                moved += 1;
                let field = of_value.unwrap_or_else(|| panic!("{fact} moved"));
                assert_eq!((&field["before"], &field["after"]), (was, value));
            }
            None => assert_eq!(listed.unwrap()["presence"], "added"),
        }
    }
    assert!(moved > 10, "only {moved} KPIs moved");
    let (_, only) = ask(&[
        "diff",
        "examples/harbor",
        "2026-11-19",
        "2026-11-20",
        "--only",
        "model",
    ]);
    assert!(
        only["facts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f["kind"] == "model")
    );
}

#[test]
fn every_figure_of_harbor_that_reaches_readers_by_several_ways_is_one_figure() {
    let night = analysis("2026-11-20");
    let invariants = night["invariants"].as_array().unwrap();
    assert!(invariants.len() >= 8, "{invariants:?}");
    for invariant in invariants {
        assert_eq!(invariant["status"], "good", "{invariant}");
    }
}
