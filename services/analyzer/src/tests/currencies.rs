//! Several currencies, worked out by hand: a boat in dollars, a van in euros, and what the portfolio, in dollars, makes of both.

use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, Model, Status, Unit, Value},
    portfolio::Bundle,
};

use super::{
    DATE, SALES_LOW, built_in_night, bundle, entity,
    figures::{CHART, LINES, SALES, at, ledger, note},
    in_night, rows, says, table, value,
};
use crate::functions::format;

pub(super) const RATES: &str = "day currency rate source";
const INVOICES: &str = "entity invoice_id customer issued_on due_on amount status";

pub(super) fn van() -> String {
    entity("van", "hauling") + "currency = \"EUR\"\n"
}

pub(super) fn rates(cells: &[&str]) -> (String, String) {
    rows("exchange_rates", RATES, cells)
}

/// The boat's $1,000.00 and the van's €10.01 of Saturday the 14th and €100.00 of Wednesday the 18th.
pub(super) fn sales() -> (String, String) {
    rows(
        "bookings",
        SALES,
        &[
            "boat b1 2026-11-02 2026-11-05 - - completed direct c 1000",
            "van v1 2026-11-10 2026-11-14 - - completed direct d 10.01",
            "van v2 2026-11-12 2026-11-18 - - completed direct d 100",
        ],
    )
}

/// The text of every amount of a model's row.
fn cells(model: &Model, at: usize) -> Vec<String> {
    let amounts = model.rows[at].iter().filter(|v| matches!(v, Value::Money { .. }));
    amounts.map(|v| format::value(v, Unit::Money)).collect()
}

#[tokio::test]
async fn entities_keep_their_currency_and_the_portfolio_takes_each_row_at_the_rate_of_its_day() {
    let of = [
        "2026-11-13 EUR 1.0857 ECB",
        "2026-11-18 EUR 1.1 ECB",
        "2026-11-20 EUR 1.2 ECB",
    ];
    let analysis = at(&van(), &[sales(), rates(&of)], DATE).await;
    assert_eq!(value(&analysis, "bookings.revenue_30d@boat"), "$1,000.00");
    assert_eq!(value(&analysis, "bookings.revenue_30d@van"), "€110.01");
    assert_eq!(note(&analysis, "bookings.revenue_30d@van"), "");
    // 1,000.00 + 10.01 x 1.0857 of the Friday before (10.867857, so 10.87) + 100.00 x 1.1
    assert_eq!(value(&analysis, "bookings.revenue_30d"), "$1,120.87");
    assert_eq!(
        note(&analysis, "bookings.revenue_30d"),
        "converted at rates of ECB, the newest of 18 Nov 2026"
    );
    // A number of bookings has no currency.
    assert_eq!(value(&analysis, "bookings.count_30d"), "3");
    assert_eq!(note(&analysis, "bookings.count_30d"), "");
    let parts = analysis
        .invariants
        .iter()
        .find(|i| i.fact == "invariant:kpis.parts")
        .unwrap();
    assert_eq!(parts.status, Status::Good, "{}", parts.reason);
}

/// Bank of the van: €20,000 from the first of September on, and what it came from.
fn bank() -> [(String, String); 2] {
    let lines = [
        "van o 1 2026-09-01 bank 20000 opening",
        "van o 2 2026-09-01 owner -20000 opening",
    ];
    let chart = ["van bank Bank asset yes no", "van owner Owner equity no no"];
    [
        rows("transactions", LINES, &lines),
        rows("accounts", CHART, &chart),
    ]
}

#[tokio::test]
async fn what_there_is_at_the_end_of_the_day_is_worth_that_days_rate() {
    let [lines, chart] = bank();
    // Of September there is no rate, and cash needs none.
    let analysis = at(&van(), &[lines, chart, rates(&["2026-11-20 EUR 1.2 ECB"])], DATE).await;
    assert_eq!(value(&analysis, "cash.unrestricted@van"), "€20,000");
    assert_eq!(value(&analysis, "cash.unrestricted"), "$24,000");
    for fact in ["invariant:cash.one_figure", "invariant:cash.movements"] {
        let found = analysis.invariants.iter().find(|i| i.fact == fact).unwrap();
        assert_eq!(found.status, Status::Good, "{fact}: {}", found.reason);
    }
}

#[tokio::test]
async fn a_transaction_that_balances_does_so_converted() {
    let lines = [
        "van t 1 2026-11-14 bank 0.50 operating",
        "van t 2 2026-11-14 bank 0.50 operating",
        "van t 3 2026-11-14 owner -1.00 operating",
    ];
    let pieces = [
        rows("transactions", LINES, &lines),
        rates(&["2026-11-14 EUR 1.01 ECB"]),
    ];
    // Each by itself would be 0.51 + 0.51 - 1.01.
    let analysis = at(&van(), &pieces, DATE).await;
    assert_eq!(value(&analysis, "close.unbalanced"), "0");
}

#[tokio::test]
async fn an_open_invoice_needs_no_rate_but_the_nights_and_rows_stand_in_their_own_currency() {
    let owed = [
        "van i1 d 2026-10-01 2026-10-15 100 open",
        "boat i2 c 2026-10-01 2026-10-15 50 open",
    ];
    let pieces = [
        rows("invoices", INVOICES, &owed),
        rates(&["2026-11-20 EUR 0.4 ECB"]),
    ];
    let analysis = at(&van(), &pieces, DATE).await;
    assert_eq!(value(&analysis, "receivables.open"), "$90.00");
    let model = &analysis.models["receivables_top"];
    // €100.00 is $40.00: less than the boat's.
    assert_eq!([cells(model, 0), cells(model, 1)].concat(), ["$50.00", "€100.00"]);
    let headline = model.headline.as_deref().unwrap_or_default();
    assert!(headline.starts_with("c owes the most: $50.00, "), "{headline}");
    assert_eq!(
        model.note.as_deref(),
        Some(
            "Each business is in its own currency; heading and sums are converted at rates of ECB, the newest of 20 Nov 2026."
        )
    );
}

#[tokio::test]
async fn a_table_of_one_business_is_headed_in_its_currency() {
    let owed = rows("invoices", INVOICES, &["van i1 d 2026-10-01 2026-10-15 100 open"]);
    let analysis = at(&van(), &[owed, rates(&["2026-11-20 EUR 0.4 ECB"])], DATE).await;
    let model = &analysis.models["receivables_top"];
    let headline = model.headline.as_deref().unwrap_or_default();
    assert!(headline.starts_with("d owes the most: €100.00, "), "{headline}");
    assert_eq!(model.note, None);
}

#[tokio::test]
async fn money_of_two_currencies_is_never_added_up_without_a_rate() {
    let mut lines = ledger(&["2026-09", "2026-10"]);
    let van_too = "union all select * from (values ('van', 'o', 1, date '2026-09-01', 'bank', cast(5000 as decimal(38, 4)), 'opening'))";
    lines[0].1 = format!("{} {van_too}", lines[0].1);
    let van_bank = "union all select 'van', 'bank', 'Bank', 'asset', true, false";
    lines[1].1 = format!("{} {van_bank}", lines[1].1);
    let unknown = at(&van(), &lines, DATE).await;
    let reason = "no exchange rate of EUR for 20 Nov 2026 (no view gives table exchange_rates)";
    let says_so = says(&unknown, "runway");
    assert!(
        says_so.starts_with("Unknown: without The van: ") && says_so.contains(reason),
        "{says_so}"
    );
    assert!(unknown.models["runway"].rows.is_empty());
    assert_eq!(value(&unknown, "cash.total@boat"), "$14,000");
    assert!(
        unknown
            .shortfalls
            .iter()
            .all(|s| s.entity.is_some() || s.at_stake.is_none())
    );
    lines.push(rates(&["2026-09-01 EUR 1.1 ECB", "2026-11-20 EUR 1.2 ECB"]));
    let known = at(&van(), &lines, DATE).await;
    // 14,000 + 5,000 x 1.2
    assert_eq!(value(&known, "cash.total"), "$20,000");
    assert_eq!(cells(&known.models["runway"], 0), ["$20,000"]);
}

#[tokio::test]
async fn what_is_at_stake_is_shown_in_its_currency_and_ranked_in_the_portfolios() {
    let sold = rows(
        "bookings",
        SALES,
        &[
            "boat b1 2026-11-02 2026-11-05 - - completed - c 900",
            "van v1 2026-11-10 2026-11-14 - - completed - d 950",
        ],
    );
    let low = ("shortfalls/a.toml".to_owned(), SALES_LOW.to_owned());
    let night = async |rate: Option<&str>| {
        let given = rate.map(|rate| rates(&[rate]));
        let pieces: Vec<_> = [sold.clone(), low.clone()].into_iter().chain(given).collect();
        at(&van(), &pieces, DATE).await
    };
    let rank = |analysis: &Analysis, id: &str| {
        let fact = format!("shortfall:sales.low@{id}");
        analysis.shortfalls.iter().position(|s| s.fact == fact).unwrap()
    };
    // $100 of the boat against €50, which are $150 at a rate of 3.
    let rated = night(Some("2026-11-20 EUR 3 ECB")).await;
    assert!(rank(&rated, "van") < rank(&rated, "boat"));
    let van = &rated.shortfalls[rank(&rated, "van")];
    assert_eq!(van.headline, "Only €950.00");
    assert_eq!(
        van.at_stake.as_ref().map(|v| format::value(v, Unit::Money)),
        Some("€50.00".into())
    );
    let score = |id: &str| {
        let fact = format!("action:shortfall:sales.low@{id}");
        rated.actions.iter().find(|a| a.fact == fact).unwrap().score
    };
    assert!(
        (score("van") - score("boat") * 1.5).abs() < 1e-6,
        "{} {}",
        score("van"),
        score("boat")
    );
    let unrated = night(None).await;
    assert!(rank(&unrated, "van") > rank(&unrated, "boat"));
}

#[tokio::test]
async fn an_earlier_period_takes_the_rates_of_its_own_days() {
    let sold = rows(
        "bookings",
        SALES,
        &[
            "van v0 2026-09-01 2026-10-05 - - completed - d 100",
            "van v1 2026-11-01 2026-11-05 - - completed - d 100",
        ],
    );
    let of = ["2026-10-05 EUR 1.5 ECB", "2026-11-05 EUR 1.2 ECB"];
    let analysis = at(&van(), &[sold, rates(&of)], DATE).await;
    let kpi = |fact: &str| {
        let kpi = analysis.kpis.iter().find(|k| k.fact == fact).unwrap();
        let before = format::value(&kpi.comparisons[0].value, Unit::Money);
        (format::value(&kpi.value, Unit::Money), before)
    };
    assert_eq!(
        kpi("kpi:bookings.net_revenue_mtd"),
        ("$120.00".into(), "$150.00".into())
    );
    assert_eq!(
        kpi("kpi:bookings.net_revenue_mtd@van"),
        ("€100.00".into(), "€100.00".into())
    );
}

#[tokio::test]
async fn a_rule_cannot_be_decided_without_a_rate() {
    let more = van()
        + "[[rules]]\nid = \"sold\"\ntitle = \"Sold\"\nsql = \"select sum(gross) > 1100 as ok, fmt_money(sum(gross)) as reason from bookings\"\n";
    let of = ["2026-11-13 EUR 1.0857 ECB", "2026-11-18 EUR 1.1 ECB"];
    let decided = at(&more, &[sales(), rates(&of)], DATE).await;
    assert_eq!(decided.rules[0].status, Status::Good);
    assert_eq!(
        decided.rules[0].reason,
        "$1,120.87 (converted at rates of ECB, the newest of 18 Nov 2026)"
    );
    let undecided = at(&more, &[sales()], DATE).await;
    assert_eq!(undecided.rules[0].status, Status::Unknown);
}

#[tokio::test]
async fn what_aws_costs_is_in_the_portfolios_currency_whoever_it_is_for() {
    let columns = ["day", "service", "entity", "amount", "currency", "estimated"];
    let bill = table(
        "cost_daily",
        &columns,
        &[&["2026-11-19", "AWS Lambda", "van", "7.25", "USD", "true"]],
    );
    let night = built_in_night(&bundle(&van(), &[]), DATE, vec![bill], None).await;
    let model = &night.models["cost_by_entity"];
    assert_eq!(model.rows[0][0], Value::Text("van".into()));
    assert_eq!(cells(model, 0)[0], "$7.25");
}

#[tokio::test]
async fn with_one_currency_rates_change_not_a_byte_and_nothing_is_asked_twice() {
    let night = async |pieces: &[(String, String)]| {
        let mut analysis = at("", pieces, DATE).await;
        analysis.run.catalog_sha256 = String::new();
        serde_json::to_string(&analysis).unwrap()
    };
    let sold = rows(
        "bookings",
        SALES,
        &["boat b1 2026-11-02 2026-11-05 - - completed direct c 1000"],
    );
    let given = rates(&["2026-11-05 EUR 1.1 ECB"]);
    assert_eq!(
        night(std::slice::from_ref(&sold)).await,
        night(&[sold, given]).await
    );
    let bundle: Bundle = bundle("", &[]);
    let files = CatalogFiles::of(&bundle);
    let books = in_night(&files, &bundle, DATE, Vec::new(), None, async |night, _| {
        night.warehouse.books().len()
    });
    assert_eq!(books.await, 0);
}

#[tokio::test]
async fn days_and_totals_stand_under_their_own_sign() {
    let each: Vec<String> = (1..=20)
        .flat_map(|day| {
            let of = |entity: &str, amount| format!("{entity} {entity}{day} 2026-11-{day:02} {amount} full");
            [of("boat", 200), of("van", 100)]
        })
        .collect();
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    let payments = rows("payments", "entity payment_id paid_on amount kind", &each);
    let of = [
        "2026-11-01 EUR 1.1 ECB",
        "2026-11-08 EUR 1.1 ECB",
        "2026-11-15 EUR 1.1 ECB",
    ];
    let analysis = at(&van(), &[payments, rates(&of)], DATE).await;
    let week = |entity: &str| {
        let forecasts = analysis
            .forecasts
            .iter()
            .filter(|f| f.entity.as_deref() == Some(entity));
        let week = forecasts
            .filter(|f| f.fact.ends_with("#7d"))
            .map(|f| f.value.clone());
        week.map(|v| format::value(&v, Unit::Money)).collect::<Vec<_>>()
    };
    assert_eq!(
        (week("boat"), week("van")),
        (vec!["$1,400.00".into()], vec!["€700.00".into()])
    );
    let model = &analysis.models["outlook_money"];
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        _ => String::new(),
    };
    let mut shown: Vec<Vec<String>> = model
        .rows
        .iter()
        .map(|row| row[1..5].iter().map(text).collect())
        .collect();
    shown.sort();
    assert_eq!(
        shown,
        [
            ["boat", "$1,400.00", "$1,400.00", "$5,600.00"],
            ["van", "€700.00", "€700.00", "€2,800.00"],
        ]
    );
}

#[tokio::test]
async fn a_day_that_rests_on_amounts_without_a_rate_is_unknown() {
    let own = "[[kpi]]\nid = \"own.day\"\ntitle = \"Last large sale\"\nunit = \"date\"\nblocks = \"x\"\nfix = \"x\"\nneeds = [\"bookings.gross\"]\n\
        sql = \"select max(booked_on) as value from bookings where gross >= 100\"\n";
    let entry = || ("kpis/own.toml".to_owned(), own.to_owned());
    let without = at(&van(), &[sales(), entry()], DATE).await;
    assert_eq!(value(&without, "own.day"), "no such fact");
    let why = super::lack(&without, "own.day");
    assert!(why.contains("no exchange rate of EUR"), "{why}");
    let of = ["2026-11-13 EUR 1.1 ECB", "2026-11-18 EUR 1.1 ECB"];
    let with = at(&van(), &[sales(), entry(), rates(&of)], DATE).await;
    assert_eq!(value(&with, "own.day"), "12 Nov 2026");
}
