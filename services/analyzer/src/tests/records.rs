//! Figures of the records over a few rows: channels, budgets, recognition, deposits and what is at stake.

use shared::facts::{Analysis, Status};

use super::{
    DATE,
    figures::{CHART, LINES, SALES, at, ledger},
    rows, says, value,
};

#[tokio::test]
async fn platforms_that_differ_in_case_are_one() {
    let pieces = [
        rows(
            "channels",
            "entity channel kind listed live potential_monthly",
            &["boat BoatSetter ota yes no 1000"],
        ),
        rows(
            "bookings",
            SALES,
            &[
                "boat b1 2026-10-01 2026-10-10 - - completed Boatsetter c 1000",
                "boat b2 2026-10-02 2026-10-12 - - completed boatsetter d 1000",
                "boat b3 2026-10-02 2026-10-13 - - completed direct d 1000",
            ],
        ),
    ];
    let analysis = at("", &pieces, DATE).await;
    assert!(
        says(&analysis, "channels").contains("0 of 1 channels are live; $1,000.00"),
        "{}",
        says(&analysis, "channels")
    );
    assert_eq!(value(&analysis, "concentration.top_channel"), "66.7 %");
}

#[tokio::test]
async fn a_budget_of_a_part_is_no_budget_of_the_whole() {
    let mut pieces = ledger(&["2026-09", "2026-10", "2026-11"]);
    let columns = "entity month line amount";
    let budget = |analysis: &Analysis, line: &str| {
        let rows = &analysis.models["p_and_l"].rows;
        let row = rows
            .iter()
            .find(|r| r[0] == shared::facts::Value::Text(line.into()))
            .unwrap();
        crate::functions::format::value(&row[3], shared::facts::Unit::Money)
    };
    pieces.push(rows("budgets", columns, &["boat 2026-11-01 revenue 6000"]));
    let revenue_only = at("", &pieces, DATE).await;
    assert_eq!(budget(&revenue_only, "Net revenue"), "$4,000.00");
    let unknown = crate::functions::format::value(&shared::facts::Value::Null, shared::facts::Unit::Money);
    assert_eq!(budget(&revenue_only, "EBITDA"), unknown);
    pieces[2] = rows(
        "budgets",
        columns,
        &["boat 2026-11-01 revenue 6000", "boat 2026-11-01 fixed 3000"],
    );
    let both = at("", &pieces, DATE).await;
    assert_eq!(budget(&both, "EBITDA"), "$2,000.00");
}

#[tokio::test]
async fn income_in_a_month_without_a_sale_is_an_exception_too() {
    let pieces = [
        rows(
            "transactions",
            LINES,
            &[
                "boat a 1 2026-09-05 bank 700 operating",
                "boat a 2 2026-09-05 sales -700 operating",
            ],
        ),
        rows(
            "accounts",
            CHART,
            &["boat bank Bank asset yes no", "boat sales Sales income no no"],
        ),
        rows(
            "bookings",
            SALES,
            &["boat b1 2026-08-01 2026-08-10 - - completed web c 1000"],
        ),
    ];
    let analysis = at("", &pieces, DATE).await;
    assert_eq!(
        says(&analysis, "recognition_exceptions"),
        "Bad: $1,000.00 was delivered and never recognised in 6 months, in 1 entity; $700.00 the other way round"
    );
}

#[tokio::test]
async fn a_deposit_of_which_nobody_wrote_whether_it_is_refundable_stays_owed() {
    let columns = "entity booking_id booked_on service_from status gross deposit_refundable";
    let payments = rows(
        "payments",
        "entity payment_id paid_on amount kind booking_id",
        &["boat p1 2026-08-01 450 deposit b1"],
    );
    let with = |refundable: &str| {
        let booking = format!("boat b1 2026-08-01 2026-09-10 cancelled 900 {refundable}");
        [rows("bookings", columns, &[&booking]), payments.clone()]
    };
    let opening = |says: String| says.split(" received for").next().unwrap().to_owned();
    for (refundable, owed) in [
        ("yes", "Good: $450.00"),
        ("-", "Good: $450.00"),
        ("no", "Good: $0.00"),
    ] {
        let analysis = at("", &with(refundable), DATE).await;
        assert_eq!(
            opening(says(&analysis, "deferred_revenue")),
            owed,
            "refundable {refundable}"
        );
    }
}

#[tokio::test]
async fn one_sale_on_record_is_not_enough_for_a_good_verdict() {
    let analysis = at(
        "",
        &[rows(
            "customers",
            "entity customer consent reachable",
            &["boat a yes yes"],
        )],
        DATE,
    )
    .await;
    let boat = &analysis.entities[0];
    assert_eq!(boat.status, Status::Unknown, "{}", boat.reason);
    assert!(
        boat.reason.starts_with("too little is known of it: 1 of "),
        "{}",
        boat.reason
    );
}

#[tokio::test]
async fn the_same_money_at_stake_twice_is_said_to_be_the_same() {
    let lines = [
        "boat a 1 2026-10-05 suspense 155 operating",
        "boat a 2 2026-10-05 bank -155 operating",
    ];
    let pieces = [
        rows("transactions", LINES, &lines),
        rows(
            "accounts",
            "entity account name type cash restricted reconciled_on",
            &[
                "boat bank Bank asset yes no 2026-09-01",
                "boat suspense Suspense suspense no no -",
            ],
        ),
    ];
    let analysis = at("", &pieces, DATE).await;
    let doubled: Vec<_> = analysis
        .shortfalls
        .iter()
        .filter(|s| s.same_as.is_some())
        .collect();
    assert_eq!(doubled.len(), 1, "{:?}", analysis.shortfalls);
    assert!(
        doubled[0].evidence.contains("the same money as in"),
        "{}",
        doubled[0].evidence
    );
}
