//! What docs/CATALOG.md teaches works.

use super::{
    DATE,
    figures::{SALES, at},
    rows, value,
};

/// The first block of TOML in the manual.
fn taught() -> String {
    let manual = include_str!("../../../../docs/CATALOG.md");
    let block = manual
        .split("```toml\n")
        .nth(1)
        .expect("the manual teaches an entry");
    block.split("```").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_kpi_that_the_manual_teaches_is_computed() {
    let sales = rows(
        "bookings",
        SALES,
        &[
            // A Saturday, a Sunday and two weekdays.
            "boat b1 2026-10-01 2026-11-14 2026-11-14 1 completed web ann 300",
            "boat b2 2026-10-01 2026-11-15 2026-11-15 1 completed web bob 300",
            "boat b3 2026-10-01 2026-11-16 2026-11-16 1 completed web cat 300",
            "boat b4 2026-10-01 2026-11-17 2026-11-17 1 completed web dan 300",
            "boat b5 2026-10-01 2026-11-14 2026-11-14 1 cancelled web eve 300",
        ],
    );
    let night = at("", &[sales, ("kpis/weekend.toml".to_owned(), taught())], DATE).await;
    assert_eq!(value(&night, "charters.weekend_share@boat"), "50.0 %");
}
