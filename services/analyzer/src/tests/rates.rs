//! Exchange rates: which are used, how amounts are rounded, and what is said where there is none.

use shared::facts::Analysis;

use super::{
    DATE, built_in_night, bundle,
    currencies::{rates, sales, van},
    entity,
    figures::{SALES, at, note},
    rows, value,
};

fn problems(analysis: &Analysis) -> Vec<&str> {
    let of = |p: &&shared::facts::QueryProblem| p.entry.as_deref() == Some("exchange_rates");
    analysis
        .problems
        .iter()
        .filter(of)
        .map(|p| p.message.as_str())
        .collect()
}

#[tokio::test]
async fn each_row_is_rounded_by_itself_half_away_from_zero() {
    let thrice =
        ["v1", "v2", "v3"].map(|id| format!("van {id} 2026-11-10 2026-11-14 - - completed - d 0.50"));
    let thrice: Vec<&str> = thrice.iter().map(String::as_str).collect();
    let pieces = [
        rows("bookings", SALES, &thrice),
        rates(&["2026-11-14 EUR 1.01 ECB"]),
    ];
    let analysis = at(&van(), &pieces, DATE).await;
    // 0.505 is 0.51, three times; the sum converted at once would be 1.52.
    assert_eq!(value(&analysis, "bookings.revenue_30d"), "$1.53");
}

#[tokio::test]
async fn three_currencies_are_added_up_and_a_yen_has_no_parts() {
    let more = van() + &entity("kei", "hauling") + "currency = \"JPY\"\n";
    let sold = rows(
        "bookings",
        SALES,
        &[
            "boat b1 2026-11-02 2026-11-05 - - completed - c 1000",
            "van v1 2026-11-10 2026-11-14 - - completed - d 100",
            "kei k1 2026-11-10 2026-11-14 - - completed - e 1000",
        ],
    );
    let of = rates(&["2026-11-14 EUR 1.1 ECB", "2026-11-14 JPY 0.006712 BoJ"]);
    let analysis = at(&more, &[sold, of], DATE).await;
    assert_eq!(value(&analysis, "bookings.revenue_30d@kei"), "JPY 1,000");
    // 1,000.00 + 110.00 + 6.712, so 6.71
    assert_eq!(value(&analysis, "bookings.revenue_30d"), "$1,116.71");
    assert_eq!(
        note(&analysis, "bookings.revenue_30d"),
        "converted at rates of BoJ, ECB, the newest of 14 Nov 2026"
    );
}

#[tokio::test]
async fn a_portfolio_in_yen_counts_whole_ones() {
    let pieces = [
        rows(
            "bookings",
            SALES,
            &[
                "boat b1 2026-11-02 2026-11-05 - - completed - c 1000",
                "van v1 2026-11-10 2026-11-14 - - completed - d 1",
            ],
        ),
        rates(&["2026-11-14 EUR 162.5 ECB"]),
    ];
    let pieces: Vec<(&str, &str)> = pieces.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let mut bundle = bundle(&van(), &pieces);
    let settings = bundle.0.get_mut("portfolio.toml").unwrap();
    *settings = settings.replacen("currency = \"USD\"", "currency = \"JPY\"", 1);
    let analysis = built_in_night(&bundle, DATE, Vec::new(), None).await;
    // 1,000 + 162.5, so 163
    assert_eq!(value(&analysis, "bookings.revenue_30d"), "JPY 1,163");
    assert_eq!(value(&analysis, "bookings.revenue_30d@van"), "€1.00");
}

#[tokio::test]
async fn without_a_rate_the_portfolio_is_unknown_and_says_for_which_currency_and_day() {
    let missing = at(&van(), &[sales(), rates(&["2026-11-18 EUR 1.1 ECB"])], DATE).await;
    assert_eq!(value(&missing, "bookings.revenue_30d"), "-");
    assert_eq!(
        note(&missing, "bookings.revenue_30d"),
        "unknown: without The van: no exchange rate of EUR for 14 Nov 2026"
    );
    assert_eq!(value(&missing, "bookings.revenue_30d@van"), "€110.01");
    assert_eq!(value(&missing, "bookings.count_30d"), "3");
    let none = at(&van(), &[sales()], DATE).await;
    assert_eq!(
        note(&none, "bookings.revenue_30d"),
        "unknown: without The van: no exchange rate of EUR for 18 Nov 2026 (no view gives table exchange_rates), nor for 1 other day"
    );
}

#[tokio::test]
async fn a_rate_that_is_too_old_is_none() {
    let of = ["2026-11-06 EUR 1.1 ECB", "2026-11-18 EUR 1.1 ECB"];
    let stale = at(&van(), &[sales(), rates(&of)], DATE).await;
    assert_eq!(
        note(&stale, "bookings.revenue_30d"),
        "unknown: without The van: no exchange rate of EUR for 14 Nov 2026: the newest is of 6 Nov 2026, more than 7 days before"
    );
    let more = van() + "[parameters]\nrate_days = 8\n";
    let patient = at(&more, &[sales(), rates(&of)], DATE).await;
    // 1,000.00 + 10.01 x 1.1 (11.011, so 11.01) + 110.00
    assert_eq!(value(&patient, "bookings.revenue_30d"), "$1,121.01");
}

#[tokio::test]
async fn rates_that_cannot_be_are_named_and_not_used() {
    let of = [
        "2026-11-14 EUR 0 ECB",
        "2026-11-18 EUR 1.1 ECB",
        "2026-11-18 EUR 1.3 desk",
        "2026-11-18 EURO 1.1 ECB",
        "2026-11-18 USD 2 ECB",
        "2026-11-17 EUR 1.25 ECB",
        "2026-11-17 EUR 1.250 desk",
    ];
    let analysis = at(&van(), &[sales(), rates(&of)], DATE).await;
    assert_eq!(
        problems(&analysis),
        [
            "\"EURO\" is no currency: use an ISO 4217 code such as EUR",
            "the rate of EUR for 14 Nov 2026 is zero or less; it is not used",
            "the rate of USD for 18 Nov 2026 is not 1, and USD is the portfolio's own currency; it is not used",
            "there are two rates of EUR for 18 Nov 2026; neither is used",
        ]
    );
    assert_eq!(
        note(&analysis, "bookings.revenue_30d"),
        "unknown: without The van: no exchange rate of EUR for 14 Nov 2026"
    );
    // Of the 18th there are two, so it takes the 17th's, which two sources agree on.
    let later = rows(
        "bookings",
        SALES,
        &["van v2 2026-11-12 2026-11-18 - - completed direct d 100"],
    );
    let analysis = at(&van(), &[later, rates(&of)], DATE).await;
    assert_eq!(value(&analysis, "bookings.revenue_30d"), "$125.00");
}
