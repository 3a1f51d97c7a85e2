//! A table so large that its checks and counts take both halves at once.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::DataType,
};
use jiff::civil::date;
use shared::catalog::CatalogFiles;

use super::{DATE, bundle, portfolio};
use crate::{
    catalog::{Catalog, tables::schema},
    warehouse::{LocalTable, Warehouse},
};

const ROWS: usize = 120_000;

const PIECE: &str = "select who as entity, id as booking_id, day(arrives) as service_from, money(price) as gross, \
                     state as status from raw.boat_trips";

/// Of a row, by its number.
type Cell = fn(usize) -> Option<String>;

/// In batches of 10,000. In either half there is a row of a stranger, one with a status that nobody knows, and the same key.
fn trips() -> LocalTable {
    let columns: [(&str, Cell); 5] = [
        ("who", |n| {
            Some(
                if [1, ROWS - 2].contains(&n) {
                    "ghost"
                } else {
                    "boat"
                }
                .to_owned(),
            )
        }),
        ("id", |n| Some(if n == ROWS - 1 { 7 } else { n }.to_string())),
        ("arrives", |n| {
            Some(if n == ROWS - 5 { "2024-02-29" } else { "2026-11-01" }.to_owned())
        }),
        ("price", |n| (n % 3 > 0).then(|| "$2".to_owned())),
        ("state", |n| {
            Some(
                if [2, ROWS - 3].contains(&n) {
                    "lost"
                } else {
                    "completed"
                }
                .to_owned(),
            )
        }),
    ];
    let shape = schema(columns.map(|(name, _)| (name, DataType::Utf8)));
    let batches = (0..ROWS).step_by(10_000).map(|from| {
        let column =
            |of: Cell| -> ArrayRef { Arc::new((from..from + 10_000).map(of).collect::<StringArray>()) };
        RecordBatch::try_new(
            Arc::clone(&shape),
            columns.iter().map(|(_, of)| column(*of)).collect(),
        )
        .unwrap()
    });
    LocalTable {
        name: "boat-trips".into(),
        collected: false,
        columns: columns.map(|(name, _)| name.to_owned()).into(),
        batches: batches.collect(),
    }
}

#[tokio::test]
async fn what_is_counted_in_halves_is_counted_of_the_whole() {
    let bundle = bundle("", &[("views/bookings.trips.sql", PIECE)]);
    let (catalog, _) = Catalog::load(&CatalogFiles::of(&bundle));
    let (portfolio, as_of) = (portfolio(&bundle), DATE.parse().unwrap());
    let warehouse = Warehouse::over(vec![trips()], &catalog, &portfolio, as_of, Arc::default());
    let warehouse = warehouse.await.unwrap();

    let problems = warehouse.problems();
    let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    for expected in [
        "2 rows with entity \"ghost\", which the portfolio does not have, are left out",
        "rows with status \"lost\", which the table does not know",
        "1 key is on more than one row of bookings, such as \"boat 7\" (2 rows)",
    ] {
        assert!(said.contains(&expected), "{expected}: {said:?}");
    }

    for table in ["bookings", "sales"] {
        let fill = warehouse.fill(table).unwrap();
        let (money, day) = if table == "sales" {
            ("revenue", "service_on")
        } else {
            ("gross", "service_from")
        };
        // A third has no price, and the strangers' are not counted.
        let priced = ROWS / 3 * 2
            - (0..ROWS)
                .filter(|n| [1, ROWS - 2].contains(n) && n % 3 > 0)
                .count();
        assert_eq!((fill.rows, fill.values[money]), (ROWS - 2, priced), "{table}");
        let boat = Some("boat".to_owned());
        assert_eq!(fill.of("boat", Some(money)), Some(priced), "{table}");
        assert_eq!(fill.first[day][&boat], date(2024, 2, 29), "{table}");
    }
    let ids = warehouse
        .query("select booking_id from bookings")
        .await
        .unwrap()
        .rows;
    let ids: Vec<&str> = ids.iter().filter_map(|row| row[0].text()).collect();
    let expected = (0..ROWS).filter(|n| ![1, ROWS - 2].contains(n));
    let expected: Vec<String> = expected
        .map(|n| if n == ROWS - 1 { 7 } else { n }.to_string())
        .collect();
    assert!(ids == expected, "rows in their order");
}
