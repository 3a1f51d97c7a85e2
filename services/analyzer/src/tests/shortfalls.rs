//! Rules of the built-in catalog over a few rows each: what they find, what they put at stake, and what they leave alone.

use shared::facts::{Analysis, Unit};

use super::{
    DATE,
    figures::{CHART, LINES, SALES, at},
    rows,
};
use crate::functions::format;

/// What a rule found: whose, how much is at stake in 30 days, in how many.
fn found(analysis: &Analysis, id: &str) -> Vec<String> {
    let all = analysis.shortfalls.iter().filter(|s| s.id == id);
    let mut lines: Vec<String> = all
        .map(|s| {
            let amount = s
                .at_stake
                .as_ref()
                .map_or("?".to_owned(), |v| format::value(v, Unit::Money));
            let n = s.n.map_or("?".to_owned(), |n| n.to_string());
            format!("{} {amount} of {n}", s.entity.as_deref().unwrap_or("all"))
        })
        .collect();
    lines.sort();
    lines
}

async fn of(id: &str, pieces: &[(String, String)]) -> Vec<String> {
    found(&at("", pieces, DATE).await, id)
}

/// Ten bookings of a year ago, and ten of October; so many of each were cancelled.
fn cancelled(before: usize, now: usize) -> Vec<(String, String)> {
    let one = |month: &str, at: usize, lost: usize| {
        let status = if at < lost { "cancelled" } else { "completed" };
        format!("boat {month}{at} 2025-01-01 {month}-1{at} {month}-1{at} 1 {status} web c{at} 300")
    };
    let old = (0..10).map(|at| one("2025-12", at, before));
    let new = (0..10).map(|at| one("2026-10", at, now));
    let lines: Vec<String> = old.chain(new).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    vec![rows("bookings", SALES, &lines)]
}

#[tokio::test]
async fn cancellations_are_judged_by_the_year_before() {
    // One in ten is usual: of four, three are too many; a third of their price a month.
    assert_eq!(
        of("bookings.cancelled_more", &cancelled(1, 4)).await,
        ["boat $300.00 of 10"]
    );
    assert_eq!(of("bookings.cancelled_more", &cancelled(3, 4)).await, [""; 0]);
}

#[tokio::test]
async fn a_completed_booking_owes_its_price_where_payments_are_written_down() {
    let paid = "entity payment_id paid_on amount kind booking_id customer";
    let sales = rows(
        "bookings",
        SALES,
        &[
            "boat b1 2026-09-01 2026-09-21 2026-09-21 1 completed web ann 900",
            "boat b2 2026-09-01 2026-10-01 2026-10-01 1 completed web bob 500",
            "boat b3 2026-09-01 2026-10-02 2026-10-02 1 completed web cat 700",
            "boat b4 2026-11-01 2026-11-18 2026-11-18 1 completed web dan 700",
            "boat n1 2026-09-01 2026-10-01 2026-10-01 1 no_show web eve 600",
        ],
    );
    let paid = rows(
        "payments",
        paid,
        &[
            "boat p1 2026-09-21 300 deposit b1 ann",
            "boat p2 2026-10-01 500 full b2 bob",
            "boat p3 2026-10-02 700 full b3 cat",
            "boat p4 2026-10-02 150 deposit n1 eve",
        ],
    );
    let both = [sales.clone(), paid];
    // $600 open for 60 days is $300 of the coming 30; b4 was two days ago, and may still pay.
    assert_eq!(of("bookings.unpaid", &both).await, ["boat $300.00 of 1"]);
    assert_eq!(of("bookings.no_show_unpaid", &both).await, ["boat $150.00 of 1"]);
    let hardly = rows(
        "payments",
        "entity payment_id paid_on amount kind booking_id customer",
        &["boat p2 2026-10-01 500 full b2 bob"],
    );
    assert_eq!(
        of("bookings.unpaid", &[sales, hardly]).await,
        [""; 0],
        "most have no payment written down"
    );
}

#[tokio::test]
async fn what_a_sale_costs_beyond_its_price_is_lost() {
    let columns = "entity booking_id booked_on service_from status channel customer gross discount commission direct_cost";
    let sales = rows(
        "bookings",
        columns,
        &[
            "boat b1 2026-10-01 2026-10-10 completed ota ann 300 0 60 330",
            "boat b2 2026-10-01 2026-10-11 completed ota ann 300 0 45 100",
            "boat b3 2026-10-20 2026-10-22 completed ota ann 300 0 75 100",
            "boat b4 2026-10-20 2026-10-22 cancelled ota bob 300 0 300 0",
        ],
    );
    let channels = rows("channels", "entity channel commission_rate", &["boat ota 15%"]);
    let night = at("", &[sales, channels], DATE).await;
    assert_eq!(found(&night, "sales.at_a_loss"), ["boat $30.00 of 1"]);
    // 15 % of $300 is $45: $15 and $30 too much in 90 days.
    assert_eq!(found(&night, "commission.above_agreed"), ["boat $15.00 of 2"]);
    // Ann had been there when she booked on 20 October.
    assert_eq!(
        found(&night, "commission.returning_customers"),
        ["boat $25.00 of 1"]
    );
}

#[tokio::test]
async fn discounts_are_judged_by_the_year_before() {
    let columns = "entity booking_id booked_on service_from status customer gross discount";
    let year = |deeper: &str| {
        let one = |month: &str, at: usize, off: &str| {
            format!("boat {month}{at} 2025-01-01 {month}-1{at} completed c{at} 1000 {off}")
        };
        let old = (0..10).map(|at| one("2025-12", at, "50"));
        let new = (0..10).map(|at| one("2026-10", at, deeper));
        let lines: Vec<String> = old.chain(new).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        [rows("bookings", columns, &lines)]
    };
    assert_eq!(of("discounts.deeper", &year("110")).await, ["boat $200.00 of 10"]);
    assert_eq!(of("discounts.deeper", &year("55")).await, [""; 0]);
}

#[tokio::test]
async fn the_same_payment_of_a_day_twice_may_be_one_too_many() {
    let paid = rows(
        "payments",
        "entity payment_id paid_on amount kind booking_id customer",
        &[
            "boat p1 2026-11-01 500 full b1 ann",
            "boat p2 2026-11-01 500 full b1 ann",
            "boat p3 2026-11-01 500 full b2 ann",
            "boat p4 2026-11-02 -500 refund b3 bob",
            "boat p5 2026-11-02 -500 refund b3 bob",
        ],
    );
    assert_eq!(
        of("payments.twice", &[paid]).await,
        ["boat $500.00 of 1"],
        "another booking is another payment"
    );
}

#[tokio::test]
async fn recurring_money_that_ends_or_is_on_hold_is_at_stake() {
    let contracts = rows(
        "contracts",
        "entity contract_id customer kind status starts_on ends_on monthly",
        &[
            "boat c1 ann recurring active 2025-01-01 2026-12-31 400",
            "boat c2 bob recurring active 2025-01-01 2027-12-31 900",
            "boat c3 cat recurring paused 2025-01-01 - 250",
            "boat c4 dan one_off active 2025-01-01 2026-12-01 -",
        ],
    );
    let night = at("", &[contracts], DATE).await;
    assert_eq!(found(&night, "contracts.ending"), ["boat $400.00 of 1"]);
    assert_eq!(found(&night, "contracts.paused"), ["boat $250.00 of 1"]);
}

#[tokio::test]
async fn regulars_of_whom_nobody_has_heard_for_a_year_are_worth_a_sale_each() {
    let sale = |who: &str, at: usize, day: &str| {
        format!("boat {who}{at} {day} {day} {day} 1 completed web {who} 600")
    };
    let mut lines: Vec<String> = vec![sale("new", 0, "2026-06-01")];
    for who in ["ann", "bob", "cat"] {
        lines.push(sale(who, 0, "2024-12-01"));
        lines.push(sale(who, 1, "2025-06-01"));
    }
    lines.push(sale("once", 0, "2025-06-01"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    // Three at $600 a year.
    assert_eq!(
        of("customers.lapsed", &[rows("bookings", SALES, &lines)]).await,
        ["boat $150.00 of 3"]
    );
}

#[tokio::test]
async fn open_enquiries_and_quotes_are_worth_what_such_ones_became() {
    let columns = "entity lead_id created_on step value quoted_on won_on";
    let mut lines: Vec<String> = (0..8)
        .map(|at| {
            let (step, won) = if at < 2 {
                ("won", "2026-06-05")
            } else {
                ("quote", "-")
            };
            format!("boat old{at} 2026-06-01 {step} 300 2026-06-02 {won}")
        })
        .collect();
    lines.extend(["a", "b"].map(|lead| format!("boat {lead} 2026-11-01 enquiry 600 - -")));
    lines.push("boat c 2026-10-01 quote 1200 2026-10-02 -".to_owned());
    lines.push("boat d 2026-11-19 enquiry 600 - -".to_owned());
    let few: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = at("", &[rows("leads", columns, &few)], DATE).await;
    // A quarter was won: of $1,200 each in 90 days.
    assert_eq!(found(&night, "leads.unanswered"), ["boat $100.00 of 2"]);
    assert_eq!(found(&night, "quotes.silent"), ["boat $100.00 of 1"]);
    // Ten enquiries and none won: that is a broken funnel, and the money is at stake there.
    lines.extend((0..8).map(|at| format!("boat e{at} 2026-11-01 enquiry 600 - -")));
    let many: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = at("", &[rows("leads", columns, &many)], DATE).await;
    assert_eq!(found(&night, "leads.unanswered"), [""; 0]);
    assert_eq!(found(&night, "funnel.broken").len(), 1);
}

#[tokio::test]
async fn a_cost_is_above_plan_once_its_month_is_whole() {
    let until = |last: &str| {
        let last = format!("boat t3 1 {last} bank 5 operating");
        let lines = rows(
            "transactions",
            LINES,
            &[
                "boat t1 1 2026-10-05 rent 1300 operating",
                "boat t1 2 2026-10-05 bank -1300 operating",
                &last,
            ],
        );
        let chart = rows(
            "accounts",
            CHART,
            &["boat bank Bank asset yes no", "boat rent Rent fixed no no"],
        );
        let plan = rows(
            "budgets",
            "entity month line amount",
            &["boat 2026-10-01 fixed 1000"],
        );
        [lines, chart, plan]
    };
    assert_eq!(
        of("budget.cost_overrun", &until("2026-10-31")).await,
        ["boat $300.00 of ?"]
    );
    assert_eq!(of("budget.cost_overrun", &until("2026-10-30")).await, [""; 0]);
}

#[tokio::test]
async fn advertising_that_brought_less_than_it_cost_is_named() {
    let campaigns = rows(
        "campaigns",
        "entity campaign sent_on cost revenue",
        &[
            "boat loss 2026-10-01 900 300",
            "boat gain 2026-10-01 100 300",
            "boat fresh 2026-11-15 900 0",
            "boat blind 2026-10-01 900 -",
        ],
    );
    assert_eq!(
        of("campaigns.at_a_loss", &[campaigns]).await,
        ["boat $200.00 of 1"]
    );
}

#[tokio::test]
async fn the_same_bill_of_a_day_twice_may_be_one_too_many() {
    let lines = rows(
        "transactions",
        "entity transaction_id line posted_on account amount kind counterparty",
        &[
            "boat t1 1 2026-11-01 rent 800 operating marina",
            "boat t2 1 2026-11-01 rent 800 operating marina",
            "boat t3 1 2026-11-02 rent 800 operating marina",
            "boat t4 1 2026-11-01 rent 800 operating yard",
        ],
    );
    let chart = rows("accounts", CHART, &["boat rent Rent fixed no no"]);
    assert_eq!(of("expenses.twice", &[lines, chart]).await, ["boat $800.00 of 1"]);
}

#[tokio::test]
async fn nights_that_sell_cheaper_than_a_year_ago_are_worth_the_difference() {
    let stays = |rate: &str| {
        let stay = |id: &str, from: &str, to: &str, gross: &str| {
            format!("home {id} 2025-01-01 {from} {to} 10 completed web ann {gross}")
        };
        let lines = [
            stay("old", "2025-11-01", "2025-11-11", "2000"),
            stay("new", "2026-11-01", "2026-11-11", rate),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        [rows("bookings", SALES, &lines)]
    };
    let more = super::entity("home", "rental");
    let night = at(&more, &stays("1500"), DATE).await;
    assert_eq!(
        found(&night, "rental.rate_below_last_year"),
        ["home $500.00 of 10"]
    );
    let night = at(&more, &stays("1900"), DATE).await;
    assert_eq!(found(&night, "rental.rate_below_last_year"), [""; 0]);
}
