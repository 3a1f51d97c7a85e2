//! What people decide about actions, and what the agenda makes of it.

use shared::{
    facts::{Action, ActionState, Analysis, ChangeKind, Unit, Value},
    portfolio::ActionCode,
};

use super::{PIECE, SALES_LOW, bundle, night, table};
use crate::functions::format;

const SELL: &str = "action:shortfall:sales.low@boat";

/// A night with sales of so much, after the one before, under some decisions.
async fn at(date: &str, sales: &str, decisions: &str, previous: Option<&Analysis>) -> Analysis {
    with(date, sales, decisions, &[], previous).await
}

/// The same with decisions that the ledger has: `seq action state decided_on until`, apart by spaces, `-` for none.
async fn with(
    date: &str,
    sales: &str,
    decisions: &str,
    ledger: &[&str],
    previous: Option<&Analysis>,
) -> Analysis {
    let files = [
        ("views/bookings.trips.sql", PIECE),
        ("shortfalls/a.toml", SALES_LOW),
    ];
    let rows: &[&[&str]] = &[&["2026-10-01", sales, "completed"]];
    let trips = table("boat-trips", &["on", "price", "state"], rows);
    let columns = ["seq", "action", "state", "decided_on", "until", "id"];
    let rows: Vec<Vec<&str>> = ledger
        .iter()
        .map(|row| row.split(' ').chain(["of-a-mail"]).collect())
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let made = table("action_decision", &columns, &rows);
    night(&bundle(decisions, &files), date, vec![trips, made], previous).await
}

fn decision(state: &str, on: &str, more: &str) -> String {
    let code = ActionCode::of(SELL);
    format!("[[decisions]]\naction = \"{code}\"\nstate = \"{state}\"\non = {on}\n{more}\n")
}

fn sell(analysis: &Analysis) -> &Action {
    analysis.actions.iter().find(|a| a.fact == SELL).unwrap()
}

fn money(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".into(), |v| format::value(v, Unit::Money))
}

fn changes(analysis: &Analysis) -> Vec<(ChangeKind, String)> {
    let of = analysis.changes.iter().filter(|c| c.fact == SELL);
    of.map(|c| (c.kind, c.text.clone())).collect()
}

#[tokio::test]
async fn what_is_snoozed_is_out_of_the_way_until_its_day_and_due_then() {
    let first = at("2026-11-01", "100", "", None).await;
    assert_eq!(
        (sell(&first).state, sell(&first).code.as_str()),
        (ActionState::Open, ActionCode::of(SELL).as_str())
    );
    let snoozed = decision("snoozed", "2026-11-02", "until = 2026-12-10");
    let second = at("2026-11-02", "100", &snoozed, Some(&first)).await;
    assert_eq!(sell(&second).state, ActionState::Snoozed);
    assert_eq!(
        changes(&second),
        [(
            ChangeKind::Resolved,
            "Sell.: snoozed until 10 Dec 2026 (cmo)".to_owned()
        )]
    );
    let last = at("2026-12-10", "100", &snoozed, Some(&second)).await;
    assert_eq!(sell(&last).state, ActionState::Snoozed);
    let back = at("2026-12-11", "100", &snoozed, Some(&last)).await;
    assert_eq!(
        (sell(&back).state, sell(&back).due.unwrap().to_string().as_str()),
        (ActionState::Slipped, "2026-12-10")
    );
    assert_eq!(changes(&back)[0].0, ChangeKind::New);
}

#[tokio::test]
async fn what_is_accepted_says_why_and_until_when() {
    let accepted = decision(
        "accepted",
        "2026-11-02",
        "until = 2027-03-31\nreason = \"closed in winter\"",
    );
    let night = at("2026-11-02", "100", &accepted, None).await;
    let decided = sell(&night).decision.clone().unwrap();
    assert_eq!(sell(&night).state, ActionState::Accepted);
    assert_eq!(decided.until.unwrap().to_string(), "2027-03-31");
    assert_eq!(decided.reason.as_deref(), Some("closed in winter"));
    assert_eq!(
        money(sell(&night).impact.as_ref()),
        "$900.00",
        "it is still what it is"
    );
    let over = at("2027-04-01", "100", &accepted, Some(&night)).await;
    assert!(sell(&over).state.is_to_do() && sell(&over).decision.is_none());
}

#[tokio::test]
async fn what_is_done_is_measured_against_what_it_was_to_bring() {
    let first = at("2026-11-01", "100", "", None).await;
    let done = decision("done", "2026-11-02", "");
    let second = at("2026-11-02", "400", &done, Some(&first)).await;
    assert_eq!(
        (sell(&second).state, sell(&second).score),
        (ActionState::Done, 0.0)
    );
    assert_eq!(money(sell(&second).expected.as_ref()), "$900.00");
    assert_eq!(money(sell(&second).measured.as_ref()), "$300.00");
    let third = at("2026-11-03", "5000", &done, Some(&second)).await;
    assert!(third.shortfalls.is_empty());
    assert_eq!(money(sell(&third).expected.as_ref()), "$900.00");
    assert_eq!(money(sell(&third).measured.as_ref()), "$900.00");
    let month_later = at("2026-12-03", "5000", &done, Some(&third)).await;
    assert!(month_later.actions.iter().all(|a| a.fact != SELL));
    let still_there = at("2026-12-03", "100", &done, Some(&second)).await;
    assert!(sell(&still_there).state.is_to_do(), "it did not help");
    assert_eq!(changes(&still_there)[0].0, ChangeKind::Worse);
}

#[tokio::test]
async fn what_nobody_could_look_at_is_not_taken_for_mended() {
    let first = at("2026-11-01", "100", "", None).await;
    let done = decision("done", "2026-11-02", "");
    let files = [("shortfalls/a.toml", SALES_LOW)];
    let settings = bundle(&done, &files);
    let mut last = first;
    for date in ["2026-11-02", "2026-11-03"] {
        // No bookings: the rule has nothing to look at.
        let blind = night(&settings, date, Vec::new(), Some(&last)).await;
        assert_eq!(sell(&blind).state, ActionState::Done);
        assert_eq!(money(sell(&blind).expected.as_ref()), "$900.00");
        assert_eq!(money(sell(&blind).measured.as_ref()), "none", "{date}");
        last = blind;
    }
}

#[tokio::test]
async fn the_last_decision_stands_and_one_of_tomorrow_not_yet() {
    let both = decision("done", "2026-11-01", "") + &decision("snoozed", "2026-11-02", "until = 2026-11-20");
    let before = at("2026-11-01", "100", &both, None).await;
    assert_eq!(sell(&before).state, ActionState::Done);
    assert_eq!(sell(&before).measured, None, "nobody knows what it was to bring");
    let after = at("2026-11-02", "100", &both, None).await;
    assert_eq!(sell(&after).state, ActionState::Snoozed);
    let by_fact = both.replacen(ActionCode::of(SELL).as_str(), SELL, 1);
    let after = at("2026-11-02", "100", &by_fact, None).await;
    assert_eq!(
        sell(&after).state,
        ActionState::Snoozed,
        "a code and a fact id are one action"
    );
}

#[tokio::test]
async fn a_code_that_nobody_has_is_reported_while_it_is_fresh() {
    let wrong = decision("done", "2026-11-02", "").replace(ActionCode::of(SELL).as_str(), "A00000");
    let fresh = at("2026-11-02", "100", &wrong, None).await;
    let said: Vec<&str> = fresh.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(said, ["there is no action A00000 tonight or the night before"]);
    assert_eq!(sell(&fresh).state, ActionState::Open);
    let old = at("2026-11-09", "100", &wrong, None).await;
    assert!(old.problems.is_empty(), "{:?}", old.problems);
}

#[tokio::test]
async fn decisions_of_the_ledger_and_of_the_file_are_one_list_by_their_days() {
    let code = ActionCode::of(SELL);
    let done = format!("1 {code} done 2026-11-02 -");
    let earlier = decision("snoozed", "2026-11-01", "until = 2026-12-20");
    let night = with("2026-11-02", "100", &earlier, &[&done], None).await;
    assert_eq!(
        sell(&night).state,
        ActionState::Done,
        "the ledger's is of a later day"
    );
    let later = decision("snoozed", "2026-11-03", "until = 2026-12-20");
    let night = with("2026-11-03", "100", &later, &[&done], None).await;
    assert_eq!(
        sell(&night).state,
        ActionState::Snoozed,
        "the file's is of a later day"
    );
    let night = with("2026-11-02", "100", &later, &[&done], None).await;
    assert_eq!(
        sell(&night).state,
        ActionState::Done,
        "the file's does not count yet"
    );
    let same = decision("snoozed", "2026-11-02", "until = 2026-12-20");
    let night = with("2026-11-02", "100", &same, &[&done], None).await;
    assert_eq!(
        sell(&night).state,
        ActionState::Done,
        "of one day the ledger's is the last"
    );
}

#[tokio::test]
async fn of_two_decisions_of_the_ledger_on_one_day_the_one_made_last_stands() {
    let rows = [
        format!("2 {SELL} accepted 2026-11-02 2026-12-31"),
        format!("10 {} snoozed 2026-11-02 2026-12-24", ActionCode::of(SELL)),
        format!("1 {SELL} done 2026-11-02 -"),
    ];
    let rows = rows.each_ref().map(String::as_str);
    let night = with("2026-11-02", "100", "", &rows, None).await;
    assert_eq!(sell(&night).state, ActionState::Snoozed);
    let until = sell(&night).decision.as_ref().and_then(|d| d.until);
    assert_eq!(until, Some("2026-12-24".parse().unwrap()));
}

#[tokio::test]
async fn a_decision_of_the_ledger_that_cannot_be_read_is_named_and_stops_nothing() {
    let sound = format!("6 {SELL} done 2026-11-02 -");
    let rows = [
        "1 A7K2QX maybe 2026-11-02 -",
        "2 A7K2QX done today -",
        "3 - done 2026-11-02 -",
        "4 nothing done 2026-11-02 -",
        "5 A7K2QX accepted 2026-11-02 -",
        sound.as_str(),
    ];
    let night = with("2026-11-02", "100", "", &rows, None).await;
    assert_eq!(sell(&night).state, ActionState::Done);
    assert!(
        night
            .problems
            .iter()
            .all(|p| { (p.file.as_str(), p.entry.as_deref()) == ("action_decision", Some("of-a-mail")) })
    );
    let said = night.problems.iter().filter_map(|p| p.message.rsplit_once(": "));
    let said: Vec<(&str, &str)> = said.collect();
    let expected = [
        (
            "\"maybe\" is none of done, snoozed, accepted",
            "a decision cannot be read and does not count",
        ),
        (
            "\"today\" is no day",
            "a decision cannot be read and does not count",
        ),
        ("it has no action", "a decision cannot be read and does not count"),
        ("it has no until", "a decision cannot be read and does not count"),
    ];
    for (why, what) in expected {
        assert!(said.contains(&(what, why)), "{why}: {said:?}");
    }
    assert!(
        night
            .problems
            .iter()
            .any(|p| p.message.contains("\"nothing\" is no action"))
    );
    assert_eq!(night.problems.len(), 5, "{:?}", night.problems);
}
