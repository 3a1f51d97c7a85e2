//! Figures of the built-in catalog over a few rows: what is not known is never a zero, and what is known is counted once.

use shared::facts::{Analysis, Status};

use super::{DATE, built_in_night, bundle, entity, lack, rows, says, value};

pub(super) const LINES: &str = "entity transaction_id line posted_on account amount kind";
pub(super) const CHART: &str = "entity account name type cash restricted";
pub(super) const SALES: &str =
    "entity booking_id booked_on service_from service_to nights status channel customer gross";

pub(super) async fn at(more: &str, pieces: &[(String, String)], date: &str) -> Analysis {
    let pieces: Vec<(&str, &str)> = pieces.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let analysis = built_in_night(&bundle(more, &pieces), date, Vec::new(), None).await;
    let failed: Vec<_> = analysis
        .problems
        .iter()
        .filter(|p| p.entry.is_some() && p.file.ends_with(".toml"))
        .collect();
    assert!(
        failed.iter().all(|p| p.file.ends_with("schema.toml")),
        "{failed:?}"
    );
    analysis
}

pub(super) fn note(analysis: &Analysis, fact: &str) -> String {
    let kpi = analysis.kpis.iter().find(|k| k.fact == format!("kpi:{fact}"));
    kpi.and_then(|k| k.note.clone()).unwrap_or_default()
}

/// A bank with $20,000 from the first of the months on, and a rent of $3,000 on the 15th of each.
pub(super) fn ledger(months: &[&str]) -> Vec<(String, String)> {
    let mut lines = vec![format!("boat o 1 {}-01 bank 20000 opening", months[0])];
    for month in months {
        lines.push(format!("boat {month} 1 {month}-15 bank -3000 operating"));
        lines.push(format!("boat {month} 2 {month}-15 rent 3000 operating"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    vec![
        rows("transactions", LINES, &lines),
        rows(
            "accounts",
            CHART,
            &["boat bank Bank asset yes no", "boat rent Rent fixed no no"],
        ),
    ]
}

#[tokio::test]
async fn a_ledger_that_stopped_is_not_a_month_without_burn() {
    let stopped = at("", &ledger(&["2026-05", "2026-06", "2026-07"]), DATE).await;
    assert_eq!(
        lack(&stopped, "burn.net"),
        "not computable: the ledger ends on 15 Jul 2026"
    );
    assert_eq!(
        lack(&stopped, "runway.date"),
        "not computable: the ledger ends on 15 Jul 2026"
    );
    for model in ["burn", "runway", "cash_13w"] {
        assert_eq!(
            says(&stopped, model),
            "Unknown: Not computable: the ledger ends on 15 Jul 2026"
        );
    }
    assert_eq!(
        lack(&stopped, "pl.net_revenue_mtd"),
        "not computable: the ledger ends on 15 Jul 2026"
    );
    assert!(
        says(&stopped, "expenses").starts_with("Unknown"),
        "{}",
        says(&stopped, "expenses")
    );
    let running = at("", &ledger(&["2026-08", "2026-09", "2026-10"]), DATE).await;
    assert_eq!(value(&running, "burn.net"), "$3,000.00");
    assert_eq!(note(&running, "burn.net"), "from $3,000.00 to $3,000.00");
}

#[tokio::test]
async fn a_mean_is_over_the_months_that_the_ledger_covers() {
    let young = at("", &ledger(&["2026-09", "2026-10"]), DATE).await;
    assert_eq!(value(&young, "cash.fixed_monthly"), "$3,000.00");
    let one = [
        rows(
            "transactions",
            LINES,
            &[
                "boat o 1 2026-10-02 bank 20000 opening",
                "boat a 1 2026-10-15 bank -3000 operating",
                "boat a 2 2026-10-15 rent 3000 operating",
            ],
        ),
        rows(
            "accounts",
            CHART,
            &["boat bank Bank asset yes no", "boat rent Rent fixed no no"],
        ),
    ];
    let one = at("", &one, DATE).await;
    assert_eq!(
        lack(&one, "cash.fixed_monthly"),
        "not computable: the ledger covers fewer than two complete months"
    );
    assert_eq!(
        says(&one, "cash_13w"),
        "Unknown: Not computable: the ledger covers 1 complete month, and two are needed"
    );
    assert_eq!(
        says(&one, "expenses"),
        "Unknown: Expenses were $3,000.00 last month: too early for an average"
    );
    // Two complete months, and 52 weeks a year: $3,000 a month is $692.31 a week, not two months' sum over 13.
    let young = at("", &ledger(&["2026-09", "2026-10"]), DATE).await;
    let paid = &young.models["cash_13w"].rows[0][3];
    assert_eq!(
        crate::functions::format::value(paid, shared::facts::Unit::Money),
        "-$692.31"
    );
}

#[tokio::test]
async fn sales_without_a_price_are_unknown_not_nothing() {
    let sales = |gross: &[&str]| {
        let rows_of: Vec<String> = gross
            .iter()
            .enumerate()
            .map(|(n, gross)| {
                format!(
                    "boat b{n} 2026-11-0{} 2026-11-1{n} - - completed web c {gross}",
                    n + 1
                )
            })
            .collect();
        let older = "boat old 2026-03-01 2026-03-02 - - completed web c 100".to_owned();
        let all: Vec<&str> = rows_of.iter().chain([&older]).map(String::as_str).collect();
        vec![rows("bookings", SALES, &all)]
    };
    let more = "[targets]\n\"bookings.revenue_30d@boat\" = 6000\n";
    let none = at(more, &sales(&["-", "-"]), DATE).await;
    let fact = none
        .kpis
        .iter()
        .find(|k| k.fact == "kpi:bookings.revenue_30d@boat");
    assert!(fact.is_none(), "{fact:?}");
    assert_eq!(
        lack(&none, "bookings.revenue_30d"),
        "not computable: none of 2 bookings has a price"
    );
    assert_eq!(
        lack(&none, "bookings.net_revenue_mtd"),
        "not computable: none of 2 sales has a price"
    );
    assert_ne!(none.entities[0].status, Status::Good);
    assert!(
        !none.entities[0].reason.contains("$0.00"),
        "{}",
        none.entities[0].reason
    );
    let some = at(more, &sales(&["500", "-"]), DATE).await;
    assert_eq!(value(&some, "bookings.revenue_30d@boat"), "$500.00");
    assert_eq!(note(&some, "bookings.revenue_30d@boat"), "1 of 2 priced");
    assert_eq!(value(&some, "bookings.net_revenue_mtd@boat"), "$500.00");
    let quiet = at(
        more,
        &[rows(
            "bookings",
            SALES,
            &["boat old 2026-03-01 2026-03-02 - - completed web c 100"],
        )],
        DATE,
    )
    .await;
    assert_eq!(
        value(&quiet, "bookings.revenue_30d@boat"),
        "$0.00",
        "no booking is a zero that is known"
    );
}

#[tokio::test]
async fn the_portfolio_holds_for_others_what_its_entities_hold() {
    let pieces = [
        rows(
            "transactions",
            LINES,
            &[
                "boat t1 1 2026-05-01 bank 1000 operating",
                "boat t1 2 2026-05-01 deposits -1000 operating",
                "van t2 1 2026-05-01 till 500 opening",
                "van t2 2 2026-05-01 escrow 1000 opening",
                "van t2 3 2026-05-01 capital -1500 opening",
            ],
        ),
        rows(
            "accounts",
            CHART,
            &[
                "boat bank Bank asset yes no",
                "boat deposits Deposits liability no yes",
                "van till Till asset yes no",
                "van escrow Escrow asset yes yes",
                "van capital Capital equity no no",
            ],
        ),
    ];
    let analysis = at(&entity("van", "hauling"), &pieces, DATE).await;
    assert_eq!(value(&analysis, "deposits.held@boat"), "$1,000.00");
    assert_eq!(value(&analysis, "deposits.held@van"), "$1,000.00");
    assert_eq!(value(&analysis, "deposits.held"), "$2,000.00");
    assert_eq!(value(&analysis, "cash.unrestricted"), "$500.00");
}

#[tokio::test]
async fn a_doubled_row_of_the_chart_doubles_no_cash_and_is_reported() {
    let mut pieces = ledger(&["2026-09", "2026-10"]);
    let once = at("", &pieces, DATE).await;
    pieces[1] = rows(
        "accounts",
        CHART,
        &[
            "boat bank Bank asset yes no",
            "boat bank Bank asset yes no",
            "boat rent Rent fixed no no",
            "- bank Bank asset yes no",
        ],
    );
    let twice = at("", &pieces, DATE).await;
    assert_eq!(value(&once, "cash.total"), "$14,000");
    assert_eq!(value(&twice, "cash.total"), "$14,000");
    let said: Vec<_> = twice.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        said,
        ["1 key is on more than one row of accounts, such as \"boat bank\" (2 rows)"]
    );
}

#[tokio::test]
async fn money_that_is_owed_does_not_vanish_with_a_blank_field() {
    let columns = "entity invoice_id customer issued_on due_on amount paid status";
    let pieces = [rows(
        "invoices",
        columns,
        &[
            "boat 1 A 2026-09-01 2026-10-01 1000 0 open",
            "boat 2 B 2026-09-01 2026-10-01 700 0 -",
            "boat 3 C - 2026-10-01 500 0 open",
            "boat 4 D 2026-09-01 2026-10-01 90 0 void",
        ],
    )];
    let analysis = at("", &pieces, DATE).await;
    assert_eq!(value(&analysis, "receivables.overdue@boat"), "$2,200.00");
    assert_eq!(value(&analysis, "bookings.net_revenue_mtd@boat"), "no such fact");
    let said: Vec<_> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "1 of 4 rows have no issued_on; they count as issued",
            "1 of 4 rows have no status; they count as open"
        ]
    );
}

#[tokio::test]
async fn boats_that_sold_nothing_have_fixed_cost_too() {
    let lines = ["2026-08", "2026-09", "2026-10"].map(|m| {
        [
            format!("boat a{m} 1 {m}-02 rent 1000 operating"),
            format!("skiff b{m} 1 {m}-02 slip 3000 operating"),
        ]
    });
    let lines: Vec<&str> = lines.iter().flatten().map(String::as_str).collect();
    let pieces = [
        rows("transactions", LINES, &lines),
        rows(
            "accounts",
            CHART,
            &[
                "boat rent Rent fixed no no",
                "skiff slip Slip fixed no no",
                "boat bank Bank asset yes no",
            ],
        ),
        rows(
            "bookings",
            &format!("{SALES} direct_cost"),
            &[
                "boat b1 2026-10-01 2026-10-10 - - completed web c 1000 0",
                "boat b2 2026-10-01 2026-10-11 - - completed web c 9000 -",
            ],
        ),
    ];
    let analysis = at(&entity("skiff", "charter"), &pieces, DATE).await;
    assert_eq!(value(&analysis, "charters.contribution@boat"), "$1,000.00");
    assert_eq!(
        note(&analysis, "charters.contribution@boat"),
        "1 more without a known cost"
    );
    assert_eq!(value(&analysis, "charters.break_even_units@boat"), "1");
    assert_eq!(value(&analysis, "charters.break_even_units"), "4");
}

#[tokio::test]
async fn a_night_without_a_price_is_not_free() {
    let pieces = [
        rows(
            "bookings",
            SALES,
            &[
                "house r1 2026-10-01 2026-11-01 2026-11-11 10 completed web c 2000",
                "house r2 2026-10-01 2026-11-11 2026-11-19 8 completed web c -",
            ],
        ),
        rows("assets", "entity asset_id kind", &["house h property"]),
    ];
    let analysis = at(&entity("house", "rental"), &pieces, DATE).await;
    assert_eq!(value(&analysis, "rental.adr_30d@house"), "$200.00");
    assert_eq!(
        note(&analysis, "rental.adr_30d@house"),
        "8 more nights without a price"
    );
    assert_eq!(
        value(&analysis, "rental.revpar@house"),
        "$90.91",
        "2,000 over 30 nights on offer less 8"
    );
    let november = analysis.models["rental_monthly"].rows.last().unwrap();
    assert_eq!(
        crate::functions::format::value(&november[4], shared::facts::Unit::Money),
        "$200.00"
    );
}

#[tokio::test]
async fn two_businesses_of_a_kind_have_a_verdict_each() {
    let mut lines = Vec::new();
    let mut stays = Vec::new();
    for (house, price) in [("house", "5000"), ("hut", "10")] {
        for month in ["2026-08", "2026-09", "2026-10"] {
            lines.push(format!(
                "{house} {house}{month} 1 {month}-02 {house}-rent 1000 operating"
            ));
            stays.push(format!(
                "{house} {house}{month} {month}-01 {month}-05 {month}-06 1 completed web c {price}"
            ));
        }
    }
    let strs = |all: &[String]| {
        all.iter()
            .map(String::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (lines, stays) = (strs(&lines), strs(&stays));
    let pieces = [
        rows(
            "transactions",
            LINES,
            &lines.iter().map(String::as_str).collect::<Vec<_>>(),
        ),
        rows(
            "accounts",
            CHART,
            &[
                "house house-rent Rent fixed no no",
                "hut hut-rent Rent fixed no no",
            ],
        ),
        rows(
            "bookings",
            SALES,
            &stays.iter().map(String::as_str).collect::<Vec<_>>(),
        ),
    ];
    let more = entity("house", "rental") + &entity("hut", "rental");
    let analysis = at(&more, &pieces, DATE).await;
    let call = &analysis.models["call_rental"];
    assert_eq!(
        says(&analysis, "call_rental"),
        "Bad: Of 2 rentals: grow 1, hold 0, fix 1, exit 0, unknown 0"
    );
    let house = call.by_entity["house"].headline.clone().unwrap();
    assert_eq!(
        house,
        "Grow: it leaves $4,000.00 a month after fixed cost; below $1,000.00 of contribution, fix"
    );
    assert_eq!(call.by_entity["house"].status, Status::Good);
    let hut = &call.by_entity["hut"];
    assert_eq!(
        (hut.headline.as_deref(), hut.status),
        (
            Some("Fix: contribution misses the fixed cost by $990.00 a month; from there on, hold"),
            Status::Bad
        )
    );
    for model in ["call_rental", "rental_monthly", "rental_channels"] {
        let model = &analysis.models[model];
        let owners: Vec<_> = model.rows.iter().map(|r| format!("{:?}", r[0])).collect();
        assert_eq!(model.columns[0].name, "entity");
        assert!(
            owners.iter().any(|o| o.contains("house")) && owners.iter().any(|o| o.contains("hut")),
            "{owners:?}"
        );
    }
    assert_eq!(
        analysis.models["rental_monthly"].by_entity["hut"]
            .headline
            .as_deref(),
        Some("Last month sold 1 night, at $10.00")
    );
}
